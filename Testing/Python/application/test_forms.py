"""Forms are derived from the parameters; on the stand-in, which knows only what Slicer lists."""

import sys
from dataclasses import dataclass
from typing import Annotated

import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.parameters import Bounds, Choices, Help, Parameters, Unit
from FluoroPrintLib.slicer_app.forms import (
    ParameterForm,
    button,
    chosen_path,
    node_chooser,
    path_edit,
    section,
)


@dataclass(frozen=True)
class ExampleParameters(Parameters):
    wall_mm: Annotated[float, Bounds(0.2, 20.0), Unit("mm"), Help("Wall thickness.")] = 2.0
    steps: Annotated[int, Bounds(1, 9), Help("How often.")] = 3
    closed: Annotated[bool, Help("No drain hole.")] = True
    kind: Annotated[str, Choices(("fine", "coarse")), Help("How it looks.")] = "coarse"
    hidden: Annotated[float, Help("Not shown.")] = 7.0


@pytest.fixture
def form(application):
    layout = sys.modules["qt"].QFormLayout()
    return ParameterForm(ExampleParameters, layout, ("wall_mm", "steps", "closed", "kind")), layout


def rows_of(layout):
    return {arguments[0]: arguments[1] for name, arguments in layout.calls if name == "addRow"}


def test_a_form_shows_defaults_and_returns_them(form):
    assert form[0].value() == ExampleParameters()


def test_a_row_takes_bounds_unit_and_help_from_the_annotation(form):
    wall = rows_of(form[1])["Wall:"]
    assert (wall.minimum, wall.maximum, wall.suffix, wall.toolTip) == (0.2, 20.0, " mm", "Wall thickness.")
    assert rows_of(form[1])["Steps:"].decimals == 0


def test_what_the_user_sets_comes_back_in_the_right_kind(form):
    rows = rows_of(form[1])
    rows["Wall:"].value, rows["Steps:"].value = 1.5, 4.0
    rows["Closed:"].checked, rows["Kind:"].currentText = False, "fine"
    assert form[0].value() == ExampleParameters(wall_mm=1.5, steps=4, closed=False, kind="fine")


def test_a_value_out_of_bounds_is_told_as_everywhere(form):
    rows_of(form[1])["Wall:"].value = 50.0
    with pytest.raises(FluoroPrintError, match="wall_mm is 50 mm: it takes 0.2 to 20 mm"):
        form[0].value()


def test_a_missing_choice_of_a_file_is_asked_for(application):
    edit = path_edit("FluoroPrint/Sweep")
    with pytest.raises(FluoroPrintError, match="no sweep yet"):
        chosen_path(edit, "sweep")


def test_sections_choosers_and_buttons_use_what_slicer_lists(application, scene):
    pressed = []
    layout = sys.modules["qt"].QVBoxLayout()
    assert type(section("Sweep", layout)).__name__ == "QFormLayout"
    assert node_chooser(scene, "vtkMRMLModelNode").nodeTypes == ["vtkMRMLModelNode"]
    button("Run", "Runs.", lambda: pressed.append(1)).emit("clicked()")
    assert pressed == [1]


def test_the_stand_in_refuses_what_slicer_does_not_list(application):
    qt = sys.modules["qt"]
    with pytest.raises(AttributeError, match="lists no property value"):
        qt.QPushButton().value = 1
    with pytest.raises(AttributeError, match="lists no signal"):
        qt.QPushButton().connect("clicked(int)", print)
    with pytest.raises(AttributeError, match="lists no enum"):
        _ = sys.modules["ctk"].ctkPathLineEdit.Folders
    with pytest.raises(AttributeError, match="can only be read"):
        qt.QProgressDialog().wasCanceled = True
