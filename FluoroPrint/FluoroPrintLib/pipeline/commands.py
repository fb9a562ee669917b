"""The table of commands: what each is called, reads, writes, takes as options, and does."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..errors import FluoroPrintError
from ..parameters import Parameters
from ..progress import Progress
from . import actions, assembling, caliper, compare, exporting, implants, package, planning, printing, shaping

Groups = Mapping[str, type[Parameters]]


def _no_parameters() -> Groups:
    return {}


def _case_parameters() -> Groups:
    from .case import CaseParameters

    return CaseParameters.stages()


def _sweep_parameters() -> Groups:
    from ..files.sweep_parameters import SweepParameters
    from ..reconstruction.fdk import ReconstructionParameters

    return {"sweep": SweepParameters, "reconstruction": ReconstructionParameters}


def _model_parameters() -> Groups:
    from ..mesh.model import ModelParameters

    return {"model": ModelParameters}


def _comparison_parameters() -> Groups:
    from ..segmentation.reprojection import ComparisonParameters

    return {"comparison": ComparisonParameters}


def _simulation_parameters() -> Groups:
    from ..simulation.sweeps import SimulationParameters

    return {"simulation": SimulationParameters}


def _dicom_parameters() -> Groups:
    from ..files.encapsulated import DicomModelParameters

    return {"DICOM": DicomModelParameters}


def _print_parameters() -> Groups:
    from ..printing.orientation import OrientationParameters
    from ..printing.settings import PrintSettings

    return {"orientation": OrientationParameters, "print": PrintSettings}


def _assembly_parameters() -> Groups:
    from ..shape.assembly import AssemblyParameters
    from ..shape.fit import FitParameters

    return {"assembly": AssemblyParameters, "fit": FitParameters}


def _package_parameters() -> Groups:
    from ..printing.package_parameters import PackageParameters
    from ..printing.sheet_parameters import SheetParameters

    own = {"sheet": SheetParameters, "package": PackageParameters}
    return {**_model_parameters(), **_print_parameters(), **own}


def _caliper_parameters() -> Groups:
    return {"caliper": caliper.CaliperParameters}


@dataclass(frozen=True)
class Command:
    """One command of the command line.

    Attributes
    ----------
    name : the word to type
    help : one sentence
    run : does the work and returns the lines to print
    input : metavar and help of what it reads
    inputs : how many it reads, as argparse has it: "" for one, "+" for one and more, "?" for none or one
    output : metavar and help of --out; empty where nothing is written
    output_optional : whether it can do without --out
    parameters : returns title and parameter dataclass of each group of options; called, and the stages
        imported, only when the command was chosen
    takes_geometry : whether --geometry is an option
    takes_anatomy : whether --anatomy is an option
    takes_method : whether --method is an option; the options of the method chosen are taken too
    takes_sweep : whether --sweep must be given
    takes_table : whether --table is an option
    takes_catalogue : whether --catalogue is an option
    takes_printer : whether --printer and --material must be given, and --slice and --profile are options
    takes_materials : the option by which models get materials of their own, "--material"; empty for none
    takes_colours : whether --colour is an option
    takes_measured : whether --measured is an option
    takes_study : whether --study is an option
    takes_operation : whether --operation or --recipe must be given; options of the operation are taken too
    takes_plan : whether what to plan must be given, before the input; its options are taken too
    """

    name: str
    help: str
    run: Callable[[argparse.Namespace, Progress], list[str]]
    input: tuple[str, str]
    output: tuple[str, str] = ("", "")
    parameters: Callable[[], Groups] = field(default=_no_parameters)
    takes_geometry: bool = False
    takes_anatomy: bool = False
    takes_method: bool = False
    takes_sweep: bool = False
    takes_table: bool = False
    inputs: str = ""
    output_optional: bool = False
    takes_catalogue: bool = False
    takes_printer: bool = False
    takes_operation: bool = False
    takes_plan: bool = False
    takes_measured: bool = False
    takes_study: bool = False
    takes_materials: str = ""
    takes_colours: bool = False


_SWEEP = ("SWEEP", "XA DICOM file, folder of frames, or stack (TIFF, MHA, NRRD).")
_VOLUME_FORMATS = ".nrrd, .nii.gz or .mha"

COMMANDS = (
    Command(
        "reconstruct",
        "Reconstruct a sweep into a volume.",
        actions.reconstruct_sweep,
        _SWEEP,
        ("VOLUME.nrrd", f"Volume in HU: {_VOLUME_FORMATS}."),
        _sweep_parameters,
        takes_geometry=True,
    ),
    Command(
        "segment",
        "Segment a volume, bone unless another method is chosen.",
        actions.segment_volume,
        ("VOLUME", f"Volume in HU: {_VOLUME_FORMATS}."),
        ("SEGMENTATION.seg.nrrd", "Segmentation as Slicer writes it."),
        takes_method=True,
    ),
    Command(
        "prepare",
        "Make a printable model of a segmentation.",
        actions.prepare_model,
        ("SEGMENTATION", "Segmentation (.seg.nrrd) or labelmap."),
        ("MODEL.stl", "Model: .stl, .3mf, .obj or .ply."),
        _model_parameters,
    ),
    Command(
        "shape",
        "Shape a model: cut, drill, hollow, label and more, or all steps of a recipe or plan.",
        shaping.shape_model,
        ("MODEL", "Closed model: .stl, .obj, .ply or .vtp."),
        ("MODEL.3mf", "Model: .3mf, .stl, .obj or .ply; parts go to a file each in .stl and .ply."),
        takes_operation=True,
    ),
    Command(
        "assemble",
        "Make one model of parts of several materials that fit each other.",
        assembling.assemble,
        ("MODEL", "Closed models in place: .stl, .3mf (each object a part), .obj, .ply or .vtp."),
        ("MODEL.3mf", "Model: .3mf; .prusaslicer.3mf for PrusaSlicer; or as export has it."),
        _assembly_parameters,
        inputs="+",
        takes_catalogue=True,
        takes_materials="--material",
        takes_colours=True,
    ),
    Command(
        "compare",
        "Say how far a segmentation's outline lies from the edges of each frame.",
        compare.compare_with_sweep,
        ("SEGMENTATION", "Segmentation (.seg.nrrd) or labelmap; all its segments as one."),
        parameters=_comparison_parameters,
        takes_geometry=True,
        takes_sweep=True,
        takes_table=True,
    ),
    Command(
        "run",
        "Run all stages: volume, segmentation, model, scene and report.",
        actions.run_all,
        _SWEEP,
        ("FOLDER", "Folder for the results; files of an earlier run are replaced."),
        _case_parameters,
        takes_geometry=True,
        takes_anatomy=True,
    ),
    Command(
        "simulate",
        "Simulate the sweep of a CT.",
        actions.simulate_run,
        ("CT", f"CT volume in HU: {_VOLUME_FORMATS}."),
        ("SWEEP.dcm", "XA DICOM file; its true geometry is written beside it."),
        _simulation_parameters,
    ),
    Command(
        "print",
        "Lay models on the bed of a printer, check them, estimate material and time; slice them.",
        printing.print_models,
        ("MODEL", "Models: .stl, .3mf (each object a part), .obj, .ply or .vtp."),
        ("FOLDER", "Folder for a 3MF file a plate, and its slices; without it nothing is written."),
        _print_parameters,
        inputs="+",
        output_optional=True,
        takes_catalogue=True,
        takes_printer=True,
        takes_materials="--part-material",
    ),
    Command(
        "plan",
        "Plan screws, implants, guides, cuts, plates and ways through vessels; write pieces; report a plan.",
        planning.make_plan,
        ("INPUT", "Segmentation (.seg.nrrd), labelmap or closed model; for pieces and a report PLAN.json."),
        (
            "FILE",
            "PLAN.json, places in LPS mm (options: RAS mm); a guide's model; a folder for pieces, reports.",
        ),
        takes_plan=True,
    ),
    Command(
        "package",
        "Make the print package: models, plates and the sheet that goes with a print.",
        package.package_from_files,
        ("INPUT", "Segmentation (.seg.nrrd) or labelmap; or models: .stl, .3mf, .obj, .ply or .vtp."),
        ("FOLDER", "Folder for the package; an earlier package in it is replaced."),
        _package_parameters,
        inputs="+",
        takes_catalogue=True,
        takes_printer=True,
        takes_materials="--part-material",
    ),
    Command(
        "caliper",
        "Compare what a caliper read on a print with its sheet.",
        caliper.compare_measured,
        ("SHEET.json", "The package's sheet.json, or what the sheet's form saved."),
        parameters=_caliper_parameters,
        takes_measured=True,
    ),
    Command(
        "export",
        "Write models in another format, to be seen, printed or archived.",
        exporting.export,
        ("MODEL", "Models: .stl, .3mf, .obj, .ply, .vtp, .dcm, .glb or .usdz."),
        ("FILE", "Model: .3mf, .stl, .obj, .ply, .glb, .usdz, .dcm (STL) or .obj.dcm."),
        _dicom_parameters,
        inputs="+",
        takes_study=True,
    ),
    Command(
        "printers",
        "List the printers and materials of the catalogue, or all about one of them.",
        printing.list_catalogue,
        ("ID", "A printer or material."),
        inputs="?",
        takes_catalogue=True,
    ),
    Command(
        "implants",
        "List the implants and tools of the catalogue with their sizes.",
        implants.list_implants,
        ("FILE.json", "A catalogue of your own, whose entries come first."),
        inputs="?",
    ),
    Command(
        "info",
        "Say what a file holds, and what is missing in it.",
        actions.describe,
        ("FILE", "Sweep, volume, segmentation, mesh, geometry or case."),
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
