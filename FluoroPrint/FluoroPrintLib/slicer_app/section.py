"""A part of an effect's options that is shown or hidden as a whole."""

from __future__ import annotations

from typing import Any


class Section:
    """Stands for an effect towards options: they add their rows to a frame of their own.

    Parameters
    ----------
    effect : qSlicerSegmentEditorScriptedEffect

    Attributes
    ----------
    frame : QFrame that holds the rows
    """

    def __init__(self, effect: Any) -> None:
        import qt

        self._effect = effect
        self.frame = qt.QFrame()
        self._form = qt.QFormLayout(self.frame)
        self._form.setContentsMargins(0, 0, 0, 0)
        effect.addOptionsWidget(self.frame)

    def optionsLayout(self) -> Any:  # noqa: N802 - Slicer's name
        """Return the layout of the part's rows."""
        return self._form

    def addOptionsWidget(self, widget: Any) -> None:  # noqa: N802 - Slicer's name
        """Add a row that spans the form."""
        self._form.addRow(widget)

    def addLabeledOptionsWidget(self, label: str, widget: Any) -> None:  # noqa: N802 - Slicer's name
        """Add a row with a label."""
        self._form.addRow(label, widget)

    def __getattr__(self, name: str) -> Any:
        """Be the effect in all else."""
        return getattr(self._effect, name)
