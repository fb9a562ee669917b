"""Forms are derived from the parameters; on the stand-in, which knows only what Slicer lists."""

import sys
from dataclasses import dataclass
from typing import Annotated

import pytest
import stand_in
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
    fields = [layout.itemAt(index).widget() for index in range(layout.count())]
    return {label.text: field for label, field in zip(fields[::2], fields[1::2], strict=True)}


def test_a_form_shows_defaults_and_returns_them(form):
    assert form[0].value() == ExampleParameters()


def test_a_row_takes_bounds_unit_and_help_from_the_annotation(form):
    wall = rows_of(form[1])["Wall:"]
    assert (wall.minimum, wall.maximum, wall.suffix, wall.toolTip) == (0.2, 20.0, " mm", "Wall thickness.")
    assert rows_of(form[1])["Steps:"].decimals == 0


def test_what_the_user_sets_comes_back_in_the_right_kind(form):
    rows = rows_of(form[1])
    rows["Wall:"].value, rows["Steps:"].value = 1.5, 4.0
    rows["Kind:"].currentText = "fine"
    stand_in.click(rows["Closed:"])
    assert form[0].value() == ExampleParameters(wall_mm=1.5, steps=4, closed=False, kind="fine")


def test_a_value_out_of_bounds_cannot_be_typed(form):
    rows_of(form[1])["Wall:"].value = 50.0
    assert form[0].value().wall_mm == 20.0


def test_a_missing_choice_of_a_file_is_asked_for(application):
    edit = path_edit("FluoroPrint/Sweep")
    with pytest.raises(FluoroPrintError, match="no sweep yet"):
        chosen_path(edit, "sweep")


def test_sections_choosers_and_buttons_use_what_slicer_lists(application, scene):
    pressed = []
    layout = sys.modules["qt"].QVBoxLayout()
    assert section("Sweep", layout).className() == "QFormLayout"
    assert node_chooser(scene, "vtkMRMLModelNode").nodeTypes == ["vtkMRMLModelNode"]
    stand_in.click(button("Run", "Runs.", lambda: pressed.append(1)))
    assert pressed == [1]
