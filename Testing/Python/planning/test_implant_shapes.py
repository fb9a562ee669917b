"""Implants as they are drawn: closed, with the volume of their closed form, placed as the plan says."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.catalog.implants import implant_families, implant_family
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.polydata import (
    points_of,
    signed_volume_mm3,
    triangle_areas_mm2,
    triangles_of,
    welded,
)
from FluoroPrintLib.mesh.topology import edges_of
from FluoroPrintLib.planning import implant_shapes as shapes
from FluoroPrintLib.planning.implant_bones import plate
from FluoroPrintLib.planning.implant_objects import implant_of, planned_implant, surface_of_implant
from FluoroPrintLib.planning.implant_solids import PART
from FluoroPrintLib.planning.implants import chosen_implant
from FluoroPrintLib.planning.plan import moved
from planning_solids import rotation
from vtkmodules.util.numpy_support import vtk_to_numpy

PI = np.pi


def volume(surface):
    return signed_volume_mm3(points_of(surface), triangles_of(surface))


def frustum(first, second, height):
    return PI * height * (first**2 + first * second + second**2) / 3


def head_volume(diameter, bore):
    """A ball less the cap over its face and less the bore."""
    radius = diameter / 2
    face = np.sqrt(radius**2 - max(8.0, radius / 2) ** 2)
    cap = PI * (radius - face) ** 2 * (2 * radius + face) / 3
    return 4 / 3 * PI * radius**3 - cap - frustum(7, 6, bore)


def kidney_volume(width, depth, height, lordosis, wall, bend):
    """Bending shears, so areas are the ellipses'; the window's middle lies before the outline's."""
    outer, inner = PI * width * depth / 4, PI * (width / 2 - wall) * (depth / 2 - wall)
    middle = bend / 4 * (1 - (1 - 2 * wall / width) ** 2)
    return height * (outer - inner) - 2 * np.tan(np.radians(lordosis / 2)) * inner * middle


def box_volume(width, depth, height, wall, corner):
    inner = (width - 2 * wall) * (depth - 2 * wall) - (4 - PI) * (0.25 * corner) ** 2
    return height * (width * depth - (4 - PI) * corner**2 - inner)


CLOSED_FORMS = {
    "cup": (shapes.cup(54, 4), 2 / 3 * PI * (27**3 - 23**3)),
    "head, small": (shapes.head(22, 12), head_volume(22, 12)),
    "head, large": (shapes.head(40, 12), head_volume(40, 12)),
    "screw": (
        shapes.screw(6.5, 45),
        PI * 3.25**2 * (45 - 6.5) + PI * 3.25**2 * 6.5 / 3 + 2 / 3 * PI * (0.85 * 6.5) ** 3 * 0.6,
    ),
    "plate": (plate(6, 13, 11, 3.3, 3.8, 0), 3.3 * (5 * 13 * 11 + PI * 5.5**2 - 6 * PI * 1.9**2)),
    "plate, one hole": (plate(1, 13, 11, 3.3, 3.8, 0), 3.3 * (PI * 5.5**2 - PI * 1.9**2)),
    "reconstruction plate": (
        plate(7, 12, 10, 2.8, 3.8, 2),
        2.8 * (6 * 12 * (10 - 2) + PI * 5**2 - 7 * PI * 1.9**2),
    ),
    "box cage": (shapes.box_cage(34, 25, 12, 12, 4, 8), box_volume(34, 25, 12, 4, 8)),
    "kidney cage": (shapes.kidney_cage(30, 11, 10, 8, 2.4, 5), kidney_volume(30, 11, 10, 8, 2.4, 5)),
    "dental implant": (
        shapes.dental_implant(4.3, 11.5, 2.4, 1.5),
        PI * 2.15**2 * 1.5 + frustum(2.15, 1.2, 11.5 - 1.5 - 1.2) + 2 / 3 * PI * 1.2**3,
    ),
    "stent-graft": (
        shapes.stent_graft(28, 24, 100, 0.4),
        frustum(14, 12, 100) - frustum(13.6, 11.6, 100),
    ),
    "lead": (
        shapes.lead(1.27, 1.5, 0.5, 1.5, 4, 1, 0),
        2 / 3 * PI * 0.635**3 + PI * 0.635**2 * (60 - 0.635),
    ),
    "anchor": (shapes.anchor(14, 2, 6, 20, 3), PI * (49 - 1) * 6 + PI * (100 - 1) * 3),
    "wire": (shapes.wire(2, 150, 30), PI * (150 - 1 / np.tan(np.radians(15)) * 2 / 3)),
    "saw": (shapes.saw(19, 90, 1, 12, 1.2, 8), 0.4 * 90 * 8 + 0.2 * 90 * 13.5 + (0.4 * 90 - 0.6) * 19),
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_a_shape_has_the_volume_of_its_closed_form(name):
    surface, expected = CLOSED_FORMS[name]
    assert volume(surface) == pytest.approx(expected, rel=4e-3)


def test_flutes_take_their_share_of_a_drill():
    """Area of r (1 - f cos^4): pi r^2 (1 - 2 f 3/8 + f^2 35/128); cone, flutes, prismatoid, shank."""
    area, cut, mixed = PI * 2.25**2, 1 - 0.55 * 0.75 + 0.55**2 * 35 / 128, 1 - 0.55 * 0.375
    point = 2.25 / np.tan(np.radians(59))
    expected = area * (cut * (60 - 2 / 3 * point) + 2.25 * (cut + mixed + 1) / 3 + 145 - 62.25)
    assert volume(shapes.drill(4.5, 145, 60, 30, 118)) == pytest.approx(expected, rel=0.01)


def sizes_at(family, end):
    return {name: values[end] for name, values in family.dimensions.items()}


@pytest.mark.parametrize("end", [0, -1], ids=["least", "greatest"])
@pytest.mark.parametrize("family", implant_families(), ids=lambda family: family.id)
def test_every_family_is_drawn_closed_in_its_least_and_greatest_size(family, end):
    surface = shapes.drawn(chosen_implant(family, **sizes_at(family, end)))
    edges = edges_of(welded(points_of(surface), triangles_of(surface))[1])
    assert (edges.count == 2).all()
    assert not edges.is_mis_oriented.any()
    assert volume(surface) > 0


@pytest.mark.slow
@pytest.mark.parametrize("end", [0, -1], ids=["least", "greatest"])
@pytest.mark.parametrize("family", implant_families(), ids=lambda family: family.id)
def test_every_family_could_be_printed(family, end):
    assert check_mesh(shapes.drawn(chosen_implant(family, **sizes_at(family, end)))).faults == ()


@pytest.mark.parametrize(
    ("name", "areas"),
    [
        ("lead-3387", [PI * 1.27 * 1.5] * 4),
        ("lead-3391", [PI * 1.27 * 3.0] * 4),
        (
            "lead-db-2202",
            [PI * 1.3 * (1.5 - 0.65) + 2 * PI * 0.65**2, *[PI * 1.3 * 1.5 / 3] * 6, PI * 1.3 * 1.5],
        ),
    ],
)
def test_a_lead_tells_its_contacts(name, areas):
    surface = shapes.drawn(chosen_implant(implant_family(name)))
    part = vtk_to_numpy(surface.GetCellData().GetArray(PART))
    found = np.bincount(part, triangle_areas_mm2(points_of(surface), triangles_of(surface)))
    np.testing.assert_allclose(found[1:], areas, rtol=3e-3)


def test_contacts_lie_at_their_distance_from_the_tip():
    surface = shapes.drawn(chosen_implant(implant_family("lead-3391")))
    part = vtk_to_numpy(surface.GetCellData().GetArray(PART))
    heights = points_of(surface)[triangles_of(surface)][..., 2]
    for contact in range(4):
        ends = heights[part == contact + 1]
        assert (ends.max(), ends.min()) == pytest.approx((-1.5 - 7 * contact, -4.5 - 7 * contact), abs=1e-5)


def test_a_stem_carries_its_head_where_neck_and_angle_say():
    surface = shapes.stem(130, 40, 140, 32, 11, 11)
    along = points_of(surface) @ (np.sin(np.radians(50)), 0.0, -np.cos(np.radians(50)))
    assert along.max() == pytest.approx(40 + 13 / 2, abs=0.01)
    assert points_of(surface)[:, 2].max() == pytest.approx(140, abs=0.3)


def test_an_implant_is_placed_by_its_pose_and_moves_with_the_plan():
    implant = chosen_implant(implant_family("cage-alif"), height_mm=14, lordosis_deg=8)
    turn = rotation(0, 25) @ rotation(1, -40)
    planned = planned_implant(
        "cage-1", "Cage", implant, (5.0, -7.0, 9.0), tuple(turn[:, 2]), tuple(turn[:, 0])
    )
    local = (points_of(surface_of_implant(planned)) - (5, -7, 9)) @ turn
    np.testing.assert_allclose(np.ptp(local, axis=0), (34, 25, 14 + 25 * np.tan(np.radians(4))), atol=1e-4)
    assert implant_of(planned).dimensions == dict(implant.dimensions)
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation(2, 30), (1, 2, 3)
    after = points_of(surface_of_implant(moved(planned, matrix)))
    expected = points_of(surface_of_implant(planned)) @ rotation(2, 30).T + (1, 2, 3)
    np.testing.assert_allclose(after, expected, atol=1e-4)


def test_a_pose_that_is_none_and_sizes_that_there_are_not_are_refused():
    family = implant_family("k-wire")
    with pytest.raises(FluoroPrintError, match="the sizes are"):
        chosen_implant(family, diameter_mm=1.7)
    with pytest.raises(FluoroPrintError, match="no dimension"):
        chosen_implant(family, width_mm=1.7)
    with pytest.raises(FluoroPrintError, match="one line"):
        planned_implant("w", "Wire", chosen_implant(family), (0, 0, 0), (0, 0, 1), (0, 0, -2))
    with pytest.raises(FluoroPrintError, match="no length"):
        planned_implant("w", "Wire", chosen_implant(family), (0, 0, 0), (0, 0, 0))
