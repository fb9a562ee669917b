import numpy as np
import pytest
from FluoroPrintLib.mesh import distance
from FluoroPrintLib.mesh.distance import distances_mm, signed_distances_mm


def test_the_compiled_loops_find_what_vtk_finds(solids, monkeypatch):
    pytest.importorskip("numba")
    cube = solids.cubes(((0, 0, 0), 3.0), ((1, 1, 1), -1.0))
    for surface in (solids.sphere_mesh(5.0, 24), cube):
        points = np.random.default_rng(2).uniform(-7, 7, (3000, 3))
        expected = signed_distances_mm(points, surface)
        assert (expected > 0).any()
        assert (expected < 0).any()
        with monkeypatch.context() as patch:
            patch.setattr(distance, "WORTH_COMPILING", 0)
            assert signed_distances_mm(points, surface) == pytest.approx(expected, abs=1e-6)
            assert distances_mm(points, surface) == pytest.approx(np.abs(expected), abs=1e-6)
