"""Scatter put into frames is found by the level of soft tissue and taken out again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from balls import WATER, Ball, arc, sweep_of
from FluoroPrintLib.errors import Cancelled
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct
from FluoroPrintLib.reconstruction.scatter import without_scatter
from FluoroPrintLib.reconstruction.scatter_search import find_scatter
from hazes import scattered

COARSE = ReconstructionParameters(voxel_mm=3.2, scatter=0.0, engine="numpy")
BODY = Ball((0.0, 0.0, 0.0), 55.0, 1.03 * WATER)
BONE = Ball((12.0, 8.0, 0.0), 10.0, 0.6 * WATER)
SHARE = 0.25


@pytest.fixture(scope="module")
def clean():
    return sweep_of(arc(np.linspace(-105, 105, 80), rows=72, columns=90), [BODY, BONE], samples=1)


def hazy(sweep, share):
    """The same frames under an even haze: `share` of the primary's mean behind the body."""
    primary = np.exp(-sweep.frames.astype(float))
    behind = sweep.frames > 0.5
    means = np.array([frame[where].mean() for frame, where in zip(primary, behind, strict=True)])
    seen = primary + np.where(behind, share * means[:, None, None], 0.0)
    return replace(sweep, frames=-np.log(np.minimum(seen, 1)).astype(np.float32))


def levels_hu(volume):
    """Soft tissue beside the bone, and the bone."""
    centres = np.moveaxis(np.indices(volume.array_kji.shape)[::-1], 0, -1) @ volume.ijk_to_ras[:3, :3].T
    centres = centres + volume.ijk_to_ras[:3, 3]
    from_bone = np.linalg.norm(centres - BONE.centre_ras, axis=-1)
    tissue = (np.linalg.norm(centres, axis=-1) < 40) & (from_bone > 18)
    return volume.array_kji[tissue].mean(), volume.array_kji[from_bone < 6].mean()


def found_in(sweep):
    return find_scatter(sweep, lambda small: reconstruct(small, COARSE))


def test_what_the_model_adds_is_taken_out(clean):
    with_haze = scattered(clean, SHARE, 30.0)
    behind = clean.frames > 0.5
    wrong = np.abs(with_haze.frames - clean.frames)[behind].mean()
    left = np.abs(without_scatter(with_haze, SHARE, 30.0).frames - clean.frames)[behind].mean()
    assert wrong > 0.1
    assert left < 0.1 * wrong
    assert np.abs(without_scatter(with_haze, SHARE, 50.0).frames - clean.frames)[behind].mean() > 2 * left


def test_no_scatter_leaves_the_sweep_as_it_is(clean):
    assert without_scatter(clean, 0.0) is clean
    found = found_in(clean)
    assert found.share == 0
    assert found.note == ""
    assert found.tissue_hu == pytest.approx(30, abs=25)


@pytest.mark.slow
def test_haze_of_another_shape_comes_off_for_the_most_part(clean):
    """An even haze, as no spread of the model makes it: what is found is the nearest that the model has."""
    hazed = hazy(clean, SHARE)
    parameters = replace(COARSE, scatter=None)
    soft, bone = levels_hu(reconstruct(clean, COARSE))
    dark_soft, dark_bone = levels_hu(reconstruct(hazed, COARSE))
    corrected = reconstruct(hazed, parameters)
    new_soft, new_bone = levels_hu(corrected)
    assert dark_soft < soft - 100
    assert abs(new_soft - soft) < 0.4 * abs(dark_soft - soft)
    assert abs((new_bone - new_soft) - (bone - soft)) < 0.5 * abs((dark_bone - dark_soft) - (bone - soft))
    (note,) = corrected.notes
    assert "scatter" in note


@pytest.mark.slow
def test_the_share_that_is_given_is_taken_out_and_not_told_of(clean):
    hazed = hazy(clean, SHARE)
    given = reconstruct(hazed, replace(COARSE, scatter=SHARE))
    by_hand = reconstruct(without_scatter(hazed, SHARE), COARSE)
    np.testing.assert_array_equal(given.array_kji, by_hand.array_kji)
    assert given.notes == ()


def test_a_phantom_in_air_tells_nothing_and_stays_as_it_is():
    shell = [Ball((0.0, 0.0, 0.0), 45.0, 1.6 * WATER), Ball((0.0, 0.0, 0.0), 40.0, -1.6 * WATER)]
    hollow = hazy(sweep_of(arc(np.linspace(-105, 105, 60), rows=60), shell, samples=1), SHARE)
    found = found_in(hollow)
    assert found.share == 0
    assert found.tissue_hu is None


@pytest.mark.slow
def test_frames_with_more_scatter_asked_out_than_there_is_stay_finite(clean):
    frames = without_scatter(clean, 5.0).frames
    assert np.isfinite(frames).all()
    assert frames.max() < clean.frames.max() + 3.1, "5 % of what was measured stays"


def test_it_can_be_cancelled(clean):
    def stop(share, text=""):
        if "scatter" in text:
            raise Cancelled

    with pytest.raises(Cancelled):
        without_scatter(clean, 0.1, progress=stop)
    with pytest.raises(Cancelled):
        find_scatter(clean, lambda small: reconstruct(small, COARSE), stop)
