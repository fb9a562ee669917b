"""Solids to shape, and the check that each result must pass as a file holds it."""

import numpy as np
import pytest
from FluoroPrintLib.files.mesh_formats import read_mesh, write_mesh
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of, triangles_of
from FluoroPrintLib.shape.solids import engine, surface_of


def box(*size):
    return surface_of(engine().Manifold.cube(size, True))


def ball(radius, sides=96, centre=(0, 0, 0)):
    return surface_of(engine().Manifold.sphere(radius, sides).translate(centre))


def tube(radius, height):
    return surface_of(engine().Manifold.cylinder(height, radius, radius, 180, True).refine_to_length(2.0))


def knobbly(seed=0):
    """A closed surface without any symmetry, as bumpy as a bone."""
    rng = np.random.default_rng(seed)
    waves, phases = rng.normal(size=(4, 3)) / 6, rng.uniform(0, 6, 4)

    def bump(points):
        swell = 1 + 0.08 * np.sin(points @ waves.T + phases).sum(1, keepdims=True)
        return points * swell * (1.0, 0.8, 1.3)

    return surface_of(engine().Manifold.sphere(20.0, 96).warp_batch(bump))


@pytest.fixture
def solids():
    """The builders of this file: importlib mode lets tests reach them by a fixture only."""

    class Solids:
        box = staticmethod(box)
        ball = staticmethod(ball)
        tube = staticmethod(tube)
        knobbly = staticmethod(knobbly)

    return Solids


@pytest.fixture
def filed(tmp_path):
    """Write a surface to STL, where points merge, read it back, demand that it is closed; give its check."""

    def check(surface):
        write_mesh(tmp_path / "shaped.stl", [NamedModel("Shaped", (1, 1, 1), surface)])
        found = check_mesh(read_mesh(tmp_path / "shaped.stl"))
        assert found.is_watertight
        assert found.non_manifold_points == 0
        assert found.inverted_shells == 0
        return found

    return check


@pytest.fixture
def untouched():
    """Demand that what a block does leaves a surface as it was."""
    kept = []

    def keep(surface):
        kept.append((surface, points_of(surface), triangles_of(surface)))
        return surface

    yield keep
    for surface, points, triangles in kept:
        np.testing.assert_array_equal(points_of(surface), points)
        np.testing.assert_array_equal(triangles_of(surface), triangles)
