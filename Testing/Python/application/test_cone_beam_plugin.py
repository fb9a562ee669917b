"""The DICOM plugin: what it offers of files, how sure it is, and what it loads."""

import sys
from pathlib import Path

import numpy as np
import pytest
import slicer
import stand_in
from FluoroPrintLib.files.xa_writer import write_xa_sweep
from FluoroPrintLib.mrml.provenance import stage_of
from FluoroPrintLib.mrml.sweeps import is_sweep_node

MODULE = "FluoroPrintConeBeamPlugin"  # each of its handlers is called here: see every_handler.py
COUNT = 12
IMAGE_SEQUENCE = 0.7
"""How sure Slicer's own image-sequence plugin is of every XA run."""


def write(path, **options):
    told = {
        "primary_deg": np.linspace(-100.0, 100.0, COUNT),
        "secondary_deg": np.zeros(COUNT),
        "sid_mm": 1180.0,
        "sod_mm": 785.0,
        "pixel_mm": (2.6, 2.6),
        "bits_stored": 12,
    }
    row, column = np.mgrid[:20, :24]
    disc = np.where(np.hypot(row - 9.5, column - 11.5) < 6, 1500, 4000).astype(np.uint16)
    write_xa_sweep(path, np.repeat(disc[None], COUNT, 0), **{**told, **options})
    return str(path)


@pytest.fixture
def plugin(application, monkeypatch):
    stand_in.start_module(monkeypatch, "FluoroPrintConeBeamPlugin")
    return slicer.modules.dicomPlugins["FluoroPrintConeBeamPlugin"]()


def offered(plugin, *paths):
    return plugin.examineForImport([list(paths)])


def test_a_run_in_which_the_arm_turned_is_offered_above_slicer_s_own_plugin(plugin, tmp_path):
    (loadable,) = offered(plugin, write(tmp_path / "run.dcm"))
    assert loadable.selected
    assert loadable.confidence > IMAGE_SEQUENCE
    assert loadable.warning == ""
    assert loadable.name.startswith("1: XA") or "XA" in loadable.name
    assert loadable.tooltip.splitlines()[0] == "C-arm sweep for FluoroPrint"
    assert "arc 200.0°" in loadable.tooltip
    assert "source to detector 1180 mm" in loadable.tooltip


def test_a_loop_is_left_to_slicer(plugin, tmp_path):
    (loadable,) = offered(plugin, write(tmp_path / "loop.dcm", primary_deg=np.full(COUNT, 30.0)))
    assert not loadable.selected
    assert loadable.confidence < IMAGE_SEQUENCE
    assert "stood still at 30.0°" in loadable.tooltip


def test_a_run_that_lacks_its_distances_is_offered_with_a_warning(plugin, tmp_path):
    import pydicom

    path = write(tmp_path / "run.dcm")
    dataset = pydicom.dcmread(path)
    del dataset.DistanceSourceToDetector
    dataset.save_as(path)
    (loadable,) = offered(plugin, path)
    assert IMAGE_SEQUENCE < loadable.confidence < 0.9
    assert "distance source to detector" in loadable.warning


def test_broken_and_foreign_files_are_not_offered(plugin, tmp_path):
    (tmp_path / "broken.dcm").write_bytes(bytes(128) + b"DICM" + b"\x02\x00")
    assert offered(plugin, str(tmp_path / "missing.dcm"), str(tmp_path / "broken.dcm")) == []


def test_what_was_found_is_found_again_without_reading(plugin, tmp_path):
    path = write(tmp_path / "run.dcm")
    first = offered(plugin, path)
    Path(path).unlink()
    assert offered(plugin, path) == first


def test_a_run_is_loaded_as_a_sweep_under_its_study(plugin, application, scene, tmp_path):
    (loadable,) = offered(plugin, write(tmp_path / "run.dcm"))
    node = plugin.load(loadable)
    assert application.errors == []
    assert is_sweep_node(node)
    assert (node.GetName(), stage_of(node)) == (loadable.name, "Acquire")
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    parent = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node))
    assert hierarchy.GetItemLevel(parent) == "Study"


def test_a_volume_of_the_console_is_loaded_as_a_volume(plugin, application, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "files"))
    monkeypatch.delitem(sys.modules, "enhanced_files", raising=False)
    from enhanced_files import write_xray_3d

    places = [(0.0, 0.0, float(k)) for k in range(4)]
    values = np.arange(4 * 6 * 5, dtype=np.uint16).reshape(4, 6, 5)
    (loadable,) = offered(plugin, str(write_xray_3d(tmp_path / "volume.dcm", values, places)))
    assert loadable.confidence > IMAGE_SEQUENCE
    node = plugin.load(loadable)
    assert not is_sweep_node(node)
    assert node.GetImageData().GetDimensions() == (5, 6, 4)


def test_a_run_that_cannot_be_read_is_told_and_leaves_the_scene(plugin, application, scene, tmp_path):
    import pydicom

    path = write(tmp_path / "run.dcm")
    dataset = pydicom.dcmread(path)
    del dataset.DistanceSourceToDetector
    dataset.save_as(path)
    (loadable,) = offered(plugin, path)
    assert plugin.load(loadable) is None
    assert "--sid-mm" in application.errors[0] or "distance source to detector" in application.errors[0]
    assert scene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode") is None


def test_a_cancelled_load_leaves_the_scene(plugin, application, scene, tmp_path, monkeypatch):
    from FluoroPrintLib.errors import Cancelled
    from FluoroPrintLib.slicer_app import dialog

    def cancelled(_title, _compute):
        raise Cancelled

    monkeypatch.setattr(dialog, "computed_in_dialog", cancelled)
    (loadable,) = offered(plugin, write(tmp_path / "run.dcm"))
    assert plugin.load(loadable) is None
    assert application.errors == []
    assert scene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode") is None
