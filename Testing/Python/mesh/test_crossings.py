"""Faces that cut each other are cut out where that moves no even surface, else the mesh stays as it is."""

import numpy as np
import pytest
from FluoroPrintLib.mesh import overlaps
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.polydata import points_of, polydata_from, triangles_of
from FluoroPrintLib.shape.solids import engine, surface_of

RADIUS_MM = 10.0


@pytest.fixture(scope="module")
def pushed():
    """A ball of which two points near each other changed places, so that faces cut each other."""
    surface = surface_of(engine().Manifold.sphere(RADIUS_MM, 80))
    points, triangles = points_of(surface).copy(), triangles_of(surface)
    top = int(points[:, 2].argmax())
    near = np.argsort(np.linalg.norm(points - points[top], axis=1))
    points[[top, near[9]]] = points[[near[9], top]]
    assert check_mesh(polydata_from(points, triangles)).self_intersecting_faces > 0
    return points, triangles


def test_points_that_changed_places_are_cut_out(pushed):
    made = overlaps.without_crossings(*pushed)
    assert made is not None
    assert check_mesh(polydata_from(*made)).is_printable
    away = np.linalg.norm(made[0], axis=1)
    assert np.abs(away - RADIUS_MM).max() < 0.1


def test_where_even_surface_would_be_lost_nothing_is_done(pushed, monkeypatch):
    """Rings so wide that the hole is closed flat across the curve."""
    widened = overlaps._widened
    monkeypatch.setattr(overlaps, "_widened", lambda faces, cut, rings: widened(faces, cut, rings + 2))
    assert overlaps.without_crossings(*pushed) is None
