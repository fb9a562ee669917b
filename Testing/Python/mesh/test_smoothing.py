import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh import smoothing
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.polydata import points_of, signed_volume_mm3, triangles_of
from FluoroPrintLib.mesh.smoothing import smooth_mesh
from FluoroPrintLib.mesh.surface import surface_of_mask
from scipy.ndimage import gaussian_filter

GRID = np.diag([-0.8, -0.8, 0.8, 1.0])


@pytest.mark.parametrize("strength", [0.2, 0.5, 1.0])
def test_a_ball_gets_rounder_and_keeps_its_volume(solids, strength):
    rough = surface_of_mask(solids.ball_mask(41, 16), GRID)
    smooth = smooth_mesh(rough, strength)
    before, after = check_mesh(rough), check_mesh(smooth)
    assert after.is_printable
    assert after.volume_mm3 == pytest.approx(before.volume_mm3, rel=1e-3)
    assert roughness(smooth) < 0.7 * roughness(rough)


def roughness(surface):
    points = points_of(surface)
    return np.linalg.norm(points - points.mean(0), axis=1).std()


@pytest.fixture
def ragged():
    """Thin bone like the trabecular kind that noise leaves: it would cut itself when smoothed."""
    noise = gaussian_filter(np.random.default_rng(1).normal(size=(18, 18, 18)), 0.8)
    return surface_of_mask(noise > np.percentile(noise, 70), GRID)


@pytest.mark.parametrize("strength", [0.3, 0.7])
def test_thin_ragged_bone_never_cuts_itself(ragged, strength):
    smooth = smooth_mesh(ragged, strength)
    found = check_mesh(smooth)
    assert found.is_printable, found.faults


def test_without_taking_back_the_same_bone_would_cut_itself(ragged, monkeypatch):
    monkeypatch.setattr(smoothing, "_uncrossed", lambda smooth, *_: smooth)
    assert not check_mesh(smooth_mesh(ragged, 0.7)).is_printable


def test_strength_zero_changes_nothing(solids):
    rough = surface_of_mask(solids.ball_mask(11, 4), GRID)
    assert np.array_equal(points_of(smooth_mesh(rough, 0.0)), points_of(rough))


def test_the_input_stays_as_it_was(solids):
    rough = surface_of_mask(solids.ball_mask(11, 4), GRID)
    before = points_of(rough)
    smooth_mesh(rough, 0.5)
    assert np.array_equal(points_of(rough), before)


def test_a_change_of_volume_beyond_one_percent_is_refused(solids, monkeypatch):
    monkeypatch.setattr(smoothing, "_with_volume_of", lambda points, *_: 0.9 * points)
    with pytest.raises(FluoroPrintError, match="change the volume by"):
        smooth_mesh(surface_of_mask(solids.ball_mask(21, 8), GRID), 0.3)


def test_volume_lost_is_given_back(solids):
    rough = surface_of_mask(solids.ball_mask(21, 8), GRID)
    points, triangles = points_of(rough), triangles_of(rough)
    middle = points.mean(0)
    shrunk = middle + 0.98 * (points - middle)
    regained = smoothing._with_volume_of(shrunk, points, triangles)
    wanted = signed_volume_mm3(points, triangles)
    assert signed_volume_mm3(shrunk, triangles) == pytest.approx(0.98**3 * wanted)
    assert signed_volume_mm3(regained, triangles) == pytest.approx(wanted, rel=3e-3)
