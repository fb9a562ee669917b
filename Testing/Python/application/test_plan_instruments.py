"""The section "Instruments" of FluoroPrint Plan: the bone after each pass, stepped through by clicks."""

import numpy as np
import pytest
import stand_in
from FluoroPrintLib.mesh.polydata import points_of, signed_volume_mm3, triangles_of
from FluoroPrintLib.mrml.models import is_shown
from FluoroPrintLib.mrml.plan_passes import bone_shown_after
from plan_panel import drilled_plate, plan_in, press

HOLE = np.pi * 3.2**2 / 4 * 10
WHOLE = 40 * 40 * 10.0


@pytest.fixture
def widget(application, monkeypatch):
    module, _ = stand_in.start_module(monkeypatch, "FluoroPrintPlan")
    widget = stand_in.open_panel(module)
    widget.parent.enter()
    return widget


def left(node):
    surface = bone_shown_after(node).GetPolyData()
    return signed_volume_mm3(points_of(surface), triangles_of(surface))


def test_what_is_lacking_is_told(widget, scene):
    assert "holds no drilling" in widget.ui.passesButton.toolTip
    _, bone = drilled_plate(widget, scene)
    assert widget.ui.passesButton.enabled
    widget.ui.boneChooser.setCurrentNode(None)
    assert "Choose a bone first" in widget.ui.passesButton.toolTip
    assert is_shown(bone)


def test_the_bone_is_stepped_through_and_given_back_by_undo(widget, scene, application):
    (node, bone), ui = drilled_plate(widget, scene), widget.ui
    assert (ui.passSpinBox.value, ui.passSpinBox.maximum) == (2, 2)
    press(widget, "passesButton")
    assert left(node) == pytest.approx(WHOLE - 2 * HOLE, rel=1e-5)
    assert ui.passesLabel.text == "Hole at 8 removed 80.4 mm³ of what was left; all passes 160.8 mm³."
    assert not is_shown(bone)
    ui.passSpinBox.value = 1
    assert left(node) == pytest.approx(WHOLE - HOLE, rel=1e-5)
    assert ui.passesLabel.text.startswith("Hole at -8 removed 80.4 mm³")
    ui.passSpinBox.value = 2
    widget.chosen.object = "drilling-1"
    press(widget, "removeButton")
    assert len(plan_in(widget).objects) == 1
    assert left(node) == pytest.approx(WHOLE - HOLE, rel=1e-5)
    assert (ui.passSpinBox.value, ui.passSpinBox.maximum) == (1, 1)
    press(widget, "undoPlanButton")
    assert left(node) == pytest.approx(WHOLE - 2 * HOLE, rel=1e-5)
    assert ui.passSpinBox.value == 2, "it was at the last pass and stays there"
    press(widget, "passesButton")
    assert bone_shown_after(node) is None
    assert is_shown(bone)
    assert application.errors == []
