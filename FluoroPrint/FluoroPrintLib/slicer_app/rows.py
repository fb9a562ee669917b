"""Rows of a form for the fields of a parameter dataclass; help, bounds and unit come from its annotations."""

from __future__ import annotations

from typing import Any

from ..catalog.anatomy import stage_parameters
from ..mrml.case_parameters import parameter_name
from ..parameters import ParameterField, parameter_fields
from .parameter_nodes import is_text

DECIMALS = 3
SHORT = {"sid": "SID", "sod": "SOD", "i0": "I0"}
NAME_PROPERTY = "SlicerParameterName"


def add_rows(layout: Any, stage: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Add a row to a form for each named field of a stage's parameters.

    Parameters
    ----------
    layout : QFormLayout
    stage : a name of `stage_parameters`: "sweep", "reconstruction", "bone", "model"
    names : the fields to show, in this order; others keep their values

    Returns
    -------
    The widget of each field. It is called as the field is in the node of the case ("model_smoothing") and has
    the dynamic property SlicerParameterName, so that `case_parameters(scene)` binds to it.
    """
    fields = {field.name: field for field in parameter_fields(stage_parameters()[stage])}
    return {name: _row(layout, fields[name], stage) for name in names}


def _row(layout: Any, field: ParameterField, stage: str) -> Any:
    from slicer.i18n import tr as _

    widget = _widget_of(field, stage)
    name = parameter_name(stage, field.name)
    widget.objectName = name
    widget.setProperty(NAME_PROPERTY, name)
    widget.toolTip = _(field.help)
    layout.addRow(_(label_of(field)), widget)
    layout.labelForField(widget).toolTip = _(field.help)
    return widget


def label_of(field: ParameterField) -> str:
    """Return what a field is called in a form: "max_deviation_mm" is "Max deviation:"."""
    words = field.name.removesuffix(f"_{field.unit.lower()}") if field.unit else field.name
    words = words.removesuffix("_deg")
    return SHORT.get(words, words.replace("_", " ").capitalize()) + ":"


def _widget_of(field: ParameterField, stage: str) -> Any:
    import ctk
    import qt

    if field.choices:
        return qt.QComboBox()
    if is_text(field):
        return _line(field, stage)
    if field.kind is bool:
        return qt.QCheckBox()
    widget = ctk.ctkDoubleSpinBox()
    widget.suffix = f" {field.unit}".rstrip().replace("mm3", "mm³")
    widget.decimals = DECIMALS if field.kind is float else 0
    widget.singleStep = max(float(field.default) / 10.0, 10.0**-widget.decimals)
    return widget


def _line(field: ParameterField, stage: str) -> Any:
    import qt
    from slicer.i18n import tr as _

    line = qt.QLineEdit()
    what = _("{count} values").format(count=field.length) if field.length else ""
    unit = _("in {unit}").format(unit=field.unit) if field.unit else ""
    left_out = _("as the file says") if stage == "sweep" else _("found by itself")
    line.placeholderText = ", ".join(
        part for part in (left_out if field.optional else "", what, unit) if part
    )
    return line
