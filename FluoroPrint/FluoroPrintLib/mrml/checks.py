"""The check of a model kept with its node, for as long as the surface stays as it was checked."""

from __future__ import annotations

import dataclasses
import json
import zlib
from typing import Any

from ..mesh.check import MeshCheck
from .nodes import Node, node_to_world

_CHECK = "FluoroPrint.Check"
_CHECKED_SURFACE = "FluoroPrint.CheckedSurface"


def keep_check(node: Node, check: MeshCheck) -> None:
    """Keep what was found in a model's surface with its node."""
    node.SetAttribute(_CHECK, json.dumps(dataclasses.asdict(check)))
    node.SetAttribute(_CHECKED_SURFACE, surface_mark(node))


def kept_check(node: Node) -> MeshCheck | None:
    """Return the check of a model; None where there is none, or the surface has changed since."""
    text, mark = node.GetAttribute(_CHECK), node.GetAttribute(_CHECKED_SURFACE)
    if not text or not mark or mark != surface_mark(node):
        return None
    values: dict[str, Any] = json.loads(text)
    names = [field.name for field in dataclasses.fields(MeshCheck)]
    if sorted(values) != sorted(names):  # written by another version
        return None
    values.update({name: tuple(value) for name, value in values.items() if isinstance(value, list)})
    return MeshCheck(**values)


def surface_mark(node: Node) -> str:
    """Return a mark of a model's surface in the world: another one wherever points, faces or place differ.

    Empty where it cannot be told: there is no surface, or a parent transform bends space.
    """
    from vtkmodules.util.numpy_support import vtk_to_numpy

    transform, surface = node.GetParentTransformNode(), node.GetPolyData()
    if surface is None or (transform is not None and not transform.IsTransformToWorldLinear()):
        return ""
    mark = zlib.crc32(node_to_world(node).tobytes())
    arrays = [cells.GetConnectivityArray() for cells in (surface.GetPolys(), surface.GetStrips())]
    arrays += [surface.GetPoints().GetData()] if surface.GetPoints() is not None else []
    for array in arrays:
        mark = zlib.crc32(vtk_to_numpy(array).tobytes(), mark)
    return f"{mark:08x}"
