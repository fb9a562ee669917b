"""What each command does. What a stage needs is imported when its command runs, so that help comes fast."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import FluoroPrintError
from ..files.atomic import check_writable
from ..progress import Progress, part_of
from .faults import naming
from .options import parameters_from

Lines = list[str]
"""What a command prints when it has done its work."""


def reconstruct_sweep(arguments: argparse.Namespace, progress: Progress) -> Lines:
    """Read a sweep, reconstruct it, write the volume."""
    from ..files.sweep import read_sweep
    from ..files.sweep_parameters import SweepParameters
    from ..files.volumes import check_volume_name, write_volume
    from ..reconstruction.fdk import ReconstructionParameters, reconstruct

    reading = parameters_from(arguments, SweepParameters)
    chosen = parameters_from(arguments, ReconstructionParameters)
    check_volume_name(arguments.out)
    check_writable(arguments.out)
    with naming(arguments.input, arguments.geometry):
        sweep = read_sweep(
            arguments.input, reading, geometry=arguments.geometry, progress=part_of(progress, 0.0, 0.1)
        )
        volume = reconstruct(sweep, chosen, part_of(progress, 0.1, 0.95))
    progress(0.95, f"Writing {arguments.out.name}")
    write_volume(arguments.out, volume)
    return [*_notes((*sweep.warnings, *volume.notes)), _wrote(arguments.out, volume)]


def segment_volume(arguments: argparse.Namespace, progress: Progress) -> Lines:
    """Read a volume, segment it by the method that was chosen, write the segmentation."""
    from ..files.volumes import read_volume
    from ..mrml.files import check_segmentation_name, write_segmentation
    from ..mrml.scene import headless_scene
    from ..mrml.segmentations import add_segmentation
    from ..mrml.volumes import add_volume
    from ..segmentation.methods import find_by, method_named
    from .hints import hints_from

    method = method_named(arguments.method)
    chosen = parameters_from(arguments, method.parameters)
    check_segmentation_name(arguments.out)
    check_writable(arguments.out)
    with naming(arguments.input):
        volume = read_volume(arguments.input)
        found = find_by(method, volume, chosen, hints_from(arguments, method), part_of(progress, 0.0, 0.9))
    progress(0.9, f"Writing {arguments.out.name}")
    with headless_scene() as headless:
        source = add_volume(headless.scene, volume, "Volume")  # tells the file how far the grid reaches
        node = add_segmentation(headless.scene, found.segmentation, method.title, source)
        write_segmentation(node, arguments.out)
    return [*filter(None, [found.note]), _wrote(arguments.out, found.segmentation)]


def prepare_model(arguments: argparse.Namespace, progress: Progress) -> Lines:
    """Read a segmentation, make a model of each segment, write them."""
    from ..files.mesh_formats import check_mesh_name, write_mesh
    from ..mesh.model import ModelParameters, models_from_segmentation
    from ..mrml.files import read_segmentation
    from ..mrml.scene import headless_scene
    from ..mrml.segmentations import segmentation_from_node
    from .figures import model_figures

    chosen = parameters_from(arguments, ModelParameters)
    check_mesh_name(arguments.out)
    check_writable(arguments.out)
    with naming(arguments.input):
        with headless_scene() as headless:
            segmentation = segmentation_from_node(read_segmentation(headless.scene, arguments.input))
        models = models_from_segmentation(segmentation, chosen, part_of(progress, 0.0, 0.95))
    progress(0.95, f"Writing {arguments.out.name}")
    write_mesh(arguments.out, models)
    lines = [f"{model.name}: {_words(model_figures(model))}" for model in models]
    return [*lines, f"Wrote {arguments.out}"]


def run_all(arguments: argparse.Namespace, progress: Progress) -> Lines:
    """Run a case; say what it made, where, how long each stage took and how good it is."""
    from ..catalog.anatomy import anatomy
    from .case import CaseParameters, run_case

    preset = anatomy(arguments.anatomy).parameters if arguments.anatomy else {}
    chosen: dict[str, Any] = {
        name: parameters_from(arguments, stage, preset.get(name))
        for name, stage in CaseParameters.stages().items()
    }
    folder = arguments.out
    record = run_case(
        arguments.input,
        folder,
        parameters=CaseParameters(**chosen),
        geometry=arguments.geometry,
        progress=progress,
    )
    return [
        *_notes(warning for stage in record.stages for warning in stage.warnings),
        *(f"{s.name:<16}{s.seconds:6.1f} s  {_words(s.figures)}".rstrip() for s in record.stages),
        *(f"Wrote {folder / file.name} ({_size(file.bytes)})" for file in record.files),
        f"Wrote {folder / 'case.json'}",
        f"Open {folder / 'report.html'} in a browser.",
        record.intended_use,
    ]


def simulate_run(arguments: argparse.Namespace, progress: Progress) -> Lines:
    """Read a CT, simulate a sweep of it, write the sweep and its true geometry, both or none."""
    from ..files.geometry_files import write_geometry
    from ..files.volumes import read_volume
    from ..files.xa_writer import write_xa_sweep
    from ..simulation.sweeps import SimulationParameters, simulate_sweep
    from .output_folder import filled_whole

    chosen = parameters_from(arguments, SimulationParameters)
    out = arguments.out
    truth = out.with_suffix(".geometry.json")
    check_writable(out)
    check_writable(truth)
    with filled_whole(out.parent, (out.name, truth.name)) as staging:
        with naming(arguments.input):
            made = simulate_sweep(read_volume(arguments.input), chosen, part_of(progress, 0.0, 0.9))
        progress(0.9, f"Writing {out.name}")
        write_xa_sweep(
            staging / out.name,
            made.counts,
            primary_deg=made.primary_deg,
            secondary_deg=made.secondary_deg,
            sid_mm=chosen.sid_mm,
            sod_mm=chosen.sod_mm,
            pixel_mm=(chosen.pixel_mm, chosen.pixel_mm),
            bits_stored=chosen.bits,
            relation=chosen.relation,
            description="Simulated rotational run",
        )
        write_geometry(staging / truth.name, made.true)
    seen = made.nominal
    facts = f"{seen.count} frames of {seen.columns} x {seen.rows}, air {made.air:g}"
    return [f"Wrote {out} ({facts})", f"Wrote {truth} (the true geometry; give it with --geometry)"]


def describe(arguments: argparse.Namespace, progress: Progress) -> Lines:
    """Say what a file holds, a fact a line; a file of which nothing can be told is a fault."""
    from .info import describe_any

    facts = describe_any(arguments.input)
    if [label for label, _ in facts] == ["file", "fault"]:
        raise FluoroPrintError(facts[1][1])
    width = max(len(label) for label, _ in facts) + 2
    return [f"{label:<{width}}{text}" for label, text in facts]


def _notes(warnings: Iterable[str]) -> Lines:
    return [f"Note: {warning}" for warning in warnings]


def _wrote(path: Path, made: Any) -> str:
    from .figures import figures_of

    return f"Wrote {path} ({_words(figures_of(made))})"


def _words(figures: Mapping[str, Any]) -> str:
    """Return figures as words: {"volume_ml": 3} is "volume 3 ml"."""
    from ..mrml.tables import words_and_unit

    shown = []
    for name, value in figures.items():
        words, unit = words_and_unit(name)
        text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
        shown.append(f"{words.lower()} {text} {unit}".rstrip())
    return ", ".join(shown)


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.0f} kB"
