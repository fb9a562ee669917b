"""The module FluoroPrint Prepare, from its button to models in a real scene."""

import numpy as np
import pytest
import stand_in
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.mrml.provenance import source_of
from FluoroPrintLib.mrml.segmentations import add_segmentation
from FluoroPrintLib.segmentation.segments import Segment, Segmentation

RADIUS_MM = 8.0


@pytest.fixture
def widget(application, monkeypatch):
    module = stand_in.load_module(monkeypatch, "FluoroPrintPrepare")
    return stand_in.open_panel(module)


@pytest.fixture
def ball_node(scene):
    """A segmentation with one ball about the origin."""
    grid = grid_centred_at((0, 0, 0), (25, 25, 25), 1.0)
    k, j, i = np.indices((25, 25, 25)) - 12
    labels = (i**2 + j**2 + k**2 <= RADIUS_MM**2).astype(np.uint8)
    segmentation = Segmentation(Volume(labels, grid), (Segment("Ball", 1, (0.9, 0.8, 0.6)),))
    return add_segmentation(scene, segmentation, "Balls")


def test_the_button_makes_a_model_that_knows_its_segmentation(widget, ball_node, application, scene):
    assert widget.segmentationChooser.currentNode() is ball_node
    stand_in.click(widget.applyButton)
    assert application.errors == []
    model = scene.GetFirstNodeByClass("vtkMRMLModelNode")
    assert model.GetName() == "Ball model"
    assert source_of(model) is ball_node
    bounds = np.reshape(model.GetPolyData().GetBounds(), (3, 2))
    assert np.abs(bounds) == pytest.approx(RADIUS_MM, abs=0.6)


def test_without_a_segmentation_the_button_asks_for_one(widget, application, scene):
    stand_in.click(widget.applyButton)
    assert "choose a sweep, volume, segmentation or model" in application.errors[0]
    assert scene.GetFirstNodeByClass("vtkMRMLModelNode") is None
