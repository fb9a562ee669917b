"""A stage run beside the window: from a node to nodes, and what happens to the scene meanwhile."""

import numpy as np
import pytest
import stand_in
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mrml.cases import case_of
from FluoroPrintLib.mrml.provenance import seconds_of, source_of, stage_of
from FluoroPrintLib.mrml.stages import Stage, register_result
from FluoroPrintLib.mrml.volumes import add_volume
from FluoroPrintLib.segmentation.bone import BoneParameters


@pytest.fixture
def work(application):
    import qt
    from FluoroPrintLib.slicer_app.work import Work

    work = Work("Halve", qt.QFrame(), lambda: None)
    yield work
    work.close()


@pytest.fixture
def node(scene):
    return add_volume(scene, Volume(np.full((4, 4, 4), 800.0, np.float32), np.eye(4)), "Whole")


HALVE = Stage(
    "Segment", lambda volume, _parameters, _progress: Volume(volume.array_kji / 2, volume.ijk_to_ras), "Half"
)


def run(work, node):
    from FluoroPrintLib.slicer_app.stage_work import start_stage

    made = []
    start_stage(work, HALVE, node, BoneParameters(), made.extend)
    return made


def test_the_result_joins_the_case_of_its_source(work, node, scene):
    register_result(scene, node, None, "Acquire", case="Patient 7")
    made = run(work, node)
    stand_in.wait_until(lambda: not work.busy)
    (half,) = made
    assert half.GetImageData().GetScalarRange() == (400.0, 400.0)
    assert (case_of(half), stage_of(half), source_of(half)) == ("Patient 7", "Segment", node)
    assert 0.0 <= seconds_of(half) < 5.0


def test_a_node_of_no_case_gives_its_name_to_one(work, node):
    made = run(work, node)
    stand_in.wait_until(lambda: not work.busy)
    assert case_of(node) == ""
    assert case_of(made[0]) == "Whole"


def test_a_node_removed_meanwhile_takes_its_result_along(work, node, scene, application):
    made = run(work, node)
    scene.RemoveNode(node)
    stand_in.wait_until(lambda: not work.busy)
    assert made == []
    assert application.errors == ["'Whole' was removed meanwhile: the result was dropped."]
