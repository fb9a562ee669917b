"""The module FluoroPrint Reconstruct, from its button to nodes in a real scene."""

import numpy as np
import pytest
import stand_in
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.files import sweep as sweep_files
from FluoroPrintLib.geometry.poses import geometry_from_angles
from FluoroPrintLib.geometry.sweep import Sweep
from FluoroPrintLib.mrml.provenance import source_of
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters

COARSE = ReconstructionParameters(voxel_mm=8.0, engine="numpy")


@pytest.fixture
def uniform_sweep(monkeypatch):
    """Stands in for a file: 40 frames over 210 degrees, 24x24 pixels, the same attenuation everywhere."""
    primary_deg = np.linspace(-105.0, 105.0, 40)
    geometry = geometry_from_angles(
        primary_deg, 0 * primary_deg, sid_mm=1000.0, sod_mm=600.0, pixel_mm=(8.0, 8.0), rows=24, columns=24
    )
    sweep = Sweep(np.ones((40, 24, 24), np.float32), 1.0, geometry, {"source": "run7.dcm"})
    monkeypatch.setattr(sweep_files, "read_sweep", lambda *_args, **_options: sweep)
    return sweep


@pytest.fixture
def module(application, monkeypatch):
    return stand_in.load_module(monkeypatch, "FluoroPrintReconstruct")


def volumes_of(scene):
    nodes = scene.GetNodesByClass("vtkMRMLScalarVolumeNode")
    return [nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())]


def test_the_button_makes_a_volume_that_knows_its_sweep(module, uniform_sweep, application, scene):
    composite = scene.AddNewNodeByClass("vtkMRMLSliceCompositeNode")
    widget = stand_in.open_panel(module)
    stand_in.type_text(widget.sweepEdit, "run7.dcm")
    stand_in.click(widget.applyButton)
    sweep_node, volume_node = volumes_of(scene)
    assert application.errors == []
    assert (sweep_node.GetName(), volume_node.GetName()) == ("run7 sweep", "run7 volume")
    assert source_of(volume_node) is sweep_node
    assert composite.GetBackgroundVolumeID() == volume_node.GetID()


def test_without_a_sweep_the_button_asks_for_one(module, application, scene):
    widget = stand_in.open_panel(module)
    stand_in.click(widget.applyButton)
    assert application.errors == ["There is no sweep yet: choose one."]
    assert volumes_of(scene) == []


def test_the_logic_works_on_any_scene_without_a_window(module, uniform_sweep, scene):
    node = module.FluoroPrintReconstructLogic().reconstruct(scene, "run7.dcm", COARSE)
    assert node.GetSpacing() == (8.0, 8.0, 8.0)


def test_a_cancelled_reconstruction_leaves_the_scene_empty(module, uniform_sweep, scene):
    def cancel(fraction, message):
        if fraction > 0.6:
            raise Cancelled

    with pytest.raises(Cancelled):
        module.FluoroPrintReconstructLogic().reconstruct(scene, "run7.dcm", COARSE, progress=cancel)
    assert volumes_of(scene) == []


def test_a_missing_file_is_told_by_its_name(module, scene):
    with pytest.raises(FluoroPrintError, match=r"missing\.dcm"):
        module.FluoroPrintReconstructLogic().reconstruct(scene, "missing.dcm", COARSE)
