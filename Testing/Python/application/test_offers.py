"""Buttons that cannot be pressed say why, in every panel."""

import pictures
import pytest
import stand_in
from FluoroPrintLib.mrml.sweeps import add_sweep


def buttons(widget):
    import qt

    return [button for button in widget.root.findChildren(qt.QPushButton) if button.objectName != ""]


@pytest.mark.parametrize("name", pictures.PANELS)
def test_every_disabled_button_of_an_empty_panel_says_what_is_lacking(application, monkeypatch, name):
    from FluoroPrintLib.slicer_app.offers import TIP_PROPERTY

    module, _ = stand_in.start_module(monkeypatch, name)
    widget = stand_in.open_panel(module)
    widget.parent.enter()
    disabled = [button for button in buttons(widget) if not button.enabled]
    assert disabled
    unsaid = [b.objectName for b in disabled if b.toolTip in ("", b.property(TIP_PROPERTY) or b.toolTip)]
    assert unsaid == []


def test_a_button_tells_what_it_does_once_nothing_is_lacking(application, monkeypatch, scene, sweep):
    module, _ = stand_in.start_module(monkeypatch, "FluoroPrintReconstruct")
    widget = stand_in.open_panel(module)
    widget.parent.enter()
    button = widget.ui.previewButton
    assert button.toolTip == "Choose or load a sweep first."
    widget.ui.sweepChooser.setCurrentNode(add_sweep(scene, sweep, "Run"))
    assert button.enabled
    assert "in seconds" in button.toolTip
    stand_in.click(button)
    assert not button.enabled
    assert "wait, or cancel it" in button.toolTip
    stand_in.wait_until(lambda: not widget.work.busy)
    assert "in seconds" in button.toolTip
