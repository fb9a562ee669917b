"""The section "Instruments" of a panel: the bone after each pass of the plan, stepped through."""

from __future__ import annotations

from typing import Any

from ..mrml.nodes import Node
from ..mrml.plan_passes import bone_shown_after, hide_bone_after, removed_by_passes, show_bone_after
from ..mrml.provenance import source_of
from ..planning.instrument_objects import passes_of
from .faults import faults_shown
from .offers import first_lacking, idle, offer


class InstrumentSection:
    """What the widgets of the section do; they are those of the panel's .ui file.

    Parameters
    ----------
    panel : with the choices `bone` and `plan`
    desk : the plan in work
    """

    def __init__(self, panel: Any, desk: Any) -> None:
        self._panel, self._ui, self._desk = panel, panel.ui, desk
        self._count = 0
        self._ui.passesButton.connect("clicked()", self.toggle)
        self._ui.passSpinBox.connect("valueChanged(int)", self.step)

    @property
    def _shown(self) -> Node:
        return bone_shown_after(self._desk.node)

    def toggle(self) -> None:
        """Show the bone after the passes, or the bone itself again."""
        if self._panel.chosen is None:
            return
        with faults_shown(self._panel.title):
            if self._shown is None:
                self._show(self._panel.chosen.bone)
            else:
                hide_bone_after(self._desk.node)
        self._panel.refresh()

    def step(self, _number: int) -> None:
        """Show the bone after as many passes as are chosen, where it is shown."""
        if self._panel.chosen is None or self._shown is None:
            return
        with faults_shown(self._panel.title):
            self._show(source_of(self._shown))
        self._panel.refresh()

    def _show(self, bone: Node) -> None:
        """Show a bone after the chosen passes; at the last one it stays with all that are added."""
        wanted = self._ui.passSpinBox.value
        show_bone_after(self._desk.node, bone, None if wanted == self._count else wanted)

    def _set_spin(self, count: int) -> None:
        """Let the number be that of the bone shown, else stay; one at the last pass goes with that."""
        spin, removed = self._ui.passSpinBox, removed_by_passes(self._desk.node)
        wanted = count if spin.value == self._count else min(spin.value, count)
        self._count = count
        blocked = spin.blockSignals(True)
        spin.maximum = count
        spin.value = wanted if removed is None else len(removed)
        spin.blockSignals(blocked)

    def _words(self, label: str) -> str:
        """Return which pass was the last, and what the passes took."""
        from slicer.i18n import tr as _

        removed = removed_by_passes(self._desk.node) or (0.0,)
        words = str(_("{label} removed {last} mm³ of what was left; all passes {total} mm³."))
        return words.format(label=label, last=f"{removed[-1]:.1f}", total=f"{sum(removed):.1f}")

    def show(self) -> None:
        """Show how many passes there are, and what can be done."""
        from slicer.i18n import tr as _

        ui, passes = self._ui, passes_of(self._desk.plan)
        self._set_spin(len(passes))
        done = passes[: ui.passSpinBox.value]
        shown = self._shown is not None
        ui.passesButton.text = _("Show the bone itself") if shown else _("Show the bone after the passes")
        ui.passesLabel.text = self._words(done[-1].label) if shown and done else ""
        ui.passesLabel.visible = bool(ui.passesLabel.text)
        bone = shown or self._panel.chosen.bone is not None, _("Choose a bone first.")
        some = bool(passes), _("The plan holds no drilling, guide wire or saw cut.")
        offer(ui.passesButton, first_lacking(idle(self._panel.work), some, bone))
        offer(ui.passSpinBox, first_lacking(idle(self._panel.work), some))
