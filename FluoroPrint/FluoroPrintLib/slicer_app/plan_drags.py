"""Drags of a plan's handles, followed: what is under the hand, and when it rests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import slicer
from slicer.util import VTKObservationMixin

from ..mrml.nodes import Node
from ..mrml.plan_objects import OBJECT, handles_of
from .scene_follower import one_shot

FOLLOW_MS = 15
"""Events that come sooner are taken together."""
REST_MS = 500


class Drags(VTKObservationMixin):  # type: ignore[misc]
    """Follows the handles of a plan's objects.

    Parameters
    ----------
    moved : given the id of an object under the hand, often
    rested : called when nothing was dragged for a while, and no mouse button holds a handle
    """

    def __init__(self, moved: Callable[[str], None], rested: Callable[[], None]) -> None:
        super().__init__()
        self._moved, self._rested = moved, rested
        self._plan: Node = None
        self._handles: tuple[Node, ...] = ()
        self._name = ""
        self._paused = self._held = False
        self._follow_timer = one_shot(None, FOLLOW_MS, self._on_follow)
        self._rest_timer = one_shot(None, REST_MS, self._on_rest)

    def follow(self, plan: Node) -> None:
        """Follow the handles that a plan has now, those of no other any more; None: of no plan."""
        handles = tuple(handles_of(plan).values()) if plan is not None else ()
        if plan is self._plan and handles == self._handles:
            return
        if plan is not self._plan:
            self._follow_timer.stop()
            self._rest_timer.stop()
        self.removeObservers()
        self._plan, self._handles, self._held = plan, handles, False
        for handle in handles:
            for event, call in self._events(handle):
                self.addObserver(handle, event, call)

    def _events(self, handle: Node) -> list[tuple[Any, Any]]:
        moves = slicer.vtkMRMLTransformableNode.TransformModifiedEvent
        if handle.IsA("vtkMRMLTransformNode"):
            return [(moves, self._on_moved)]
        return [
            (moves, self._on_moved),
            (handle.PointModifiedEvent, self._on_moved),
            (handle.PointPositionDefinedEvent, self._on_moved),
            (handle.PointRemovedEvent, self._on_moved),
            (handle.PointStartInteractionEvent, self._on_held),
            (handle.PointEndInteractionEvent, self._on_let_go),
        ]

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take what happens to the handles meanwhile for no drag: the program shows them."""
        before, self._paused = self._paused, True
        try:
            yield
        finally:
            self._paused = before
            self._follow_timer.stop()
            self._rest_timer.stop()

    def _on_moved(self, handle: Node, _event: str) -> None:
        if self._paused:
            return
        self._name = handle.GetAttribute(OBJECT)
        if not self._follow_timer.active:
            self._follow_timer.start()
        self._rest_timer.start()

    def _on_held(self, _handle: Node, _event: str) -> None:
        self._held = True

    def _on_let_go(self, handle: Node, event: str) -> None:
        self._held = False
        self._on_moved(handle, event)

    def _on_follow(self) -> None:
        self._moved(self._name)

    def _on_rest(self) -> None:
        if self._held:
            self._rest_timer.start()
        else:
            self._rested()
