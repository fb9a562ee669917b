"""Sweeps: frames to a volume node that references its geometry table, and back.

The stack is placed so that coronal slices show the frames upright, as seen from the panel of an
antero-posterior view: columns to the patient's left, rows to the feet, frames from front to back a
millimetre apart, the middle of the stack at the RAS origin. The table holds what is read back as text of
full length, because Slicer's table files keep six digits of a number.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from ..arrays import AnyArray, Float64Array
from ..errors import FluoroPrintError
from ..geometry.sweep import Sweep, SweepGeometry
from .nodes import Node, Scene, image_array, new_node, vtk_image, vtk_matrix
from .tables import add_number_column, add_text_column, column_numbers
from .volumes import show_grey

GEOMETRY_ROLE = "FluoroPrint.Geometry"
FRAME_GAP_MM = 1.0
FACTS = "FluoroPrint.SweepFacts"
"""Attribute of stack and table that tells what the frames and matrices do not."""
_MATRIX_COLUMNS = tuple(f"P{row}{column}" for row in range(1, 4) for column in range(1, 5))
_AXES = ("R", "A", "S")
_STACK_AXES_RAS = np.array([[-1.0, 0, 0], [0, 0, -1.0], [0, -1.0, 0]]).T


def add_sweep(scene: Scene, sweep: Sweep, name: str) -> Node:
    """Add the frames of a sweep as a stack, with a table of its geometry.

    Parameters
    ----------
    scene : vtkMRMLScene
    sweep : line integrals and geometry
    name : of the stack; the table is called "<name> geometry"

    Returns
    -------
    vtkMRMLScalarVolumeNode that references a vtkMRMLTableNode (role `GEOMETRY_ROLE`)
    """
    node = new_node(scene, "vtkMRMLScalarVolumeNode", name)
    fill_sweep(node, sweep)
    return node


def fill_sweep(node: Node, sweep: Sweep) -> None:
    """Put a sweep into a stack in place of the one that is there; its results keep their source.

    Parameters
    ----------
    node : vtkMRMLScalarVolumeNode in a scene
    sweep : line integrals and geometry
    """
    node.SetIJKToRASMatrix(vtk_matrix(_stack_to_ras(sweep)))
    node.SetAndObserveImageData(vtk_image(sweep.frames))
    low, high = (
        float(value) for value in np.percentile(sweep.frames[:: max(1, len(sweep.frames) // 8)], [1, 99.5])
    )
    show_grey(node, max(high - low, 1e-3), (high + low) / 2)
    facts = {"i0": sweep.i0, "provenance": dict(sweep.provenance), "warnings": list(sweep.warnings)}
    node.SetAttribute(FACTS, json.dumps(facts))
    scene, before = node.GetScene(), node.GetNodeReference(GEOMETRY_ROLE)
    if before is not None:
        scene.RemoveNode(before)
    table = add_sweep_geometry(scene, sweep.geometry, f"{node.GetName()} geometry")
    node.SetNodeReferenceID(GEOMETRY_ROLE, table.GetID())


def _stack_to_ras(sweep: Sweep) -> Float64Array:
    count, rows, columns = sweep.frames.shape
    row_mm, column_mm = sweep.geometry.pixel_mm or (1.0, 1.0)
    matrix = np.eye(4)
    matrix[:3, :3] = _STACK_AXES_RAS * [column_mm, row_mm, FRAME_GAP_MM]
    matrix[:3, 3] = -matrix[:3, :3] @ ((np.array([columns, rows, count]) - 1) / 2)
    return matrix


def add_sweep_geometry(scene: Scene, geometry: SweepGeometry, name: str) -> Node:
    """Add a table with a row a frame: its number, 12 matrix numbers, angles, source and detector centre.

    Returns
    -------
    vtkMRMLTableNode; source and detector in RAS mm are there for reading and plotting only
    """
    table = new_node(scene, "vtkMRMLTableNode", name)
    add_number_column(table, "Frame", np.arange(1, geometry.count + 1))
    for column, values in zip(_MATRIX_COLUMNS, geometry.ras_to_pixel.reshape(-1, 12).T, strict=True):
        add_text_column(table, column, values)
    for column, angles in (("Primary", geometry.primary_deg), ("Secondary", geometry.secondary_deg)):
        if angles is not None:
            add_text_column(table, column, angles, "deg")
    _add_points(table, "Source", geometry.sources_ras)
    if geometry.sid_mm is not None:
        _add_points(table, "Detector", detector_centres_ras(geometry, geometry.sid_mm))
    facts = {key: getattr(geometry, key) for key in ("rows", "columns", "sid_mm", "sod_mm", "pixel_mm")}
    table.SetAttribute(FACTS, json.dumps(facts))
    return table


def _add_points(table: Node, name: str, points_ras: Float64Array) -> None:
    for axis, values in zip(_AXES, points_ras.T, strict=True):
        add_number_column(table, f"{name}{axis}", values, "mm")


def detector_centres_ras(geometry: SweepGeometry, sid_mm: float) -> Float64Array:
    """Return the middle of the panel of each frame: (N, 3) in RAS mm, at depth `sid_mm` from the source."""
    pixel = np.array([(geometry.columns - 1) / 2, (geometry.rows - 1) / 2, 1.0]) * sid_mm
    offsets = pixel - geometry.ras_to_pixel[:, :, 3]
    centres = np.linalg.solve(geometry.ras_to_pixel[:, :, :3], offsets[:, :, None])[:, :, 0]
    return np.asarray(centres, np.float64)


def is_sweep_node(node: Node) -> bool:
    """Say whether a node is a stack of frames with a geometry table."""
    return bool(
        node is not None and node.IsA("vtkMRMLScalarVolumeNode") and node.GetNodeReference(GEOMETRY_ROLE)
    )


def sweep_from_nodes(volume_node: Node) -> Sweep:
    """Return the sweep that `add_sweep` put there; edits of frames and table count.

    Raises
    ------
    FluoroPrintError
        The node has no geometry table, or the table does not fit.
    """
    if not is_sweep_node(volume_node):
        name = volume_node.GetName() if volume_node else "Nothing"
        raise FluoroPrintError(
            f"{name!r} has no geometry table: import the sweep again, or choose the frames of a sweep."
        )
    frames = image_array(volume_node.GetImageData(), volume_node.GetName()).astype(np.float32, copy=False)
    facts = _facts(volume_node)
    geometry = sweep_geometry_from_node(volume_node.GetNodeReference(GEOMETRY_ROLE))
    return Sweep(frames, float(facts["i0"]), geometry, facts["provenance"], tuple(facts["warnings"]))


def sweep_geometry_from_node(table_node: Node) -> SweepGeometry:
    """Return the geometry of a table made by `add_sweep_geometry`.

    Raises
    ------
    FluoroPrintError
        A column is missing, or holds what is no number.
    """
    facts = _facts(table_node)
    matrices = np.stack([column_numbers(table_node, column) for column in _MATRIX_COLUMNS], -1).reshape(
        -1, 3, 4
    )
    return SweepGeometry(
        ras_to_pixel=matrices,
        rows=facts["rows"],
        columns=facts["columns"],
        primary_deg=_angles(table_node, "Primary"),
        secondary_deg=_angles(table_node, "Secondary"),
        sid_mm=facts["sid_mm"],
        sod_mm=facts["sod_mm"],
        pixel_mm=tuple(facts["pixel_mm"]) if facts["pixel_mm"] else None,
    )


def _angles(table_node: Node, column: str) -> AnyArray | None:
    return (
        None if table_node.GetTable().GetColumnByName(column) is None else column_numbers(table_node, column)
    )


def _facts(node: Node) -> dict[str, Any]:
    text = node.GetAttribute(FACTS)
    if not text:
        raise FluoroPrintError(f"{node.GetName()!r} was not made by FluoroPrint: import the sweep again.")
    facts: dict[str, Any] = json.loads(text)
    return facts
