"""The choice of an anatomy: sets the parameters of all stages, and shows when they are no preset any more."""

from __future__ import annotations

from typing import Any

from ..catalog.anatomy import anatomies, stage_parameters
from ..errors import FluoroPrintError
from ..mrml.case_parameters import store_all_parameters, stored_parameters
from ..parameters import ParameterField, Parameters, parameter_fields
from .rows import label_of


def fill_anatomy_box(box: Any) -> None:
    """Offer the standard parameters, the presets, and what is none of them."""
    from slicer.i18n import tr as _

    box.addItems([_("Standard"), *(_(anatomy.title) for anatomy in anatomies()), _("Custom")])


def choose_anatomy(scene: Any, index: int) -> None:
    """Set the parameters of all stages to what the box shows at a place; "Custom" changes nothing."""
    presets = _presets()
    if 0 <= index < len(presets):
        store_all_parameters(scene, presets[index])


def shown_anatomy(scene: Any) -> tuple[int, str]:
    """Return the place in the box that the scene's parameters are at, and a sentence on what differs."""
    presets = _presets()
    try:
        kept = {stage: stored_parameters(scene, stage) for stage in stage_parameters()}
    except FluoroPrintError as error:
        return len(presets), str(error)
    place = presets.index(kept) if kept in presets else len(presets)
    return place, _summary(place, kept)


def _presets() -> list[dict[str, Parameters]]:
    standard = {stage: parameters() for stage, parameters in stage_parameters().items()}
    return [standard, *(dict(anatomy.parameters) for anatomy in anatomies())]


def _summary(place: int, kept: dict[str, Parameters]) -> str:
    from slicer.i18n import tr as _

    if place == 0:
        return str(_("Every parameter has its standard value."))
    changed = ", ".join(_changed(kept))
    summaries = [anatomy.summary for anatomy in anatomies()]
    summary = _(summaries[place - 1]) if place <= len(summaries) else ""
    return f"{summary} {_('Changed:')} {changed}.".strip()


def _changed(kept: dict[str, Parameters]) -> list[str]:
    """Return the fields that differ from the standard, in words with their values."""
    return [
        _words(field, value)
        for parameters in kept.values()
        for field in parameter_fields(type(parameters))
        if (value := getattr(parameters, field.name)) != field.default
    ]


def _words(field: ParameterField, value: Any) -> str:
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{label_of(field).rstrip(':').lower()} {shown} {field.unit}".rstrip()
