"""What a guide is checked by: its gap to the bone, and that it comes off without touching it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..mesh.distance import signed_distances_mm
from ..mesh.polydata import points_of, triangle_areas_mm2, triangles_of
from ..shape.solids import Solid
from .guide_envelope import Envelope

ON_FACE_MM = 0.03
"""A face of the guide whose middle and corners lie so near the envelope is part of the face on the bone."""
STEPS_MM = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
MOST_STEPS = 40


@dataclass(frozen=True)
class GuideFit:
    """How a guide lies on the bone and comes off; distances are measured to the bone's own faces.

    Attributes
    ----------
    contact_mm2 : area of the faces in contact, edges and bridged places aside
    contact_share : their share of all faces on the bone
    gap_mm : median of the gap there
    gap_error_p95_mm, gap_error_mm : 95 % of the faces, and all, are no further from the gap asked for
    least_gap_mm : the least distance of any point of the guide to the bone; below 0 it would cut into it
    penetration_mm : how deep the guide comes into the bone at the worst place of its way off; 0: never
    overlap_mm3 : the largest volume that it has in common with the bone on its way off
    """

    contact_mm2: float
    contact_share: float
    gap_mm: float
    gap_error_p95_mm: float
    gap_error_mm: float
    least_gap_mm: float
    penetration_mm: float
    overlap_mm3: float


def measured_fit(
    guide: vtkPolyData, solid: Solid, bone: vtkPolyData, bone_solid: Solid, envelope: Envelope, gap_mm: float
) -> GuideFit:
    """Measure a guide against the bone, both in the guide's frame.

    The gap is taken at the middle and the corners of each face on the bone; the way off by moving the guide
    along z in steps, until it is clear.
    """
    points, triangles = points_of(guide), triangles_of(guide)
    distance = signed_distances_mm(points, bone)
    on_face = np.abs(points[:, 2] - envelope.at(points[:, :2])) < ON_FACE_MM
    faces = triangles[on_face[triangles].all(axis=1)]
    middles = points[faces].mean(axis=1)
    area = triangle_areas_mm2(points, faces)
    contact = envelope.is_contact(points[:, :2])[faces].all(axis=1) & envelope.is_contact(middles[:, :2])
    at_middles = signed_distances_mm(middles[contact], bone)
    gaps = np.concatenate([at_middles, distance[np.unique(faces[contact])]])
    if len(gaps) == 0:
        gaps = np.array([np.nan])
    error = np.abs(gaps - gap_mm)
    least = min(float(distance.min()), float(at_middles.min(initial=np.inf)))
    penetration, overlap = _way_off(points, bone, solid, bone_solid, least)
    return GuideFit(
        float(area[contact].sum()),
        float(area[contact].sum() / max(area.sum(), 1e-9)),
        float(np.median(gaps)),
        float(np.percentile(error, 95)),
        float(error.max()),
        least,
        penetration,
        overlap,
    )


def _way_off(
    points: Float64Array, bone: vtkPolyData, solid: Solid, bone_solid: Solid, least_mm: float
) -> tuple[float, float]:
    """Return how deep, and with what volume, a guide comes into the bone while it is moved along z."""
    top = float(points_of(bone)[:, 2].max())
    deepest, largest = max(0.0, -least_mm), 0.0
    for step in steps_off(top - float(points[:, 2].min())):
        common = float((solid.translate((0, 0, step)) ^ bone_solid).volume())
        largest = max(largest, common)
        moved = points + (0.0, 0.0, step)
        near = moved[moved[:, 2] < top]
        if common > 0 and len(near):
            deepest = max(deepest, -float(signed_distances_mm(near, bone).min()))
    return deepest, largest


def steps_off(until_mm: float) -> list[float]:
    """Return how far a guide is moved, step by step, until it is clear: fine at first."""
    coarse = max(8.0, until_mm / MOST_STEPS)
    later = np.arange(STEPS_MM[-1] + coarse, until_mm + coarse, coarse)
    return [step for step in (*STEPS_MM, *later.tolist()) if step <= until_mm + coarse]
