"""Widgets that a parameter can be bound to: how it is shown and read, which signal tells of a change."""

import ctk
import qt
import slicer

from .annotations import Choice, Decimals, SingleStep, Validator


class Connector:
    """A widget and the property that shows the value."""

    signal = "valueChanged"
    shown_by = "value"

    def __init__(self, widget, parameter):
        self.widget, self.parameter = widget, parameter
        self._callback = None
        self.prepare()

    def prepare(self):
        """Set the widget up for the parameter."""

    def read(self):
        """Return what the widget shows."""
        return self.parameter.kind(getattr(self.widget, self.shown_by))

    def write(self, value):
        """Show a value."""
        setattr(self.widget, self.shown_by, value)

    def follow(self, callback):
        """Call back when the user changes the value; None ends it."""
        signal = getattr(self.widget, self.signal)
        if callback is None:
            signal.disconnect(self._changed)
        self._callback = callback
        if callback is not None:
            signal.connect(self._changed)

    def _changed(self):
        if self._callback:
            self._callback()


class Number(Connector):
    """A spin box or a slider."""

    def prepare(self):
        """Take over bounds, decimals and step."""
        low, high = self._bounds()
        whole = self.widget.inherits("QSpinBox") or self.widget.inherits("QSlider")
        unbounded = low is None or high is None
        if unbounded and (self.widget.inherits("ctkSliderWidget") or self.widget.inherits("QSlider")):
            raise RuntimeError(f"{self.parameter.name} is unbounded: it cannot be shown by a slider")
        self.widget.minimum = low if low is not None else -(2**31) if whole else float("-inf")
        self.widget.maximum = high if high is not None else 2**31 - 1 if whole else float("inf")
        if not whole and (self.parameter.kind is int or self.parameter.first(Decimals)):
            self.widget.decimals = 0 if self.parameter.kind is int else self.parameter.first(Decimals).value
        if self.parameter.first(SingleStep):
            self.widget.singleStep = self.parameter.first(SingleStep).value

    def _bounds(self):
        found = [a for a in self.parameter.annotations if isinstance(a, Validator)]
        lows = [a.minimum for a in found if a.minimum is not None]
        highs = [a.maximum for a in found if a.maximum is not None]
        return (lows[0] if lows else None), (highs[0] if highs else None)


class CheckBox(Connector):
    """A check box."""

    signal, shown_by = "stateChanged", "checked"


class Toggle(Connector):
    """A button that stays pressed."""

    signal, shown_by = "toggled", "checked"

    def prepare(self):
        """Let it stay pressed."""
        self.widget.checkable = True


class Text(Connector):
    """A line of text."""

    signal, shown_by = "textChanged", "text"

    def write(self, value):
        """Show a text; the cursor stays where nothing changes."""
        if value != self.widget.text:
            self.widget.text = value


class Path(Connector):
    """A path."""

    signal, shown_by = "currentPathChanged", "currentPath"

    def write(self, value):
        """Show a path."""
        self.widget.currentPath = str(value)


class Node(Connector):
    """A chooser of nodes."""

    signal = "currentNodeChanged"

    def prepare(self):
        """Offer nodes of the parameter's class."""
        self.widget.nodeTypes = [self.parameter.kind.__name__]

    def read(self):
        """Return the chosen node."""
        return self.widget.currentNode()

    def write(self, value):
        """Choose a node."""
        self.widget.setCurrentNode(value)


class Chosen(Connector):
    """A list of values to choose from."""

    signal = "currentIndexChanged"

    def prepare(self):
        """Offer the values."""
        if not self.parameter.is_enum and self.parameter.first(Choice) is None:
            raise RuntimeError(f"{self.parameter.name} has no Choice: it cannot be shown by a combo box")
        self._values = list(
            self.parameter.kind if self.parameter.is_enum else self.parameter.first(Choice).choices
        )
        self.widget.clear()
        for value in self._values:
            self.widget.addItem(value.name if self.parameter.is_enum else str(value))

    def read(self):
        """Return the chosen value."""
        return self._values[self.widget.currentIndex]

    def write(self, value):
        """Choose a value."""
        self.widget.currentIndex = self._values.index(value)


def connector_of(widget, parameter):
    """Return the connector for a widget and a parameter.

    Raises
    ------
    RuntimeError
        Slicer has none, or the stand-in knows none.
    """
    kind = type(widget)
    combo = kind in (qt.QComboBox, ctk.ctkComboBox)
    found = {
        bool: {qt.QCheckBox: CheckBox, ctk.ctkCheckBox: CheckBox, qt.QPushButton: Toggle},
        int: dict.fromkeys((qt.QSlider, qt.QSpinBox, *_double_widgets()), Number),
        float: dict.fromkeys(_double_widgets(), Number),
    }
    others = {qt.QLineEdit: Text, ctk.ctkPathLineEdit: Path, slicer.qMRMLNodeComboBox: Node}
    connector = Chosen if combo else found.get(parameter.kind, others).get(kind)
    if connector is None:
        raise RuntimeError(f"{parameter.name} ({parameter.kind}) cannot be shown by a {widget.className()}")
    return connector(widget, parameter)


def _double_widgets():
    mrml = (slicer.qMRMLSliderWidget, slicer.qMRMLSpinBox)
    return (qt.QDoubleSpinBox, ctk.ctkSliderWidget, ctk.ctkDoubleSpinBox, *mrml)
