"""The Segment Editor effect "Fluoro bone", from its button to the labelmap that it hands back."""

import sys
import types
from types import SimpleNamespace

import numpy as np
import pytest
import slicer
import stand_in
from FluoroPrintLib.mrml.nodes import vtk_image
from FluoroPrintLib.mrml.oriented_images import volume_from_image

SIZE, RADIUS = 48, 14


@pytest.fixture
def source_image():
    """A ball of bone (1000 HU) in soft tissue (40 HU) with noise, voxels of 1 mm."""
    k, j, i = np.indices((SIZE, SIZE, SIZE)) - SIZE // 2
    noise = np.random.default_rng(1).normal(0.0, 20.0, (SIZE, SIZE, SIZE))
    voxels = np.where(i**2 + j**2 + k**2 <= RADIUS**2, 1000.0, 40.0) + noise
    image = slicer.vtkOrientedImageData()
    image.ShallowCopy(vtk_image(voxels.astype(np.float32)))
    return image


@pytest.fixture
def effect(application, monkeypatch, source_image):
    folder = stand_in.REPOSITORY / "SegmentEditorFluoroPrint"
    monkeypatch.syspath_prepend(str(folder))
    from SegmentEditorFluoroPrintLib.SegmentEditorFluoroBoneEffect import SegmentEditorFluoroBoneEffect

    host = stand_in.make_class("qSlicerSegmentEditorScriptedEffect")()
    host.answers.update({"sourceVolumeImageData": source_image, "confirmCurrentSegmentVisible": True})
    host.answers["optionsLayout"] = sys.modules["qt"].QFormLayout()
    result = SegmentEditorFluoroBoneEffect(host)
    result.setupOptionsFrame()
    return result


def calls_named(host, name):
    return [arguments for called, arguments in host.calls if called == name]


def test_the_effect_puts_bone_into_the_selected_segment(effect, application):
    effect.applyButton.emit("clicked()")
    assert application.errors == []
    host = effect.scriptedEffect
    names = [name for name, _ in host.calls]
    assert names.index("saveStateForUndo") < names.index("modifySelectedSegmentByLabelmap")
    labelmap, mode = calls_named(host, "modifySelectedSegmentByLabelmap")[0]
    assert mode == "qSlicerSegmentEditorAbstractEffect.ModificationModeSet"
    count = np.count_nonzero(volume_from_image(labelmap, "bone").array_kji)
    assert count == pytest.approx(4 / 3 * np.pi * RADIUS**3, rel=0.05)


def test_nothing_is_written_where_the_segment_is_hidden(effect):
    effect.scriptedEffect.answers["confirmCurrentSegmentVisible"] = False
    effect.applyButton.emit("clicked()")
    assert calls_named(effect.scriptedEffect, "modifySelectedSegmentByLabelmap") == []


def test_the_effect_tells_its_name_and_shows_its_icon(effect):
    host = effect.scriptedEffect
    assert (host.name, host.title, host.perSegment) == ("Fluoro bone", "Fluoro bone", True)
    assert effect.icon().calls[0][1][0].endswith("SegmentEditorFluoroPrint.png")
    assert "bone" in effect.helpText()


def test_the_hidden_module_registers_the_effect_when_slicer_has_started(application, monkeypatch):
    made = []

    def scripted_effect(_parent):
        made.append(stand_in.make_class("qSlicerSegmentEditorScriptedEffect")())
        made[0].answers["self"] = SimpleNamespace(register=lambda: made.append("registered"))
        return made[0]

    effects = types.ModuleType("qSlicerSegmentationsEditorEffectsPythonQt")
    effects.qSlicerSegmentEditorScriptedEffect = scripted_effect
    monkeypatch.setitem(sys.modules, effects.__name__, effects)
    module = stand_in.load_module(monkeypatch, "SegmentEditorFluoroPrint")
    module.SegmentEditorFluoroPrint(SimpleNamespace())
    application.app.emit("startupCompleted()")
    source = calls_named(made[0], "setPythonSource")[0][0]
    assert source.endswith("SegmentEditorFluoroPrintLib/SegmentEditorFluoroBoneEffect.py")
    assert made[1] == "registered"
