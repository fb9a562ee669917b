"""Pedicles of a column of solids are found, their sides are the patient's, whatever the grid."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.planning.pedicle_screws import PedicleScrewParameters
from FluoroPrintLib.planning.screw import fit_of
from FluoroPrintLib.planning.screw_objects import spine_plan
from FluoroPrintLib.planning.spine import plan_pedicle_screws
from planning_solids import FAMILY, SPACING_MM, column, grid, rotation

SIZE_MM = (110.0, 110.0, 3 * SPACING_MM + 10)
PARAMETERS = PedicleScrewParameters()


@pytest.fixture(scope="module")
def spine():
    return column(grid(SIZE_MM, (1.0, 1.0, 1.0)))


@pytest.fixture(scope="module")
def planned(spine):
    return plan_pedicle_screws(spine, FAMILY, PARAMETERS)


def by_name(planned):
    return {(found.pedicle.level, found.pedicle.side): found for found in planned}


def test_every_pedicle_is_found_where_it_was_put(planned):
    found = by_name(planned)
    assert set(found) == {(level, side) for level in (1, 2, 3) for side in ("left", "right")}
    for (level, side), pedicle in found.items():
        x, _, z = pedicle.pedicle.centre_ras
        assert abs(x - (-15 if side == "left" else 15)) < 2.5
        assert abs(z - (SPACING_MM * (2 - level) + 4)) < 2.5


def test_each_screw_keeps_its_margin_and_uses_what_room_there_is(planned):
    for found in planned:
        fit = fit_of(found.field, found.screw, PARAMETERS)
        assert fit.grade == "A"
        assert fit.margin_mm >= PARAMETERS.margin_mm
        radius = 6.0 if found.pedicle.side == "left" else 5.0
        largest = 2 * (radius - PARAMETERS.margin_mm)
        assert largest - 2.5 <= found.screw.diameter_mm <= min(largest + 0.5, 8.5)


def test_the_screw_runs_from_the_arch_through_the_pedicle_into_the_body(planned):
    for found in planned:
        entry, tip = np.array(found.screw.entry_ras), np.array(found.screw.tip_ras)
        assert entry[1] < -5
        assert tip[1] > 12
        assert np.sign(entry[0]) == np.sign(tip[0]) == (-1 if found.pedicle.side == "left" else 1)


@pytest.mark.slow
def test_a_mirrored_patient_has_the_sides_swapped(spine, planned):
    mirrored = Volume(spine.array_kji, np.diag([-1.0, 1, 1, 1]) @ spine.ijk_to_ras)
    swapped, found = by_name(plan_pedicle_screws(mirrored, FAMILY, PARAMETERS)), by_name(planned)
    assert set(swapped) == set(found)
    for (level, side), pedicle in swapped.items():
        other = found[level, {"left": "right", "right": "left"}[side]]
        assert pedicle.screw.diameter_mm == pytest.approx(other.screw.diameter_mm, abs=0.5)
        np.testing.assert_allclose(
            pedicle.pedicle.centre_ras * (-1, 1, 1), other.pedicle.centre_ras, atol=1.5
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("voxel", "turn"),
    [
        ((0.8, 0.8, 1.5), np.eye(3)),
        ((1.0, 1.0, 1.0), rotation(0, 20) @ rotation(2, 15)),
        ((1.0, 1.0, 1.0), np.diag([-1.0, -1.0, 1.0])),
        ((0.9, 1.1, 1.0), rotation(1, 90)),
    ],
    ids=["anisotropic", "oblique", "flipped", "on its side"],
)
def test_the_grid_does_not_matter(planned, voxel, turn):
    other = column(grid((150.0, 150.0, 150.0), voxel, turn=turn))
    again, found = by_name(plan_pedicle_screws(other, FAMILY, PARAMETERS)), by_name(planned)
    assert set(again) == set(found)
    for name, pedicle in again.items():
        off = pedicle.pedicle.centre_ras - found[name].pedicle.centre_ras
        assert np.abs(off[[0, 2]]).max() < 2.0
        assert abs(pedicle.screw.diameter_mm - found[name].screw.diameter_mm) <= 1.0
        assert pedicle.screw.axis_ras @ found[name].screw.axis_ras > np.cos(np.radians(12))


@pytest.mark.slow
def test_labels_name_the_vertebrae(spine):
    k = np.arange(spine.array_kji.shape[0]) - (spine.array_kji.shape[0] - 1) / 2
    label = (2 - np.clip(np.round(k / SPACING_MM), -1, 1)).astype(np.uint8)
    labels = spine.with_array(spine.array_kji * label[:, None, None])
    names = {1: "L3", 2: "L4", 3: "L5"}
    planned = plan_pedicle_screws(labels, FAMILY, PARAMETERS, names)
    assert [found.vertebra for found in planned] == ["L3", "L3", "L4", "L4", "L5", "L5"]
    plan = spine_plan("C-1", planned, PARAMETERS)
    assert plan.objects[0].id == "screw-l3-left"
    assert plan.objects[0].label == "L3, left"
    assert plan.notes == ()


@pytest.mark.slow
def test_a_plan_says_that_names_are_counted_and_where_nothing_fits(spine):
    wide = PedicleScrewParameters(margin_mm=3.5)
    plan = spine_plan("", plan_pedicle_screws(spine, FAMILY, wide), wide)
    assert any(note.startswith("Level 1, right: no screw fits, as its bone is") for note in plan.notes)
    assert any("counted from the uppermost" in note for note in plan.notes)
    assert {planned.side for planned in plan.objects} <= {"left"}


@pytest.mark.slow
def test_a_hollow_body_is_planned_as_a_solid_one(spine, planned):
    from scipy import ndimage

    shell = spine.array_kji & ~ndimage.binary_erosion(spine.array_kji, iterations=2)
    found = plan_pedicle_screws(spine.with_array(shell.astype(np.uint8)), FAMILY, PARAMETERS)
    assert set(by_name(found)) == set(by_name(planned))
    assert all(pedicle.screw is not None for pedicle in found)


def test_bone_without_a_canal_is_refused():
    volume = grid((60.0, 60.0, 60.0), (1.0, 1.0, 1.0))
    mask = volume.array_kji.copy()
    mask[20:40, 20:40, 20:40] = True
    with pytest.raises(FluoroPrintError, match="No spinal canal"):
        plan_pedicle_screws(volume.with_array(mask.astype(np.uint8)), FAMILY, PARAMETERS)
