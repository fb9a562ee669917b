import builtins
import sys
from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh import collapse, decimation
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.decimation import decimate_mesh
from FluoroPrintLib.mesh.deviation import deviation
from FluoroPrintLib.mesh.distance import distances_mm
from FluoroPrintLib.mesh.polydata import points_of, polydata_from, triangles_of, welded
from FluoroPrintLib.mesh.smoothing import smooth_mesh
from FluoroPrintLib.mesh.surface import surface_of_mask


@pytest.fixture
def ball(solids):
    return smooth_mesh(surface_of_mask(solids.ball_mask(41, 16), np.diag([-0.8, -0.8, 0.8, 1.0])), 0.5)


@pytest.mark.parametrize("engine", ["numba", "manifold3d", "vtkQuadricDecimation"])
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


def test_the_compiled_engine_leaves_a_seventh_and_less_than_others_within_the_bound(ball):
    pytest.importorskip("numba")
    made = decimate_mesh(ball, 0.1, "numba")
    assert made.surface.GetNumberOfPolys() < 0.15 * ball.GetNumberOfPolys()
    assert made.surface.GetNumberOfPolys() < decimate_mesh(ball, 0.1, "manifold3d").surface.GetNumberOfPolys()
    apart = deviation(made.surface, ball)
    assert apart.max_mm <= 0.1
    assert made.check.volume_mm3 == pytest.approx(check_mesh(ball).volume_mm3, rel=2e-3)


def test_slabs_on_several_processors_leave_a_whole_mesh_without_seams(ball, monkeypatch):
    pytest.importorskip("numba")
    alone = decimate_mesh(ball, 0.1, "numba").surface.GetNumberOfPolys()
    monkeypatch.setattr(collapse, "processors", lambda: 3)
    monkeypatch.setattr(collapse, "ONE_PIECE", 500)
    made = decimate_mesh(ball, 0.1, "numba")
    assert made.engine == "numba"
    assert made.check.is_printable
    assert made.max_mm <= 0.1
    assert made.surface.GetNumberOfPolys() < 1.15 * alone


def test_points_with_less_room_keep_the_new_surface_nearer(ball):
    pytest.importorskip("numba")
    points, triangles = points_of(ball), triangles_of(ball)
    high = points[:, 2] > points[:, 2].mean()
    made = collapse.collapsed(points, triangles, np.where(high, 0.005, 0.2))
    apart = distances_mm(points, polydata_from(made.points, made.triangles))
    assert apart[high].max() <= 0.005
    assert 0.005 < apart[~high].max() <= 0.2


def test_where_the_surface_is_open_or_touches_itself_points_stay(solids):
    pytest.importorskip("numba")
    from FluoroPrintLib.mesh.collapse_numba import collapsing

    cubes = solids.cubes(((0, 0, 0), 1.0), ((1, 1, 1), 1.0), ((5, 5, 5), 1.0))
    points, triangles = welded(points_of(cubes), triangles_of(cubes))
    fixed = collapsing(points, triangles[:-1], np.ones(len(points))).fixed
    touching = (points == 1).all(1)
    assert touching.sum() == 1
    assert np.array_equal(np.flatnonzero(fixed), np.union1d(np.flatnonzero(touching), triangles[-1]))


def test_places_that_were_wrong_are_given_less_room(ball, monkeypatch):
    pytest.importorskip("numba")
    seen = []

    def once_too_far(points, triangles, limits_mm, progress):
        seen.append(limits_mm.copy())
        made = collapse.collapsed(points, triangles, limits_mm)
        return replace(made, far=points[:1]) if len(seen) == 1 else made

    monkeypatch.setattr(decimation, "collapsed", once_too_far)
    made = decimate_mesh(ball, 0.1, "numba")
    assert made.check.is_printable
    lowered = seen[1] < seen[0]
    near = np.linalg.norm(points_of(ball) - points_of(ball)[0], axis=1) <= decimation.REACH * 0.1
    assert np.array_equal(lowered, near)


def test_without_room_the_compiled_engine_leaves_the_mesh_as_it_is(ball, monkeypatch):
    pytest.importorskip("numba")
    monkeypatch.setattr(decimation, "MOST_VOLUME_CHANGE", -1.0)
    assert decimate_mesh(ball, 0.1, "numba").engine == "none"


def test_large_meshes_are_for_the_compiled_engine(ball, monkeypatch):
    monkeypatch.setattr(decimation, "WORTH_COMPILING", 1000)
    assert decimate_mesh(ball, 0.1).engine == ("numba" if decimation.find_spec("numba") else "manifold3d")


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
