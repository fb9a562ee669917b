"""Share and width of scatter are found by the order of tissue; the reconstruction is a stand-in here."""

from __future__ import annotations

import numpy as np
import pytest
from balls import arc
from FluoroPrintLib.geometry.sweep import Sweep
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.reconstruction.scatter_search import _disorder, _lowest, find_scatter
from hazes import scattered

SIZE = 60
HU_PER_INTEGRAL = 600.0
SHARE = 0.2


@pytest.fixture(scope="module")
def clean():
    """Frames of a body, thicker in some views, wider than the panel in others."""
    geometry = arc(np.linspace(-105, 105, 30), rows=SIZE, columns=SIZE, pixel_mm=6.0)
    view, row, column = np.mgrid[:30, :SIZE, :SIZE].astype(float)
    thick = 4 + 1.0 * np.sin(view / 5)
    wide = 40 + 12 * np.cos(view / 5)
    body = np.exp(-(((column - 28) / wide) ** 4)) * (1 - 0.3 * row / SIZE)
    return Sweep((thick * body + 0.3).astype(np.float32), 1.0, geometry)


def stand_in(clean):
    """A reconstruction whose voxels are the pixels: tissue, and what the frames are off."""
    blocks = np.random.default_rng(3).choice([15.0, -95.0, 500.0], (6, 12, 12), p=[0.6, 0.3, 0.1])
    anatomy = np.kron(blocks, np.ones((5, 5, 5))) + np.random.default_rng(4).normal(0, 12, (30, SIZE, SIZE))

    def reconstruct(sweep):
        values = anatomy + HU_PER_INTEGRAL * (sweep.frames - clean.frames)
        return Volume(values.astype(np.float32), np.diag([3.2, 3.2, 3.2, 1.0]))

    return reconstruct


@pytest.mark.slow
@pytest.mark.parametrize("spread_mm", [30.0, 53.0])
def test_share_and_spread_are_found(clean, spread_mm):
    found = find_scatter(scattered(clean, SHARE, spread_mm), stand_in(clean))
    assert found.share == pytest.approx(SHARE, rel=0.2)
    assert found.spread_mm == pytest.approx(spread_mm, rel=0.2)
    assert f"{found.spread_mm:.0f} mm" in found.note


def test_no_scatter_is_found_where_there_is_none(clean):
    assert find_scatter(clean, stand_in(clean)).share == 0


def test_a_bent_scale_is_disorder_and_lost_contrast_is_no_order():
    rng = np.random.default_rng(0)
    tissue = rng.choice([20.0, -100.0, 600.0], 20000, p=[0.6, 0.3, 0.1]) + rng.normal(0, 10, 20000)
    bent = tissue + np.linspace(-80, 80, 20000)
    faint = 20 + 0.5 * (tissue - 20)
    assert _disorder(bent, 20.0) > _disorder(tissue, 20.0) + 0.2
    assert _disorder(faint, 20.0) == pytest.approx(_disorder(tissue, 20.0), abs=0.02)


def test_the_least_place_lies_between_trials_and_not_where_it_is_not_allowed():
    places = [10.0, 20.0, 40.0, 80.0]
    values = np.log(np.array(places) / 25.0) ** 2
    everywhere = np.ones(4, bool)
    assert _lowest(places, values, everywhere) == pytest.approx(25.0)
    values[3] = -1.0
    assert _lowest(places, values, np.array([True, True, True, False])) == pytest.approx(25.0)
    assert _lowest(places, values, everywhere) == 80.0
