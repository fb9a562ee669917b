import dataclasses

import numpy as np
import pytest
import trimesh
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.mesh.model import ModelParameters, model_from_segment, models_from_segmentation
from FluoroPrintLib.mesh.polydata import points_of, triangles_of

GRID = np.diag([-0.8, -0.8, 0.8, 1.0])


@pytest.fixture
def shell(solids):
    mask = solids.ball_mask(41, 17) & ~solids.ball_mask(41, 9)
    return solids.segmentation_of(mask, GRID)


def test_a_shell_becomes_a_printable_model_of_nearly_its_volume(shell):
    model = model_from_segment(shell, shell.segments[0])
    assert model.check.is_printable
    assert model.check.shells == 2
    assert model.check.volume_mm3 == pytest.approx(4 / 3 * np.pi * 0.8**3 * (17**3 - 9**3), rel=0.02)
    assert abs(model.volume_change) < 0.005
    assert model.deviation.p95_mm < 0.4
    assert (model.name, model.colour, model.segment) == ("Bone", (0.9, 0.8, 0.6), shell.segments[0])
    judge = trimesh.Trimesh(points_of(model.surface), triangles_of(model.surface))
    assert judge.is_volume
    assert judge.volume == pytest.approx(model.check.volume_mm3, rel=1e-6)


def test_islands_are_left_out_and_small_cavities_filled_by_their_volume(solids):
    mask = solids.ball_mask(41, 15)
    mask[1:4, 1:4, 1:4] = True
    mask[20, 20, 20:22] = False
    segmentation = solids.segmentation_of(mask, GRID)
    keep = ModelParameters(min_island_mm3=10.0, min_cavity_mm3=0.5, max_deviation_mm=0.0)
    drop = ModelParameters(min_island_mm3=20.0, min_cavity_mm3=5.0, max_deviation_mm=0.0)
    assert model_from_segment(segmentation, segmentation.segments[0], keep).check.shells == 3
    assert model_from_segment(segmentation, segmentation.segments[0], drop).check.shells == 1


def test_without_decimation_and_smoothing_the_model_is_the_surface(shell):
    plain = ModelParameters(smoothing=0.0, max_deviation_mm=0.0)
    model = model_from_segment(shell, shell.segments[0], plain)
    assert model.decimation_engine == "none"
    assert model.deviation.max_mm == pytest.approx(0, abs=1e-5)
    assert model.volume_change == pytest.approx(0, abs=1e-9)


def test_the_segmentation_stays_as_it_was(shell):
    before = shell.labelmap.array_kji.copy()
    shell.labelmap.array_kji.setflags(write=False)
    models_from_segmentation(shell)
    assert np.array_equal(shell.labelmap.array_kji, before)


def test_an_empty_segment_and_one_of_specks_only_say_so(solids):
    empty = solids.segmentation_of(np.zeros((4, 4, 4), bool))
    with pytest.raises(FluoroPrintError, match='"Bone" is empty'):
        models_from_segmentation(empty)
    speck = np.zeros((4, 4, 4), bool)
    speck[1, 1, 1] = True
    with pytest.raises(FluoroPrintError, match="smaller than 30 mm3"):
        models_from_segmentation(solids.segmentation_of(speck))


def test_a_segmentation_without_segments_says_so(shell):
    with pytest.raises(FluoroPrintError, match="no segments"):
        models_from_segmentation(dataclasses.replace(shell, segments=()))


def test_bone_in_a_single_slice_becomes_a_closed_plate(solids):
    mask = np.zeros((1, 20, 20), bool)
    mask[0, 4:16, 4:16] = True
    segmentation = solids.segmentation_of(mask)
    (model,) = models_from_segmentation(segmentation)
    assert model.check.is_printable
    assert model.check.volume_mm3 == pytest.approx(144, rel=0.1)


def test_progress_grows_and_a_cancel_is_heard(shell):
    heard = []
    models_from_segmentation(shell, progress=lambda fraction, message: heard.append(fraction))
    assert heard == sorted(heard)
    assert heard[-1] == 1.0

    def stop(fraction, message):
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        models_from_segmentation(shell, progress=stop)
