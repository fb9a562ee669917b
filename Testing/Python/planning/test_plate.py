"""Ways and plates on cylinders, boxes and balls, whose bends are known."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.distance import distances_mm
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.planning.geodesic import lengths_along, places_along, resampled, way_over
from FluoroPrintLib.planning.guide_parameters import GuideParameters
from FluoroPrintLib.planning.plan import Planned
from FluoroPrintLib.planning.plate import (
    PlateParameters,
    bending_table,
    drill_lines,
    plate_along,
    plate_solid,
    plate_surface,
    plate_template,
    sites_of,
)
from FluoroPrintLib.planning.plate_objects import planned_plate, plate_of, surface_of_plate
from FluoroPrintLib.shape.solids import engine, solid_of, surface_of

RADIUS_MM = 30.0
CYLINDER = PlateParameters(normal_mm=2.0)


@pytest.fixture(scope="module")
def shaft():
    """A shaft along z, its faces some 2 mm large."""
    solid = engine().Manifold.cylinder(120, RADIUS_MM, RADIUS_MM, 96).translate((0, 0, -60))
    return surface_of(solid.refine_to_length(3.0))


def on_shaft(angle, z):
    return RADIUS_MM * np.cos(angle), RADIUS_MM * np.sin(angle), z


def test_the_way_round_a_ball_is_a_great_circle():
    ball = surface_of(engine().Manifold.sphere(RADIUS_MM, 96))
    ends = (RADIUS_MM, 0, 0), tuple(RADIUS_MM * np.array((np.cos(2), 0.6 * np.sin(2), 0.8 * np.sin(2))))
    way = way_over(ball, ends)
    assert lengths_along(way)[-1] == pytest.approx(2 * RADIUS_MM, rel=0.005)
    assert abs(way @ (0, -0.8, 0.6)).max() < 0.4
    assert distances_mm(way, ball).max() < 0.1


def test_the_way_on_a_shaft_is_a_helix_and_keeps_its_clicks(shaft):
    clicks = [on_shaft(0, -20), on_shaft(0.5, 5), on_shaft(1.5, 25)]
    way = way_over(shaft, clicks)
    legs = [np.hypot(RADIUS_MM * 0.5, 25), np.hypot(RADIUS_MM, 20)]
    assert lengths_along(way)[-1] == pytest.approx(sum(legs), rel=0.005)
    for click in clicks:
        assert np.linalg.norm(way - click, axis=1).min() < 0.05


def test_places_along_a_way_are_evenly_spaced():
    bent = np.array([[0, 0, 0], [3.0, 0, 0], [3, 0, 0], [3, 4, 0]])
    np.testing.assert_allclose(lengths_along(resampled(bent, 1.0)), np.arange(8), atol=0.2)
    np.testing.assert_allclose(places_along(bent, np.array([1.0, 5.0])), [[1, 0, 0], [3, 2, 0]])


def test_round_a_shaft_a_plate_is_bent_out_of_plane_alone(shaft):
    plate = plate_along(shaft, [on_shaft(0, 0), on_shaft(1.0, 0), on_shaft(2.05, 0)], CYLINDER)
    assert len(plate.sites) == 6
    for site in plate.sites[1:-1]:
        assert site.out_of_plane_deg == pytest.approx(np.degrees(12 / RADIUS_MM), abs=0.5)
        assert site.in_plane_deg == pytest.approx(0, abs=0.5)
        assert site.twist_deg == pytest.approx(0, abs=1.0)
        assert site.flagged
    assert not plate.sites[0].flagged
    assert "more than 15°" in bending_table(plate)[2]
    assert plate.length_mm == 5 * 12 + 10


def test_along_a_helix_the_twist_is_its_torsion():
    """Of a helix that climbs by 45 degrees both curvature and torsion are half of 1 / R."""
    angle = np.arange(7) * 6 * np.sqrt(2) / RADIUS_MM
    flat = np.stack([np.cos(angle), np.sin(angle)], -1)
    sites = sites_of(
        np.column_stack([RADIUS_MM * flat, RADIUS_MM * angle]), np.column_stack([flat, 0 * angle])
    )
    expected = np.degrees(12 / (2 * RADIUS_MM))
    for site in sites[2:-1]:
        assert site.out_of_plane_deg == pytest.approx(expected, rel=0.02)
        assert site.twist_deg == pytest.approx(expected, rel=0.03)
        assert site.in_plane_deg == pytest.approx(0, abs=0.05)


def test_in_a_plane_a_corner_is_bent_in_plane_to_the_left():
    turn = np.radians(20)
    middles = np.array([[0, 0, 0], [12, 0, 0], [12 + 12 * np.cos(turn), 12 * np.sin(turn), 0]])
    sites = sites_of(middles, np.tile((0, 0, 1.0), (3, 1)))
    assert [site.in_plane_deg for site in sites] == pytest.approx([0, 20, 0])
    assert [site.out_of_plane_deg for site in sites] == pytest.approx([0, 0, 0])
    assert [site.flagged for site in sites] == [False, True, False]


def test_a_straight_plate_is_a_bar_with_round_ends_and_holes():
    table = surface_of(engine().Manifold.cube((100, 60, 10)).translate((-10, -30, -10)))
    plate = plate_along(table, [(0, 0, 0), (48, 0, 0)], PlateParameters(standoff_mm=0.5))
    assert len(plate.sites) == 5
    area = 48 * 10 + np.pi * 25 - 5 * np.pi / 4 * 3.7**2
    assert plate_solid(plate).volume() == pytest.approx(area * 2.8, rel=1e-3)
    assert points_of(plate_surface(plate))[:, 2].min() == pytest.approx(0.5, abs=1e-4)
    template = plate_template(plate, table)
    assert check_mesh(template).is_watertight
    bored = 48 * 10 + np.pi * 25 - 5 * np.pi / 4 * 2.5**2
    assert solid_of(template).volume() == pytest.approx(bored * 3.0, rel=1e-3)


def test_a_template_on_a_shaft_leaves_the_bone_out(shaft):
    plate = plate_along(shaft, [on_shaft(0, 0), on_shaft(0.9, 10)], CYLINDER)
    template = plate_template(plate, shaft)
    assert (solid_of(template) ^ solid_of(shaft)).volume() < 0.05
    assert check_mesh(template).is_watertight


def test_holes_of_a_plate_become_drills_of_a_guide(shaft):
    plate = plate_along(shaft, [on_shaft(0, -12), on_shaft(0, 0.05)], CYLINDER)
    lines = drill_lines(plate, 20.0)
    assert len(lines) == 2
    np.testing.assert_allclose(lines[0].entry_ras, on_shaft(0, -12), atol=0.1)
    np.testing.assert_allclose(lines[0].target_ras, (RADIUS_MM - 20, 0, -12), atol=0.3)
    assert GuideParameters().bore_mm > GuideParameters().drill_mm


def test_too_short_a_curve_or_one_place_is_refused(shaft):
    with pytest.raises(FluoroPrintError, match="shorter than the 12 mm"):
        plate_along(shaft, [on_shaft(0, 0), on_shaft(0, 8)], CYLINDER)
    with pytest.raises(FluoroPrintError, match="two places"):
        way_over(shaft, [on_shaft(0, 0)])
    with pytest.raises(FluoroPrintError, match="are one"):
        way_over(shaft, [on_shaft(0, 0), on_shaft(0, 0.1)])


def test_a_planned_plate_is_the_plate_again(shaft):
    plate = plate_along(shaft, [on_shaft(0, 0), on_shaft(1.0, 20)], CYLINDER)
    planned = planned_plate("plate-1", "Plate 1", plate)
    again = plate_of(planned)
    for one, other in zip(plate.sites, again.sites, strict=True):
        np.testing.assert_allclose(one.axes, other.axes, atol=1e-9)
        assert one.twist_deg == pytest.approx(other.twist_deg)
    assert again.length_mm == plate.length_mm
    drawn = solid_of(surface_of_plate(planned))
    assert drawn.volume() == pytest.approx(plate_solid(plate).volume(), rel=1e-4)
    with pytest.raises(FluoroPrintError, match="no plate"):
        plate_of(Planned("cup", "Cup", "cup"))
    with pytest.raises(FluoroPrintError, match="lacks the width"):
        plate_of(Planned("plate-1", "Plate 1", "plate"))
