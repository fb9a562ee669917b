"""What a planner is given, read from the scene: bone, places, parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..files.landmarks import slug_of
from ..parameters import Parameters
from ..planning.implant_placing import Spot
from ..planning.kinds import kinds
from ..planning.plan import Place, Places, Planned
from ..planning.planner import PlaceAsked, Planner, PlanRequest, only_list, refuse_lacking
from ..planning.planners import planners
from ..planning.screw_objects import SCREW
from ..progress import Progress
from .case_parameters import SCREWS, plan_name, stored_parameters
from .nodes import Node, Scene
from .plan_bones import reading_bone, reading_segmentation, reading_surface
from .points import labels_from_node, points_from_node
from .shape_places import LINE, PLANE, POINTS
from .volumes import volume_from_node


@dataclass(frozen=True)
class Given:
    """What a planner is given beside its parameters.

    Attributes
    ----------
    bone : vtkMRMLSegmentationNode or vtkMRMLModelNode
    volume : vtkMRMLScalarVolumeNode that was segmented, or None
    other : a further bone as `bone` is, or None
    places : vtkMRMLMarkupsNode, see `named_places`, or None
    families : of the catalogue, by their kinds
    side : "left", "right" or empty
    objects : of the plan, chosen in the table
    """

    bone: Node
    volume: Node = None
    other: Node = None
    places: Node = None
    families: Mapping[str, Any] = field(default_factory=dict)
    side: str = ""
    objects: tuple[Planned, ...] = ()


def named_places(node: Node, asked: Sequence[PlaceAsked]) -> dict[str, Places]:
    """Return the places that markups tell, by name, RAS mm of the world.

    The label of a point is the name of its place, in any spelling that `slug_of` makes one; several points of
    one label are a list. The ends of a line without such labels are the first two places asked for. Where one
    list is asked for and nothing else must be, all points are its, in their order, but for those with the
    name of another place.

    Parameters
    ----------
    node : vtkMRMLMarkupsNode under any transform; None has no places
    asked : the places that are looked for
    """
    points = [_place(point) for point in points_from_node(node)]
    labels, known = [slug_of(label) for label in labels_from_node(node)], [each.name for each in asked]
    one = only_list(asked)
    if one is not None:
        labels = [label if label in known else one.name for label in labels]
    elif node is not None and node.IsA(LINE) and not set(labels) & set(known):
        return {name: (point,) for name, point in zip(known, points, strict=False)}
    return {
        name: tuple(point for label, point in zip(labels, points, strict=True) if label == name)
        for name in known
        if name in labels
    }


def _place(point: Any) -> Place:
    x, y, z = (float(part) for part in point)
    return x, y, z


def offer_places(node: Node, asked: Sequence[PlaceAsked]) -> None:
    """Give a list a point yet to be placed for each place that it lacks: the next clicks place them.

    Parameters
    ----------
    node : vtkMRMLMarkupsFiducialNode; other markups are left alone
    asked : in the order in which they shall be placed
    """
    if not node.IsA(POINTS):
        return
    count = node.GetNumberOfControlPoints()
    there = {slug_of(node.GetNthControlPointLabel(number)) for number in range(count)}
    for each in asked:
        if each.name not in there:
            node.UnsetNthControlPointPosition(node.AddControlPoint((0.0, 0.0, 0.0), each.name))


def planner_parameters(scene: Scene, planner: Planner) -> dict[type[Parameters], Parameters]:
    """Return the parameters of a planner as the scene keeps them.

    Raises
    ------
    FluoroPrintError
        A text is no value of its field, or out of bounds.
    """
    groups = planner.parameters.items()
    return {kind: stored_parameters(scene, plan_name(planner.word, group)) for group, kind in groups}


def parameters_of_kinds(scene: Scene) -> dict[str, Parameters]:
    """Return what the scene asks of planned objects, by their kinds: the groups called as a kind.

    Raises
    ------
    FluoroPrintError
        A text is no value of its field, or out of bounds.
    """
    known = {
        group: plan_name(planner.word, group)
        for planner in planners().values()
        for group in planner.parameters
        if group in kinds()
    }
    return {kind: stored_parameters(scene, name) for kind, name in {**known, SCREW: SCREWS}.items()}


def reading_request(planner: Planner, given: Given) -> Callable[[Progress], PlanRequest]:
    """Read from the scene what a planner is given; return what completes it without the scene, in a thread.

    Raises
    ------
    FluoroPrintError
        A place is lacking, the bone is empty, or a parameter out of bounds.
    """
    places = named_places(given.places, planner.places)
    objects = planner.among(given.objects)
    refuse_lacking(planner, places, objects)
    chosen = planner_parameters(given.bone.GetScene(), planner)
    case, read = str(given.bone.GetName()), reading_segmentation(given.bone)
    surface = reading_surface(given.bone)
    other = reading_bone(given.other) if planner.takes_others and given.other is not None else None
    volume = volume_from_node(given.volume) if planner.takes_volume and given.volume is not None else None
    side = given.side if planner.takes_side else ""

    def request(progress: Progress) -> PlanRequest:
        others = (other(progress),) if other is not None else ()
        bone = read(progress)
        found = PlanRequest(case, bone, surface, others, volume, places, given.families, side, chosen)
        return replace(found, objects=objects)

    return request


def spot_of(node: Node) -> Spot:
    """Return where markups point: a plane with its normal, the first two points of all else.

    Parameters
    ----------
    node : vtkMRMLMarkupsNode under any transform; None points nowhere
    """
    if node is None:
        return Spot(())
    words = str(node.GetName())
    if node.IsA(PLANE):
        if not node.GetIsPlaneValid():
            return Spot((), words=words)
        return Spot((_place(node.GetOriginWorld()),), _place(node.GetNormalWorld()), words)
    return Spot(tuple(_place(point) for point in points_from_node(node)[:2]), words=words)
