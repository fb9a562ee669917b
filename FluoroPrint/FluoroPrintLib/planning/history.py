"""The states that a plan went through: undo goes back to the one before, redo forward again."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import FluoroPrintError
from .plan import Plan

MOST_STATES = 200


@dataclass(frozen=True)
class History:
    """A plan with the states before it, and those that were undone.

    Attributes
    ----------
    present : the plan as it is
    past : the plans before it, the oldest first
    future : the plans that were undone, the next one first
    """

    present: Plan
    past: tuple[Plan, ...] = ()
    future: tuple[Plan, ...] = ()

    def done(self, plan: Plan) -> History:
        """Return the history with a plan more; what was undone is gone, as are the oldest of very many."""
        if plan == self.present:
            return self
        return History(plan, (*self.past, self.present)[-MOST_STATES:])

    def undone(self) -> History:
        """Return the history one step back; FluoroPrintError where there is none."""
        if not self.past:
            raise FluoroPrintError("There is nothing to undo in this plan.")
        return History(self.past[-1], self.past[:-1], (self.present, *self.future))

    def redone(self) -> History:
        """Return the history one step forward again; FluoroPrintError where nothing was undone."""
        if not self.future:
            raise FluoroPrintError("There is nothing to redo in this plan.")
        return History(self.future[0], (*self.past, self.present), self.future[1:])
