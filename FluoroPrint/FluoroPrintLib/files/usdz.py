"""USDZ, which phones show in the room: text of Universal Scene Description within a zip archive.

After the USDZ specification: nothing is compressed, the data of each file begin at a multiple of 64 bytes.
One Xform turns LPS millimetres into metres and the viewer's axes (`viewing`); below it a named Mesh a model,
bound to a material of its own.
"""

from __future__ import annotations

import json
import re
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..arrays import AnyArray, Float64Array
from ..mesh.named import NamedModel, NamedSurface, warnings_of
from ..mesh.polydata import polydata_from
from .viewing import NAME, linear, lps_mesh, normals_of, on_screen, standing

LAYER = "model.usda"
ALIGNMENT = 64
LARGEST_LAYER = 2_000_000_000  # bytes that are read
ROUGHNESS = 0.8
RAS_LPS = (-1.0, -1.0, 1.0)
_LOCAL_HEADER = 30
_EXTRA_HEAD = struct.Struct("<HH")
_EXTRA_ID = 0x1986  # the one that Pixar's own packager uses for padding
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_usdz(path: Path, models: Sequence[NamedSurface]) -> None:
    """Write models to a .usdz package, each a named mesh with a colour of its own.

    Parameters
    ----------
    path : the file, overwritten
    models : surfaces in RAS mm
    """
    names = _prim_names(models)
    parts = [_mesh(name, model) for name, model in zip(names, models, strict=True)]
    materials = [_material(name, model) for name, model in zip(names, models, strict=True)]
    scope = '    def Scope "Materials"\n    {\n' + "".join(materials) + "    }\n"
    layer = _head(models) + "".join(parts) + scope + "}\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as package:
        entry = zipfile.ZipInfo(LAYER, _EPOCH)
        entry.extra = _padding(0)
        package.writestr(entry, layer.encode("utf-8", "replace"))


def _padding(offset: int) -> bytes:
    """Return an extra field after which the data of the layer, whose header is at an offset, are aligned."""
    start = offset + _LOCAL_HEADER + len(LAYER) + _EXTRA_HEAD.size
    count = -start % ALIGNMENT
    return _EXTRA_HEAD.pack(_EXTRA_ID, count) + b"\0" * count


def _prim_names(models: Sequence[NamedSurface]) -> list[str]:
    """Return names that USD takes, letters, digits and underscores, all different."""
    plain = [re.sub(r"[^A-Za-z0-9_]", "_", model.name) for model in models]
    return [f"Part_{number}_{name}" for number, name in enumerate(plain, start=1)]


def _head(models: Sequence[NamedSurface]) -> str:
    rows = ", ".join(_point(row, "%.17g") for row in standing(models).T)  # USD counts points as rows
    said = _quoted(" ".join(warnings_of(models)))
    return (
        f'#usda 1.0\n(\n    customLayerData = {{\n        string creator = "{NAME}"\n'
        f'        string warnings = {said}\n    }}\n    defaultPrim = "{NAME}"\n    metersPerUnit = 1\n'
        f'    upAxis = "Y"\n)\n\ndef Xform "{NAME}" (\n    kind = "component"\n)\n{{\n'
        f"    matrix4d xformOp:transform = ( {rows} )\n"
        '    uniform token[] xformOpOrder = ["xformOp:transform"]\n\n'
    )


def _mesh(name: str, model: NamedSurface) -> str:
    points, triangles = lps_mesh(model.surface)
    colour = _point(linear(model.colour))
    edges = f"{_point(points.min(0))}, {_point(points.max(0))}"
    return (
        f'    def Mesh "{name}" (\n        prepend apiSchemas = ["MaterialBindingAPI"]\n'
        f"        displayName = {_quoted(model.name)}\n    )\n    {{\n"
        f"        float3[] extent = [{edges}]\n"
        f"        int[] faceVertexCounts = [{', '.join(['3'] * len(triangles))}]\n"
        f"        int[] faceVertexIndices = [{_listed('%d', triangles.ravel(), 1)}]\n"
        f"        rel material:binding = </{NAME}/Materials/{name}>\n"
        f"        normal3f[] normals = [{_listed('(%.6g, %.6g, %.6g)', normals_of(points, triangles))}] (\n"
        '            interpolation = "vertex"\n        )\n'
        f"        point3f[] points = [{_listed('(%.9g, %.9g, %.9g)', points)}]\n"
        f"        color3f[] primvars:displayColor = [{colour}]\n"
        '        uniform token subdivisionScheme = "none"\n    }\n\n'
    )


def _listed(form: str, values: AnyArray, width: int = 3) -> str:
    """Return values by a format, one format string for all: a loop takes ten times as long."""
    return ", ".join([form] * (values.size // width)) % tuple(values.ravel().tolist())


def _material(name: str, model: NamedSurface) -> str:
    place = f"/{NAME}/Materials/{name}"
    return (
        f'        def Material "{name}"\n        {{\n'
        f"            token outputs:surface.connect = <{place}/Surface.outputs:surface>\n\n"
        '            def Shader "Surface"\n            {\n'
        '                uniform token info:id = "UsdPreviewSurface"\n'
        f"                color3f inputs:diffuseColor = {_point(linear(model.colour))}\n"
        "                float inputs:metallic = 0\n"
        f"                float inputs:roughness = {ROUGHNESS:g}\n"
        "                token outputs:surface\n            }\n        }\n"
    )


def _point(values: Sequence[float] | Float64Array, form: str = "%.9g") -> str:
    return "(" + ", ".join(form % (value + 0.0) for value in values) + ")"


def _quoted(text: str) -> str:
    """Return text in quotation marks; control characters, which USD's text cannot hold, become spaces."""
    return json.dumps(re.sub(r"[\x00-\x1f\x7f]", " ", text), ensure_ascii=False)


_MESH = re.compile(
    r'def Mesh "(?P<prim>\w+)" \(.*?displayName = (?P<name>"(?:[^"\\]|\\.)*")\n'
    r".*?faceVertexIndices = \[(?P<faces>[^\]]*)\]"
    r".*?point3f\[\] points = \[(?P<points>[^\]]*)\]"
    r".*?displayColor = \[\((?P<colour>[^)]*)\)\]",
    re.DOTALL,
)
_WARNINGS = re.compile(r'string warnings = ("(?:[^"\\]|\\.)*")')


def read_usdz(path: Path) -> list[NamedModel]:
    """Return the models of a file that `write_usdz` wrote, in RAS mm.

    Raises
    ------
    ValueError
        The file is damaged, not aligned, or another program wrote it.
    """
    text = _layer_in(path)
    for fact in (f'creator = "{NAME}"', "metersPerUnit = 1\n", 'upAxis = "Y"\n'):
        if fact not in text[:10_000]:
            raise ValueError(f"another program wrote it, without {fact.strip()}")
    said = _WARNINGS.search(text)
    sentence = json.loads(said.group(1)) if said else ""
    return [_read_mesh(found, {"file": sentence} if sentence else {}) for found in _MESH.finditer(text)]


def _layer_in(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as package, path.open("rb") as file:
            entry = package.infolist()[0]
            file.seek(entry.header_offset + 26)
            name, extra = struct.unpack("<HH", file.read(4))
            start = entry.header_offset + _LOCAL_HEADER + name + extra
            if entry.compress_type != zipfile.ZIP_STORED or start % ALIGNMENT:
                raise ValueError("its data are packed or not aligned")
            if entry.file_size > LARGEST_LAYER or not entry.filename.endswith(".usda"):
                raise ValueError("its first file is too large or no text")
            return package.read(entry).decode("utf-8")
    except (zipfile.BadZipFile, IndexError, struct.error) as error:
        raise ValueError(f"no USDZ: {error}") from error


def _read_mesh(found: re.Match[str], warnings: dict[str, str]) -> NamedModel:
    points = _numbers(found["points"]).reshape(-1, 3)
    triangles = _numbers(found["faces"]).astype(np.int64).reshape(-1, 3)
    if len(triangles) and triangles.max() >= len(points):
        raise ValueError("a face names a point that is not there")
    colour = on_screen(_numbers(found["colour"]).tolist())
    return NamedModel(json.loads(found["name"]), colour, polydata_from(points * RAS_LPS, triangles), warnings)


def _numbers(text: str) -> Float64Array:
    return np.array(text.replace("(", "").replace(")", "").split(","), float)
