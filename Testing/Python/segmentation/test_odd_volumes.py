"""Whatever the volume, a method gives a right result or one clear sentence."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.segmentation.methods import Hints, find_by, method_named
from FluoroPrintLib.segmentation.segments import Segment, Segmentation

BONE_MM, BODY_MM = 8.0, 12.0
FINDS_THE_BALL = {"fluoro-bone": 0.05, "vessel": 0.2, "fluoro-grow": 0.35, "joint-split": 0.0}
"""By how much of its volume a method may miss the ball: vessels and growing take part of its blurred rim."""
STRAIGHT = np.eye(3)
TURN = np.array([[np.cos(0.5), -np.sin(0.5), 0], [np.sin(0.5), np.cos(0.5), 0], [0, 0, 1]])


def ball(shape=(34, 34, 34), spacing_ijk=(0.8, 0.8, 0.8), turn=STRAIGHT):
    """A ball of 900 HU in a ball of tissue in air, with noise."""
    spacing = np.array(spacing_ijk)
    places = (np.moveaxis(np.indices(shape), 0, -1) - (np.array(shape) - 1) / 2) * spacing[::-1]
    radius = np.linalg.norm(places, axis=-1)
    values = np.where(radius < BONE_MM, 900.0, np.where(radius < BODY_MM, 40.0, -1000.0))
    values += np.random.default_rng(0).normal(0, 10, shape)
    matrix = np.eye(4)
    matrix[:3, :3] = turn @ np.diag([-1.0, -1.0, 1.0]) @ np.diag(spacing)
    return Volume(values.astype(np.float32), matrix)


def holed(volume):
    values = volume.array_kji.copy()
    values[np.random.default_rng(1).random(values.shape) < 0.02] = np.nan
    return volume.with_array(values)


RIGHT = {
    "straight": ball(),
    "oblique": ball(turn=TURN),
    "anisotropic": ball((14, 34, 52), (0.5, 0.8, 2.0)),
    "one slice": ball((1, 34, 34)),
    "of whole numbers": ball().with_array(ball().array_kji.astype(np.int16)),
    "with NaN": holed(ball()),
}
WRONG = {
    "empty": Volume(np.zeros((0, 4, 4), np.float32), np.eye(4)),
    "constant": Volume(np.full((20, 20, 20), 40, np.float32), np.eye(4)),
    "NaN": Volume(np.full((20, 20, 20), np.nan, np.float32), np.eye(4)),
}


def found_in(volume, name):
    seeds = volume.centre_ras + np.array([[0.0, 0.0, 0.0], [4.0, 0.0, 0.0]])
    bone = volume.with_array((np.nan_to_num(volume.array_kji) > 470).astype(np.uint8))
    hints = Hints(seeds_ras=seeds, segmentation=Segmentation(bone, (Segment("Bone", 1, (1.0, 1.0, 1.0)),)))
    return find_by(method_named(name), volume, None, hints).segmentation.labelmap


@pytest.mark.parametrize("name", FINDS_THE_BALL)
@pytest.mark.parametrize("kind", RIGHT)
def test_the_ball_is_found_on_any_grid(name, kind):
    volume = RIGHT[kind]
    labelmap = found_in(volume, name)
    true = np.count_nonzero(np.nan_to_num(volume.array_kji) > 470)
    np.testing.assert_allclose(labelmap.ijk_to_ras, volume.ijk_to_ras)
    assert np.count_nonzero(labelmap.array_kji) == pytest.approx(true, rel=FINDS_THE_BALL[name] + 1e-9)


@pytest.mark.parametrize("name", [*FINDS_THE_BALL, "metal"])
@pytest.mark.parametrize("kind", WRONG)
def test_a_volume_that_shows_nothing_is_refused_in_a_sentence(name, kind):
    with pytest.raises(FluoroPrintError) as refused:
        found_in(WRONG[kind], name)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("kind", RIGHT)
def test_where_there_is_no_metal_that_is_said(kind):
    with pytest.raises(FluoroPrintError, match="No metal was found"):
        found_in(RIGHT[kind], "metal")
