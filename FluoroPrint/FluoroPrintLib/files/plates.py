"""Models to be printed, read from any mesh file with their names; plates written for slicing programs."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..mesh.named import NamedModel, NamedSurface
from ..mesh.polydata import polydata_from, triangles_of
from .atomic import written_whole
from .mesh_formats import LPS_RAS, read_mesh
from .threemf import LARGEST_MODEL_PART, MODEL_PART, description_of_threemf, read_threemf, write_threemf

GREY = (0.8, 0.8, 0.8)
HEAD_BYTES = 2000
MIRRORED = re.compile(r"MIRRORED (left-right|front-back|up-down)")
SCALED = re.compile(r"Scaled to [0-9.e+-]+ %")


def read_models(path: Path) -> list[NamedModel]:
    """Read what shall be printed: each object of a 3MF file, or the one mesh of any other, in RAS mm.

    Raises
    ------
    FluoroPrintError
        The file is not there, damaged, or a 3MF with what is not followed (components, other units).
    """
    if path.suffix.lower() != ".3mf":
        surface = read_mesh(path)
        return [NamedModel(path.stem, GREY, surface, warnings_in(_head_of(path)))]
    if not path.is_file():
        raise FluoroPrintError(f"{path} does not exist: check the name.")
    try:
        meshes, package = read_threemf(path), _read_package(path)
    except (ValueError, KeyError) as error:
        raise FluoroPrintError(f"{path} is no whole 3MF file: export it again.") from error
    _refuse_unfollowed(path, package, len(meshes))
    warnings = warnings_in(description_of_threemf(path))
    return [
        NamedModel(
            package.names.get(number) or f"{path.stem} {index + 1}",
            GREY,
            polydata_from(_moved(points, package.transforms.get(number)) * LPS_RAS, triangles),
            warnings,
        )
        for index, (number, (points, triangles)) in enumerate(zip(package.numbers, meshes, strict=True))
    ]


def warnings_in(said: str) -> dict[str, str]:
    """Return the warnings that FluoroPrint wrote into a file: that models are mirrored or scaled.

    Parameters
    ----------
    said : header, comments or description; the header of STL has room for the first words only
    """
    found = {}
    mirrored, scaled = MIRRORED.search(said), SCALED.search(said)
    if mirrored:
        found["Mirrored"] = f"{mirrored[0]}: this model does not show the side that was imaged."
    if scaled:
        found["Scaled"] = f"{scaled[0]} of the patient's size."
    return found


def _head_of(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES).decode("ascii", "replace")


@dataclass
class _Package:
    """What a 3MF says beside its meshes: ids in their order, names and transforms by id."""

    unit: str = "millimeter"
    numbers: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    transforms: dict[str, Float64Array] = field(default_factory=dict)
    has_components: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take in the start of an element."""
        if name == "model":
            self.unit = attributes.get("unit", "millimeter")
        elif name == "object":
            self.numbers.append(attributes["id"])
            self.names[attributes["id"]] = attributes.get("name", "").strip()
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
