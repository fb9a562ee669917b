"""Models to be printed, read from any mesh file with their names; plates written for slicing programs."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..mesh.named import Colour, NamedModel, NamedSurface
from ..mesh.polydata import points_of, polydata_from, triangles_of
from .atomic import written_whole
from .gltf import read_glb
from .kept_warnings import warnings_in
from .mesh_formats import LPS_RAS, read_mesh_and_words, write_mesh
from .threemf import (
    LARGEST_MODEL_PART,
    MODEL_PART,
    description_of_threemf,
    read_threemf,
    write_threemf,
)
from .usdz import read_usdz

GREY: Colour = (0.8, 0.8, 0.8)
_HEXADECIMAL = re.compile(r"#[0-9A-Fa-f]{6}([0-9A-Fa-f]{2})?")


def read_models(path: Path) -> list[NamedModel]:
    """Read each object of a 3MF, glTF or USDZ file, or the one mesh of any other, in RAS mm.

    Raises
    ------
    FluoroPrintError
        The file is not there, damaged, a 3MF with what is not followed (components, other units), or a glTF
        or USDZ of another program.
    """
    suffix = path.suffix.lower()
    if suffix not in (".3mf", *_SCENES):
        surface, said = read_mesh_and_words(path)
        return [NamedModel(path.stem.removesuffix(".obj"), GREY, surface, warnings_in(said))]
    if not path.is_file():
        raise FluoroPrintError(f"{path} does not exist: check the name.")
    if suffix in _SCENES:
        return _read_scene(path)
    try:
        meshes, package = read_threemf(path), _read_package(path)
        warnings = warnings_in(description_of_threemf(path))
    except (ValueError, KeyError) as error:
        raise FluoroPrintError(f"{path} is no whole 3MF file: export it again.") from error
    _refuse_unfollowed(path, package, len(meshes))
    return [
        NamedModel(
            package.names.get(number) or f"{path.stem} {index + 1}",
            package.colour_of(number),
            polydata_from(_moved(points, package.transforms.get(number)) * LPS_RAS, triangles),
            warnings,
        )
        for index, (number, (points, triangles)) in enumerate(zip(package.numbers, meshes, strict=True))
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


@dataclass
class _Package:
    """What a 3MF says beside its meshes: ids in their order, names and transforms by id.

    `materials` holds the group of base materials of an object and its place therein, `colours` each group's.
    """

    unit: str = "millimeter"
    numbers: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    transforms: dict[str, Float64Array] = field(default_factory=dict)
    materials: dict[str, tuple[str, str]] = field(default_factory=dict)
    colours: dict[str, list[str]] = field(default_factory=dict)
    has_components: bool = False
    _group: list[str] = field(default_factory=list)

    def colour_of(self, number: str) -> Colour:
        """Return the colour of an object, grey where the package tells none."""
        group, place = self.materials[number]
        told = dict(enumerate(self.colours.get(group, []))).get(int(place), "")
        if not _HEXADECIMAL.fullmatch(told):
            return GREY
        red, green, blue = (int(told[first : first + 2], 16) / 255 for first in (1, 3, 5))
        return red, green, blue

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take in the start of an element."""
        if name == "model":
            self.unit = attributes.get("unit", "millimeter")
        elif name == "object":
            self.numbers.append(attributes["id"])
            self.names[attributes["id"]] = attributes.get("name", "").strip()
            self.materials[attributes["id"]] = (attributes.get("pid", ""), attributes.get("pindex", "0"))
        elif name == "basematerials":
            self._group = self.colours.setdefault(attributes["id"], [])
        elif name == "base":
            self._group.append(attributes.get("displaycolor", ""))
        elif name == "item" and "transform" in attributes:
            numbers = np.array(attributes["transform"].split(), float)
            self.transforms[attributes["objectid"]] = numbers.reshape(4, 3)
        elif name == "component":
            self.has_components = True


def _read_package(path: Path) -> _Package:
    package = _Package()
    parser = expat.ParserCreate()
    parser.StartElementHandler = package.start
    with zipfile.ZipFile(path) as archive, archive.open(MODEL_PART) as part:
        if archive.getinfo(MODEL_PART).file_size > LARGEST_MODEL_PART:
            raise ValueError("the model part is too large")
        parser.ParseFile(part)
    return package


def _refuse_unfollowed(path: Path, package: _Package, meshes: int) -> None:
    if package.has_components or meshes != len(package.numbers):
        raise FluoroPrintError(f"{path.name} holds objects made of others: export each as a mesh of its own.")
    if package.unit != "millimeter":
        raise FluoroPrintError(f"{path.name} is in {package.unit}: export it in millimetres.")
    if meshes == 0:
        raise FluoroPrintError(f"{path.name} holds no meshes: export it again.")


def _moved(points: Float64Array, transform: Float64Array | None) -> Float64Array:
    """Apply the 4 x 3 matrix of a build item, which takes points as rows."""
    return points if transform is None else points @ transform[:3] + transform[3]


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
        write_threemf(temporary, parts, title, on_bed=True)
        found = [len(triangles) for _, triangles in read_threemf(temporary)]
        if found != [len(triangles_of(part.surface)) for part in parts]:
            raise FluoroPrintError(f"{path.name} does not hold the parts as they were: write it elsewhere.")
