"""Hollows against closed forms: the wall's thickness, the volume, and where drains open."""

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.distance import signed_distances_mm
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.shape import inset
from FluoroPrintLib.shape.hollow import HollowParameters, fitting_voxel_mm, hollow, points_in
from FluoroPrintLib.shape.solids import solid_of, surface_of

WALL = 2.0


def test_a_hollow_ball_has_the_volume_of_its_shell(solids, filed, untouched):
    radius = 10.0
    model = untouched(solids.ball(radius, 128))
    shaped = hollow(model, HollowParameters(wall_mm=WALL, voxel_mm=0.5, drains="none"))
    found = filed(shaped.parts[0].surface)
    shell = 4 / 3 * np.pi * (radius**3 - (radius - WALL) ** 3)
    assert found.volume_mm3 == pytest.approx(shell, rel=0.005)
    assert found.cavities == 1
    away = np.linalg.norm(points_of(shaped.parts[0].surface), axis=1)
    inner = away[away < radius - 1]
    assert inner.min() > radius - WALL - 0.02
    assert inner.max() < radius - WALL + 0.02
    assert "cavity is closed" in shaped.notes[1]


def test_a_hollow_box_keeps_its_wall_at_edges_too(solids, filed):
    model = solids.box(20, 16, 14)
    shaped = hollow(model, HollowParameters(wall_mm=WALL, voxel_mm=0.5, drains="none"))
    found = filed(shaped.parts[0].surface)
    assert found.volume_mm3 == pytest.approx(20 * 16 * 14 - 16 * 12 * 10, rel=0.005)
    inner = points_of(shaped.parts[0].surface)
    depths = -signed_distances_mm(inner[np.abs(inner[:, 0]) < 9], model)
    assert depths[depths > 0.5].min() > WALL - 0.06


def test_the_lowest_place_is_drained(solids, filed):
    parameters = HollowParameters(wall_mm=WALL, voxel_mm=0.5, drain_diameter_mm=3.0, down=(0.0, -1.0, 0.0))
    found = hollow(solids.ball(9, 64), parameters).parts[0].surface
    assert filed(found).cavities == 0
    solid = solid_of(found)
    assert len(solid.ray_cast((0.3, 0.2, 0.1), (0.3, -20.0, 0.1))) == 0  # the drain is open
    assert len(solid.ray_cast((0.3, 0.2, 0.1), (0.3, 20.0, 0.1))) == 2


def test_drains_open_near_the_points_given(solids, filed):
    parameters = HollowParameters(
        wall_mm=WALL, voxel_mm=0.5, drains="points", drain_points="15 0.1 0.2; 0 0 15"
    )
    solid = solid_of(hollow(solids.ball(9, 64), parameters).parts[0].surface)
    assert len(solid.ray_cast((0.3, 0.2, 0.1), (20.0, 0.2, 0.1))) == 0
    assert len(solid.ray_cast((0.3, 0.2, 0.1), (0.3, 0.2, 20.0))) == 0
    assert filed(surface_of(solid)).cavities == 0


def test_each_of_two_cavities_is_drained(solids, filed):
    neck = solid_of(solids.ball(8, 48, (-9, 0, 0))) + solid_of(solids.ball(8, 48, (9, 0, 0)))
    neck += solid_of(solids.box(20, 3, 3))
    shaped = hollow(surface_of(neck), HollowParameters(wall_mm=WALL, voxel_mm=0.5))
    assert filed(shaped.parts[0].surface).cavities == 0
    assert shaped.notes[1] == "2 cavities, each drained."


def test_a_model_too_thin_for_its_wall_is_told(solids):
    with pytest.raises(FluoroPrintError, match="nowhere thick enough"):
        hollow(solids.box(20, 20, 3), HollowParameters(wall_mm=WALL, voxel_mm=0.5))


def test_a_voxel_too_coarse_for_the_wall_is_told(solids):
    with pytest.raises(FluoroPrintError, match=r"needs a voxel of 0\.8 mm or less"):
        hollow(solids.box(20, 20, 20), HollowParameters(wall_mm=WALL, voxel_mm=1.0))


@pytest.mark.parametrize("text", ["", "1 2", "1 2 3 4", "a b c", "1 2 3;", "nan 0 0"])
def test_points_that_are_none_are_told(text):
    with pytest.raises(FluoroPrintError, match="drain_points"):
        points_in(text)


@pytest.mark.slow
def test_a_model_with_a_cavity_gets_a_wall_about_that_too(solids, filed):
    model = surface_of(solid_of(solids.ball(14, 96)) - solid_of(solids.ball(6, 96)))
    shaped = hollow(model, HollowParameters(wall_mm=WALL, voxel_mm=0.5, drains="none"))
    found = filed(shaped.parts[0].surface)
    walls = 4 / 3 * np.pi * (14**3 - (14 - WALL) ** 3 + (6 + WALL) ** 3 - 6**3)
    assert found.volume_mm3 == pytest.approx(walls, rel=0.01)


@pytest.mark.parametrize(
    ("edge_mm", "wall_mm", "expected"),
    [
        (30.0, 2.0, 0.25),  # small: an eighth of the wall
        (120.0, 2.0, 120.0 / 30e6 ** (1 / 3)),  # as fine as 30 million voxels allow
        (400.0, 2.0, 0.5),  # large: a quarter of the wall
        (400.0, 12.0, 1.0),  # never wider than 1 mm
    ],
)
def test_the_grid_is_the_finer_the_smaller_the_model_is(solids, edge_mm, wall_mm, expected):
    found = fitting_voxel_mm(solids.box(edge_mm, edge_mm, edge_mm), wall_mm)
    assert found == pytest.approx(expected, rel=1e-6)


def test_points_whose_faces_would_cut_each_other_stay_where_they_were(solids, monkeypatch):
    settled = inset._settled

    def folded(points, *more):
        moved = settled(points, *more)
        top = points[:, 2].argmax()
        near = np.argsort(np.linalg.norm(points - points[top], axis=1))[9]
        moved[[top, near]] = moved[[near, top]]
        return moved

    monkeypatch.setattr(inset, "_settled", folded)
    made = hollow(solids.ball(10.0, 96), HollowParameters(wall_mm=WALL, voxel_mm=0.5, drains="none"))
    checked = check_mesh(made.parts[0].surface)
    assert (checked.self_intersecting_faces, checked.cavities) == (0, 1)
