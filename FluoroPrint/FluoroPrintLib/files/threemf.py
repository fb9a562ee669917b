"""3MF, the 3D Manufacturing Format: written by the standard library alone; `threemf_reading` reads it.

After the 3MF Core Specification 1.4 (3MF Consortium): one object a model, named, with its material and colour
as a base material; each object a closed, oriented manifold. Vertices are LPS millimetres of the patient; what
is built has one translation into the positive octant, where the specification wants what is to be printed.
`Layout` says whether models are printed together or apart.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array, IntArray
from ..mesh.named import NamedSurface, material_of, warnings_of
from ..mesh.polydata import points_of, triangles_of, welded

NAMESPACE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
MODEL_PART = "3D/3dmodel.model"
MATERIALS_ID = 1
FIRST_OBJECT_ID = 2
PRUSASLICER_PART = "Metadata/Slic3r_PE_model.config"
Mesh = tuple[Float64Array, IntArray]

_CONTENT_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>
<Default Extension="config" ContentType="text/xml"/>
</Types>
"""
_RELATIONSHIPS = f"""<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Target="/{MODEL_PART}" Id="rel0" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/>
</Relationships>
"""


class Layout(Enum):
    """How several models stand in a package.

    TOGETHER : the components of one more object, which alone is built, so that they keep their places
    PRUSASLICER : one mesh, of which PrusaSlicer's own metadata tell the parts: it builds components apart,
        each let down onto the bed. Other programs see one object with several materials.
    ON_BED : an object each, in the coordinates of a printer's bed
    """

    TOGETHER = "together"
    PRUSASLICER = "prusaslicer"
    ON_BED = "on bed"


def write_threemf(
    path: Path, models: Sequence[NamedSurface], title: str, layout: Layout = Layout.TOGETHER
) -> None:
    """Write models to a 3MF package.

    Parameters
    ----------
    path : the file, overwritten
    models : closed surfaces in RAS mm, or in mm of the bed; in this order
    title : metadata of the package, and the name of the object of several
    layout : how several models stand in it
    """
    on_bed = layout is Layout.ON_BED
    meshes = [_bed_mesh(model.surface) if on_bed else _lps_mesh(model.surface) for model in models]
    low = np.zeros(3) if on_bed else np.min([points.min(0) for points, _ in meshes], axis=0)
    if layout is Layout.PRUSASLICER:  # it moves the first part alone by the transform of what is built
        meshes, low = [(points - low, triangles) for points, triangles in meshes], np.zeros(3)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as package:
        package.writestr("[Content_Types].xml", _CONTENT_TYPES)
        package.writestr("_rels/.rels", _RELATIONSHIPS)
        with package.open(MODEL_PART, "w", force_zip64=True) as part:
            part.write(_head(models, title).encode())
            for piece in _resources(models, meshes, title, layout):
                part.write(piece.encode())
            part.write(_build(_built(len(models), layout), -low).encode())
        if layout is Layout.PRUSASLICER:
            package.writestr(PRUSASLICER_PART, _prusaslicer_parts(models, meshes, title))


def _lps_mesh(surface: vtkPolyData) -> Mesh:
    points, triangles = welded(points_of(surface), triangles_of(surface))
    return points * (-1.0, -1.0, 1.0) + 0.0, triangles


def _bed_mesh(surface: vtkPolyData) -> Mesh:
    return welded(points_of(surface), triangles_of(surface))


def _head(models: Sequence[NamedSurface], title: str) -> str:
    materials = "\n".join(
        f"<base name={_quoted(material_of(model) or model.name)} "
        f"displaycolor={quoteattr(_hexadecimal(model.colour))}/>"
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


def _resources(
    models: Sequence[NamedSurface], meshes: Sequence[Mesh], title: str, layout: Layout
) -> Iterator[str]:
    """Yield the objects of a package and the end of its resources."""
    if layout is Layout.PRUSASLICER:
        yield from _one_mesh(meshes, title)
    else:
        for number, (model, mesh) in enumerate(zip(models, meshes, strict=True)):
            yield _object_head(number, model.name) + _vertices(mesh[0]) + _between()
            yield _triangles(mesh[1]) + _OBJECT_END
    if layout is Layout.TOGETHER and len(models) > 1:
        yield _whole(len(models), title)
    yield "</resources>\n"


_OBJECT_END = "</triangles>\n</mesh>\n</object>\n"


def _one_mesh(meshes: Sequence[Mesh], title: str) -> Iterator[str]:
    """Yield one object with the faces of all models, each face of the material of its model."""
    starts = np.cumsum([0, *(len(points) for points, _ in meshes)])
    yield _object_head(0, title)
    for points, _ in meshes:
        yield _vertices(points)
    yield _between()
    for number, (_, triangles) in enumerate(meshes):
        yield _triangles(triangles + starts[number], f' pid="{MATERIALS_ID}" p1="{number}"')
    yield _OBJECT_END


def _object_head(number: int, name: str) -> str:
    return (
        f'<object id="{FIRST_OBJECT_ID + number}" type="model" name={_quoted(name)} '
        f'pid="{MATERIALS_ID}" pindex="{number}">\n<mesh>\n<vertices>\n'
    )


def _between() -> str:
    return "</vertices>\n<triangles>\n"


def _vertices(points: Float64Array) -> str:
    # Nine digits hold a float32 exactly. One format string for all rows: a loop takes ten times as long.
    return ('<vertex x="%.9g" y="%.9g" z="%.9g"/>\n' * len(points)) % tuple(points.ravel().tolist())


def _triangles(triangles: IntArray, material: str = "") -> str:
    row = f'<triangle v1="%d" v2="%d" v3="%d"{material}/>\n'
    return (row * len(triangles)) % tuple(triangles.ravel().tolist())


def _whole(count: int, title: str) -> str:
    numbers = range(FIRST_OBJECT_ID, FIRST_OBJECT_ID + count)
    components = "\n".join(f'<component objectid="{number}"/>' for number in numbers)
    return (
        f'<object id="{FIRST_OBJECT_ID + count}" type="model" name={_quoted(title)}>\n'
        f"<components>\n{components}\n</components>\n</object>\n"
    )


def _built(count: int, layout: Layout) -> Sequence[int]:
    """Return the numbers of the objects that are built."""
    if layout is Layout.ON_BED:
        return range(FIRST_OBJECT_ID, FIRST_OBJECT_ID + count)
    together = layout is Layout.TOGETHER and count > 1
    return [FIRST_OBJECT_ID + count if together else FIRST_OBJECT_ID]


def _build(numbers: Sequence[int], shift: Float64Array) -> str:
    moved = "1 0 0 0 1 0 0 0 1 {:.9g} {:.9g} {:.9g}".format(*(shift + 0.0))
    items = "\n".join(f'<item objectid="{number}" transform="{moved}"/>' for number in numbers)
    return f"<build>\n{items}\n</build>\n</model>\n"


def _prusaslicer_parts(models: Sequence[NamedSurface], meshes: Sequence[Mesh], title: str) -> str:
    """Return PrusaSlicer's metadata: which faces are which part, and an extruder for each material."""
    materials = list(dict.fromkeys(map(material_of, models)))
    ends = np.cumsum([len(triangles) for _, triangles in meshes])
    parts = "".join(
        f'<volume firstid="{end - len(triangles)}" lastid="{end - 1}">\n'
        f'<metadata type="volume" key="name" value={_quoted(model.name)}/>\n'
        '<metadata type="volume" key="volume_type" value="ModelPart"/>\n'
        f'<metadata type="volume" key="extruder" value="{1 + materials.index(material_of(model))}"/>\n'
        "</volume>\n"
        for model, (_, triangles), end in zip(models, meshes, ends.tolist(), strict=True)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<config>\n<object id="{FIRST_OBJECT_ID}">\n'
        f'<metadata type="object" key="name" value={_quoted(title)}/>\n{parts}</object>\n</config>\n'
    )


def _hexadecimal(colour: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(255 * min(max(part, 0.0), 1.0)):02X}" for part in colour)


def _quoted(text: str) -> str:
    return quoteattr(_printable(text))


def _printable(text: str) -> str:
    """Leave out what XML 1.0 cannot hold: control characters and lone surrogates."""
    return re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
