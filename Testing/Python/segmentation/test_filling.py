"""What is filled, and what stays open, against shapes whose inside is known."""

import numpy as np
import pytest
from FluoroPrintLib.segmentation.filling import enclosed_cavities, with_marrow

SPACING = np.array([1.0, 0.8, 0.8])
SIZE = (50, 64, 64)
K, J, L = ((np.indices(SIZE).T - (np.array(SIZE) - 1) / 2) * SPACING).T
RADIUS = np.sqrt(K**2 + J**2 + L**2)


def test_a_cavity_open_across_an_edge_only_is_not_enclosed():
    mask = np.zeros((5, 5, 5), bool)
    mask[1:4, 1:4, 1:4] = True
    mask[2, 2, 2] = False
    assert enclosed_cavities(mask).sum() == 1
    mask[2, 1, 1] = False
    assert enclosed_cavities(mask).sum() == 0


def test_marrow_behind_a_gap_of_the_cortex_is_filled_to_the_outer_surface():
    shell = (RADIUS < 18) & (RADIUS > 15)
    pierced = shell & ~((np.hypot(J, L) < 2.0) & (K > 0))
    assert enclosed_cavities(pierced).sum() == 0
    assert with_marrow(pierced, SPACING).sum() == pytest.approx((RADIUS < 18).sum(), rel=0.02)


def test_a_canal_open_at_both_ends_stays_open():
    ring = (np.hypot(J, L) < 16) & (np.hypot(J, L) > 8) & (np.abs(K) < 15)
    filled = with_marrow(ring, SPACING)
    assert not filled[(np.hypot(J, L) < 7.5)].any()
    assert filled.sum() == pytest.approx(ring.sum(), rel=0.01)


def test_the_inside_of_a_skull_is_no_marrow():
    spacing = SPACING * 4
    skull = (RADIUS * 4 < 70) & (RADIUS * 4 > 60)
    inside = RADIUS * 4 < 50
    assert with_marrow(skull, spacing)[inside].mean() < 0.05


def test_solid_bone_and_nothing_stay_as_they_are():
    ball = RADIUS < 12
    assert np.array_equal(with_marrow(ball, SPACING), ball)
    assert not with_marrow(np.zeros(SIZE, bool), SPACING).any()


def test_the_mask_given_stays_as_it_was():
    ring = (RADIUS < 18) & (RADIUS > 15)
    before = ring.copy()
    ring.setflags(write=False)
    with_marrow(ring, SPACING)
    assert np.array_equal(ring, before)
