"""Forms: sections, choices of files and nodes, and the fields of a parameter dataclass."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Generic, TypeVar

from ..errors import FluoroPrintError
from ..parameters import ParameterField, Parameters, parameter_fields

AnyParameters = TypeVar("AnyParameters", bound=Parameters)

_DECIMALS = 3


def section(title: str, parent_layout: Any, *, collapsed: bool = False) -> Any:
    """Add a collapsible section; return its form layout (QFormLayout)."""
    import ctk
    import qt

    button = ctk.ctkCollapsibleButton()
    button.text = title
    button.collapsed = collapsed
    parent_layout.addWidget(button)
    return qt.QFormLayout(button)


def path_edit(setting: str, name_filters: tuple[str, ...] = (), *, folder: bool = False) -> Any:
    """Return a ctkPathLineEdit for a file or a folder; its last choices are kept under `setting`."""
    import ctk

    edit = ctk.ctkPathLineEdit()
    edit.filters = ctk.ctkPathLineEdit.Dirs if folder else ctk.ctkPathLineEdit.Files
    edit.nameFilters = list(name_filters)
    edit.settingKey = setting
    return edit


def chosen_path(edit: Any, what: str) -> Path:
    """Return the path of a ctkPathLineEdit.

    Raises
    ------
    FluoroPrintError
        It is empty; `what` says what belongs there.
    """
    if not edit.currentPath:
        raise FluoroPrintError(f"There is no {what} yet: choose one.")
    return Path(edit.currentPath)


def node_chooser(scene: Any, class_name: str) -> Any:
    """Return a qMRMLNodeComboBox that offers the scene's nodes of one class and makes none itself."""
    import slicer

    chooser = slicer.qMRMLNodeComboBox()
    chooser.nodeTypes = [class_name]
    chooser.addEnabled = False
    chooser.removeEnabled = False
    chooser.noneEnabled = False
    chooser.setMRMLScene(scene)
    return chooser


def button(text: str, tip: str, pressed: Any) -> Any:
    """Return a QPushButton that calls `pressed`."""
    import qt

    result = qt.QPushButton(text)
    result.toolTip = tip
    result.connect("clicked()", pressed)
    return result


class ParameterForm(Generic[AnyParameters]):
    """A row for each single-valued field of a parameter dataclass; help, bounds and unit come from it.

    Parameters
    ----------
    parameters : the dataclass
    layout : QFormLayout that gets the rows
    names : which fields to show; the others keep their defaults
    """

    def __init__(self, parameters: type[AnyParameters], layout: Any, names: tuple[str, ...]) -> None:
        self._parameters = parameters
        fields = {field.name: field for field in parameter_fields(parameters)}
        self._fields = {name: fields[name] for name in names}
        self._widgets = {name: _widget_of(field) for name, field in self._fields.items()}
        for name, widget in self._widgets.items():
            layout.addRow(_label_of(self._fields[name]), widget)

    def value(self) -> AnyParameters:
        """Return the parameters as the user set them.

        Raises
        ------
        FluoroPrintError
            A value is none that the parameters take.
        """
        read = {name: _value_of(field, self._widgets[name]) for name, field in self._fields.items()}
        return self._parameters(**read)


def _label_of(field: ParameterField) -> str:
    words = field.name.removesuffix(f"_{field.unit}") if field.unit else field.name
    return words.replace("_", " ").capitalize() + ":"


def _widget_of(field: ParameterField) -> Any:
    make = _choice if field.choices else _check_box if field.kind is bool else _spin_box
    widget = make(field)
    widget.toolTip = field.help
    return widget


def _choice(field: ParameterField) -> Any:
    import qt

    widget = qt.QComboBox()
    widget.addItems(list(field.choices))
    widget.currentText = field.default
    return widget


def _check_box(field: ParameterField) -> Any:
    import qt

    widget = qt.QCheckBox()
    widget.checked = field.default
    return widget


def _spin_box(field: ParameterField) -> Any:
    import ctk

    widget = ctk.ctkDoubleSpinBox()
    widget.decimals = _DECIMALS if field.kind is float else 0
    if field.bounds:
        widget.minimum, widget.maximum = field.bounds.low, field.bounds.high
        widget.singleStep = _step(field)
    widget.suffix = f" {field.unit}".rstrip()
    widget.value = field.default
    return widget


def _step(field: ParameterField) -> float:
    """A tenth of the default, at least what the decimals can show."""
    smallest = 10.0**-_DECIMALS if field.kind is float else 1.0
    return max(float(field.default) / 10.0, smallest)


def _value_of(field: ParameterField, widget: Any) -> Any:
    if field.choices:
        return str(widget.currentText)
    return bool(widget.checked) if field.kind is bool else field.kind(widget.value)
