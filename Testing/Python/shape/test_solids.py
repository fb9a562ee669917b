"""Surfaces become solids and come back as closed as they were, in float32 too."""

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.polydata import points_of, polydata_from, triangles_of
from FluoroPrintLib.shape.regions import farthest_points, samples_within
from FluoroPrintLib.shape.solids import disc, engine, frame_along, rod, solid_of, surface_of, unit


def test_an_open_surface_is_refused(solids):
    cube = solids.box(1, 1, 1)
    opened = polydata_from(points_of(cube), triangles_of(cube)[1:])
    with pytest.raises(FluoroPrintError, match="not closed"):
        solid_of(opened)


def test_a_surface_inside_out_is_refused(solids):
    cube = solids.box(1, 1, 1)
    turned = polydata_from(points_of(cube), triangles_of(cube)[:, ::-1].copy())
    with pytest.raises(FluoroPrintError, match="inside out"):
        solid_of(turned)


def test_solids_that_touch_along_an_edge_stay_closed_in_float32(filed):
    cube = engine().Manifold.cube((1, 1, 1))
    both = cube + cube.translate((1, 1, 0)) + cube.translate((2, 0, 1))
    assert filed(surface_of(both)).volume_mm3 == pytest.approx(3, rel=0.01)


def test_a_rod_has_the_volume_of_a_cylinder():
    made = rod((1, 2, 3), (4, 6, 3), 1.5)
    assert made.volume() == pytest.approx(np.pi * 1.5**2 * 5, rel=1e-9)


def test_a_frame_is_right_handed_and_points_up():
    axes = frame_along(unit((1, 0.3, 0.1)), np.array([0.0, 0.0, 1.0]))
    assert np.linalg.det(axes) == pytest.approx(1)
    assert axes[1, 2] > 0.9


def test_places_lie_within_and_apart():
    ring = disc(10.0) - disc(5.0)
    places = samples_within(ring, 1.0)
    assert ((np.linalg.norm(places, axis=1) > 5) & (np.linalg.norm(places, axis=1) < 10)).all()
    chosen = farthest_points(places, 3, 5.0)
    apart = np.linalg.norm(chosen[:, None] - chosen, axis=2)[~np.eye(3, dtype=bool)]
    assert apart.min() > 5
    assert len(farthest_points(places, 50, 25.0)) == 1


def test_nothing_left_is_told(solids):
    cube = solid_of(solids.box(1, 1, 1))
    with pytest.raises(FluoroPrintError, match="Nothing is left"):
        surface_of(cube - cube)
    assert check_mesh(surface_of(cube)).is_printable
