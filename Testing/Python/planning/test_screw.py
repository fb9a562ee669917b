"""Screws through solids whose distances are known: margin, grade, curve, bone quality."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.catalog.screws import screw_families, screw_family
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.planning.corridors import CorridorParameters, screw_in_corridor, widest_corridor
from FluoroPrintLib.planning.field import OUTSIDE_MM, bone_field
from FluoroPrintLib.planning.plan import Planned
from FluoroPrintLib.planning.quality import (
    QualityParameters,
    quality_figures,
    scale_of,
    shell_places,
)
from FluoroPrintLib.planning.screw import (
    Screw,
    TrajectoryParameters,
    breach_grade,
    entry_into_bone,
    fit_of,
)
from FluoroPrintLib.planning.screw_objects import corridor_plan, screw_of
from FluoroPrintLib.planning.screw_sizes import largest_not_above
from planning_solids import box, grid, places_of, rotation, tube

VOXEL_MM = 0.5
TRIMMED = TrajectoryParameters(trim_mm=12.0)


def masked(volume, mask):
    return volume.with_array(mask.astype(np.uint8))


def rod(turn=None, voxel=(VOXEL_MM,) * 3, inner=0.0):
    """A rod of radius 8 along y, 60 mm long."""
    volume = grid((40.0, 80.0, 40.0) if turn is None else (80.0, 80.0, 80.0), voxel, turn=turn)
    return masked(volume, tube(places_of(volume), (0, -30, 0), (0, 30, 0), 8, inner))


@pytest.mark.parametrize(
    ("turn", "voxel"),
    [(None, (0.5, 0.5, 0.5)), (None, (0.5, 0.7, 1.0)), (rotation(2, 30) @ rotation(0, 20), (0.7, 0.7, 0.7))],
    ids=["straight", "anisotropic", "oblique"],
)
@pytest.mark.parametrize(
    ("off", "diameter", "grade"),
    [(0, 6, "A"), (3, 6, "A"), (5, 8, "B"), (7, 9, "C"), (8, 11, "D"), (8, 13, "E")],
)
def test_margin_and_grade_in_a_rod(turn, voxel, off, diameter, grade):
    field = bone_field(rod(turn, voxel))
    fit = fit_of(field, Screw((off - 0.2, -30, 0), (off - 0.2, 30, 0), diameter), TRIMMED)
    assert fit.margin_mm == pytest.approx(8 - abs(off - 0.2) - diameter / 2, abs=max(voxel))
    if abs(8 - abs(off - 0.2) - diameter / 2) > max(voxel):
        assert fit.grade == grade


def test_the_curve_through_a_box_is_its_closed_form():
    volume = grid((50.0, 70.0, 40.0), (VOXEL_MM,) * 3)
    field = bone_field(masked(volume, box(places_of(volume), (-20, -25, -10), (20, 25, 10))))
    fit = fit_of(field, Screw((0, -30, 2), (0, 20, 2), 4.0), TrajectoryParameters(trim_mm=15.0))
    y = fit.along_mm - 30
    expected = np.minimum(np.minimum(y + 25, 25 - y), 8)
    np.testing.assert_allclose(fit.depth_mm, expected, atol=VOXEL_MM)
    assert fit.margin_mm == pytest.approx(3.0, abs=VOXEL_MM)
    assert fit.least_at_mm == pytest.approx(50.0)


def test_a_screw_in_a_hollow_tube_has_breached_it():
    field = bone_field(rod(inner=4.0))
    fit = fit_of(field, Screw((0, -30, 0), (0, 30, 0), 3.0), TRIMMED)
    assert fit.least_mm == pytest.approx(-4.0, abs=VOXEL_MM)
    assert fit.margin_mm == pytest.approx(-5.5, abs=VOXEL_MM)
    assert fit.grade == "D"
    within = fit_of(field, Screw((6, -30, 0), (6, 30, 0), 3.0), TRIMMED)
    assert within.margin_mm == pytest.approx(0.5, abs=VOXEL_MM)


@pytest.mark.parametrize(
    ("margin", "grade"),
    [(1, "A"), (0, "A"), (-0.1, "B"), (-2, "C"), (-3.9, "C"), (-4, "D"), (-6, "E"), (-60, "E")],
)
def test_grades_of_gertzbein_and_robbins(margin, grade):
    assert breach_grade(margin) == grade


def test_places_beyond_the_grid_are_no_bone():
    volume = grid((10.0, 10.0, 10.0), (1.0,) * 3)
    field = bone_field(masked(volume, np.ones_like(volume.array_kji)))
    assert field.at((0.0, 0.0, 0.0)) == pytest.approx(5.0, abs=0.6)
    assert field.at((90.0, 0.0, 0.0)) == OUTSIDE_MM


def test_a_sheared_or_empty_grid_is_refused():
    volume = grid((10.0, 10.0, 10.0), (1.0,) * 3)
    with pytest.raises(FluoroPrintError, match="empty"):
        bone_field(volume)
    sheared = volume.ijk_to_ras.copy()
    sheared[0, 1] = 0.3
    with pytest.raises(FluoroPrintError, match="sheared"):
        bone_field(Volume(np.ones((10, 10, 10)), sheared))


def test_the_entry_is_where_the_line_meets_bone():
    entry = entry_into_bone(bone_field(rod()), (1, -60, 1), (1, 0, 1))
    np.testing.assert_allclose(entry, (1, -30, 1), atol=VOXEL_MM)
    with pytest.raises(FluoroPrintError, match="no bone"):
        entry_into_bone(bone_field(rod()), (30, -60, 1), (30, 0, 1))
    with pytest.raises(FluoroPrintError, match="one place"):
        entry_into_bone(bone_field(rod()), (1, 1, 1), (1, 1, 1))


def test_the_axis_of_a_rod_is_found_from_a_poor_start():
    family = screw_family("cannulated")
    field = bone_field(rod())
    poor = CorridorParameters(trim_mm=12.0)
    assert fit_of(field, screw_in_corridor(field, (4, -30, 2), (-3, 30, 0), family, poor), poor).least_mm < 5
    search = CorridorParameters(trim_mm=12.0, patch_mm=8.0)
    first, second = widest_corridor(field, (5, -30, 2), (-4, 30, 0), search)
    np.testing.assert_allclose(np.array([first, second])[:, [0, 2]], 0, atol=0.8)
    screw = screw_in_corridor(field, (5, -30, 2), (-4, 30, 0), family, search)
    assert screw.diameter_mm >= 7.3
    assert 50 <= screw.length_mm <= 60
    assert fit_of(field, screw, search).margin_mm >= search.margin_mm


def test_where_nothing_fits_the_fault_says_how_much_room_there_is():
    field = bone_field(rod())
    with pytest.raises(FluoroPrintError, match=r"within 1\.\d mm of the cortex"):
        screw_in_corridor(
            field, (6.8, -30, 0), (6.8, 30, 0), screw_family("cannulated"), CorridorParameters(trim_mm=12.0)
        )
    with pytest.raises(FluoroPrintError, match=r"The corridor is 10\.\d mm long"):
        screw_in_corridor(field, (0, -30, 0), (0, -19.8, 0), screw_family("cannulated"), CorridorParameters())


def test_sizes_are_floored_to_the_catalogue():
    assert largest_not_above((4.0, 4.5, 5.0), 4.99) == 4.5
    assert largest_not_above((4.0, 4.5), 4.5 - 1e-9) == 4.5
    assert largest_not_above((4.0,), 3.9) is None


def test_the_catalogue_holds_the_sizes_asked_for(tmp_path):
    pedicle = screw_family("pedicle")
    assert (pedicle.diameters_mm[0], pedicle.diameters_mm[-1]) == (4.0, 8.5)
    assert (pedicle.lengths_mm[0], pedicle.lengths_mm[-1]) == (25.0, 60.0)
    assert {family.id for family in screw_families()} >= {"cannulated", "cortical-3.5", "cortical-4.5"}
    with pytest.raises(FluoroPrintError, match="no family of screws brass: choose one of pedicle"):
        screw_family("brass")
    (tmp_path / "screws.json").write_text('{"screws": [{"id": "a"}]}')
    with pytest.raises(FluoroPrintError, match=r"screws\[0\].title is missing"):
        screw_families(tmp_path / "screws.json")


def test_the_shell_lies_between_thread_and_its_thickness():
    screw = Screw((0, -10, 0), (0, 10, 0), 6.0)
    radius = np.linalg.norm(shell_places(screw, 1.5)[:, [0, 2]], axis=1)
    assert (radius.min(), radius.max()) == (pytest.approx(3.0), pytest.approx(4.5))


def test_quality_is_hu_where_calibrated_and_relative_elsewhere():
    bone = rod()
    field = bone_field(bone)
    places = places_of(bone)
    grey = np.where(bone.array_kji > 0, 700.0, 100.0)
    grey[(places[..., 1] > 0) & (bone.array_kji > 0)] = 300.0
    volume = bone.with_array(grey)
    screw = Screw((0, -20, 0), (0, 20, 0), 4.0)
    hu = QualityParameters(calibrated=True, cut_off=500.0)
    figures = quality_figures(volume, scale_of(volume, field, hu), screw, hu)
    assert figures["density, mean"].unit == "HU"
    assert figures["density, mean"].value == pytest.approx(500, abs=15)
    assert figures["density, P10"].value == pytest.approx(300)
    assert figures["share below 500"].value == pytest.approx(50, abs=3)
    relative = QualityParameters()
    scaled = volume.with_array(3 * grey - 50)
    shown = quality_figures(scaled, scale_of(scaled, field, relative), screw, relative)
    assert "density, mean" not in shown
    assert shown["relative density, mean"].value == pytest.approx(
        (500 - 100) / (scale_of(volume, field, relative).one), abs=0.05
    )
    with pytest.raises(FluoroPrintError, match="no brighter"):
        scale_of(volume.with_array(-grey), field, relative)


def test_a_planned_screw_is_the_screw_again():
    field, parameters = bone_field(rod()), CorridorParameters(trim_mm=12.0)
    screw = Screw((0.0, -30.0, 0.0), (0.0, 25.0, 0.0), 6.5)
    planned = corridor_plan("", screw, field, parameters).objects[0]
    assert screw_of(planned) == screw
    assert planned.figures["grade"].value == "A"
    assert planned.figures["margin"].value == pytest.approx(8 - 3.25 - 3.0, abs=0.6)
    assert [decision.by for decision in planned.decisions] == ["user", "automatic"]
    with pytest.raises(FluoroPrintError, match="cup is no screw"):
        screw_of(Planned("cup", "Cup", "cup"))
