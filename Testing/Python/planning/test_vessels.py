"""Centrelines, widths, necks and grafts against tubes, cones and bends of known size."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.plan_files import read_plan, write_plan
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.planning.centreline import CentrelineParameters, centreline_of
from FluoroPrintLib.planning.field import bone_field
from FluoroPrintLib.planning.landing import (
    LandingParameters,
    lacking_of_access,
    lacking_of_distal,
    lacking_of_neck,
    neck_from,
    place_along,
)
from FluoroPrintLib.planning.lumen import lumen_sections
from FluoroPrintLib.planning.plan import Plan
from FluoroPrintLib.planning.stent_graft import (
    StentGraftParameters,
    deployed,
    graft_diameter,
    graft_length,
)
from FluoroPrintLib.planning.tubes import carried_frames, tube
from FluoroPrintLib.planning.vessel_objects import (
    planned_centreline,
    planned_stent_graft,
    surface_of_centreline,
    surface_of_stent_graft,
    with_neck,
)

SIZES_MM = (22, 24, 26, 28, 30, 32)


def grid(shape, spacing=1.0, origin=(0.0, 0.0, 0.0)):
    """Return the matrix and the places (K, J, I, 3) of a grid that a scanner may give: x, y flipped."""
    matrix = np.diag([-spacing, -spacing, spacing, 1.0])
    matrix[:3, 3] = origin
    k, j, i = np.indices(shape)
    return matrix, np.stack([i, j, k], -1) * [-spacing, -spacing, spacing] + np.asarray(origin)


def ring_vessel():
    """A quarter of a ring: middle line of radius 40 about the origin in the plane x, y; lumen of radius 5."""
    matrix, p = grid((16, 56, 56), origin=(50.0, 50.0, -7.5))
    about = np.hypot(np.hypot(p[..., 0], p[..., 1]) - 40.0, p[..., 2]) <= 5.0
    return Volume((about & (p[..., 0] > 0) & (p[..., 1] > 0)).astype(np.uint8), matrix)


def straight_vessel(radius_at, length=80):
    """A vessel along z whose radius is a function of z."""
    matrix, p = grid((length, 50, 50), origin=(24.5, 24.5, 0.0))
    inside = np.hypot(p[..., 0], p[..., 1]) <= radius_at(p[..., 2])
    return Volume(inside.astype(np.uint8), matrix)


@pytest.fixture(scope="module")
def ring():
    lumen = ring_vessel()
    return lumen, centreline_of(lumen, (40.0, 4.0, 0.0), (4.0, 40.0, 0.0))


@pytest.fixture(scope="module")
def aneurysm():
    """A neck of radius 11 for 30 mm, a sac of radius 20 for 30 mm, a distal zone of radius 8."""
    lumen = straight_vessel(lambda z: np.select([z < 30, z < 60], [11.0, 20.0], 8.0))
    line = centreline_of(lumen, (0.0, 0.0, 1.0), (0.0, 0.0, 78.0))
    return line, lumen_sections(bone_field(lumen), line)


def test_the_centreline_of_a_ring_is_its_middle_line(ring):
    _, line = ring
    inner = line.places_ras[3:-3]
    assert np.hypot(inner[:, 0], inner[:, 1]) == pytest.approx(40.0, abs=0.4)
    assert inner[:, 2] == pytest.approx(0.0, abs=0.3)
    assert line.radius_mm[3:-3] == pytest.approx(4.5, abs=0.8)
    assert line.length_mm == pytest.approx(40.0 * (np.pi / 2 - 2 * np.arcsin(0.1)), rel=0.05)
    assert np.diff(line.along_mm) == pytest.approx(1.0, abs=0.05)


def test_its_sections_are_as_wide_as_the_lumen(ring):
    lumen, line = ring
    found = lumen_sections(bone_field(lumen), line)
    inner = slice(5, -5)
    assert found.mean_mm[inner] == pytest.approx(10.0, abs=0.4)
    assert found.area_mm2[inner].mean() == pytest.approx(np.pi * 25, rel=0.05)
    assert (found.least_mm <= found.mean_mm + 1e-9).all()
    assert (found.mean_mm <= found.greatest_mm + 1e-9).all()


def test_an_oval_lumen_has_its_least_and_greatest_width():
    matrix, p = grid((40, 40, 40), origin=(19.5, 19.5, 0.0))
    lumen = Volume(((p[..., 0] / 8) ** 2 + (p[..., 1] / 5) ** 2 <= 1).astype(np.uint8), matrix)
    line = centreline_of(lumen, (0.0, 0.0, 2.0), (0.0, 0.0, 37.0))
    found = lumen_sections(bone_field(lumen), line)
    assert np.median(found.least_mm) == pytest.approx(10.0, abs=0.5)
    assert np.median(found.greatest_mm) == pytest.approx(16.0, abs=0.6)
    assert np.median(found.mean_mm) == pytest.approx(2 * np.sqrt(40), abs=0.5)


def test_a_branch_does_not_widen_the_section_without_end():
    matrix, p = grid((60, 40, 70), origin=(19.5, 19.5, 0.0))
    trunk = np.hypot(p[..., 0], p[..., 1]) <= 6
    branch = (np.hypot(p[..., 1], p[..., 2] - 30) <= 4) & (p[..., 0] < 0)
    lumen = Volume((trunk | branch).astype(np.uint8), matrix)
    line = centreline_of(lumen, (0.0, 0.0, 2.0), (0.0, 0.0, 57.0))
    found = lumen_sections(bone_field(lumen), line)
    assert found.greatest_mm.max() <= 25.0  # the branch alone reaches 20 from the middle
    assert np.median(found.least_mm) == pytest.approx(11.5, abs=0.5)
    assert found.least_mm.min() >= 9.5


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ((40.0, 4.0, 0.0), (100.0, 100.0, 0.0), "end of the centreline is"),
        ((0.0, 0.0, 0.0), (4.0, 40.0, 0.0), "start of the centreline is"),
    ],
)
def test_places_far_from_the_lumen_are_refused(ring, start, end, said):
    with pytest.raises(FluoroPrintError, match=said):
        centreline_of(ring[0], start, end)


def test_an_interrupted_lumen_is_refused():
    broken = straight_vessel(lambda z: np.where(np.abs(z - 40) < 2, -1.0, 6.0))
    with pytest.raises(FluoroPrintError, match="interrupted"):
        centreline_of(broken, (0.0, 0.0, 2.0), (0.0, 0.0, 77.0))


def test_the_neck_ends_where_the_sac_begins(aneurysm):
    line, sections = aneurysm
    neck = neck_from(line, sections, place_along(line, (0.0, 0.0, 5.0)), 1, LandingParameters())
    assert neck.length_mm == pytest.approx(24.5, abs=1.5)
    assert neck.diameter_mm == pytest.approx(22.0, abs=0.5)
    assert neck.angle_deg == pytest.approx(0.0, abs=4.0)
    zone = neck_from(line, sections, place_along(line, (0.0, 0.0, 75.0)), -1, LandingParameters())
    assert zone.length_mm == pytest.approx(15.5, abs=1.5)
    assert zone.diameter_mm == pytest.approx(16.0, abs=0.5)


def test_the_angle_of_a_neck_is_that_of_the_bend():
    """Two straight vessels that meet at 50 degrees, the second one wider."""
    turn = np.radians(50.0)
    matrix, p = grid((70, 40, 80), origin=(24.5, 19.5, 0.0))
    first = (np.hypot(p[..., 0], p[..., 1]) <= 7) & (p[..., 2] <= 30)
    way = np.array([-np.sin(turn), 0.0, np.cos(turn)])
    rest = p - [0.0, 0.0, 30.0]
    along = rest @ way
    second = (np.linalg.norm(rest - along[..., None] * way, axis=-1) <= 11) & (along >= -2)
    lumen = Volume((first | second).astype(np.uint8), matrix)
    end = np.array([0.0, 0.0, 30.0]) + 42 * way
    line = centreline_of(lumen, (0.0, 0.0, 1.0), tuple(end))
    neck = neck_from(line, lumen_sections(bone_field(lumen), line), 3.0, 1, LandingParameters())
    assert neck.angle_deg == pytest.approx(50.0, abs=8.0)


def test_what_lacks_is_said_in_sentences(aneurysm):
    line, sections = aneurysm
    asked = LandingParameters()
    neck = neck_from(line, sections, 5.0, 1, asked)
    assert lacking_of_neck(neck, asked) == ()
    bad = replace(neck, end_mm=neck.start_mm + 8, angle_deg=70.0, diameter_mm=31.0)
    for word, said in zip(("8 mm long", "70°", "31.0 mm"), lacking_of_neck(bad, asked), strict=True):
        assert word in said
    assert lacking_of_distal(replace(bad, end_mm=bad.start_mm + 12), asked) == ()
    assert "zone below" in lacking_of_distal(bad, asked)[0]
    assert lacking_of_access(sections, asked) == ()
    assert re.search(r"narrows to 1[56]\.", lacking_of_access(sections, replace(asked, access_mm=18.0))[0])


def test_a_graft_is_the_smallest_that_is_wide_enough():
    assert graft_diameter(22.0, SIZES_MM, StentGraftParameters()) == 26.0
    assert graft_length(95.0, (80, 100, 120)) == 100.0
    with pytest.raises(FluoroPrintError, match="nearest is 32"):
        graft_diameter(31.0, SIZES_MM, StentGraftParameters())
    with pytest.raises(FluoroPrintError, match="plan two"):
        graft_length(130.0, (80, 100, 120))


def test_a_graft_lies_against_the_neck_and_stands_free_in_the_sac(aneurysm):
    line, sections = aneurysm
    graft = deployed(line, sections, 5.0, (22.0, 40.0), (26.0, 26.0), 60.0)
    depth = graft.places_ras[:, 2]
    assert graft.oversize_percent == pytest.approx(100 * (26 / 22 - 1))
    assert graft.radius_mm[(depth > 10) & (depth < 25)] == pytest.approx(11.0, abs=0.4)
    assert graft.radius_mm[(depth > 34) & (depth < 56)] == pytest.approx(13.0)
    with pytest.raises(FluoroPrintError, match="beyond the centreline"):
        deployed(line, sections, 30.0, (22.0, 16.0), (26.0, 18.0), 60.0)


def test_a_tube_has_the_volume_of_its_closed_form():
    places = np.column_stack([np.zeros(21), np.zeros(21), np.linspace(0, 40, 21)])
    polygon = 32 / 2 * np.sin(2 * np.pi / 32)
    full = check_mesh(tube(places, np.full(21, 5.0)))
    hollow = check_mesh(tube(places, np.full(21, 5.0), 1.0))
    assert full.is_watertight
    assert hollow.is_watertight
    assert full.volume_mm3 == pytest.approx(polygon * 25 * 40, rel=1e-6)
    assert hollow.volume_mm3 == pytest.approx(polygon * (25 - 16) * 40, rel=1e-6)


def test_frames_carried_along_a_plane_curve_do_not_turn():
    turn = np.linspace(0, np.pi, 60)
    places = 30 * np.column_stack([np.cos(turn), np.sin(turn), np.zeros(60)])
    first, second = carried_frames(places)
    heights = np.column_stack([first[:, 2], second[:, 2]])
    assert heights == pytest.approx(np.broadcast_to(heights[0], heights.shape), abs=1e-6)


def test_what_is_planned_is_read_again_and_drawn(aneurysm, tmp_path):
    line, sections = aneurysm
    neck = neck_from(line, sections, 5.0, 1, LandingParameters())
    graft = deployed(line, sections, 5.0, (neck.diameter_mm, 16.0), (26.0, 18.0), 60.0)
    objects = (
        with_neck(planned_centreline("aorta", "Aorta", line, sections), "neck", neck, ()),
        planned_stent_graft("graft-1", "Graft", graft),
    )
    write_plan(tmp_path / "plan.json", Plan("A", "", objects))
    aorta, stent = read_plan(tmp_path / "plan.json").objects
    assert aorta.figures["neck length"].value == pytest.approx(neck.length_mm, abs=1e-3)
    for surface in (surface_of_centreline(aorta), surface_of_stent_graft(stent)):
        assert check_mesh(surface).is_watertight
    with pytest.raises(FluoroPrintError, match="no stent-graft"):
        surface_of_stent_graft(aorta)


def test_a_coarse_step_gives_the_same_line(ring):
    lumen, fine = ring
    coarse = centreline_of(lumen, (40.0, 4.0, 0.0), (4.0, 40.0, 0.0), CentrelineParameters(step_mm=4.0))
    assert coarse.length_mm == pytest.approx(fine.length_mm, rel=0.02)
