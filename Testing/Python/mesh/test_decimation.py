import builtins
import sys

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh import decimation
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.decimation import decimate_mesh
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.mesh.smoothing import smooth_mesh
from FluoroPrintLib.mesh.surface import surface_of_mask


@pytest.fixture
def ball(solids):
    return smooth_mesh(surface_of_mask(solids.ball_mask(41, 16), np.diag([-0.8, -0.8, 0.8, 1.0])), 0.5)


@pytest.mark.parametrize("engine", ["manifold3d", "vtkQuadricDecimation"])
@pytest.mark.parametrize("bound_mm", [0.05, 0.2])
def test_fewer_triangles_stay_within_the_bound_and_printable(ball, engine, bound_mm):
    made = decimate_mesh(ball, bound_mm, engine)
    found = check_mesh(made.surface)
    assert found.is_printable, found.faults
    assert made.engine == engine
    assert found.triangles < 0.8 * ball.GetNumberOfPolys()
    assert made.max_mm <= bound_mm
    # A ball's own radius is another measure of how far its surface moved.
    centre = points_of(ball).mean(0)
    corners = points_of(made.surface)[decimation.triangles_of(made.surface)]
    before = np.linalg.norm(points_of(ball) - centre, axis=1)
    middles = np.linalg.norm(corners.mean(1) - centre, axis=1)
    assert middles.min() >= before.min() - bound_mm - 0.02
    assert middles.max() <= before.max() + bound_mm + 0.02


def test_a_coarser_bound_leaves_fewer_triangles(ball):
    counts = [decimate_mesh(ball, bound).surface.GetNumberOfPolys() for bound in (0.02, 0.1, 0.5)]
    assert counts[0] > counts[1] > counts[2]


def test_an_engine_that_overshoots_is_called_again_with_less(ball, monkeypatch):
    asked = []

    def coarse(polydata, bound_mm, attempt):
        asked.append(attempt)
        return decimation._by_manifold(polydata, 4 * bound_mm, attempt)

    monkeypatch.setitem(decimation._ENGINES, "manifold3d", coarse)
    made = decimate_mesh(ball, 0.1, "manifold3d")
    assert asked == list(range(len(asked)))
    assert len(asked) > 1
    assert made.max_mm <= 0.1


def test_an_engine_that_never_keeps_the_bound_leaves_the_mesh_as_it_is(ball, solids, monkeypatch):
    monkeypatch.setitem(decimation._ENGINES, "manifold3d", lambda *_: solids.cubes(((0, 0, 0), 9.0)))
    made = decimate_mesh(ball, 0.1, "manifold3d")
    assert (made.engine, made.max_mm) == ("none", 0.0)
    assert np.array_equal(points_of(made.surface), points_of(ball))


def test_no_shell_is_lost_however_small(solids):
    mask = solids.ball_mask(41, 10)
    mask[1, 1, 1] = True
    surface = surface_of_mask(mask, np.eye(4))
    assert check_mesh(decimate_mesh(surface, 2.0).surface).shells == 2


def test_without_manifold3d_vtk_is_the_engine(ball, monkeypatch):
    monkeypatch.setattr(decimation, "find_spec", lambda name: None)
    assert decimate_mesh(ball, 0.1).engine == "vtkQuadricDecimation"


def test_asking_for_manifold3d_without_it_says_how_to_get_it(ball, monkeypatch):
    real = builtins.__import__
    monkeypatch.delitem(sys.modules, "manifold3d", raising=False)

    def missing(name, *arguments, **named):
        if name == "manifold3d":
            raise ImportError(name)
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(FluoroPrintError, match="pip install manifold3d"):
        decimate_mesh(ball, 0.1, "manifold3d")
