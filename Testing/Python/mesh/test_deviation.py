import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh.deviation import deviation, samples_of
from FluoroPrintLib.mesh.polydata import points_of, polydata_from, triangles_of


def test_a_surface_does_not_deviate_from_itself(solids):
    sphere = solids.sphere_mesh()
    assert deviation(sphere, sphere).max_mm == pytest.approx(0, abs=1e-5)


def test_concentric_spheres_are_the_difference_of_their_radii_apart(solids):
    outer, inner = solids.sphere_mesh(10.5, 80), solids.sphere_mesh(10.0, 80)
    found = deviation(outer, inner)
    assert (found.mean_mm, found.p95_mm, found.max_mm) == pytest.approx((0.5, 0.5, 0.5), abs=0.02)
    assert found.at_points_mm.shape == (outer.GetNumberOfPoints(),)
    assert found.at_points_mm.min() > 0.45
    assert deviation(inner, outer).at_points_mm.max() < -0.45


def test_what_is_missing_from_the_model_counts_too(solids):
    both = solids.cubes(((0, 0, 0), 1.0), ((10, 0, 0), 1.0))
    one = solids.cubes(((0, 0, 0), 1.0))
    assert deviation(one, both).max_mm == pytest.approx(10, abs=0.01)
    assert np.abs(deviation(one, both).at_points_mm).max() == pytest.approx(0, abs=1e-6)


def test_a_large_face_is_measured_across_not_at_its_corners_only():
    flat = polydata_from([[0, 0, 0], [8, 0, 0], [0, 8, 0]], [[0, 1, 2]])
    bent = polydata_from(
        [[0, 0, 0], [8, 0, 0], [0, 8, 0], [8 / 3, 8 / 3, 1]], [[0, 1, 3], [1, 2, 3], [2, 0, 3]]
    )
    assert np.percentile(np.abs(deviation(flat, bent).at_points_mm), 100) == 0
    assert deviation(flat, bent).max_mm == pytest.approx(1)


def test_samples_are_no_further_apart_than_wanted():
    triangle = polydata_from([[0, 0, 0], [10, 0, 0], [0, 10, 0]], [[0, 1, 2]])
    samples = samples_of(triangle, 0.5)
    grid = np.stack(np.meshgrid(*[np.linspace(0, 10, 60)] * 2), -1).reshape(-1, 2)
    grid = grid[grid.sum(1) <= 10]
    nearest = np.linalg.norm(grid[:, None] - samples[None, :, :2], axis=2).min(1)
    assert nearest.max() < 0.5
    assert np.allclose(samples[:3], points_of(triangle))


def test_a_surface_without_faces_is_refused(solids):
    empty = polydata_from(np.zeros((0, 3)), np.zeros((0, 3), int))
    with pytest.raises(FluoroPrintError, match="without faces"):
        deviation(empty, solids.sphere_mesh())


def test_a_cancel_is_heard(solids):
    class Stop(Exception):  # noqa: N818
        pass

    def stop(fraction, message):
        raise Stop

    sphere = solids.sphere_mesh()
    with pytest.raises(Stop):
        deviation(sphere, sphere, stop)


def test_corners_that_both_surfaces_share_are_not_measured_but_the_rest_is(solids, monkeypatch):
    """A ball with one point pulled out: what is counted is that of the whole ball measured."""
    from FluoroPrintLib.mesh import deviation as module

    sphere = solids.sphere_mesh(10.0, 40)
    points = points_of(sphere).copy()
    points[7] *= 1.05
    pulled = polydata_from(points, triangles_of(sphere))
    found = deviation(pulled, sphere)
    monkeypatch.setattr(module, "_are_corners", lambda places, _surface: np.zeros(len(places), bool))
    whole = deviation(pulled, sphere)
    assert found.max_mm == pytest.approx(whole.max_mm)
    assert found.mean_mm == pytest.approx(whole.mean_mm, abs=1e-6)
    assert found.at_points_mm == pytest.approx(whole.at_points_mm, abs=1e-6)
    assert 0.4 < found.max_mm < 0.51
