"""What plans objects for the panel: read in the window's thread, computed in another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..mrml.nodes import Node
from ..mrml.plan_bones import reading_bone
from ..mrml.plan_requests import Given, planner_parameters, reading_request
from ..mrml.volumes import volume_from_node
from ..parameters import Parameters
from ..planning.edits import free_id
from ..planning.field import BoneField
from ..planning.kind import Density
from ..planning.live import bone_to_plan_in, density_about
from ..planning.pedicle_screws import PedicleScrewParameters
from ..planning.plan import USER, Decision, Plan, Planned, settled, with_decision, with_planned
from ..planning.planner import Planner
from ..planning.quality import QualityParameters
from ..progress import Progress, part_of

PLANNED_AT = "planned at "


@dataclass(frozen=True)
class Found:
    """What a planner found: objects, and the bone that they were planned in."""

    plan: Plan
    bone: BoneField
    density: Density | None


@dataclass(frozen=True)
class Planning:
    """A planner that knows what it shall plan.

    Attributes
    ----------
    compute : plans without the scene
    region : of the spine that it plans in, as `bone_to_plan_in` takes it; empty for other bones
    origin : names of the objects and markups that it plans at, empty for none; see `with_planned_anew`
    """

    compute: Callable[[Progress], Found]
    region: str = ""
    origin: str = ""


def planning_by(
    planner: Planner, given: Given, region: str = "", known: tuple[BoneField, Density | None] | None = None
) -> Planning:
    """Return what plans by a planner with what the scene gives.

    Parameters
    ----------
    planner : one of `planners`
    given : nodes and choices
    region : of the spine, where the bone is one and the planner does not say so itself
    known : what was measured of the bone already

    Raises
    ------
    FluoroPrintError
        A place is lacking, the bone is empty, or a parameter out of bounds.
    """
    request = reading_request(planner, given)
    region = region_of(planner_parameters(given.bone.GetScene(), planner)) or region
    measure = measuring(given.bone, given.volume, region)

    def compute(progress: Progress) -> Found:
        plan = planner.plan(request(part_of(progress, 0.0, 0.1)), part_of(progress, 0.1, 0.7))
        field, density = known or measure(part_of(progress, 0.7, 1.0))
        return Found(plan, field, density)

    return Planning(compute, region, _origin(planner, given))


def _origin(planner: Planner, given: Given) -> str:
    """Return the names of the objects and of the markups that are planned at; empty for none."""
    names = [planned.label for planned in planner.among(given.objects)]
    if planner.places and given.places is not None:
        names.append(str(given.places.GetName()))
    return ", ".join(names)


def region_of(chosen: Mapping[type[Parameters], Parameters]) -> str:
    """Return the region of the spine that parameters of a planner speak of, empty where of none."""
    screws = chosen.get(PedicleScrewParameters)
    return screws.region if isinstance(screws, PedicleScrewParameters) else ""


def measuring(bone: Node, volume: Node, region: str) -> Callable[[Progress], Any]:
    """Return what measures a bone, and the scale of its volume, without the scene: (field, density)."""
    read = reading_bone(bone)
    grey = volume_from_node(volume) if volume is not None else None

    def compute(progress: Progress) -> Any:
        field = bone_to_plan_in(read(progress), region, part_of(progress, 0.2, 1.0), grey)
        return field, _density(grey, field)

    return compute


def _density(volume: Any, field: BoneField) -> Density | None:
    return density_about(volume, field, QualityParameters()) if volume is not None else None


def with_planned_anew(plan: Plan, found: Plan, origin: str = "") -> Plan:
    """Return a plan with planned objects in place of those planned before; locked ones stay.

    An object was planned before where it has the same id, and was planned at the same markups: at other
    markups there is another one.
    """
    for planned in found.objects:
        earlier = _earlier(plan, planned, origin)
        named = replace(planned, id=earlier.id if earlier is not None else free_id(plan, planned.id))
        if origin:
            named = with_decision(named, Decision(f"{PLANNED_AT}{origin}", USER))
        if earlier is None or not earlier.locked:
            plan = with_planned(plan, settled(named))
    return replace(plan, notes=tuple(dict.fromkeys((*plan.notes, *found.notes))))


def _earlier(plan: Plan, planned: Planned, origin: str) -> Planned | None:
    """Return what was planned before in place of an object, None where nothing was."""
    for known in plan.objects:
        base, _, number = known.id.rpartition("-")
        is_named = known.id == planned.id or (base == planned.id and number.isdigit())
        if is_named and _origin_of(known) in ("", origin) and known.kind == planned.kind:
            return known
    return None


def _origin_of(planned: Planned) -> str:
    """Return the name of the markups that an object was planned at, empty where none is told."""
    told = [decision.what for decision in planned.decisions if decision.what.startswith(PLANNED_AT)]
    return told[-1].removeprefix(PLANNED_AT) if told else ""
