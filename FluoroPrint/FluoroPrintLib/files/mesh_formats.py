"""Meshes in files: STL, OBJ, PLY, 3MF, glTF and USDZ written; STL, OBJ, PLY, VTP and DICOM read.

Files hold LPS millimetres and say so as Slicer's model storage does: "SPACE=LPS" in the header (STL), a
comment (PLY, OBJ) or the field data (VTP). A file that says nothing is taken for LPS, as Slicer takes it.
What was written is read back and compared before the file gets its name.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkObject
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkCommonMisc import vtkErrorCode
from vtkmodules.vtkIOGeometry import vtkOBJReader, vtkSTLReader, vtkSTLWriter
from vtkmodules.vtkIOPLY import vtkPLYReader, vtkPLYWriter
from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

from ..arrays import Float64Array, IntArray
from ..errors import FluoroPrintError
from ..mesh.named import NamedSurface, warnings_of
from ..mesh.polydata import points_of, polydata_from, signed_volume_mm3, triangles_of, welded
from ..mesh.topology import edges_of
from .atomic import written_whole
from .encapsulated_reading import is_encapsulated_model, read_document
from .gltf import read_glb, write_glb
from .ply_size import ply_is_whole
from .threemf import Layout, write_threemf
from .threemf_reading import read_threemf
from .usdz import read_usdz, write_usdz

SPACE = "SPACE=LPS"
HEADER = f"3D Slicer output. {SPACE}"  # word for word as vtkMRMLModelStorageNode writes it
LPS_RAS = np.array([-1.0, -1.0, 1.0])
FOR_PRUSASLICER = ".prusaslicer.3mf"
STL_HEADER_BYTES = 79
VOLUME_TOLERANCE = 1e-5  # relative: all that rounding to float32 may change


@dataclass(frozen=True)
class MeshFigures:
    """What must be the same in memory and in the file.

    Attributes
    ----------
    triangles : how many there are
    open_edges : edges of a single face
    faulty_edges : edges without exactly two faces that agree about the outside, open ones counted
    volume_mm3 : signed
    """

    triangles: int
    open_edges: int
    faulty_edges: int
    volume_mm3: float


def write_mesh(path: Path | str, models: Sequence[NamedSurface]) -> MeshFigures:
    """Write models to one file; the suffix chooses the format: .stl (binary), .obj, .ply, .3mf, .glb, .usdz.

    A name that ends in .prusaslicer.3mf makes the models parts of one object as PrusaSlicer has them. 3MF,
    glTF and USDZ keep each model an object of its own with name and colour, 3MF its material too; OBJ keeps
    the names as groups, PLY the colours; STL keeps neither. The file is read back and compared in number of
    triangles, closed edges and volume; if anything differs no file is left behind.

    Parameters
    ----------
    path : where to write; an existing file is replaced
    models : their surfaces in RAS mm stay as they are

    Returns
    -------
    What the file holds, read back: the sum over all models.

    Raises
    ------
    FluoroPrintError
        There is no model, the suffix is unknown, the file cannot be written, it does not hold the models, or
        a model for 3MF is not closed.
    """
    path = Path(path)
    check_mesh_name(path)
    write = _writer_for(path)
    if not models:
        raise FluoroPrintError(f"There is no model to write to {path.name}: make a model first.")
    expected = [_print_of(points_of(model.surface), triangles_of(model.surface)) for model in models]
    _refuse_empty(path, models, expected)
    with written_whole(path) as temporary:
        write(temporary, models)
        found = figures_in(temporary)
        refuse_changed(path, found, _sum_of(expected))
    return found


def figures_in(path: Path) -> MeshFigures:
    """Return what a file holds, the sum over its models; FluoroPrintError where it cannot be read."""
    return _sum_of(_prints_in(path))


def _writer_for(path: Path) -> Callable[[Path, Sequence[NamedSurface]], None]:
    if path.name.lower().endswith(FOR_PRUSASLICER):
        return _write_for_prusaslicer
    return _WRITERS[path.suffix.lower()]


def check_mesh_name(path: Path) -> None:
    """Refuse a name whose suffix is of no format that is written, before the work for it.

    Raises
    ------
    FluoroPrintError
        The suffix is unknown.
    """
    if path.suffix.lower() not in _WRITERS:
        raise FluoroPrintError(
            f"{path.name} has no suffix of a mesh format: use one of {', '.join(_WRITERS)}."
        )


def _refuse_empty(path: Path, models: Sequence[NamedSurface], expected: Sequence[MeshFigures]) -> None:
    for model, mesh in zip(models, expected, strict=True):
        if mesh.triangles == 0:
            raise FluoroPrintError(f'The model "{model.name}" has no faces: leave it out of {path.name}.')
        if path.suffix.lower() == ".3mf" and mesh.faulty_edges:
            raise FluoroPrintError(
                f'The model "{model.name}" is not closed ({mesh.faulty_edges} faulty edges) and 3MF takes '
                "closed models only: repair it, or write STL."
            )


def _print_of(points: Float64Array, triangles: IntArray) -> MeshFigures:
    points, triangles = welded(points, triangles)
    edges = edges_of(triangles)
    faulty = int(((edges.count != 2) | edges.is_mis_oriented).sum())
    return MeshFigures(len(triangles), int(edges.is_open.sum()), faulty, signed_volume_mm3(points, triangles))


def _prints_in(path: Path) -> list[MeshFigures]:
    read = _PARTS.get(path.suffix.lower())
    if read is None:
        mesh = read_mesh(path)
        return [_print_of(points_of(mesh), triangles_of(mesh))]
    try:
        return [_print_of(*mesh) for mesh in read(path)]
    except ValueError as error:
        raise FluoroPrintError(
            f"{path.name} could not be read back ({error}), so it was not kept."
        ) from error


def _meshes_of(models: Sequence[NamedSurface]) -> list[tuple[Float64Array, IntArray]]:
    return [(points_of(model.surface), triangles_of(model.surface)) for model in models]


def _sum_of(meshes: Sequence[MeshFigures]) -> MeshFigures:
    return MeshFigures(
        sum(mesh.triangles for mesh in meshes),
        sum(mesh.open_edges for mesh in meshes),
        sum(mesh.faulty_edges for mesh in meshes),
        sum(mesh.volume_mm3 for mesh in meshes),
    )


def refuse_changed(path: Path, found: MeshFigures, expected: MeshFigures) -> None:
    """Refuse a file, read back, that does not hold what was expected.

    Raises
    ------
    FluoroPrintError
        They differ.
    """
    if found.triangles != expected.triangles:
        fault = f"{found.triangles} triangles instead of {expected.triangles}"
    elif found.faulty_edges != expected.faulty_edges:
        fault = (
            f"{found.faulty_edges} faulty edges instead of {expected.faulty_edges}, "
            "where models touch or points merge"
        )
    elif abs(found.volume_mm3 - expected.volume_mm3) > VOLUME_TOLERANCE * abs(expected.volume_mm3) + 1e-6:
        fault = f"a volume of {found.volume_mm3:.3f} mm3 instead of {expected.volume_mm3:.3f} mm3"
    else:
        return
    raise FluoroPrintError(
        f"{path.name} read back holds {fault}, so it was not kept: write 3MF, or each model to its own file."
    )


def _joined_lps(models: Sequence[NamedSurface]) -> vtkPolyData:
    """Return all models as one mesh in LPS, each point with the colour of its model."""
    points = [points_of(model.surface) for model in models]
    starts = np.cumsum([0, *(len(part) for part in points)])
    triangles = [triangles_of(model.surface) + start for model, start in zip(models, starts, strict=False)]
    joined = polydata_from(np.concatenate(points) * LPS_RAS, np.concatenate(triangles))
    shades = np.clip(np.round(255 * np.array([model.colour for model in models])), 0, 255).astype(np.uint8)
    colours = numpy_to_vtk(np.repeat(shades, [len(part) for part in points], axis=0), deep=True)
    colours.SetName("RGB")
    joined.GetPointData().AddArray(colours)
    return joined


def _write_by(writer: Any, path: Path, models: Sequence[NamedSurface]) -> None:
    """Run a writer; its errors are raised as those of the system instead of printed."""
    faults: list[str] = []
    writer.AddObserver("ErrorEvent", lambda *_: faults.append("error"))
    writer.SetFileName(str(path))
    writer.SetInputData(_joined_lps(models))
    writer.Write()
    code = writer.GetErrorCode()
    if faults or code or not path.exists():
        cause = code if 0 < code < vtkErrorCode.FirstVTKErrorCode else errno.ENOSPC
        raise OSError(cause, os.strerror(cause))


def _write_stl(path: Path, models: Sequence[NamedSurface]) -> None:
    writer = vtkSTLWriter()
    writer.SetFileTypeToBinary()
    writer.SetHeader(" ".join((HEADER, *warnings_of(models)))[:STL_HEADER_BYTES])
    _write_by(writer, path, models)


def _write_ply(path: Path, models: Sequence[NamedSurface]) -> None:
    writer = vtkPLYWriter()
    writer.SetFileTypeToBinary()
    writer.SetArrayName("RGB")
    writer.EnableAlphaOff()
    writer.AddComment(SPACE)
    for warning in warnings_of(models):
        writer.AddComment(warning)
    _write_by(writer, path, models)


def _write_obj(path: Path, models: Sequence[NamedSurface]) -> None:
    """Write the text here: vtkOBJWriter keeps neither comment nor groups, and old ones six digits only."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"# {HEADER}\n")
        file.writelines(f"# {warning}\n" for warning in warnings_of(models))
        first = 1
        for model in models:
            points, triangles = points_of(model.surface) * LPS_RAS, triangles_of(model.surface) + first
            name = "_".join(model.name.split()) or "model"
            file.write(f"g {name}\n")
            file.write(("v %.9g %.9g %.9g\n" * len(points)) % tuple(points.ravel().tolist()))
            file.write(("f %d %d %d\n" * len(triangles)) % tuple(triangles.ravel().tolist()))
            first += len(points)


def _write_3mf(path: Path, models: Sequence[NamedSurface]) -> None:
    write_threemf(path, models, ", ".join(model.name for model in models))


def _write_for_prusaslicer(path: Path, models: Sequence[NamedSurface]) -> None:
    write_threemf(path, models, ", ".join(model.name for model in models), Layout.PRUSASLICER)


_WRITERS: dict[str, Callable[[Path, Sequence[NamedSurface]], None]] = {
    ".stl": _write_stl,
    ".obj": _write_obj,
    ".ply": _write_ply,
    ".3mf": _write_3mf,
    ".glb": write_glb,
    ".usdz": write_usdz,
}

# Formats that keep models apart: how each one's points and triangles are read.
_PARTS: dict[str, Callable[[Path], list[tuple[Float64Array, IntArray]]]] = {
    ".3mf": read_threemf,
    ".glb": lambda path: _meshes_of(read_glb(path)),
    ".usdz": lambda path: _meshes_of(read_usdz(path)),
}


def read_mesh(path: Path | str) -> vtkPolyData:
    """Read a surface from .stl, .obj, .ply, .vtp or DICOM (.dcm), as triangles in RAS mm.

    Parameters
    ----------
    path : the file; LPS unless it says SPACE=RAS

    Raises
    ------
    FluoroPrintError
        The file is not there, of another format, damaged, or holds no faces.
    """
    return read_mesh_and_words(path)[0]


def read_mesh_and_words(path: Path | str) -> tuple[vtkPolyData, str]:
    """Return a surface as `read_mesh` does, and what the file's header or comments say."""
    path = Path(path)
    read = _READERS.get(path.suffix.lower(), _read_dicom if is_encapsulated_model(path) else None)
    if read is None:
        raise FluoroPrintError(f"{path.name} is no mesh that can be read: give one of {', '.join(_READERS)}.")
    if not path.is_file():
        raise FluoroPrintError(f"{path} does not exist: check the name.")
    surface, said = read(path)
    points, triangles = points_of(surface), triangles_of(surface)
    if len(triangles) == 0 or not np.isfinite(points).all():
        raise FluoroPrintError(f"{path.name} holds no faces or is damaged: export it again.")
    return polydata_from(points if "SPACE=RAS" in said else points * LPS_RAS, triangles), said


def _read_by(reader: Any, path: Path) -> vtkPolyData:
    """Run a reader; its errors become one sentence instead of lines on the terminal."""
    reader.SetFileName(str(path))
    with _vtk_quiet():
        reader.Update()
    mesh: vtkPolyData = reader.GetOutput()
    if reader.GetErrorCode() or not _is_sound(mesh):
        raise _damaged(path)
    return mesh


def _damaged(path: Path) -> FluoroPrintError:
    kind = path.suffix[1:].upper()
    return FluoroPrintError(f"{path.name} is damaged, empty or no {kind} file: export it again.")


def _is_sound(mesh: vtkPolyData) -> bool:
    """Tell whether there are faces, and all name points that exist: VTK would crash on others."""
    if mesh.GetNumberOfPolys() + mesh.GetNumberOfStrips() == 0:
        return False
    for cells in (mesh.GetPolys(), mesh.GetStrips()):
        low, high = cells.GetConnectivityArray().GetRange()
        if cells.GetNumberOfCells() and not 0 <= low <= high < mesh.GetNumberOfPoints():
            return False
    return True


@contextmanager
def _vtk_quiet() -> Iterator[None]:
    """Keep VTK from printing: readers, their executives and their parsers all print on their own."""
    before = vtkObject.GetGlobalWarningDisplay()
    vtkObject.SetGlobalWarningDisplay(0)
    try:
        yield
    finally:
        vtkObject.SetGlobalWarningDisplay(before)


def _read_stl(path: Path) -> tuple[vtkPolyData, str]:
    reader = vtkSTLReader()
    mesh = _read_by(reader, path)
    return mesh, reader.GetHeader() or ""


def _read_obj(path: Path) -> tuple[vtkPolyData, str]:
    reader = vtkOBJReader()
    mesh = _read_by(reader, path)
    return mesh, reader.GetComment() or ""


def _read_ply(path: Path) -> tuple[vtkPolyData, str]:
    if not ply_is_whole(path):
        raise _damaged(path)
    reader = vtkPLYReader()
    mesh = _read_by(reader, path)
    comments = reader.GetComments()
    return mesh, " ".join(comments.GetValue(index) for index in range(comments.GetNumberOfValues()))


def _read_vtp(path: Path) -> tuple[vtkPolyData, str]:
    mesh = _read_by(vtkXMLPolyDataReader(), path)
    space = mesh.GetFieldData().GetAbstractArray("SPACE")
    return mesh, f"SPACE={space.GetValue(0)}" if space and space.GetNumberOfValues() else ""


def _read_dicom(path: Path) -> tuple[vtkPolyData, str]:
    """Read the STL or OBJ that a DICOM file encapsulates."""
    inside = read_document(path)
    if inside.suffix not in (".stl", ".obj"):
        raise FluoroPrintError(f"{path.name} holds the colours of a model alone: give the model's own file.")
    with tempfile.TemporaryDirectory(prefix="fluoroprint-") as folder:
        document = Path(folder) / f"{path.stem}{inside.suffix}"
        document.write_bytes(inside.document)
        surface, said = _READERS[inside.suffix](document)
    scaled = polydata_from(points_of(surface) * inside.unit_mm, triangles_of(surface))
    return scaled, f"{said} MIRRORED" if inside.is_mirrored and "MIRRORED" not in said else said


_READERS: dict[str, Callable[[Path], tuple[vtkPolyData, str]]] = {
    ".stl": _read_stl,
    ".obj": _read_obj,
    ".ply": _read_ply,
    ".vtp": _read_vtp,
    ".dcm": _read_dicom,
}
