"""The print package: models, plates, and the sheet that goes with a print, in one folder."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FluoroPrintError
from ..progress import Progress, part_of, silent
from .dressing import dressed
from .faults import naming
from .options import parameters_from
from .printing import Slicing, plate_names, plates_into, refuse_unsliceable, slicing_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..mesh.check import MeshCheck
    from ..mesh.model import ModelParameters
    from ..mesh.named import Colour, NamedModel, NamedSurface
    from ..mrml.nodes import Node, Scene
    from ..printing.machines import Material, Printer
    from ..printing.orientation import OrientationParameters
    from ..printing.package_parameters import PackageParameters
    from ..printing.preparation import PreparedPart, PrintJob
    from ..printing.settings import PrintSettings
    from ..printing.sheet_parameters import SheetParameters
    from ..printing.slicers import Sliced
    from ..report.case import FileRecord
    from ..report.print_record import KnownDeviation, PrintRecord

MODELS, MODELS_FOR_PRUSASLICER = "model.3mf", "model.prusaslicer.3mf"
SHEET, FACTS, SUMS = "sheet.html", "sheet.json", "SHA256SUMS"
MESH_SUFFIXES = {".stl", ".obj", ".ply", ".vtp", ".3mf"}


@dataclass(frozen=True)
class KnownModel:
    """A model with what is known of it already; a `NamedSurface`.

    Attributes
    ----------
    name, colour, surface, warnings, material : as `NamedSurface` says
    check, deviation : of the surface; None where that is not known
    """

    name: str
    colour: Colour
    surface: Any
    warnings: Mapping[str, str] = field(default_factory=dict)
    check: MeshCheck | None = None
    deviation: KnownDeviation | None = None
    material: str = ""


@dataclass(frozen=True)
class PackageChoice:
    """What a package is made for; None stands for the defaults.

    Attributes
    ----------
    printer, material : of the catalogue
    orientation, settings, sheet : parameters
    slicing : how to slice the plates; None: not at all
    known : materials of the catalogue, among which those of single models are looked for
    files : which files it holds
    """

    printer: Printer
    material: Material
    orientation: OrientationParameters | None = None
    settings: PrintSettings | None = None
    sheet: SheetParameters | None = None
    slicing: Slicing | None = None
    known: Sequence[Material] = ()
    files: PackageParameters | None = None

    @property
    def models_name(self) -> str:
        """The name of the 3MF file of all models."""
        return MODELS_FOR_PRUSASLICER if self.files is not None and self.files.for_prusaslicer else MODELS


def make_package(
    models: Sequence[NamedSurface],
    folder: Path,
    choice: PackageChoice,
    *,
    is_scale_known: bool = False,
    progress: Progress = silent,
) -> PrintRecord:
    """Fill a folder with a print package: all of it, or nothing.

    Written are model.3mf (or model.prusaslicer.3mf), an STL file a part, plate-1.3mf and further plates,
    their slices where wanted, sheet.html, sheet.json and SHA256SUMS. Files of an earlier package that this
    one does not replace are removed, as long as they are as that package wrote them.

    Parameters
    ----------
    models : closed surfaces in RAS mm; `check`, `deviation` and `warnings` are used where they have them
    folder : where the files go; made where it is missing
    choice : printer, material and parameters
    is_scale_known : the models were made of a segmentation here
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        A model is no solid or does not fit the printer, slicing fails, or the folder cannot be written.
    Cancelled
        `progress` stopped the work; the folder is as it was.
    """
    from ..printing.orientation import OrientationParameters
    from ..printing.preparation import prepare_print, refuse_unprintable
    from ..printing.settings import PrintSettings
    from .output_folder import filled_whole

    orientation, settings = choice.orientation or OrientationParameters(), choice.settings or PrintSettings()
    refuse_unsliceable(choice.printer, choice.material, settings, choice.slicing)
    ended = 0.3 if choice.slicing else 0.5
    machine = (choice.printer, choice.material, orientation, settings)
    job = prepare_print(models, *machine, part_of(progress, 0.0, ended), choice.known)
    refuse_unprintable(job)
    earlier = _sums_in(folder)
    with filled_whole(folder, _names(job, choice)) as staging:
        record = _fill(staging, job, choice, is_scale_known, part_of(progress, ended, 1.0))
        made = {path.name for path in staging.iterdir()}
    _remove_earlier(folder, {name: sum_ for name, sum_ in earlier.items() if name not in made})
    progress(1.0, "Done")
    return record


def stl_names(count: int) -> list[str]:
    """Return the names of the parts' STL files."""
    return ["model.stl"] if count == 1 else [f"model-{number}.stl" for number in range(1, count + 1)]


def _names(job: PrintJob, choice: PackageChoice) -> list[str]:
    return [choice.models_name, *stl_names(len(job.parts)), *plate_names(job), FACTS, SHEET, SUMS]


def _fill(
    folder: Path, job: PrintJob, choice: PackageChoice, is_scale_known: bool, progress: Progress
) -> PrintRecord:
    from ..report.case import file_record
    from ..report.print_record import write_facts
    from ..report.sheet import write_sheet

    sources = [part.placed.source for part in job.parts]
    _write_models(folder / choice.models_name, sources, part_of(progress, 0.0, 0.25))
    told = 0.8 if choice.slicing else 0.4
    plates = plates_into(job, folder, choice.slicing, part_of(progress, 0.25, told))
    progress(told, "Choosing distances to measure")
    record = _record(job, plates, choice, is_scale_known)
    written = [*sorted(path for path in folder.iterdir())]
    record = replace(record, files=tuple(map(file_record, written)))
    write_facts(record, folder / FACTS)
    record = replace(record, files=(*record.files, file_record(folder / FACTS)))
    write_sheet(folder / SHEET, record, sources, part_of(progress, told + 0.05, 1.0))
    record = replace(record, files=(*record.files, file_record(folder / SHEET)))
    _write_sums(folder / SUMS, record.files)
    return record


def _write_models(path: Path, models: Sequence[NamedSurface], progress: Progress) -> None:
    from ..files.mesh_formats import write_mesh

    progress(0.0, f"Writing {path.name}")
    write_mesh(path, models)
    for number, (name, model) in enumerate(zip(stl_names(len(models)), models, strict=True)):
        progress(0.5 + 0.5 * number / len(models), f"Writing {name}")
        write_mesh(path.parent / name, [model])


def _record(
    job: PrintJob, plates: Sequence[tuple[str, Sliced | None]], choice: PackageChoice, is_scale_known: bool
) -> PrintRecord:
    from ..printing.sheet_parameters import SheetParameters
    from ..report.print_record import PlateFacts, PrintRecord

    return PrintRecord(
        wanted=choice.sheet or SheetParameters(),
        printer=job.printer,
        material=job.material,
        settings=job.settings,
        parts=tuple(_part_facts(part) for part in job.parts),
        plates=tuple(
            PlateFacts(name, each, sliced) for (name, sliced), each in zip(plates, job.estimates, strict=True)
        ),
        findings=job.findings,
        files=(),
        is_scale_known=is_scale_known,
    )


def _part_facts(part: PreparedPart) -> Any:
    from ..mesh.polydata import bounds_of, points_of, triangles_of
    from ..printing.caliper import caliper_distances
    from ..report.print_record import PartFacts

    source = part.placed.source
    points = points_of(source.surface)
    low, high = bounds_of(points)
    across, deep, up = (float(edge) for edge in high - low)
    return PartFacts(
        name=part.placed.name,
        plate=part.placed.plate + 1,
        check=part.check,
        size_mm=(across, deep, up),
        findings=part.findings,
        warnings=tuple(part.placed.warnings.values()),
        deviation=getattr(source, "deviation", None),
        caliper=caliper_distances(points, triangles_of(source.surface)),
        material=part.material.title,
    )


def _write_sums(path: Path, files: Iterable[FileRecord]) -> None:
    path.write_text(
        "".join(f"{file.sha256}  {file.name}\n" for file in files), encoding="utf-8", newline="\n"
    )


def _sums_in(folder: Path) -> dict[str, str]:
    """Return names and SHA-256 of the files of an earlier package in a folder."""
    path = folder / SUMS
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    pairs = [line.split("  ", 1) for line in lines if "  " in line]
    return {name: sum_ for sum_, name in pairs if Path(name).name == name}


def _remove_earlier(folder: Path, sums: dict[str, str]) -> None:
    """Remove what an earlier package left, lest an old plate is printed; not what was changed since."""
    from ..report.case import file_record

    for name, expected in sums.items():
        path = folder / name
        if path.is_file() and file_record(path).sha256 == expected:
            path.unlink()


def package_from_files(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Read a segmentation or models, make the package, say what it holds."""
    from ..catalog.machines import read_catalogue
    from ..mesh.model import ModelParameters
    from ..printing.orientation import OrientationParameters
    from ..printing.package_parameters import PackageParameters
    from ..printing.settings import PrintSettings
    from ..printing.sheet_parameters import SheetParameters

    model_parameters = parameters_from(arguments, ModelParameters)
    catalogue = read_catalogue(arguments.catalogue)
    choice = PackageChoice(
        catalogue.printer(arguments.printer),
        catalogue.material(arguments.material),
        parameters_from(arguments, OrientationParameters),
        parameters_from(arguments, PrintSettings),
        parameters_from(arguments, SheetParameters),
        slicing_of(arguments),
        catalogue.materials,
        parameters_from(arguments, PackageParameters),
    )
    settings = choice.settings or PrintSettings()
    refuse_unsliceable(choice.printer, choice.material, settings, choice.slicing)
    models, is_scale_known = _models_in(arguments, model_parameters, part_of(progress, 0.0, 0.5))
    models = dressed(models, arguments.materials, catalogue)
    record = make_package(
        models, arguments.out, choice, is_scale_known=is_scale_known, progress=part_of(progress, 0.5, 1.0)
    )
    return list(_told(record, arguments.out))


def _models_in(
    arguments: argparse.Namespace, parameters: ModelParameters, progress: Progress
) -> tuple[Sequence[NamedSurface], bool]:
    from ..mesh.model import models_from_segmentation
    from ..mrml.files import read_segmentation
    from ..mrml.scene import headless_scene
    from ..mrml.segmentations import segmentation_from_node

    paths: list[Path] = arguments.input
    if all(path.suffix.lower() in MESH_SUFFIXES for path in paths):
        return _read_models(paths, by_file=getattr(arguments, "name_by_file", False)), False
    if len(paths) > 1:
        raise FluoroPrintError("A package is made of one segmentation, or of models: give one or the other.")
    with naming(paths[0]):
        with headless_scene() as headless:
            segmentation = segmentation_from_node(read_segmentation(headless.scene, paths[0]))
        models = models_from_segmentation(segmentation, parameters, progress)
    return [KnownModel(m.name, m.colour, m.surface, {}, m.check, m.deviation) for m in models], True


def _read_models(paths: Sequence[Path], *, by_file: bool) -> list[NamedModel]:
    """Read models; number those that would be called after a file, which may tell who the patient is."""
    from .printing import read_named

    models = read_named(paths)
    stems = {path.stem for path in paths}
    named = []
    for number, model in enumerate(models, start=1):
        is_by_file = any(model.name.startswith(stem) for stem in stems)
        name = model.name if by_file or not is_by_file else f"Part {number}"
        named.append(replace(model, name=name))
    return named


def _told(record: PrintRecord, folder: Path) -> Iterator[str]:
    yield from (f"Warning: {sentence}" for sentence in record.warnings)
    for part in record.parts:
        size = " x ".join(f"{edge:.1f}" for edge in part.size_mm)
        yield f"{part.name}: {size} mm, {part.check.volume_mm3 / 1000:.2f} ml, plate {part.plate}"
        yield from (f"Note: {part.name}: {found.text}" for found in part.findings)
    yield from (f"Note: {found.text}" for found in record.findings)
    yield from (f"Wrote {folder / file.name}" for file in record.files)
    yield f"Wrote {folder / SUMS}"
    yield f"Open {folder / SHEET} in a browser."


def models_of_node(node: Node, *, progress: Progress = silent) -> tuple[tuple[NamedSurface, ...], bool]:
    """Return what a node gives to print, and whether its scale is known.

    Parameters
    ----------
    node : vtkMRMLSegmentationNode, of which models are made with default parameters; or vtkMRMLModelNode
    progress : told how far the models are

    Raises
    ------
    FluoroPrintError
        The node is neither, or is empty.
    """
    from ..mesh.model import models_from_segmentation
    from ..mrml.checks import kept_check
    from ..mrml.deviations import deviation_figures
    from ..mrml.models import named_surface
    from ..mrml.segmentations import segmentation_from_node

    if node is not None and node.IsA("vtkMRMLSegmentationNode"):
        return models_from_segmentation(segmentation_from_node(node), progress=progress), True
    model = named_surface(node)
    known = KnownModel(
        model.name,
        model.colour,
        model.surface,
        model.warnings,
        kept_check(node),
        deviation_figures(node),
        model.material,
    )
    return (known,), False


def package_of_node(
    scene: Scene, node: Node, folder: Path, choice: PackageChoice, progress: Progress = silent
) -> PrintRecord:
    """Make the print package of a node; a table in its case's Print folder tells the files.

    A window calls `models_of_node`, then `make_package` in a thread, then `register_package`.

    Parameters
    ----------
    scene : gets the table
    node : segmentation or model
    folder, choice : as `make_package` has them
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        See `make_package`; folder and scene are as they were.
    """
    models, is_scale_known = models_of_node(node, progress=part_of(progress, 0.0, 0.5))
    record = make_package(
        models, folder, choice, is_scale_known=is_scale_known, progress=part_of(progress, 0.5, 1.0)
    )
    register_package(scene, node, record, folder)
    return record


def register_package(scene: Scene, node: Node, record: PrintRecord, folder: Path) -> Node:
    """Add the table of a package's files to the case of the node that it was made of.

    Returns
    -------
    vtkMRMLTableNode
    """
    from ..mrml.cases import case_of
    from ..mrml.print_files import register_print_files
    from ..mrml.stages import DEFAULT_CASE

    paths = [folder / file.name for file in record.files]
    return register_print_files(scene, node, paths, case=case_of(node) or DEFAULT_CASE, folder=folder)
