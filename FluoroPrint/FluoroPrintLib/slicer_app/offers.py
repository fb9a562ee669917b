"""Buttons: made, and offered or not; one that cannot be pressed says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TIP_PROPERTY = "FluoroPrintTip"


def button(text: str, tip: str, clicked: Callable[[], None]) -> Any:
    """Return a QPushButton that calls `clicked`."""
    result = _button(text, tip)
    result.connect("clicked()", clicked)
    return result


def toggle(text: str, tip: str, toggled: Callable[[bool], None]) -> Any:
    """Return a QPushButton that stays pressed until it is clicked again; `toggled` is told of both."""
    result = _button(text, tip)
    result.checkable = True
    result.connect("toggled(bool)", toggled)
    return result


def _button(text: str, tip: str) -> Any:
    import qt

    result = qt.QPushButton(text)
    result.toolTip = tip
    return result


def offer(widget: Any, lacking: str = "") -> None:
    """Enable a widget, or disable it and say in its tooltip what is lacking; its own tooltip comes back."""
    if not widget.property(TIP_PROPERTY):
        widget.setProperty(TIP_PROPERTY, widget.toolTip)
    widget.enabled = not lacking
    widget.toolTip = lacking or widget.property(TIP_PROPERTY)


def first_lacking(*needs: tuple[bool, str]) -> str:
    """Return the sentence of the first need that is not met, empty where all are."""
    return next((sentence for met, sentence in needs if not met), "")


def idle(work: Any) -> tuple[bool, str]:
    """Return the need that nothing is being computed."""
    from slicer.i18n import tr as _

    return not work.busy, str(_("Something is being computed: wait, or cancel it."))
