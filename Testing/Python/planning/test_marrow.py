"""Marrow is told from soft tissue by greys that are known; joints close, foramina stay open."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.planning.canal import Canal, with_walls
from FluoroPrintLib.planning.live import bone_to_plan_in
from FluoroPrintLib.planning.marrow import greys_on, likeness, reached
from FluoroPrintLib.planning.meshes import joined
from FluoroPrintLib.planning.pedicle_screws import (
    LUMBAR,
    THORACIC,
    PedicleScrewParameters,
    _preferred,
    why_no_screw,
)
from FluoroPrintLib.planning.pedicles import Pedicle
from FluoroPrintLib.planning.screw import Screw
from FluoroPrintLib.planning.vertebrae import solid
from planning_solids import FAMILY, box, column, grid, places_of, tube

SOFT, MUSCLE, MARROW, CORTEX = 10.0, 55.0, 130.0, 900.0


def body(noise=0.0):
    """A body of marrow from y 10 to 40 behind whose front wall alone cortex lies, the canal at y 0."""
    volume = grid((60.0, 100.0, 40.0), (1.0, 1.0, 1.0))
    p = places_of(volume)
    greys = np.full(volume.array_kji.shape, MUSCLE)
    greys[np.linalg.norm(p[..., :2], axis=-1) < 8] = SOFT
    greys[box(p, (-20, 10, -20), (20, 40, 20))] = MARROW
    cortex = box(p, (-20, 38, -20), (20, 40, 20))
    greys[cortex] = CORTEX
    greys += noise * np.random.default_rng(1).standard_normal(greys.shape)
    known = box(p, (-10, 20, -10), (10, 30, 10))
    return volume.with_array(greys.astype(np.float32)), volume.with_array(cortex.astype(np.uint8)), known


def canal_at_origin(bone) -> Canal:
    places = np.stack([np.zeros(31), np.zeros(31), np.arange(-15.0, 16.0)], axis=1)
    up, right = np.tile([0.0, 0.0, 1.0], (31, 1)), np.tile([1.0, 0.0, 0.0], (31, 1))
    return with_walls(bone, places, up, right)


@pytest.mark.parametrize("noise", [0.0, 40.0])
def test_likeness_is_none_in_soft_tissue_and_full_in_marrow(noise):
    volume, bone, known = body(noise)
    like = likeness(greys_on(volume, bone), bone, known, canal_at_origin(bone)).smooth()
    p = places_of(bone)
    marrow, muscle = box(p, (-16, 14, -15), (16, 36, 15)), box(p, (-25, -45, -15), (25, -12, 15))
    assert like[marrow].mean() > 0.8
    assert like[muscle].mean() < 0.5
    assert (like[marrow] > 0.75).mean() > 0.9 - noise / 100
    assert (like[muscle] > 0.75).mean() < 0.01


def test_the_border_of_marrow_is_where_it_was_put():
    volume, bone, known = body()
    like = likeness(greys_on(volume, bone), bone, known, canal_at_origin(bone)).smooth()
    p = places_of(bone)
    column = (np.abs(p[..., 0] - 0.5) < 0.1) & (np.abs(p[..., 2] - 0.5) < 0.1)
    inside = p[column][like[column] > 0.75][:, 1]
    assert inside.min() == pytest.approx(10.0, abs=1.1)
    assert inside.max() == pytest.approx(40.0, abs=1.1)


def test_greys_without_contrast_tell_nothing():
    _, bone, known = body()
    flat = bone.with_array(np.full(bone.array_kji.shape, 40.0, np.float32))
    assert likeness(greys_on(flat, bone), bone, known, canal_at_origin(bone)) is None


@pytest.mark.parametrize(("gap", "closed"), [(3.0, True), (9.0, False)])
def test_bones_join_across_a_joint_alone(gap, closed):
    volume = grid((50.0, 30.0, 30.0), (1.0, 1.0, 1.0))
    p = places_of(volume)
    bones = [
        Volume(box(p, low, high).astype(np.uint8), volume.ijk_to_ras)
        for low, high in (((-20, -10, -10), (0, 10, 10)), ((gap, -10, -10), (20, 10, 10)))
    ]
    both = joined(bones)
    places = places_of(both)
    middle = np.linalg.norm(places - (gap / 2, 0, 0), axis=-1) < 1.0
    assert both.array_kji[middle].all() == closed


def screw(length, diameter):
    return Screw((0.0, 0.0, 0.0), (0.0, length, 0.0), diameter)


def test_a_screw_that_reaches_as_far_may_be_a_little_thinner():
    fitting = [screw(25, 6.5), screw(35, 5.5), screw(45, 4.5), screw(30, 6.0)]
    assert _preferred(fitting, 34.0, 1.0) == screw(35, 5.5)
    assert _preferred(fitting, 34.0, 0.0) == screw(25, 6.5)
    assert _preferred(fitting, 45.0, 2.0) == screw(45, 4.5)
    assert _preferred([], 45.0, 2.0) is None


def test_a_pedicle_without_a_screw_tells_why():
    axes = np.eye(3)
    thin = Pedicle(1, "left", np.zeros(3), 2.0, 15.0, axes[2], axes[1], axes[0])
    parameters = PedicleScrewParameters(region=THORACIC, margin_mm=1.0)
    assert "4.0 mm thick" in why_no_screw(thin, FAMILY, parameters)
    assert "needs 6.0 mm" in why_no_screw(thin, FAMILY, parameters)
    thick = Pedicle(1, "left", np.zeros(3), 4.0, 15.0, axes[2], axes[1], axes[0])
    assert "no line of 25 mm" in why_no_screw(thick, FAMILY, parameters)


def hollow(neck_mm, width_mm=10.0):
    """Bone with a pocket of soft tissue in it that a neck along y opens to the soft tissue in front."""
    volume = grid((50.0, 50.0, 50.0), (1.0, 1.0, 1.0))
    p = places_of(volume)
    bone = box(p, (-20, -20, -20), (20, 10, 20))
    pocket = box(p, (-width_mm / 2,) * 3, (width_mm / 2,) * 3)
    neck = box(p, (-neck_mm / 2, 0, -neck_mm / 2), (neck_mm / 2, 12, neck_mm / 2))
    return volume, ~(bone & ~pocket & ~neck), pocket, bone


@pytest.mark.parametrize(("neck", "open_to_the_outside"), [(2.0, False), (6.0, True)])
def test_soft_tissue_in_bone_is_reached_through_a_wide_opening_alone(neck, open_to_the_outside):
    _, soft, pocket, bone = hollow(neck)
    found = reached(soft, ~bone, 1.0)
    assert found[pocket].all() == open_to_the_outside
    assert found[pocket].any() == open_to_the_outside
    assert not found[~soft].any()


def test_soft_tissue_ends_where_bright_cortex_begins():
    volume, bone, known = body()
    soft = likeness(greys_on(volume, bone), bone, known, canal_at_origin(bone)).soft()
    p = places_of(bone)
    assert soft[(p[..., 1] > 40) & (bone.array_kji == 0)].all()
    assert not soft[box(p, (-16, 13, -15), (16, 38, 15))].any()


def test_a_foramen_with_bone_all_round_is_no_bone_by_its_greys():
    """Geometry alone fills a pocket that opens to the front; greys keep it open."""
    volume, soft, pocket, _ = hollow(6.0)
    p = places_of(volume)
    cortex = ~soft & ~box(p, (-18, -18, 12), (18, 8, 18))
    greys = np.where(soft, SOFT, MARROW)
    bone = volume.with_array(cortex.astype(np.uint8))
    places = np.stack([np.full(41, 0.5), np.full(41, -23.0), np.arange(-20.0, 21.0)], axis=1)
    up, right = np.tile([0.0, 0.0, 1.0], (41, 1)), np.tile([1.0, 0.0, 0.0], (41, 1))
    canal = with_walls(bone, places, up, right)
    assert solid(bone, canal, 20.0, 22.0).array_kji[pocket].mean() > 0.9
    assert solid(bone, canal, 20.0, 22.0, greys.astype(np.float32)).array_kji[pocket].mean() < 0.15


@pytest.mark.parametrize(("neck", "filled"), [(3.0, True), (6.0, False)])
def test_marrow_behind_a_narrow_gap_is_filled_where_bones_are_joined(neck, filled):
    volume, soft, _, _ = hollow(neck)
    both = joined([volume.with_array((~soft).astype(np.uint8))])
    middle = np.linalg.norm(places_of(both), axis=-1) < 2.0
    assert both.array_kji[middle].all() == filled
    assert both.array_kji[middle].any() == filled


@pytest.mark.slow
def test_the_scene_tells_marrow_from_soft_tissue_where_it_has_the_volume():
    """A pocket in a body, open to the front: bone by its shape alone, none by its greys."""
    volume = grid((100.0, 110.0, 110.0), (1.0, 1.0, 1.0))
    p, bone = places_of(volume), column(volume).array_kji > 0
    pocket, opening = box(p, (6, 18, -4), (14, 28, 4)), box(p, (6, 18, -4), (14, 60, 4))
    marrow = tube(p, (0, 25, -11), (0, 25, 11), 17) & ~opening
    greys = np.where(opening | ~bone, SOFT, np.where(marrow, MARROW, CORTEX))
    cortex = volume.with_array((bone & ~marrow & ~opening).astype(np.uint8))
    blind = bone_to_plan_in(cortex, LUMBAR).at(p[pocket])
    seeing = bone_to_plan_in(cortex, LUMBAR, volume=volume.with_array(greys)).at(p[pocket])
    assert (blind > 0).mean() > 0.9
    assert (seeing > 0).mean() < 0.2
