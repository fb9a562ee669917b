"""What CTK's widgets do, as far as CTK's own source says it; defaults are those of its constructors."""

from PySide6 import QtCore, QtGui, QtWidgets

from .answers import asked
from .generated import behaviour


def _row(widget):
    layout = QtWidgets.QHBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    return layout


@behaviour
class ctkCollapsibleButton:
    """A heading that folds what lies under it."""

    defaults = {"collapsed": False, "collapsedHeight": 14, "flat": False}

    def build(self):
        """Open, checkable, contents below the heading."""
        self.setCheckable(True)
        self.setChecked(True)
        self.setContentsMargins(0, self._heading().height(), 0, 0)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Minimum, QtWidgets.QSizePolicy.Policy.Preferred)
        self.setBackgroundRole(QtGui.QPalette.ColorRole.Window)
        self.toggled.connect(lambda checked: self._collapse(not checked))

    def _heading(self):
        metrics = self.fontMetrics()
        return QtCore.QSize(metrics.horizontalAdvance(self.text()) + 40, metrics.height() + 10)

    def write_collapsed(self, collapsed):
        """Fold or unfold: checked and collapsed are opposites."""
        self.setChecked(not collapsed)

    def _collapse(self, collapsed):
        if collapsed == self.kept["collapsed"]:
            return
        self.kept["collapsed"] = collapsed
        for child in self.children():
            if isinstance(child, QtWidgets.QWidget):
                child.setVisible(not collapsed)
        self.updateGeometry()
        self.send("contentsCollapsed(bool)", collapsed)

    def sizeHint(self):
        """Room for the heading, and for the contents where it is open."""
        folded = self._heading() + QtCore.QSize(0, self.kept["collapsedHeight"])
        if self.kept["collapsed"]:
            return folded
        return super().sizeHint().expandedTo(folded)

    def paintEvent(self, _event):
        """Draw the heading and its arrow."""
        painter = QtGui.QPainter(self)
        heading = QtCore.QRect(0, 0, self.width(), self._heading().height())
        painter.fillRect(heading, self.palette().button())
        arrow = "▸" if self.kept["collapsed"] else "▾"
        inside = heading.adjusted(8, 0, -8, 0)
        painter.drawText(inside, QtCore.Qt.AlignmentFlag.AlignVCenter, f"{arrow}  {self.text()}")


class _Numbers:
    """Properties that a spin box inside the widget keeps."""

    def read_value(self):
        """Return the number shown."""
        return self.spin_box.value()

    def write_value(self, value):
        """Show a number, rounded and bounded as the spin box does."""
        self.spin_box.setValue(value)

    setValue = write_value

    def read_decimals(self):
        """Return how many decimals are shown."""
        return self.spin_box.decimals()

    def write_decimals(self, decimals):
        """Show so many decimals; the value is rounded to them."""
        if decimals != self.spin_box.decimals():
            self.spin_box.setDecimals(decimals)
            self.send("decimalsChanged(int)", decimals)

    setDecimals = write_decimals

    def read_singleStep(self):
        """Return the step of an arrow click."""
        return self.spin_box.singleStep()

    def write_singleStep(self, step):
        """Set the step of an arrow click."""
        self.spin_box.setSingleStep(step)

    def read_suffix(self):
        """Return the text after the number."""
        return self.spin_box.suffix()

    def write_suffix(self, suffix):
        """Show a text after the number."""
        self.spin_box.setSuffix(suffix)

    def read_prefix(self):
        """Return the text before the number."""
        return self.spin_box.prefix()

    def write_prefix(self, prefix):
        """Show a text before the number."""
        self.spin_box.setPrefix(prefix)

    def read_minimum(self):
        """Return the lowest number."""
        return self.spin_box.minimum()

    def write_minimum(self, minimum):
        """Bound the number from below."""
        self.spin_box.setMinimum(minimum)

    def read_maximum(self):
        """Return the highest number."""
        return self.spin_box.maximum()

    def write_maximum(self, maximum):
        """Bound the number from above."""
        self.spin_box.setMaximum(maximum)


@behaviour
class ctkDoubleSpinBox(_Numbers):
    """A spin box in a widget."""

    def build(self):
        """Lay out the spin box; its range is Qt's, 0 to 99.99."""
        self.spin_box = QtWidgets.QDoubleSpinBox(self)
        _row(self).addWidget(self.spin_box)
        self.setFocusProxy(self.spin_box)
        self.spin_box.valueChanged.connect(self._tell)
        self.spin_box.editingFinished.connect(lambda: self.send("editingFinished()"))

    def _tell(self, value):
        self.send("valueChanged(double)", value)
        self.send("valueChanged(QString)", self.spin_box.cleanText())

    setValueIfDifferent = _Numbers.write_value

    def read_readOnly(self):
        """Return whether the user cannot type."""
        return self.spin_box.isReadOnly()

    def write_readOnly(self, read_only):
        """Let the user type, or not."""
        self.spin_box.setReadOnly(read_only)

    setReadOnly = write_readOnly

    def stepUp(self):
        """Do what the upper arrow does."""
        self.spin_box.stepUp()

    def stepDown(self):
        """Do what the lower arrow does."""
        self.spin_box.stepDown()


@behaviour
class ctkSliderWidget(_Numbers):
    """A slider and a spin box with one value; range 0 to 100 until set."""

    defaults = {"tracking": True, "spinBoxVisible": True, "pageStep": 10.0}
    STEPS = 1000

    def build(self):
        """Lay out both; the spin box holds the value."""
        self.slider = QtWidgets.QSlider(QtCore.Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, self.STEPS)
        self.spin_box = QtWidgets.QDoubleSpinBox(self)
        self.spin_box.setRange(0.0, 100.0)
        layout = _row(self)
        layout.addWidget(self.slider)
        layout.addWidget(self.spin_box)
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(self._released)
        self.spin_box.valueChanged.connect(self._changed)

    def _slid(self, step):
        low, high = self.spin_box.minimum(), self.spin_box.maximum()
        self.spin_box.setValue(low + (high - low) * step / self.STEPS)

    def _changed(self, value):
        self._place()
        if self.kept["tracking"] or not self.slider.isSliderDown():
            self.send("valueChanged(double)", value)
        else:
            self.send("valueIsChanging(double)", value)

    def _released(self):
        if not self.kept["tracking"]:
            self.send("valueChanged(double)", self.spin_box.value())

    def _place(self):
        low, high = self.spin_box.minimum(), self.spin_box.maximum()
        if high > low and not self.slider.isSliderDown():
            blocked = self.slider.blockSignals(True)
            self.slider.setValue(round((self.spin_box.value() - low) / (high - low) * self.STEPS))
            self.slider.blockSignals(blocked)

    def write_minimum(self, minimum):
        """Bound the number from below; the slider follows."""
        super().write_minimum(minimum)
        self._place()

    def write_maximum(self, maximum):
        """Bound the number from above; the slider follows."""
        super().write_maximum(maximum)
        self._place()

    def write_spinBoxVisible(self, visible):
        """Show the spin box, or the slider alone."""
        self.kept["spinBoxVisible"] = visible
        self.spin_box.setVisible(visible)

    setSpinBoxVisible = write_spinBoxVisible


@behaviour
class ctkPathLineEdit:
    """A path to type or to choose; the choice of a file is the test's to answer."""

    defaults = {"nameFilters": [], "label": "", "settingKey": "", "showBrowseButton": True}

    def build(self):
        """Lay out the text and the button."""
        self.combo_box = QtWidgets.QComboBox(self)
        self.combo_box.setEditable(True)
        self.combo_box.setInsertPolicy(QtWidgets.QComboBox.InsertPolicy.NoInsert)
        self.combo_box.setSizePolicy(
            QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed
        )
        browse = QtWidgets.QToolButton(self)
        browse.setText("...")
        browse.clicked.connect(self.browse)
        layout = _row(self)
        layout.addWidget(self.combo_box)
        layout.addWidget(browse)
        self.setFocusProxy(self.combo_box)
        self.combo_box.lineEdit().textChanged.connect(
            lambda path: self.send("currentPathChanged(QString)", path)
        )

    def comboBox(self):
        """Return the box that holds the path."""
        return self.combo_box

    def read_currentPath(self):
        """Return what is typed."""
        return self.combo_box.lineEdit().text()

    def write_currentPath(self, path):
        """Show a path."""
        self.combo_box.lineEdit().setText(path)

    setCurrentPath = write_currentPath

    def addCurrentPathToHistory(self):
        """Offer the path again in the list below."""
        if self.combo_box.findText(self.read_currentPath()) < 0:
            self.combo_box.addItem(self.read_currentPath())

    def browse(self):
        """Take the path that the test answers."""
        chosen = asked("ctkPathLineEdit.browse", self.kept["nameFilters"])
        if chosen:
            self.write_currentPath(chosen)


@behaviour
class ctkMessageBox:
    """A message box that may be told not to come again."""

    defaults = {"dontShowAgainVisible": False, "dontShowAgain": False, "dontShowAgainSettingsKey": ""}


@behaviour
class ctkComboBox:
    """A combo box with a text where nothing is chosen."""

    defaults = {"defaultText": "", "defaultIcon": None}


@behaviour
class ctkCheckBox:
    """A check box."""


@behaviour
class ctkCollapsibleGroupBox:
    """A group box that folds: checked is open."""

    defaults = {"collapsed": False}

    def build(self):
        """Open and checkable."""
        self.setCheckable(True)
        self.toggled.connect(lambda checked: self._fold(not checked))

    def write_collapsed(self, collapsed):
        """Fold or unfold."""
        self.setChecked(not collapsed)

    def _fold(self, collapsed):
        self.kept["collapsed"] = collapsed
        for child in self.children():
            if isinstance(child, QtWidgets.QWidget):
                child.setVisible(not collapsed)
