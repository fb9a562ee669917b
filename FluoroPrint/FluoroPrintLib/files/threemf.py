"""3MF, the 3D Manufacturing Format: written by the standard library alone.

After the 3MF Core Specification 1.4 (3MF Consortium): one object a model, named, with its colour as a base
material; each object a closed, oriented manifold. Vertices are LPS millimetres of the patient; the build
items share one translation into the positive octant, where the specification wants what is to be printed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array, IntArray
from ..mesh.named import NamedSurface, warnings_of
from ..mesh.polydata import points_of, triangles_of, welded

NAMESPACE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
MODEL_PART = "3D/3dmodel.model"
MATERIALS_ID = 1
FIRST_OBJECT_ID = 2
HEAD_BYTES = 1_000_000  # metadata come first
LARGEST_MODEL_PART = 2_000_000_000  # bytes that are unpacked when reading

_CONTENT_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>
</Types>
"""
_RELATIONSHIPS = f"""<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Target="/{MODEL_PART}" Id="rel0" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/>
</Relationships>
"""


def write_threemf(path: Path, models: Sequence[NamedSurface], title: str, *, on_bed: bool = False) -> None:
    """Write models to a 3MF package.

    Parameters
    ----------
    path : the file, overwritten
    models : closed surfaces in RAS mm; one object each, in this order
    title : metadata of the package
    on_bed : the surfaces are in the coordinates of a printer's bed, and stay where they are
    """
    meshes = [_bed_mesh(model.surface) if on_bed else _lps_mesh(model.surface) for model in models]
    low = np.zeros(3) if on_bed else np.min([points.min(0) for points, _ in meshes], axis=0)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as package:
        package.writestr("[Content_Types].xml", _CONTENT_TYPES)
        package.writestr("_rels/.rels", _RELATIONSHIPS)
        with package.open(MODEL_PART, "w", force_zip64=True) as part:
            part.write(_head(models, title).encode())
            for number, (model, (points, triangles)) in enumerate(zip(models, meshes, strict=True)):
                part.write(_object(number, model, points, triangles).encode())
            part.write(_build(len(models), -low).encode())


def _lps_mesh(surface: vtkPolyData) -> tuple[Float64Array, IntArray]:
    points, triangles = welded(points_of(surface), triangles_of(surface))
    return points * (-1.0, -1.0, 1.0) + 0.0, triangles


def _bed_mesh(surface: vtkPolyData) -> tuple[Float64Array, IntArray]:
    return welded(points_of(surface), triangles_of(surface))


def _head(models: Sequence[NamedSurface], title: str) -> str:
    materials = "\n".join(
        f"<base name={_quoted(model.name)} displaycolor={quoteattr(_hexadecimal(model.colour))}/>"
        for model in models
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<model unit="millimeter" xml:lang="en-US" xmlns="{NAMESPACE}">\n'
        f'<metadata name="Title">{escape(_printable(title))}</metadata>\n'
        f"{_description(models)}"
        '<metadata name="Application">FluoroPrint</metadata>\n'
        f'<resources>\n<basematerials id="{MATERIALS_ID}">\n{materials}\n</basematerials>\n'
    )


def _description(models: Sequence[NamedSurface]) -> str:
    warnings = " ".join(warnings_of(models))
    return f'<metadata name="Description">{escape(_printable(warnings))}</metadata>\n' if warnings else ""


def _object(number: int, model: NamedSurface, points: Float64Array, triangles: IntArray) -> str:
    # Nine digits hold a float32 exactly. One format string for all rows: a loop takes ten times as long.
    vertices = ('<vertex x="%.9g" y="%.9g" z="%.9g"/>\n' * len(points)) % tuple(points.ravel().tolist())
    faces = ('<triangle v1="%d" v2="%d" v3="%d"/>\n' * len(triangles)) % tuple(triangles.ravel().tolist())
    return (
        f'<object id="{FIRST_OBJECT_ID + number}" type="model" name={_quoted(model.name)} '
        f'pid="{MATERIALS_ID}" pindex="{number}">\n<mesh>\n<vertices>\n{vertices}</vertices>\n'
        f"<triangles>\n{faces}</triangles>\n</mesh>\n</object>\n"
    )


def _build(count: int, shift: Float64Array) -> str:
    moved = "1 0 0 0 1 0 0 0 1 {:.9g} {:.9g} {:.9g}".format(*(shift + 0.0))
    items = "\n".join(
        f'<item objectid="{FIRST_OBJECT_ID + number}" transform="{moved}"/>' for number in range(count)
    )
    return f"</resources>\n<build>\n{items}\n</build>\n</model>\n"


def _hexadecimal(colour: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(255 * min(max(part, 0.0), 1.0)):02X}" for part in colour)


def _quoted(text: str) -> str:
    return quoteattr(_printable(text))


def _printable(text: str) -> str:
    """Leave out what XML 1.0 cannot hold: control characters and lone surrogates."""
    return re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


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


def read_threemf(path: Path) -> list[tuple[Float64Array, IntArray]]:
    """Return points (P, 3) in the file's coordinates, LPS mm, and triangles (F, 3) of each object of a 3MF.

    For checking what was written: components, transforms and units other than millimetres are not followed.

    Raises
    ------
    ValueError
        The package is no 3MF with meshes.
    """
    vertices: list[list[str]] = []
    triangles: list[list[str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "vertex":
            vertices[-1] += (attributes["x"], attributes["y"], attributes["z"])
        elif name == "triangle":
            triangles[-1] += (attributes["v1"], attributes["v2"], attributes["v3"])
        elif name == "mesh":
            vertices.append([])
            triangles.append([])

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    try:
        with zipfile.ZipFile(path) as package, package.open(MODEL_PART) as part:
            if package.getinfo(MODEL_PART).file_size > LARGEST_MODEL_PART:
                raise ValueError("the model part is too large")
            parser.ParseFile(part)
    except (zipfile.BadZipFile, KeyError, expat.ExpatError) as error:
        raise ValueError(f"no 3MF: {error}") from error
    return [
        (np.array(v, float).reshape(-1, 3), np.array(t, np.int64).reshape(-1, 3))
        for v, t in zip(vertices, triangles, strict=True)
    ]
