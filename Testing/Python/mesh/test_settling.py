"""Places of a coarser mesh that are too far from the finer one are set onto it, and nothing else is moved."""

import numpy as np
import pytest
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.closest_numba import boxed
from FluoroPrintLib.mesh.distance import distances_mm
from FluoroPrintLib.mesh.polydata import points_of, polydata_from, triangles_of
from FluoroPrintLib.mesh.settling_numba import Fine, settled
from FluoroPrintLib.shape.solids import engine, surface_of

BOUND_MM = 0.1


def ball(segments):
    surface = surface_of(engine().Manifold.sphere(10.0, segments))
    return points_of(surface), triangles_of(surface)


@pytest.fixture(scope="module")
def fine():
    points, triangles = ball(160)
    return Fine(points, boxed(points[triangles]), BOUND_MM, 0.4)


def furthest(points, triangles, fine):
    """By VTK's distances: of the finer points from the coarser mesh, of dense samples the other way."""
    whole = polydata_from(*ball(160))
    lattice = np.array([(a, b, 1 - a - b) for a in np.linspace(0, 1, 7) for b in np.linspace(0, 1 - a, 7)])
    samples = np.einsum("lk,fki->fli", lattice, points[triangles]).reshape(-1, 3)
    there, back = distances_mm(fine.points, polydata_from(points, triangles)), distances_mm(samples, whole)
    return max(there.max(), back.max())


def test_a_mesh_within_the_bound_stays_as_it_is(fine):
    points, triangles = ball(80)
    made = settled(points, triangles, fine)
    np.testing.assert_array_equal(made.points, points)
    np.testing.assert_array_equal(made.triangles, triangles)
    assert len(made.far) == 0
    assert made.max_mm < BOUND_MM


def test_a_point_that_stands_out_comes_back_within_the_bound(fine):
    points, triangles = ball(80)
    out = points.copy()
    out[[5, 900]] *= 1.02
    made = settled(out, triangles, fine)
    assert furthest(out, triangles, fine) == pytest.approx(0.2, abs=0.01)
    assert furthest(made.points, made.triangles, fine) <= BOUND_MM
    assert made.max_mm <= BOUND_MM
    others = np.setdiff1d(np.arange(len(points)), [5, 900])
    np.testing.assert_array_equal(made.points[others], points[others])


def test_faces_that_cut_across_the_curve_are_halved(fine):
    points, triangles = ball(24)
    assert furthest(points, triangles, fine) > BOUND_MM
    made = settled(points, triangles, fine)
    assert len(made.far) == 0
    assert len(triangles) < len(made.triangles) < len(fine.faces.number) / 4
    assert furthest(made.points, made.triangles, fine) <= BOUND_MM * 1.05, "between samples a little more"
    assert check_mesh(polydata_from(made.points, made.triangles)).is_printable


def test_what_cannot_be_set_within_the_bound_is_told(fine, monkeypatch):
    monkeypatch.setattr("FluoroPrintLib.mesh.settling_numba.ROUNDS", 1)
    points, triangles = ball(12)
    made = settled(points, triangles, fine)
    assert len(made.far) > 0
