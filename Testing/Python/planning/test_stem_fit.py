"""Stems in the canal of a femur of solids, whose axis and widths are known; heads and liners."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from FluoroPrintLib.catalog.families import plan_catalogue
from FluoroPrintLib.catalog.implants import implant_family
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.planning import edits
from FluoroPrintLib.planning.cup import Cup
from FluoroPrintLib.planning.cup_angles import pelvis_frame
from FluoroPrintLib.planning.cup_objects import planned_cup, planned_pelvis
from FluoroPrintLib.planning.edits import Hand
from FluoroPrintLib.planning.femoral_canal import femoral_canal, width_towards
from FluoroPrintLib.planning.field import bone_field
from FluoroPrintLib.planning.hip_stem import Stem
from FluoroPrintLib.planning.hip_stem_objects import (
    fit_decisions,
    fit_figures,
    planned_stem,
    with_native_head,
)
from FluoroPrintLib.planning.implant_shapes import drawn
from FluoroPrintLib.planning.implants import chosen_implant
from FluoroPrintLib.planning.kind import Surroundings
from FluoroPrintLib.planning.live import Live
from FluoroPrintLib.planning.plan import Plan
from FluoroPrintLib.planning.stem_fit import StemParameters, chosen_head, fitted_stem, liner_mm, width_at
from FluoroPrintLib.planning.surface_samples import surface_samples
from hip_solids import landmarks
from planning_solids import grid, places_of

AXIS = np.array([0.12, -0.06, -1.0]) / np.linalg.norm([0.12, -0.06, -1.0])
TOP = np.array([20.0, 5.0, 90.0])
MEDIAL = np.array([-1.0, 0.0, -0.12]) / np.linalg.norm([-1.0, 0.0, -0.12])
STEMS, ASKED = implant_family("stem-straight"), StemParameters()
VOXEL_MM = 0.7


def femur(top_mm, end_mm, length_mm=170.0):
    """A shaft of 19 mm radius from `TOP` down with a round canal that narrows evenly, marrow left out."""
    volume = grid((64.0, 56.0, 190.0), (VOXEL_MM,) * 3, TOP + AXIS * length_mm / 2)
    away = places_of(volume) - TOP
    along = away @ AXIS
    radius = np.linalg.norm(away - along[..., None] * AXIS, axis=-1)
    canal = (top_mm + (end_mm - top_mm) * along / length_mm) / 2
    bone = (radius < 19) & (radius > canal) & (along > 0) & (along < length_mm)
    return bone_field(volume.with_array(bone.astype(np.uint8)))


def marks():
    """Landmarks in the canal, each 2 mm off its axis."""
    return tuple(TOP + 20 * AXIS + (2.0, 0, 0)), tuple(TOP + 150 * AXIS - (0, 2.0, 0))


def head():
    """The native head, 36 mm medial of the axis of the shaft."""
    return tuple(TOP - 40 * AXIS + 36 * MEDIAL - 36 * (MEDIAL @ AXIS) * AXIS)


@pytest.mark.parametrize(
    ("top_mm", "end_mm"), [(19.0, 11.0), pytest.param(16.0, 16.0, marks=pytest.mark.slow)]
)
def test_the_canal_is_found_with_its_axis_and_widths(top_mm, end_mm):
    canal = femoral_canal(femur(top_mm, end_mm), *marks())
    assert np.degrees(np.arccos(canal.axis_ras @ AXIS)) < 0.05
    off = canal.centres_ras - TOP
    assert np.linalg.norm(off - np.outer(off @ AXIS, AXIS), axis=1).max() < 0.3
    expected = top_mm + (end_mm - top_mm) * (off @ AXIS) / 170
    assert np.abs(canal.width_mm - expected).max() < 0.5
    assert abs((canal.width_mm - expected).mean()) < 0.2


@pytest.mark.slow
def test_a_femur_that_is_filled_or_missed_is_refused():
    filled = femur(0.0, 0.0)
    with pytest.raises(FluoroPrintError, match="no medullary canal"):
        femoral_canal(filled, *marks())
    with pytest.raises(FluoroPrintError, match="no medullary canal"):
        femoral_canal(femur(16.0, 16.0), (70.0, 5.0, 60.0), (70.0, 5.0, -60.0))
    with pytest.raises(FluoroPrintError, match="too near"):
        femoral_canal(femur(16.0, 16.0), (20.0, 5.0, 60.0), (20.0, 5.0, 58.0))


def reach(implant, stem, canal_mm):
    """Room of an implant in a round canal by its closed form; `canal_mm` tells the diameter below TOP."""
    own = surface_samples(drawn(implant)).places
    heights = (np.asarray(stem.origin_ras) - TOP) @ AXIS + own[:, 2]
    below = heights > 20.0
    return float((canal_mm(heights) / 2 - np.linalg.norm(own[:, :2], axis=1))[below].min())


@pytest.mark.parametrize(
    ("top_mm", "end_mm"), [(30.0, 12.0), pytest.param(29.0, 29.0, marks=pytest.mark.slow)]
)
def test_the_stem_fills_the_canal_as_far_as_the_room_allows(top_mm, end_mm):
    cortex = femur(top_mm, end_mm)
    canal = femoral_canal(cortex, *marks())
    fit = fitted_stem(STEMS, cortex, canal, head(), 130.0, ASKED)
    assert np.degrees(np.arccos(np.asarray(fit.stem.distal_ras) @ AXIS)) < 0.15
    assert np.linalg.norm(fit.stem.head_ras - head()) < 0.8

    def wide(heights):
        return top_mm + (end_mm - top_mm) * heights / 170

    assert fit.clearance_mm >= ASKED.canal_clearance_mm
    assert fit.clearance_mm == pytest.approx(reach(fit.implant, fit.stem, wide), abs=VOXEL_MM)
    heights = (np.asarray(fit.stem.origin_ras) - TOP) @ AXIS
    low = fit.implant.dimensions["length_mm"] - 10.0
    assert fit.canal_mm[2] == pytest.approx(wide(heights + low), abs=VOXEL_MM)
    assert fit.stem_mm[2] == pytest.approx(width_at(drawn(fit.implant), low))
    told = fit_figures(fit, canal)["canal fill, lower"].value
    assert told == pytest.approx(100 * fit.stem_mm[2] / fit.canal_mm[2], abs=0.01)
    for tip, length in product(STEMS.sizes("tip_mm"), STEMS.sizes("length_mm")):
        other = chosen_implant(STEMS, tip_mm=tip, length_mm=length, neck_mm=fit.stem.neck_mm)
        if reach(other, fit.stem, wide) > ASKED.canal_clearance_mm + VOXEL_MM and heights + length < 149:
            levels = np.array([20 - heights, (20 - heights + length - 10) / 2, length - 10])
            fills = [width_at(drawn(other), level) / wide(heights + level) for level in levels]
            assert sum(fills) < sum(fit.fill) + 0.08, (tip, length)
    assert fit_decisions(fit, ASKED)[1].what.startswith("tip ")


@pytest.mark.slow
def test_more_room_asks_for_a_thinner_stem_and_too_much_for_none():
    cortex = femur(30.0, 12.0)
    canal = femoral_canal(cortex, *marks())
    usual, roomy = (
        fitted_stem(STEMS, cortex, canal, head(), 130.0, StemParameters(canal_clearance_mm=room))
        for room in (0.5, 1.2)
    )
    assert sum(roomy.fill) < sum(usual.fill)
    assert roomy.clearance_mm >= 1.2
    with pytest.raises(FluoroPrintError, match="No stem of .* keeps 5 mm"):
        fitted_stem(STEMS, cortex, canal, head(), 130.0, StemParameters(canal_clearance_mm=5.0))


@pytest.mark.slow
def test_the_canal_is_measured_across():
    across = width_towards(femur(16.0, 16.0), TOP + 80 * AXIS, np.cross(AXIS, (0, 1.0, 0)))
    assert across == pytest.approx(16.0, abs=VOXEL_MM)


def test_a_head_leaves_the_liner_its_thickness():
    heads = implant_family("head-12-14").sizes("diameter_mm")
    assert liner_mm(54.0, 4.0, 32.0) == pytest.approx(7.0)
    assert [chosen_head(heads, cup, 4.0, 32.0, ASKED) for cup in (46.0, 50.0, 60.0)] == [28.0, 32.0, 32.0]
    assert chosen_head(heads, 60.0, 4.0, 32.0, StemParameters(head_mm=40.0)) == 40.0
    with pytest.raises(FluoroPrintError, match="36 mm leaves 4.0 mm of liner in a cup of 52 mm.*22, 28, 32"):
        chosen_head(heads, 52.0, 4.0, 32.0, StemParameters(head_mm=36.0))
    with pytest.raises(FluoroPrintError, match="No head leaves"):
        chosen_head(heads, 42.0, 4.0, 32.0, StemParameters(liner_mm=9.0))


def test_leg_length_and_offset_follow_the_stem_and_the_cup():
    frame, centre = pelvis_frame(landmarks()), (85.0, -30.0, -70.0)
    pelvis = with_native_head(planned_pelvis(landmarks()), centre, "right")
    cup = planned_cup(Cup(centre, (0.6, 0.3, -0.7), 54.0), "right", frame, 4.0)
    stem = Stem((125.0, -30.0, -100.0), (0.0, 0.0, -1.0), (-1.0, 0.0, 0.0), 130.0, 50.0)
    planned = planned_stem(stem, "right", chosen_implant(STEMS, neck_mm=50.0), {})
    hand = Hand(Surroundings(catalogue=plan_catalogue()))
    plan = edits.add(edits.add(Plan(objects=(pelvis,)), cup, hand), planned, hand)

    def changes(found):
        return np.array([found.figures[f"{name}, change"].value for name in ("leg length", "offset")])

    shift = np.eye(4)
    shift[:3, 3] = 3.0, 0.0, 7.0
    before = changes(plan.named("stem-right"))
    up = edits.move(plan, "stem-right", shift, hand).named("stem-right")
    assert changes(up) - before == pytest.approx([7.0, -3.0], abs=1e-3)
    live = Live(hand.around, plan.objects).seen(up)
    assert changes(live.planned) == pytest.approx(changes(up), abs=1e-3)
    moved = edits.move(plan, "cup-right", shift, hand)
    for name in ("cup-right", "stem-right"):
        assert changes(moved.named(name)) - before == pytest.approx([-7.0, 3.0], abs=1e-3), name
