"""3MF read: every mesh that is built, where components and transforms put it, with name, material, colour.

After the 3MF Core Specification 1.4, and PrusaSlicer's metadata where they part an object's mesh. Colours are
those of an object's base material or colour group, or of its part's first face; colours of single faces, and
objects in other files of the package, are not followed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

import numpy as np

from ..arrays import Float64Array, IntArray
from ..mesh.named import Colour
from .threemf import MODEL_PART, PRUSASLICER_PART, Mesh

HEAD_BYTES = 1_000_000  # metadata come first
LARGEST_MODEL_PART = 2_000_000_000  # bytes that are unpacked when reading
UNITS_MM = {
    "micron": 0.001,
    "millimeter": 1.0,
    "centimeter": 10.0,
    "inch": 25.4,
    "foot": 304.8,
    "meter": 1000.0,
}
_HEXADECIMAL = re.compile(r"#[0-9A-Fa-f]{6}([0-9A-Fa-f]{2})?")


_ROWS = re.compile(rb"<(vertices|triangles)>\n")
_ROW_OF = {
    b"vertices": (b'<vertex x="', (b'" y="', b'" z="'), b'"/>\n'),
    b"triangles": (b'<triangle v1="', (b'" v2="', b'" v3="'), b'"/>\n'),
}
"""What stands about the three numbers of a row, as `threemf` writes them."""
_NUMERALS = b"0123456789+-.eE"


@dataclass(frozen=True)
class BuiltMesh:
    """A mesh of a 3MF where it is built.

    Attributes
    ----------
    name : of its object, or of the one that it alone is a component of; may be empty
    material : name of its base material; empty where there is none
    colour : red, green, blue, 0 to 1; None where the package tells none
    points : (P, 3) in the build's coordinates, LPS mm
    triangles : (F, 3), facing outward
    """

    name: str
    material: str
    colour: Colour | None
    points: Float64Array
    triangles: IntArray


class ElsewhereError(ValueError):
    """A part of the package is in another file of it, which is not read."""


@dataclass
class _Part:
    """A part of a mesh, as PrusaSlicer tells it: its first and last face, and what it is."""

    first: int
    last: int
    told: dict[str, str] = field(default_factory=dict)

    def mesh_of(self, mesh: Mesh) -> Mesh:
        """Return the part's faces and the points that they name."""
        points, triangles = mesh
        mine = triangles[self.first : self.last + 1]
        named = np.zeros(len(points), bool)
        named[mine] = True
        return points[named], (np.cumsum(named) - 1)[mine]


@dataclass
class _Object:
    """An object as the package tells it: a mesh, or components with their transforms (4, 4), of rows.

    `looks` holds group and place of the material from a face on, where faces tell one; `parts` of the mesh.
    """

    name: str
    group: str
    place: str
    vertices: list[str | float] = field(default_factory=list)
    corners: list[str | float] = field(default_factory=list)
    components: list[tuple[str, Float64Array]] = field(default_factory=list)
    looks: dict[int, tuple[str, str]] = field(default_factory=dict)
    parts: list[_Part] = field(default_factory=list)

    @property
    def mesh(self) -> Mesh:
        """Points (P, 3) in the object's own coordinates and unit, triangles (F, 3) of points that exist."""
        points, triangles = np.array(self.vertices, float), np.array(self.corners, np.int64)
        points, triangles = points.reshape(-1, 3), triangles.reshape(-1, 3)
        if triangles.size and not 0 <= triangles.min() <= triangles.max() < len(points):
            raise ValueError(f"a triangle of {self.name or 'an object'} names a vertex that is not there")
        return points, triangles

    def note_look(self, given: dict[str, str]) -> None:
        """Keep the material of the next face where it is another one than that of the last."""
        look = given.get("pid", self.group), given.get("p1", self.place)
        if look != next(reversed(self.looks.values()), None):
            self.looks[len(self.corners) // 3] = look

    def look_at(self, face: int) -> tuple[str, str]:
        """Return group and place of the material of a face."""
        told = [look for first, look in self.looks.items() if first <= face]
        return told[-1] if told else (self.group, self.place)

    def meshes(self) -> Iterator[tuple[str, tuple[str, str], Mesh]]:
        """Yield name, group and place of the material, and mesh of each part; of the whole without parts."""
        whole = self.mesh
        for part in self.parts or [_Part(0, len(whole[1]) - 1, {"name": self.name})]:
            if part.told.get("volume_type", "ModelPart") == "ModelPart":
                yield part.told.get("name", ""), self.look_at(part.first), part.mesh_of(whole)


@dataclass
class _Package:
    """What is told of a 3MF while it is read, element by element."""

    unit: str = "millimeter"
    objects: dict[str, _Object] = field(default_factory=dict)
    groups: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    items: list[tuple[str, Float64Array]] = field(default_factory=list)
    _now: _Object = field(default_factory=lambda: _Object("", "", ""))
    _group: list[tuple[str, str]] = field(default_factory=list)

    def start(self, name: str, given: dict[str, str]) -> None:
        """Take in the start of an element."""
        if name == "vertex":
            self._now.vertices += (given["x"], given["y"], given["z"])
        elif name == "triangle":
            if len(given) > 3:
                self._now.note_look(given)
            self._now.corners += (given["v1"], given["v2"], given["v3"])
        else:
            self._start_rare(name.rpartition(":")[2], given)

    def take_rows(self, kind: bytes, numbers: list[float] | list[int]) -> None:
        """Take in the numbers of many vertices or triangles of the object that is being read."""
        if kind == b"vertices":
            self._now.vertices += numbers
        else:
            self._now.corners += numbers

    def _start_rare(self, name: str, given: dict[str, str]) -> None:
        if name == "model":
            self.unit = given.get("unit", "millimeter")
        elif name == "object":
            told = given.get("name", "").strip(), given.get("pid", ""), given.get("pindex", "0")
            self._now = self.objects.setdefault(given["id"], _Object(*told))
        elif name in ("basematerials", "colorgroup"):
            self._group = self.groups.setdefault(given["id"], [])
        elif name in ("base", "color"):
            self._group.append((given.get("name", ""), given.get("displaycolor", given.get("color", ""))))
        elif name in ("item", "component"):
            _refuse_elsewhere(given)
            placed = given["objectid"], _matrix(given.get("transform", ""))
            (self.items if name == "item" else self._now.components).append(placed)

    def material_of(self, name: str, look: tuple[str, str]) -> tuple[str, Colour | None]:
        """Return material and colour of a mesh; a material named as the mesh is none."""
        listed = dict(enumerate(self.groups.get(look[0], [])))
        word, told = listed.get(int(look[1]), ("", ""))
        material = "" if word.strip() == name else word.strip()
        if not _HEXADECIMAL.fullmatch(told):
            return material, None
        red, green, blue = (int(told[first : first + 2], 16) / 255 for first in (1, 3, 5))
        return material, (red, green, blue)

    def built(
        self, number: str, matrix: Float64Array, name: str = "", above: tuple[str, ...] = ()
    ) -> Iterator[BuiltMesh]:
        """Yield the meshes of an object and of its components, moved by a matrix (4, 4) of rows."""
        if number in above:
            raise ValueError(f"object {number} is a component of itself")
        found = self.objects[number]
        if found.corners:
            for part, look, mesh in found.meshes():
                yield BuiltMesh(part or name, *self.material_of(part, look), *_moved(mesh, matrix))
        alone = (found.name or name) if len(found.components) == 1 else ""
        for component, placed in found.components:
            yield from self.built(component, placed @ matrix, alone, (*above, number))


def _refuse_elsewhere(given: dict[str, str]) -> None:
    path = next((value for name, value in given.items() if name.rpartition(":")[2] == "path"), "")
    if path.strip("/") not in ("", MODEL_PART):
        raise ElsewhereError(f"a part is in {path}")


def _matrix(text: str) -> Float64Array:
    """Return the 4 x 4 matrix of a transform, which takes points as rows."""
    matrix = np.eye(4)
    if text:
        matrix[:, :3] = np.array(text.split(), float).reshape(4, 3)
    return matrix


def _moved(mesh: Mesh, matrix: Float64Array) -> Mesh:
    """Move a mesh; one that is mirrored thereby is turned to face outward again."""
    points, triangles = mesh
    turned = triangles[:, ::-1].copy() if np.linalg.det(matrix[:3, :3]) < 0 else triangles
    return points @ matrix[:3, :3] + matrix[3, :3], turned


def built_meshes(path: Path) -> list[BuiltMesh]:
    """Return the meshes that a 3MF builds, each where it is built; all objects where it builds nothing.

    Raises
    ------
    ElsewhereError
        A part is in another file of the package.
    ValueError
        The package is no 3MF, or contradicts itself.
    """
    package = _read(path)
    if package.unit not in UNITS_MM:
        raise ValueError(f"the unit {package.unit} is unknown")
    in_mm = np.diag([UNITS_MM[package.unit]] * 3 + [1.0])
    items = package.items or [(number, np.eye(4)) for number in package.objects]
    try:
        return [mesh for number, matrix in items for mesh in package.built(number, matrix @ in_mm)]
    except (KeyError, IndexError) as error:
        raise ValueError(f"something is named that is not there: {error}") from error


def read_threemf(path: Path) -> list[Mesh]:
    """Return points (P, 3) in the file's coordinates, LPS mm, and triangles (F, 3) of each mesh of a 3MF.

    For checking what was written: components, transforms and units other than millimetres are not followed.

    Raises
    ------
    ValueError
        The package is no 3MF with meshes.
    """
    objects = [found for found in _read(path).objects.values() if not found.components]
    return [mesh for found in objects for _, _, mesh in found.meshes()]


def _read(path: Path) -> _Package:
    package = _Package()
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(MODEL_PART).file_size > LARGEST_MODEL_PART:
                raise ValueError("the model part is too large")
            _read_model(archive.read(MODEL_PART), package)
            if PRUSASLICER_PART in archive.namelist():
                _read_parts(archive.read(PRUSASLICER_PART), package)
    except (zipfile.BadZipFile, KeyError, expat.ExpatError) as error:
        raise ValueError(f"no 3MF: {error}") from error
    return package


def _read_model(text: bytes, package: _Package) -> None:
    """Take in the model part; where rows of vertices and triangles are as written here, many at once."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = package.start
    done, plain = 0, b"<!" not in text  # comments and entities may hold anything
    for start in _ROWS.finditer(text) if plain else ():
        end = text.find(b"</" + start.group(1), start.end())
        numbers = _numbers_in(text[start.end() : end], start.group(1))
        if numbers is not None:
            parser.Parse(text[done : start.end()], False)
            package.take_rows(start.group(1), numbers)
            done = end
    parser.Parse(text[done:], True)


def _numbers_in(rows: bytes, kind: bytes) -> list[float] | list[int] | None:
    """Return the numbers of rows, three each; None where a row is not as `threemf` writes it."""
    head, between, tail = _ROW_OF[kind]
    row = (head + b"".join(between) + tail).translate(None, _NUMERALS)
    bare = rows.translate(None, _NUMERALS)
    if bare != row * (len(bare) // len(row)) or b'""' in rows:
        return None
    words = rows[len(head) : -len(tail)]
    for piece in (tail + head, *between):
        words = words.replace(piece, b" ")
    try:
        numbers = np.fromstring(words.decode("ascii"), float if kind == b"vertices" else np.int64, sep=" ")
    except (ValueError, DeprecationWarning):
        return None
    listed: list[float] | list[int] = numbers.tolist()
    return listed if len(listed) == 3 * (len(bare) // len(row)) else None


def _read_parts(config: bytes, package: _Package) -> None:
    """Take in what PrusaSlicer's metadata tell of the parts of meshes; objects that are gone are left out."""
    now = _Object("", "", "")

    def start(name: str, given: dict[str, str]) -> None:
        nonlocal now
        if name == "object":
            now = package.objects.get(given.get("id", ""), _Object("", "", ""))
        elif name == "volume":
            now.parts.append(_Part(int(given["firstid"]), int(given["lastid"])))
        elif name == "metadata" and given.get("type") == "volume" and now.parts:
            now.parts[-1].told[given.get("key", "")] = given.get("value", "")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(config, True)


def description_of_threemf(path: Path) -> str:
    """Return what the metadata of a 3MF package says of its models; empty where it says nothing.

    Raises
    ------
    ValueError
        The package is no 3MF.
    """
    said: list[str] = []
    names: list[str] = []

    def start(_name: str, attributes: dict[str, str]) -> None:
        names.append(attributes.get("name", ""))

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.CharacterDataHandler = lambda text: said.append(text) if names[-1] == "Description" else None
    parser.EndElementHandler = lambda _name: names.append("")
    try:
        with zipfile.ZipFile(path) as package, package.open(MODEL_PART) as part:
            head = part.read(HEAD_BYTES)
            parser.Parse(head)
    except (zipfile.BadZipFile, KeyError, expat.ExpatError) as error:
        raise ValueError(f"no 3MF: {error}") from error
    return "".join(said)
