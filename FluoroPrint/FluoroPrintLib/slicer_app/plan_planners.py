"""What plans objects for the panel: read in the window's thread, computed in another.

A planner of other objects is another function that returns a `Planner`; `PlanSection.plan_by` runs it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..arrays import Float64Array
from ..catalog.screws import screw_families, screw_family
from ..errors import FluoroPrintError
from ..mrml.case_parameters import SCREWS, stored_parameters
from ..mrml.nodes import Node
from ..mrml.plan_bones import reading_bone
from ..mrml.points import points_from_node
from ..mrml.segmentations import segmentation_from_node
from ..mrml.volumes import volume_from_node
from ..planning.field import BoneField
from ..planning.kind import Density, Surroundings
from ..planning.kinds import kind_of
from ..planning.live import bone_to_plan_in, density_about
from ..planning.pedicle_screws import PedicleScrewParameters
from ..planning.plan import USER, Decision, Figure, Place, Plan, Planned, settled, with_planned
from ..planning.quality import QualityParameters
from ..planning.screw_objects import DIAMETER, ENTRY, SCREW, TIP, spine_plan
from ..planning.spine import plan_pedicle_screws
from ..progress import Progress, part_of

FIRST_DIAMETER_MM = 5.0


@dataclass(frozen=True)
class Found:
    """What a planner found: objects, and the bone that they were planned in."""

    plan: Plan
    bone: BoneField
    density: Density | None


@dataclass(frozen=True)
class Planner:
    """Plans objects.

    Attributes
    ----------
    compute : plans without the scene
    region : of the spine that it plans in, as `bone_to_plan_in` takes it; empty for other bones
    """

    compute: Callable[[Progress], Found]
    region: str = ""


def pedicle_planner(bone: Node, volume: Node) -> Planner:
    """Return what plans a screw for each pedicle of a segmented spine.

    Parameters
    ----------
    bone : vtkMRMLSegmentationNode
    volume : vtkMRMLScalarVolumeNode for bone density, or None

    Raises
    ------
    FluoroPrintError
        The segmentation is empty, or a parameter out of bounds.
    """
    segmentation, title = segmentation_from_node(bone), str(bone.GetName())
    chosen = stored_parameters(bone.GetScene(), SCREWS)
    assert isinstance(chosen, PedicleScrewParameters), "what is kept under the name"
    grey = volume_from_node(volume) if volume is not None else None
    names = {segment.label: segment.name for segment in segmentation.segments}

    def compute(progress: Progress) -> Found:
        family, part = screw_family("pedicle"), part_of(progress, 0.0, 0.7)
        found = plan_pedicle_screws(segmentation.labelmap, family, chosen, names, part)
        plan = spine_plan(title, found, chosen, grey)
        field = bone_to_plan_in(segmentation.labelmap, chosen.region, part_of(progress, 0.7, 1.0))
        return Found(plan, field, _density(grey, field))

    return Planner(compute, chosen.region)


def measuring(bone: Node, volume: Node, region: str) -> Callable[[Progress], Any]:
    """Return what measures a bone, and the scale of its volume, without the scene: (field, density)."""
    read = reading_bone(bone)
    grey = volume_from_node(volume) if volume is not None else None

    def compute(progress: Progress) -> Any:
        field = bone_to_plan_in(read(progress), region, part_of(progress, 0.2, 1.0))
        return field, _density(grey, field)

    return compute


def _density(volume: Any, field: BoneField) -> Density | None:
    return density_about(volume, field, QualityParameters()) if volume is not None else None


def screw_on_line(line: Node, around: Surroundings) -> Planned:
    """Return a screw from the first point of a markups line to its second, of the nearest length.

    Parameters
    ----------
    line : vtkMRMLMarkupsLineNode, under any transform
    around : with the catalogue of screws

    Raises
    ------
    FluoroPrintError
        The line lacks a point, or both are one place.
    """
    points = points_from_node(line)
    if len(points) < 2 or np.linalg.norm(points[1] - points[0]) < 1.0:
        raise FluoroPrintError(f"{line.GetName()!r} needs an entry and a tip apart from it: place both.")
    places = {ENTRY: (_place(points[0]),), TIP: (_place(points[1]),)}
    figures = {DIAMETER: Figure(FIRST_DIAMETER_MM, "mm")}
    decision = Decision(f"placed on {line.GetName()}", USER, note="diameter to be chosen")
    planned = Planned("screw-1", "Screw", SCREW, "", places, {}, figures, (decision,))
    reshaped = kind_of(planned).reshaped
    assert reshaped is not None, "a screw has ends"
    return reshaped(planned, places, replace(around, catalogue={SCREW: screw_families()}))


def _place(point: Float64Array) -> Place:
    x, y, z = (float(part) for part in point)
    return x, y, z


def with_planned_anew(plan: Plan, found: Plan) -> Plan:
    """Return a plan with planned objects in place of those of their ids; locked ones stay."""
    kept = {planned.id for planned in plan.objects if planned.locked}
    for planned in found.objects:
        if planned.id not in kept:
            plan = with_planned(plan, settled(planned))
    return replace(plan, notes=tuple(dict.fromkeys((*plan.notes, *found.notes))))
