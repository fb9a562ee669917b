"""The plan in work: what it is measured in, its states, its edits, and drags followed; no widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..mrml.nodes import Node
from ..mrml.plan_bones import stamp_of_bone
from ..mrml.plan_live import dragged_objects, follow_drag, nodes_of
from ..mrml.plan_objects import keep_and_show, show_plan, take_up_drags
from ..mrml.plan_requests import parameters_of_kinds
from ..mrml.plan_store import history_of
from ..planning.edits import Hand
from ..planning.field import BoneField
from ..planning.history import History
from ..planning.kind import Density, Surroundings
from ..planning.kinds import kind_of
from ..planning.live import Live, Seen
from ..planning.plan import Plan, Planned, settled, with_planned
from .plan_catalogue import PlanCatalogue

Edit = Callable[[Plan, Hand], Plan]


class Desk:
    """The chosen plan with what was measured of the bone, as long as the bone stays as it is.

    Attributes
    ----------
    node : vtkMRMLTextNode of the plan, None where none is chosen
    region : of the spine whose marrow counts as bone; empty for other bones
    catalogue : that objects are sized from
    """

    def __init__(self) -> None:
        self.catalogue = PlanCatalogue()
        self.catalogue.take("")
        self.node: Node = None
        self.region = ""
        self._history: tuple[Any, History] | None = None
        self._bone: tuple[Any, BoneField, Density | None] | None = None
        self._live: tuple[Any, Live] | None = None

    def take(self, node: Node) -> None:
        """Work on another plan, or on none."""
        if node is not self.node:
            self.node, self._history, self._live = node, None, None

    @property
    def history(self) -> History:
        """The plan with its states, as the scene holds them; an empty one where no plan is chosen."""
        if self.node is None:
            return History(Plan())
        stamp = self.node.GetMTime()
        if self._history is None or self._history[0] != stamp:
            self._history = stamp, history_of(self.node)
        return self._history[1]

    @property
    def plan(self) -> Plan:
        """The plan as it is."""
        return self.history.present

    def object(self, name: str) -> Planned | None:
        """Return an object of the plan by its id, None where there is none."""
        return next((each for each in self.plan.objects if each.id == name), None)

    def keep_bone(self, stamp: Any, bone: BoneField, density: Density | None) -> None:
        """Keep what was measured of the bone with this stamp."""
        self._bone, self._live = (stamp, bone, density), None

    def knows(self, bone_node: Node) -> bool:
        """Say whether a bone was measured as it is now."""
        return self._bone is not None and self._bone[0] == stamp_of_bone(bone_node, self.region)

    def measured(self, bone_node: Node) -> tuple[BoneField, Density | None] | None:
        """Return what was measured of a bone as it is now, None where it was not."""
        return self._bone[1:] if self._bone is not None and self.knows(bone_node) else None

    def hand(self, bone_node: Node) -> Hand:
        """Return who edits now, in a bone where that was measured."""
        return Hand(self.around(bone_node), datetime.now().astimezone().isoformat(timespec="seconds"))

    def around(self, bone_node: Node) -> Surroundings:
        """Return what objects are measured in and chosen from."""
        bone, density = self.measured(bone_node) or (None, None)
        scene = self.node.GetScene() if self.node is not None else None
        parameters = parameters_of_kinds(scene) if scene is not None else {}
        return Surroundings(bone, density, parameters, self.catalogue.by_kind)

    def midplane(self) -> tuple[Float64Array, Float64Array]:
        """Return point and normal of the plane through the middle of the measured bone, left to right.

        Raises
        ------
        FluoroPrintError
            No bone was measured.
        """
        if self._bone is None:
            raise FluoroPrintError("Choose a plane to mirror across, or measure in the bone first.")
        depth = self._bone[1].depth_mm
        inside = np.flatnonzero((depth.array_kji > 0).any(axis=(0, 1)))
        middle = depth.ijk_to_ras[:3, 0] * (inside[0] + inside[-1]) / 2 + depth.ijk_to_ras[:3, 3]
        return middle, np.array([1.0, 0.0, 0.0])

    def edit(self, edit: Edit, bone_node: Node) -> None:
        """Edit the plan; drags that were not taken up yet count as an edit before it."""
        self.rest(bone_node)
        history = self.history
        self._keep(history.done(edit(history.present, self.hand(bone_node))))

    def _keep(self, history: History) -> None:
        """Keep and show a plan; what was just written need not be read again."""
        keep_and_show(self.node, history)
        self._history = self.node.GetMTime(), history

    def undo(self, bone_node: Node) -> None:
        """Go one state back: before the drag that was not taken up yet, where there is one."""
        self.rest(bone_node)
        self._keep(self.history.undone())

    def redo(self) -> None:
        """Go one state forward."""
        self._keep(self.history.redone())

    def show(self) -> None:
        """Draw the plan anew: by the shapes that are at hand now."""
        if self.node is not None:
            show_plan(self.node, self.plan)

    def measure_all(self, bone_node: Node) -> None:
        """Measure all objects anew where they lie; that is no edit of the user's, but can be undone."""
        around, plan = self.around(bone_node), self.plan
        for planned in plan.objects:
            if not planned.locked:
                plan = with_planned(plan, kind_of(planned).refreshed(planned, around))
        self._keep(self.history.done(_settled(plan)))

    def follow(self, name: str, bone_node: Node) -> Seen | None:
        """Show an object that is being dragged where its handles are; None where it has none."""
        handle, drawing = nodes_of(self.node, name)
        if handle is None or drawing is None:
            return None
        return follow_drag(self.plan, name, handle, drawing, self._live_in(bone_node))

    def seen(self, name: str, bone_node: Node) -> Seen:
        """Return an object among the others, as the plan has it."""
        return self._live_in(bone_node).seen(self.plan.named(name))

    def _live_in(self, bone_node: Node) -> Live:
        stamp = self.plan, stamp_of_bone(bone_node, self.region), self.knows(bone_node)
        if self._live is None:
            self._live = stamp, Live(self.around(bone_node), self.plan.objects)
        elif self._live[0] != stamp:
            live = self._live[1]
            live.around = self.around(bone_node)
            live.take(self.plan.objects)
            self._live = stamp, live
        return self._live[1]

    def rest(self, bone_node: Node) -> tuple[str, ...]:
        """Keep what was dragged as a state of the plan; return the ids of what it was.

        Raises
        ------
        FluoroPrintError
            A locked object was dragged, or one was scaled: all go back to where the plan has them.
        """
        hand = self.hand(bone_node)
        try:
            names = dragged_objects(self.node, self.plan, hand)
        except FluoroPrintError:
            self._keep(self.history)
            raise
        if names:
            history = take_up_drags(self.node, hand, self.history)
            self._history = self.node.GetMTime(), history
        return names


def _settled(plan: Plan) -> Plan:
    return replace(plan, objects=tuple(map(settled, plan.objects)))
