"""glTF 2.0 in one binary file (.glb), after the Khronos specification: written by the standard library.

A node "FluoroPrint" turns LPS millimetres into the viewer's axes and metres (`viewing`); below it a named
node a model, with a mesh and a material of its own. Warnings stand in the asset's extras.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import AnyArray, Float64Array, IntArray
from ..mesh.named import NamedModel, NamedSurface, warnings_of
from ..mesh.polydata import polydata_from
from .viewing import NAME, linear, lps_mesh, normals_of, on_screen, standing

MAGIC, VERSION = b"glTF", 2
JSON_CHUNK, BINARY_CHUNK = b"JSON", b"BIN\0"
FLOAT, UNSIGNED = 5126, 5125
POINTS_TARGET, INDICES_TARGET = 34962, 34963
ROUGHNESS = 0.8
RAS_LPS = (-1.0, -1.0, 1.0)


def write_glb(path: Path, models: Sequence[NamedSurface]) -> None:
    """Write models to a .glb file, each a named node with a colour of its own.

    Parameters
    ----------
    path : the file, overwritten
    models : surfaces in RAS mm
    """
    scene, pieces = _scene_of(models)
    binary = b"".join(pieces)
    text = json.dumps(scene, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    text += b" " * (-len(text) % 4)
    with path.open("wb") as file:
        file.write(struct.pack("<4sII", MAGIC, VERSION, 12 + 8 + len(text) + 8 + len(binary)))
        file.write(struct.pack("<I4s", len(text), JSON_CHUNK) + text)
        file.write(struct.pack("<I4s", len(binary), BINARY_CHUNK) + binary)


def _scene_of(models: Sequence[NamedSurface]) -> tuple[dict[str, Any], list[bytes]]:
    """Return the JSON part and the pieces of the binary part, each of whole words of four bytes."""
    scene: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": NAME, "extras": {"warnings": list(warnings_of(models))}},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [
            {
                "name": NAME,
                "matrix": [float(value) for value in standing(models).T.ravel()],  # by columns
                "children": list(range(1, len(models) + 1)),
            }
        ],
        "meshes": [],
        "materials": [_material(model) for model in models],
        "accessors": [],
        "bufferViews": [],
    }
    pieces: list[bytes] = []
    for number, model in enumerate(models):
        scene["nodes"].append({"name": model.name, "mesh": number})
        scene["meshes"].append({"name": model.name, "primitives": [_primitive(scene, pieces, model, number)]})
    scene["buffers"] = [{"byteLength": sum(map(len, pieces))}]
    return scene, pieces


def _material(model: NamedSurface) -> dict[str, Any]:
    surface = {
        "baseColorFactor": [*linear(model.colour), 1.0],
        "metallicFactor": 0.0,
        "roughnessFactor": ROUGHNESS,
    }
    return {"name": getattr(model, "material", "") or model.name, "pbrMetallicRoughness": surface}


def _primitive(
    scene: dict[str, Any], pieces: list[bytes], model: NamedSurface, material: int
) -> dict[str, Any]:
    points, triangles = lps_mesh(model.surface)
    rounded = points.astype("<f4")
    edges = {"min": rounded.min(0).tolist(), "max": rounded.max(0).tolist()}
    normals = normals_of(points, triangles).astype("<f4")
    return {
        "attributes": {
            "POSITION": _added(scene, pieces, rounded, "VEC3", **edges),
            "NORMAL": _added(scene, pieces, normals, "VEC3"),
        },
        "indices": _added(scene, pieces, triangles.astype("<u4").ravel(), "SCALAR"),
        "material": material,
    }


def _added(scene: dict[str, Any], pieces: list[bytes], values: AnyArray, kind: str, **more: Any) -> int:
    """Add an array to the binary part; return the number of its accessor."""
    is_index = kind == "SCALAR"
    view = {
        "buffer": 0,
        "byteOffset": sum(map(len, pieces)),
        "byteLength": values.nbytes,
        "target": INDICES_TARGET if is_index else POINTS_TARGET,
    }
    pieces.append(values.tobytes())
    scene["bufferViews"].append(view)
    accessor = {
        "bufferView": len(scene["bufferViews"]) - 1,
        "componentType": UNSIGNED if is_index else FLOAT,
        "count": len(values),
        "type": kind,
        **more,
    }
    scene["accessors"].append(accessor)
    return len(scene["accessors"]) - 1


def read_glb(path: Path) -> list[NamedModel]:
    """Return the models of a file that `write_glb` wrote, in RAS mm.

    Raises
    ------
    ValueError
        The file is damaged, or another program wrote it.
    """
    data = path.read_bytes()
    try:
        scene, binary = _chunks(data)
        if scene["asset"].get("generator") != NAME:
            raise ValueError("another program wrote it")
        warnings = {f"{number}": word for number, word in enumerate(scene["asset"]["extras"]["warnings"])}
        return [
            NamedModel(
                node["name"],
                _colour(scene, node),
                polydata_from(points * RAS_LPS, triangles),
                warnings,
            )
            for node in scene["nodes"][1:]
            for points, triangles in [_mesh(scene, binary, node)]
        ]
    except (KeyError, IndexError, TypeError, struct.error) as error:
        raise ValueError(f"no glTF as it is written here: {error}") from error


def _chunks(data: bytes) -> tuple[dict[str, Any], bytes]:
    magic, version, length = struct.unpack_from("<4sII", data)
    if magic != MAGIC or version != VERSION or length != len(data):
        raise ValueError("no whole glTF 2.0 file")
    size, kind = struct.unpack_from("<I4s", data, 12)
    rest, second = struct.unpack_from("<I4s", data, 20 + size)
    if kind != JSON_CHUNK or second != BINARY_CHUNK or 28 + size + rest != length:
        raise ValueError("not of one JSON and one binary part")
    scene = json.loads(data[20 : 20 + size].decode("utf-8"))
    return scene, data[28 + size :]


def _mesh(scene: dict[str, Any], binary: bytes, node: dict[str, Any]) -> tuple[Float64Array, IntArray]:
    (primitive,) = scene["meshes"][node["mesh"]]["primitives"]
    points = _array(scene, binary, primitive["attributes"]["POSITION"], "<f4").reshape(-1, 3)
    triangles = _array(scene, binary, primitive["indices"], "<u4").reshape(-1, 3).astype(np.int64)
    if len(triangles) and triangles.max() >= len(points):
        raise ValueError("a face names a point that is not there")
    return points.astype(float), triangles


def _array(scene: dict[str, Any], binary: bytes, number: int, kind: str) -> AnyArray:
    accessor = scene["accessors"][number]
    view = scene["bufferViews"][accessor["bufferView"]]
    start = view["byteOffset"]
    return np.frombuffer(binary[start : start + view["byteLength"]], kind)


def _colour(scene: dict[str, Any], node: dict[str, Any]) -> tuple[float, float, float]:
    (primitive,) = scene["meshes"][node["mesh"]]["primitives"]
    light = scene["materials"][primitive["material"]]["pbrMetallicRoughness"]["baseColorFactor"]
    return on_screen(light[:3])
