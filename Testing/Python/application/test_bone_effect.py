"""The Segment Editor effect "Fluoro bone", from its button to the segment in a real scene."""

import sys

import numpy as np
import pytest
import slicer
import stand_in
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.mrml.volumes import add_volume
from slicer.util import arrayFromSegmentBinaryLabelmap

SIZE, RADIUS = 48, 14


@pytest.fixture
def ball(scene):
    """A volume node: a ball of bone (1000 HU) in soft tissue (40 HU) with noise, voxels of 1 mm."""
    k, j, i = np.indices((SIZE, SIZE, SIZE)) - SIZE // 2
    noise = np.random.default_rng(1).normal(0.0, 20.0, (SIZE, SIZE, SIZE))
    voxels = np.where(i**2 + j**2 + k**2 <= RADIUS**2, 1000.0, 40.0) + noise
    grid = grid_centred_at((0, 0, 0), (SIZE, SIZE, SIZE), 1.0)
    return add_volume(scene, Volume(voxels.astype(np.float32), grid), "Ball")


@pytest.fixture
def editor(scene, ball):
    """Slicer's own segment editor logic, on an empty segment over the ball."""
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Segmentation")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(ball)
    segment_id = node.GetSegmentation().AddEmptySegment("bone")
    logic = slicer.vtkSlicerSegmentEditorLogic()
    logic.SetMRMLScene(scene)
    logic.SetSegmentEditorNode(scene.AddNewNodeByClass("vtkMRMLSegmentEditorNode"))
    logic.SetSegmentationNode(node)
    logic.SetSourceVolumeNode(ball)
    logic.SetCurrentSegmentID(segment_id)
    return logic


@pytest.fixture
def registered(application, monkeypatch):
    """The effect as the Segment Editor finds it when Slicer has started."""
    module, _ = stand_in.start_module(monkeypatch, "SegmentEditorFluoroPrint")
    monkeypatch.delitem(sys.modules, "SegmentEditorFluoroPrintLib", raising=False)
    stand_in.emit(application.app, "startupCompleted()")
    yield slicer.qSlicerSegmentEditorEffectFactory.instance().registeredEffects()
    sys.modules.pop("SegmentEditorFluoroPrintLib", None)


@pytest.fixture
def effect(registered, editor):
    result = registered[0].self().clone()
    result.real.edits(editor)
    result.self().setupOptionsFrame()
    return result


def voxels_of(editor, ball):
    return arrayFromSegmentBinaryLabelmap(editor.GetSegmentationNode(), editor.GetCurrentSegmentID(), ball)


def test_the_effect_puts_bone_into_the_selected_segment(effect, application, editor, ball):
    stand_in.click(effect.self().applyButton)
    assert application.errors == []
    count = np.count_nonzero(voxels_of(editor, ball))
    assert count == pytest.approx(4 / 3 * np.pi * RADIUS**3, rel=0.05)


def test_undo_takes_the_bone_back(effect, editor, ball):
    history = slicer.vtkSegmentationHistory()
    history.SetSegmentation(editor.GetSegmentation())
    editor.SetSegmentationHistory(history)
    stand_in.click(effect.self().applyButton)
    editor.Undo()
    assert np.count_nonzero(voxels_of(editor, ball)) == 0


def test_nothing_is_written_where_the_user_leaves_the_segment_hidden(effect, application, editor, ball):
    editor.GetSegmentationNode().GetDisplayNode().SetSegmentVisibility(editor.GetCurrentSegmentID(), False)
    application.answers["qSlicerSegmentEditorAbstractEffect.confirmCurrentSegmentVisible"] = False
    stand_in.click(effect.self().applyButton)
    assert np.count_nonzero(voxels_of(editor, ball)) == 0


def test_the_effect_tells_its_name_and_shows_its_icon(effect):
    assert (effect.name, effect.title, effect.perSegment) == ("Fluoro bone", "Fluoro bone", True)
    assert not effect.self().icon().isNull()
    assert "bone" in effect.self().helpText()


def test_the_segment_editor_finds_the_effect_by_its_name(registered):
    assert [effect.name for effect in registered] == ["Fluoro bone"]
    assert slicer.qMRMLSegmentEditorWidget().effectByName("Fluoro bone").title == "Fluoro bone"
    assert slicer.qMRMLSegmentEditorWidget().effectByName("Paint") is None
