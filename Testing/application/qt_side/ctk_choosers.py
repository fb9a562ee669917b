"""CTK's choosers of folders and ranges, as far as CTK's own source says it."""

from pathlib import Path

from PySide6 import QtWidgets

from .answers import asked
from .generated import behaviour


@behaviour
class ctkDirectoryButton:
    """A button that shows a folder and lets the user choose another; the choice is the test's to answer."""

    defaults = {"caption": "", "text": ""}

    def build(self):
        """Show the working folder, as an empty QDir does."""
        self.button = QtWidgets.QPushButton(self)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.button)
        self.folder = "."
        self.button.clicked.connect(self.browse)
        self._show()

    def _show(self):
        self.button.setText(self.kept["text"] or str(Path(self.folder).absolute()))

    def read_directory(self):
        """Return the folder."""
        return self.folder

    def write_directory(self, folder):
        """Show a folder: it is told as selected always, as changed where it is another one."""
        absolute = str(Path(folder).absolute())
        changed = absolute != str(Path(self.folder).absolute())
        if changed:
            self.folder = absolute
            self._show()
        self.send("directorySelected(QString)", absolute)
        if changed:
            self.send("directoryChanged(QString)", absolute)

    def write_text(self, text):
        """Show a text in the folder's place."""
        self.kept["text"] = text
        self._show()

    def browse(self):
        """Take the folder that the test answers; return it, empty where it cancels."""
        chosen = asked("ctkDirectoryButton.browse", self.kept["caption"])
        if chosen:
            self.write_directory(chosen)
        return chosen or ""


@behaviour
class ctkRangeWidget:
    """Two numbers, the first no greater than the second."""

    def build(self):
        """Lay out two spin boxes."""
        self.low, self.high = QtWidgets.QDoubleSpinBox(self), QtWidgets.QDoubleSpinBox(self)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for box in (self.low, self.high):
            layout.addWidget(box)
        self.low.valueChanged.connect(
            lambda value: self._changed(self.low, "minimumValueChanged(double)", value)
        )
        self.high.valueChanged.connect(
            lambda value: self._changed(self.high, "maximumValueChanged(double)", value)
        )

    def _changed(self, box, signal, value):
        other = self.high if box is self.low else self.low
        if self.low.value() > self.high.value():
            other.setValue(value)
        self.send(signal, value)
        self.send("valuesChanged(double,double)", self.low.value(), self.high.value())

    def setRange(self, low, high):
        """Bound both numbers."""
        for box in (self.low, self.high):
            box.setRange(low, high)
        self.send("rangeChanged(double,double)", low, high)

    def setValues(self, low, high):
        """Show two numbers; each change is told once both are shown."""
        before = (self.low.value(), self.high.value())
        blocked = [box.blockSignals(True) for box in (self.low, self.high)]
        self.low.setValue(low)
        self.high.setValue(high)
        for box, was in zip((self.low, self.high), blocked, strict=True):
            box.blockSignals(was)
        now = (self.low.value(), self.high.value())
        for place, name in enumerate(("minimumValueChanged", "maximumValueChanged")):
            if now[place] != before[place]:
                self.send(f"{name}(double)", now[place])
        if now != before:
            self.send("valuesChanged(double,double)", *now)

    def read_minimumValue(self):
        """Return the lower number."""
        return self.low.value()

    def write_minimumValue(self, value):
        """Show a lower number; the upper one gives way."""
        self.low.setValue(value)

    def read_maximumValue(self):
        """Return the upper number."""
        return self.high.value()

    def write_maximumValue(self, value):
        """Show an upper number; the lower one gives way."""
        self.high.setValue(value)

    setMinimumValue, setMaximumValue = write_minimumValue, write_maximumValue

    def read_minimum(self):
        """Return the lower bound."""
        return self.low.minimum()

    def write_minimum(self, minimum):
        """Bound both numbers from below."""
        self.setRange(minimum, self.high.maximum())

    def read_maximum(self):
        """Return the upper bound."""
        return self.high.maximum()

    def write_maximum(self, maximum):
        """Bound both numbers from above."""
        self.setRange(self.low.minimum(), maximum)

    def write_decimals(self, decimals):
        """Show so many decimals."""
        self.kept["decimals"] = decimals
        for box in (self.low, self.high):
            box.setDecimals(decimals)

    setDecimals = write_decimals

    def write_suffix(self, suffix):
        """Show a text after each number."""
        self.kept["suffix"] = suffix
        for box in (self.low, self.high):
            box.setSuffix(suffix)

    def write_singleStep(self, step):
        """Set the step of an arrow click."""
        self.kept["singleStep"] = step
        for box in (self.low, self.high):
            box.setSingleStep(step)
