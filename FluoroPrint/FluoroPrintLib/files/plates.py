"""Models to be printed, read from any mesh file with their names; plates written for slicing programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..errors import FluoroPrintError
from ..mesh.named import Colour, NamedModel, NamedSurface
from ..mesh.polydata import points_of, polydata_from, triangles_of
from .atomic import written_whole
from .gltf import read_glb
from .kept_warnings import warnings_in
from .mesh_formats import LPS_RAS, read_mesh_and_words, write_mesh
from .threemf import Layout, write_threemf
from .threemf_reading import ElsewhereError, built_meshes, description_of_threemf, read_threemf
from .usdz import read_usdz

GREY: Colour = (0.8, 0.8, 0.8)


def read_models(path: Path) -> list[NamedModel]:
    """Read each mesh of a 3MF, glTF or USDZ file, or the one mesh of any other, in RAS mm.

    Those of a 3MF are where the build, its transforms and components put them.

    Raises
    ------
    FluoroPrintError
        The file is not there, damaged, a 3MF in several parts, or a glTF or USDZ of another program.
    """
    suffix = path.suffix.lower()
    if suffix not in (".3mf", *_SCENES):
        surface, said = read_mesh_and_words(path)
        return [NamedModel(path.stem.removesuffix(".obj"), GREY, surface, warnings_in(said))]
    if not path.is_file():
        raise FluoroPrintError(f"{path} does not exist: check the name.")
    if suffix in _SCENES:
        return _read_scene(path)
    return _read_package(path)


def _read_package(path: Path) -> list[NamedModel]:
    try:
        meshes, warnings = built_meshes(path), warnings_in(description_of_threemf(path))
    except ElsewhereError as error:
        raise FluoroPrintError(
            f"{path.name} is parted into several files inside ({error}): export it as one, or as STL."
        ) from error
    except ValueError as error:
        raise FluoroPrintError(f"{path} is no whole 3MF file: export it again.") from error
    if not meshes:
        raise FluoroPrintError(f"{path.name} holds no meshes: export it again.")
    return [
        NamedModel(
            mesh.name or f"{path.stem} {index}",
            mesh.colour or GREY,
            polydata_from(mesh.points * LPS_RAS, mesh.triangles),
            warnings,
            mesh.material,
        )
        for index, mesh in enumerate(meshes, start=1)
    ]


_SCENES: dict[str, Callable[[Path], list[NamedModel]]] = {".glb": read_glb, ".usdz": read_usdz}


def _read_scene(path: Path) -> list[NamedModel]:
    try:
        return _SCENES[path.suffix.lower()](path)
    except ValueError as error:
        raise FluoroPrintError(
            f"{path.name} is damaged or of another program, whose scenes are not read ({error}): "
            "export it as 3MF or STL."
        ) from error


def write_stl_of_plate(path: Path, parts: Sequence[NamedSurface], middle_mm: tuple[float, float]) -> None:
    """Write parts that lie on a bed to one STL file whose origin is the middle of the bed.

    Parameters
    ----------
    path : .stl
    parts : in the coordinates of the bed, mm
    middle_mm : of the bed

    Raises
    ------
    FluoroPrintError
        The file cannot be written.
    """
    shift = np.array([*middle_mm, 0.0])
    moved = [
        # STL files hold LPS: what is turned into RAS here comes out as it lies on the bed.
        NamedModel(
            part.name,
            GREY,
            polydata_from((points_of(part.surface) - shift) * LPS_RAS, triangles_of(part.surface)),
        )
        for part in parts
    ]
    write_mesh(path, moved)


def write_plate(path: Path, parts: Sequence[NamedSurface], title: str) -> None:
    """Write parts that lie on a bed to a 3MF file, named, and read it back.

    Raises
    ------
    FluoroPrintError
        The file cannot be written, or does not hold the parts.
    """
    with written_whole(path) as temporary:
        write_threemf(temporary, parts, title, Layout.ON_BED)
        found = [len(triangles) for _, triangles in read_threemf(temporary)]
        if found != [len(triangles_of(part.surface)) for part in parts]:
            raise FluoroPrintError(f"{path.name} does not hold the parts as they were: write it elsewhere.")
