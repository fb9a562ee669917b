"""A label engraved into a curved surface or raised from it, never mirrored.

The letters' plane lies across the surface's mean normal at the place; each point of the letters is carried
along that normal onto the surface, and the depth is measured across the surface as it lies there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array, IntArray
from ..errors import FluoroPrintError
from ..parameters import Bounds, Choices, Help, Parameters, Unit
from ..progress import Progress, silent
from .probing import CLEAR_MM, Probe
from .shaped import Shaped, whole
from .solids import (
    Outline,
    Solid,
    frame_along,
    placed,
    refuse_untouched,
    solid_from,
    solid_of,
    surface_of,
    unit,
)
from .strokes import text_outline

STEEPEST_DEG = 60.0
LONGEST_EDGE_MM = 0.5
LEAST_FLOOR_MM = 0.4
"""Material that must stay behind engraved letters."""
SPARE_MM = 0.4
"""How far the cutter of engraved letters stands out, and raised letters reach in."""


@dataclass(frozen=True)
class LabelParameters(Parameters):
    """What a label says and where it stands. Nothing of the patient is on it unless it is typed here."""

    case_number: Annotated[str, Help("Number of the case.")] = ""
    side: Annotated[str, Choices(("", "L", "R")), Help("Side of the patient that the model shows.")] = ""
    scale: Annotated[str, Help('Scale, such as "1:1".')] = ""
    date: Annotated[str, Help("Date, as it is to stand there.")] = ""
    text: Annotated[str, Help("Other words.")] = ""
    at_ras_mm: Annotated[
        tuple[float, float, float],
        Unit("mm"),
        Help("Where the middle of the label is, on the surface or near it."),
    ] = (0.0, 0.0, 0.0)
    up: Annotated[
        tuple[float, float, float],
        Help("Which way the letters' tops point, as far as the surface lets them."),
    ] = (0.0, 0.0, 1.0)
    height_mm: Annotated[float, Bounds(1.5, 100.0), Unit("mm"), Help("Height of the letters.")] = 5.0
    stroke_mm: Annotated[
        float, Bounds(0.0, 10.0), Unit("mm"), Help("Width of the strokes; 0: a seventh of the height.")
    ] = 0.0
    depth_mm: Annotated[
        float, Bounds(0.1, 10.0), Unit("mm"), Help("How deep letters go, or how far they stand out.")
    ] = 0.6
    way: Annotated[
        str, Choices(("engraved", "raised")), Help("Letters that go into the surface, or stand out of it.")
    ] = "engraved"


def label_text(parameters: LabelParameters) -> str:
    """Return what the label says: case number, side, scale, date and other words, where they are given."""
    chosen = (parameters.case_number, parameters.side, parameters.scale, parameters.date, parameters.text)
    return " ".join(" ".join(word.split()) for word in chosen if word.strip()).upper()


def label(surface: vtkPolyData, parameters: LabelParameters, progress: Progress = silent) -> Shaped:
    """Engrave a label, or raise it.

    Raises
    ------
    FluoroPrintError
        There is no room for it: the surface ends, is too steep or too thin; or the text cannot be drawn.
    """
    text = label_text(parameters)
    outline = text_outline(text, parameters.height_mm, parameters.stroke_mm or parameters.height_mm / 7)
    model = solid_of(surface)
    probe = Probe(surface)
    origin, axes = label_frame(probe, outline, parameters)
    progress(0.2, "Bending the letters onto the surface")
    letters = placed(_bent(probe, outline, (origin, axes), parameters), origin, axes)
    progress(0.6, "Joining the letters with the model")
    made = model + letters if parameters.way == "raised" else model - letters
    refuse_untouched(model, made, "label")
    changed = abs(made.volume() - model.volume())
    note = f'"{text}" {parameters.way}, {changed:.3g} mm3.'
    return whole("labelled", surface_of(made), note)


def label_frame(
    probe: Probe, outline: Outline, parameters: LabelParameters
) -> tuple[Float64Array, Float64Array]:
    """Return the middle of the label on the surface and its axes as rows: reading direction, up, outward."""
    place, _ = probe.nearest(np.array(parameters.at_ras_mm))
    outward = probe.mean_normal(place, _radius_mm(outline))
    # Right-handed axes: with the eye outside, x runs to the right, so that letters are never mirrored.
    return place, frame_along(outward, unit(parameters.up, "direction up"))


def _radius_mm(outline: Outline) -> float:
    low, high = np.reshape(outline.bounds(), (2, 2))
    return float(np.linalg.norm(high - low)) / 2


def _bent(
    probe: Probe, outline: Outline, frame: tuple[Float64Array, Float64Array], parameters: LabelParameters
) -> Solid:
    """Return the letters as a solid in the label's frame, bent onto the surface."""
    flat = outline.extrude(1.0).refine_to_length(LONGEST_EDGE_MM)
    mesh = flat.to_mesh()
    points = np.asarray(mesh.vert_properties[:, :3], np.float64)
    places, back = np.unique(points[:, :2], axis=0, return_inverse=True)
    ground = _ground(probe, places, frame, _radius_mm(outline) + parameters.height_mm)
    _refuse_unfit(ground, parameters)
    _refuse_steps(points, ground.height_mm[back.ravel()], np.asarray(mesh.tri_verts))
    low, high = _levels(ground, parameters)
    top = points[:, 2]
    bent = np.column_stack([points[:, :2], low[back.ravel()] * (1 - top) + high[back.ravel()] * top])
    return solid_from(bent, np.asarray(mesh.tri_verts))


@dataclass(frozen=True)
class _Ground:
    """The surface under places of the label: its height in the frame, its slope's cosine, how thick it is."""

    height_mm: Float64Array
    cosine: Float64Array
    thickness_mm: Float64Array


def _ground(
    probe: Probe, places: Float64Array, frame: tuple[Float64Array, Float64Array], start_mm: float
) -> _Ground:
    origin, axes = frame
    starts = origin + places @ axes[:2] + start_mm * axes[2]
    hits = probe.first_hits(starts, -axes[2], 2 * start_mm)
    met = np.where(np.isfinite(hits.along_mm), hits.along_mm, 0.0)
    behind = starts - (met + CLEAR_MM)[:, None] * axes[2]
    # The far side need not be near: where there is none within this length, it is thick enough.
    through = probe.first_hits(behind, -axes[2], 2 * start_mm).along_mm
    return _Ground(start_mm - hits.along_mm, hits.normals @ axes[2], through)


def _refuse_unfit(ground: _Ground, parameters: LabelParameters) -> None:
    if not np.isfinite(ground.height_mm).all():
        raise FluoroPrintError(
            "The label reaches beyond the surface: choose smaller letters, fewer of them, or another place."
        )
    if (ground.cosine < np.cos(np.radians(STEEPEST_DEG))).any():
        raise _too_steep()
    thinnest = float((ground.thickness_mm * ground.cosine).min())
    if parameters.way == "engraved" and thinnest < parameters.depth_mm + LEAST_FLOOR_MM:
        raise FluoroPrintError(
            f"The wall under the label is {thinnest:.2f} mm thick, too thin for letters of "
            f"{parameters.depth_mm:g} mm depth: choose a smaller depth, raised letters, or another place."
        )


def _too_steep() -> FluoroPrintError:
    return FluoroPrintError(
        "The surface bends away too far under the label: "
        "choose smaller letters, fewer of them, or another place."
    )


def _refuse_steps(points: Float64Array, heights: Float64Array, triangles: IntArray) -> None:
    """Refuse a label across a step, where neighbouring points lie on different parts of the surface."""
    for one, two in ((0, 1), (1, 2), (2, 0)):
        pair = points[triangles[:, one], :2] - points[triangles[:, two], :2]
        rise = np.abs(heights[triangles[:, one]] - heights[triangles[:, two]])
        steepest = np.tan(np.radians(STEEPEST_DEG)) * np.linalg.norm(pair, axis=1)
        if (rise > 1.5 * steepest + 0.1).any():
            raise _too_steep()


def _levels(ground: _Ground, parameters: LabelParameters) -> tuple[Float64Array, Float64Array]:
    """Return from where to where the letters reach, in the frame; measured across the surface."""
    across = 1 / ground.cosine
    if parameters.way == "engraved":
        return ground.height_mm - parameters.depth_mm * across, ground.height_mm + SPARE_MM * across
    into = np.minimum(SPARE_MM * across, ground.thickness_mm / 2)
    return ground.height_mm - into, ground.height_mm + parameters.depth_mm * across
