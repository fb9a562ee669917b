"""Models to files of any format: the one table of formats, and what each keeps."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from ..errors import FluoroPrintError
from ..mesh.named import NamedSurface
from .atomic import written_whole
from .encapsulated import (
    MTL_CLASS,
    OBJ_CLASS,
    STL_CLASS,
    Series,
    dataset_of,
    refer_to_library,
    save,
)
from .mesh_formats import FOR_PRUSASLICER, MeshFigures, figures_in, refuse_changed, write_mesh

Written = tuple[Path, MeshFigures]


@dataclass(frozen=True)
class Format:
    """A format of files for models.

    Attributes
    ----------
    suffix : of the file's name; may be of two parts
    title : what the user reads
    keeps : what the file keeps beside the surface, in words
    one_model : whether each model goes to a file of its own
    is_dicom : whether it belongs to a study
    """

    suffix: str
    title: str
    keeps: str
    one_model: bool = False
    is_dicom: bool = False


FORMATS = (
    Format(
        FOR_PRUSASLICER, "3MF for PrusaSlicer", "names, materials as extruders, places; closed models only"
    ),
    Format(".3mf", "3MF", "names, materials, colours, places; closed models only"),
    Format(".stl", "STL, binary", "the surface alone", one_model=True),
    Format(".obj", "OBJ", "names"),
    Format(".ply", "PLY, binary", "colours", one_model=True),
    Format(".glb", "glTF 2.0, binary", "names, colours; metres, upright"),
    Format(".usdz", "USDZ, for phones", "names, colours; metres, upright"),
    Format(
        ".obj.dcm",
        "DICOM Encapsulated OBJ",
        "names, colours (in a .mtl.dcm beside it), study",
        is_dicom=True,
    ),
    Format(".dcm", "DICOM Encapsulated STL", "name, colour, study", one_model=True, is_dicom=True),
)


def format_of(path: Path) -> Format:
    """Return the format that a file's name asks for.

    Raises
    ------
    FluoroPrintError
        Its suffix is of none.
    """
    for known in FORMATS:
        if path.name.lower().endswith(known.suffix):
            return known
    suffixes = ", ".join(known.suffix for known in FORMATS)
    raise FluoroPrintError(f"{path.name} has no suffix of a mesh format: use one of {suffixes}.")


def files_for(path: Path, models: int) -> list[Path]:
    """Return the names of the files that so many models go to: numbered where each has its own."""
    chosen = format_of(path)
    if models < 2 or not chosen.one_model:
        return [path]
    stem = path.name[: -len(chosen.suffix)]
    return [path.with_name(f"{stem}-{number}{chosen.suffix}") for number in range(1, models + 1)]


def export_models(path: Path, models: Sequence[NamedSurface], series: Series | None = None) -> list[Written]:
    """Write models; each file is read back and compared before it gets its name.

    Parameters
    ----------
    path : the suffix chooses the format (see `FORMATS`)
    models : surfaces in RAS mm
    series : what DICOM files belong to; needed for those

    Returns
    -------
    Each file and what it holds.

    Raises
    ------
    FluoroPrintError
        The suffix is unknown, or a file cannot be written or does not hold the models.
    """
    if format_of(path).is_dicom and series is None:
        raise FluoroPrintError(f"{path.name} belongs to a study: give a DICOM file of it.")
    paths = files_for(path, len(models))
    shares = [[model] for model in models] if len(paths) > 1 else [models]
    return [
        (to, _write(to, given, series, number))
        for number, (to, given) in enumerate(zip(paths, shares, strict=True), start=1)
    ]


def _write(path: Path, models: Sequence[NamedSurface], series: Series | None, number: int) -> MeshFigures:
    if series is None or not format_of(path).is_dicom:
        return write_mesh(path, models)
    if format_of(path).one_model:
        return write_dicom_stl(path, models, series, number)
    return write_dicom_obj(path, models, series)


def write_dicom_stl(
    path: Path, models: Sequence[NamedSurface], series: Series, number: int = 1
) -> MeshFigures:
    """Write models as one Encapsulated STL.

    Raises
    ------
    FluoroPrintError
        The file cannot be written, or does not hold the models.
    """
    document, figures = _document(path, ".stl", models)
    with written_whole(path) as temporary:
        save(dataset_of(STL_CLASS, document, models, series, number), temporary)
        refuse_changed(path, figures_in(temporary), figures)
    return figures


def write_dicom_obj(path: Path, models: Sequence[NamedSurface], series: Series) -> MeshFigures:
    """Write models as one Encapsulated OBJ, and their colours as an Encapsulated MTL beside it.

    Raises
    ------
    FluoroPrintError
        A file cannot be written, or does not hold the models.
    """
    stem = path.name[: -len(".obj.dcm")]
    uri = f"{re.sub('[^A-Za-z0-9._-]', '_', stem)}.mtl"
    document, figures = _document(path, ".obj", models)
    library = dataset_of(MTL_CLASS, library_of(models), models, series, 2)
    model = dataset_of(OBJ_CLASS, with_library(document, uri), models, series, 1)
    refer_to_library(model, library, uri)
    with ExitStack() as files:
        first = files.enter_context(written_whole(path.with_name(f"{stem}.mtl.dcm")))
        second = files.enter_context(written_whole(path))
        save(library, first)
        save(model, second)
        refuse_changed(path, figures_in(second), figures)
    return figures


def _document(path: Path, suffix: str, models: Sequence[NamedSurface]) -> tuple[bytes, MeshFigures]:
    """Return the bytes of a file with models, checked as such files are."""
    with tempfile.TemporaryDirectory(prefix="fluoroprint-") as folder:
        document = Path(folder) / f"{path.name.split('.')[0]}{suffix}"
        figures = write_mesh(document, models)
        return document.read_bytes(), figures


def with_library(text: bytes, uri: str) -> bytes:
    """Return an OBJ whose groups take their materials, one each, from an MTL."""
    number = count(1)
    head, _, rest = text.partition(b"\n")
    bound = re.sub(
        rb"^g .*$",
        lambda found: found.group() + b"\nusemtl material_%d" % next(number),
        rest,
        flags=re.MULTILINE,
    )
    return head + b"\nmtllib " + uri.encode() + b"\n" + bound


def library_of(models: Sequence[NamedSurface]) -> bytes:
    """Return an MTL with the colour of each model."""
    return b"".join(_material(number, model) for number, model in enumerate(models, start=1))


def _material(number: int, model: NamedSurface) -> bytes:
    name, colour = " ".join(model.name.split()), " ".join(f"{part:.6g}" for part in model.colour)
    return f"newmtl material_{number}\n# {name}\nKd {colour}\nd 1\n".encode("utf-8", "replace")
