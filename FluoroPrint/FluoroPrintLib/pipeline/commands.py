"""The commands: what each reads, does, writes and says."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import FluoroPrintError
from ..files.geometry_files import write_geometry
from ..files.info import describe_file
from ..files.sweep import read_sweep
from ..files.sweep_parameters import SweepParameters
from ..files.volumes import read_volume, write_volume
from ..files.xa_writer import write_xa_sweep
from ..mesh.model import ModelParameters
from ..parameters import Parameters
from ..progress import Progress, part_of
from ..reconstruction.fdk import ReconstructionParameters, reconstruct
from ..segmentation.bone import BoneParameters, segment_bone
from ..simulation.sweeps import SimulationParameters, simulate_sweep
from .case import CaseParameters, model_figures, run_case, segmentation_figures, volume_figures
from .options import parameters_from

Run = Callable[[argparse.Namespace, Progress], list[str]]


@dataclass(frozen=True)
class Command:
    """One command of the command line.

    Attributes
    ----------
    name : the word to type
    help : one sentence
    input : name and help of what it reads
    output : metavar and help of --out; empty where nothing is written
    parameters : title and parameter dataclass of each group of options
    run : does the work and returns the lines to print
    takes_geometry : whether --geometry is an option
    """

    name: str
    help: str
    input: tuple[str, str]
    output: tuple[str, str]
    parameters: tuple[tuple[str, type[Parameters]], ...]
    run: Run
    takes_geometry: bool = False


def _reconstruct(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    sweep = read_sweep(
        arguments.input,
        parameters_from(arguments, SweepParameters),
        geometry=arguments.geometry,
        progress=part_of(progress, 0.0, 0.1),
    )
    volume = reconstruct(
        sweep, parameters_from(arguments, ReconstructionParameters), part_of(progress, 0.1, 0.95)
    )
    write_volume(arguments.out, volume)
    return [
        *(f"Note: {warning}" for warning in sweep.warnings),
        _wrote(arguments.out, volume_figures(volume)),
    ]


def _segment(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    from ..mrml.files import write_segmentation
    from ..mrml.scene import headless_scene
    from ..mrml.segmentations import add_segmentation

    volume = read_volume(arguments.input)
    segmentation = segment_bone(volume, parameters_from(arguments, BoneParameters), progress)
    with headless_scene() as headless:
        write_segmentation(add_segmentation(headless.scene, segmentation, "Bone"), arguments.out)
    return [_wrote(arguments.out, segmentation_figures(segmentation))]


def _prepare(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    from ..files.mesh_formats import write_mesh
    from ..mesh.model import models_from_segmentation
    from ..mrml.files import read_segmentation
    from ..mrml.scene import headless_scene
    from ..mrml.segmentations import segmentation_from_node

    with headless_scene() as headless:
        segmentation = segmentation_from_node(read_segmentation(headless.scene, arguments.input))
    models = models_from_segmentation(segmentation, parameters_from(arguments, ModelParameters), progress)
    write_mesh(arguments.out, models)
    lines = [f"{model.name}: {_facts(model_figures(model))}" for model in models]
    return [*lines, f"Wrote {arguments.out}"]


def _run(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    parameters = CaseParameters(
        parameters_from(arguments, SweepParameters),
        parameters_from(arguments, ReconstructionParameters),
        parameters_from(arguments, BoneParameters),
        parameters_from(arguments, ModelParameters),
    )
    record = run_case(
        arguments.input, arguments.out, parameters=parameters, geometry=arguments.geometry, progress=progress
    )
    lines = [f"Note: {warning}" for stage in record.stages for warning in stage.warnings]
    lines += [
        f"{stage.name:<16}{stage.seconds:6.1f} s  {_facts(stage.figures)}".rstrip() for stage in record.stages
    ]
    lines += [f"Wrote {arguments.out / file.name} ({_size(file.bytes)})" for file in record.files]
    lines += [f"Wrote {arguments.out / 'case.json'}", f"Open {arguments.out / 'report.html'} in a browser."]
    return [*lines, record.intended_use]


def _simulate(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    parameters = parameters_from(arguments, SimulationParameters)
    made = simulate_sweep(read_volume(arguments.input), parameters, part_of(progress, 0.0, 0.9))
    nominal = made.nominal
    progress(0.9, "Writing")
    write_xa_sweep(
        arguments.out,
        made.counts,
        primary_deg=made.primary_deg,
        secondary_deg=made.secondary_deg,
        sid_mm=parameters.sid_mm,
        sod_mm=parameters.sod_mm,
        pixel_mm=(parameters.pixel_mm, parameters.pixel_mm),
        bits_stored=parameters.bits,
        relation=parameters.relation,
        description="Simulated rotational run",
    )
    truth = arguments.out.with_suffix(".geometry.json")
    write_geometry(truth, made.true)
    facts = f"{nominal.count} frames of {nominal.columns} x {nominal.rows}, air {made.air:g}"
    return [f"Wrote {arguments.out} ({facts})", f"Wrote {truth} (the true geometry; give it with --geometry)"]


def _info(arguments: argparse.Namespace, _: Progress) -> list[str]:
    return [f"{label:<18}{text}" for label, text in describe_file(arguments.input)]


def _wrote(path: Path, figures: dict[str, object]) -> str:
    return f"Wrote {path} ({_facts(figures)})"


def _facts(figures: object) -> str:
    """Return figures as words: "volume_ml": 3 is "volume 3 ml"."""
    from ..mrml.tables import words_and_unit

    if not isinstance(figures, dict):
        raise TypeError("figures are a dict")
    shown = []
    for name, value in figures.items():
        words, unit = words_and_unit(name)
        text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
        shown.append(f"{words.lower()} {text}{' ' + unit if unit else ''}")
    return ", ".join(shown)


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.0f} kB"


_SWEEP = ("sweep", SweepParameters)
_VOLUME = ("reconstruction", ReconstructionParameters)
_BONE = ("bone", BoneParameters)
_MODEL = ("model", ModelParameters)

COMMANDS = (
    Command(
        "reconstruct",
        "Reconstruct a sweep into a volume.",
        ("SWEEP", "XA DICOM file, folder of frames, or stack (TIFF, MHA, NRRD)."),
        ("VOLUME.nrrd", "Volume in HU: .nrrd, .nii.gz or .mha."),
        (_SWEEP, _VOLUME),
        _reconstruct,
        takes_geometry=True,
    ),
    Command(
        "segment",
        "Segment bone in a volume.",
        ("VOLUME", "Volume in HU: .nrrd, .nii.gz or .mha."),
        ("SEGMENTATION.seg.nrrd", "Segmentation as Slicer writes it."),
        (_BONE,),
        _segment,
    ),
    Command(
        "prepare",
        "Make a printable model of a segmentation.",
        ("SEGMENTATION", "Segmentation (.seg.nrrd) or labelmap."),
        ("MODEL.stl", "Model: .stl, .3mf, .obj or .ply."),
        (_MODEL,),
        _prepare,
    ),
    Command(
        "run",
        "Run all stages: volume, segmentation, model, scene and report.",
        ("SWEEP", "XA DICOM file, folder of frames, or stack (TIFF, MHA, NRRD)."),
        ("FOLDER", "Folder for the results; files of an earlier run are replaced."),
        (_SWEEP, _VOLUME, _BONE, _MODEL),
        _run,
        takes_geometry=True,
    ),
    Command(
        "simulate",
        "Simulate the sweep of a CT.",
        ("CT", "CT volume in HU: .nrrd, .nii.gz or .mha."),
        ("SWEEP.dcm", "XA DICOM file; its true geometry is written beside it."),
        (("simulation", SimulationParameters),),
        _simulate,
    ),
    Command(
        "info", "Say what a file is and what is missing in it.", ("FILE", "Any file."), ("", ""), (), _info
    ),
)


def command_named(name: str) -> Command:
    """Return a command by its name.

    Raises
    ------
    FluoroPrintError
        There is no such command.
    """
    for command in COMMANDS:
        if command.name == name:
            return command
    raise FluoroPrintError(
        f"There is no command {name}: choose one of {', '.join(c.name for c in COMMANDS)}."
    )
