"""What follows a drag in the scene while it lasts: drawing and figures of the object under the hand."""

from __future__ import annotations

from dataclasses import replace

from ..planning.edits import Hand
from ..planning.kind import POSE
from ..planning.kinds import kind_of
from ..planning.live import Live, Seen
from ..planning.plan import Plan, Planned
from .nodes import Node
from .plan_handles import dragged
from .plan_objects import draw, drawings_of, handles_of, recolour


def follow_drag(plan: Plan, name: str, handle: Node, drawing: Node, live: Live) -> Seen:
    """Show an object where its handles are at this moment; the plan is not changed.

    Parameters
    ----------
    plan : as it was before the drag
    name : id of the object
    handle, drawing : its nodes
    live : what it is measured in

    Raises
    ------
    FluoroPrintError
        The object is locked, was scaled, or stands under a transform that bends space.
    """
    seen = live.seen(_under_the_hand(plan, name, handle, live))
    if kind_of(seen.planned).handles == POSE:
        recolour(seen.planned, drawing)
    else:
        draw(seen.planned, drawing, handle, seen.body.surface if seen.body is not None else None)
    return seen


def _under_the_hand(plan: Plan, name: str, handle: Node, live: Live) -> Planned:
    """Return an object as it is dragged: of any length, for the catalogue is asked when it rests."""
    loose = Hand(replace(live.around, bone=None, density=None, catalogue={}))
    return dragged(plan, plan.named(name), handle, loose).named(name)


def dragged_objects(node: Node, plan: Plan, hand: Hand) -> tuple[str, ...]:
    """Return the ids of the objects of a plan that do not lie where their handles are."""
    handles = handles_of(node)
    loose = Hand(replace(hand.around, bone=None, density=None, catalogue={}))
    return tuple(
        planned.id
        for planned in plan.objects
        if planned.id in handles and dragged(plan, planned, handles[planned.id], loose) is not plan
    )


def nodes_of(node: Node, name: str) -> tuple[Node, Node]:
    """Return handles and drawing of an object of a plan, None where the scene lacks one."""
    return handles_of(node).get(name), drawings_of(node).get(name)
