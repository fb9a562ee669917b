import numpy as np
import pytest
import trimesh
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.polydata import points_of, polydata_from, triangles_of
from FluoroPrintLib.mesh.repair import repair_mesh
from FluoroPrintLib.mesh.surface import surface_of_mask

rng = np.random.default_rng(11)


@pytest.fixture
def shell(solids):
    """Bone with a cavity."""
    return surface_of_mask(solids.ball_mask(31, 14) & ~solids.ball_mask(31, 6), np.diag([-0.8, -0.8, 0.8, 1]))


def rebuilt(mesh, faces):
    return polydata_from(points_of(mesh), faces)


def drop_some(faces):
    return np.delete(faces, rng.choice(len(faces), 25, replace=False), axis=0)


def turn_some(faces):
    faces = faces.copy()
    some = rng.choice(len(faces), len(faces) // 3, replace=False)
    faces[some] = faces[some][:, ::-1]
    return faces


def repeat_some(faces):
    return np.concatenate([faces, faces[::50], faces[::70][:, ::-1]])


def turn_all(faces):
    return faces[:, ::-1]


def turn_and_drop(faces):
    return drop_some(turn_some(repeat_some(faces)))


@pytest.mark.parametrize("damage", [drop_some, turn_some, repeat_some, turn_all, turn_and_drop])
def test_damage_is_mended_to_the_same_solid(shell, damage):
    damaged = rebuilt(shell, damage(triangles_of(shell)))
    assert not check_mesh(damaged).is_printable
    mended, done = repair_mesh(damaged)
    found, whole = check_mesh(mended), check_mesh(shell)
    assert found.is_printable, found.faults
    assert done
    assert found.shells == 2
    assert found.volume_mm3 == pytest.approx(whole.volume_mm3, rel=2e-3)
    judge = trimesh.Trimesh(points_of(mended), triangles_of(mended))
    assert judge.is_volume


def test_a_sound_mesh_comes_back_with_nothing_done(shell):
    mended, done = repair_mesh(shell)
    assert done == ()
    assert check_mesh(mended) == check_mesh(shell)


def test_a_soup_of_triangles_is_merged(shell):
    soup = points_of(shell)[triangles_of(shell)].reshape(-1, 3)
    mended, done = repair_mesh(polydata_from(soup, np.arange(len(soup)).reshape(-1, 3)))
    assert "merged" in done[0]
    assert check_mesh(mended).volume_mm3 == pytest.approx(check_mesh(shell).volume_mm3, rel=1e-6)


def test_a_large_hole_is_closed_flat(solids):
    sphere = solids.sphere_mesh(10.0, 60)
    points, faces = points_of(sphere), triangles_of(sphere)
    kept = faces[points[faces][:, :, 2].max(1) < 5.0]
    mended, done = repair_mesh(rebuilt(sphere, kept))
    cut_mm = points[kept.ravel(), 2].max()
    cap = 10.0 - cut_mm
    expected = 4 / 3 * np.pi * 1000 - np.pi * cap**2 * (30 - cap) / 3
    assert done[-1] == "1 holes closed."
    assert check_mesh(mended).volume_mm3 == pytest.approx(expected, rel=0.01)


def test_a_loose_flap_on_an_edge_is_removed(solids):
    cube = solids.cubes(((0, 0, 0), 1.0))
    points = np.concatenate([points_of(cube), [[2, 2, 2]]])
    flap = np.concatenate([triangles_of(cube), [[0, 1, 8]]])
    mended, done = repair_mesh(polydata_from(points, flap))
    assert check_mesh(mended).volume_mm3 == pytest.approx(1)
    assert any("loose" in sentence for sentence in done)


def test_a_cavity_turned_outward_is_turned_back(solids):
    mended, done = repair_mesh(solids.cubes(((0, 0, 0), 3.0), ((1, 1, 1), 1.0)))
    assert check_mesh(mended).volume_mm3 == pytest.approx(26)
    assert "1 shells turned outside out." in done


def test_overlapping_solids_are_united(solids):
    mended, done = repair_mesh(solids.cubes(((0, 0, 0), 2.0), ((1, 0.5, 0.25), 2.0)))
    found = check_mesh(mended)
    assert found.is_printable
    assert found.volume_mm3 == pytest.approx(16 - 1 * 1.5 * 1.75, rel=1e-6)
    assert "Overlapping shells united." in done


def test_solids_that_touch_at_a_corner_are_taken_apart(solids):
    mended, _ = repair_mesh(solids.cubes(((0, 0, 0), 1.0), ((1, 1, 1), 1.0)))
    found = check_mesh(mended)
    assert found.is_printable
    assert found.volume_mm3 == pytest.approx(2, rel=0.02)


def test_a_face_without_area_on_a_line_is_resolved():
    points = np.array([[0, 0, 0], [2, 0, 0], [1, 2, 0], [1, 1, 2], [1, 0, 0]], float)
    faces = np.array([[0, 2, 1], [0, 1, 4], [0, 4, 3], [4, 1, 3], [1, 2, 3], [2, 0, 3]])
    mended, done = repair_mesh(polydata_from(points, faces))
    assert check_mesh(mended).is_printable
    assert any("turning" in sentence for sentence in done)


def test_a_strip_with_one_side_is_refused_and_says_why():
    turns = np.linspace(0, np.pi, 21)[:-1]
    across = np.stack([np.cos(turns), np.zeros_like(turns), np.sin(turns)], -1)
    angle = 2 * turns
    ring = np.stack([np.cos(angle), np.sin(angle), 0 * angle], -1)
    outward = np.cos(turns)[:, None] * ring + np.sin(turns)[:, None] * [0, 0, 1]
    points = np.concatenate([5 * ring - outward, 5 * ring + outward])
    assert across.shape == ring.shape
    n = 20
    faces = []
    for k in range(n):
        low, high = (k, k + n) if k < n else (k, k)
        next_low, next_high = (k + 1, k + 1 + n) if k + 1 < n else (n, 0)
        faces += [[low, next_low, high], [high, next_low, next_high]]
    with pytest.raises(FluoroPrintError, match="one side only"):
        repair_mesh(polydata_from(points, np.array(faces)))


def test_a_single_triangle_is_refused_in_one_clear_sentence():
    with pytest.raises(
        FluoroPrintError, match=r"^The faces of the mesh lie flat .* enclose nothing: [^.]*\.$"
    ):
        repair_mesh(polydata_from([[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[0, 1, 2]]))


def test_a_mesh_without_faces_is_refused():
    with pytest.raises(FluoroPrintError, match="no faces"):
        repair_mesh(polydata_from(np.zeros((0, 3)), np.zeros((0, 3), int)))


def test_the_input_stays_as_it_was(shell):
    damaged = rebuilt(shell, drop_some(triangles_of(shell)))
    before = points_of(damaged), triangles_of(damaged)
    repair_mesh(damaged)
    assert np.array_equal(before[0], points_of(damaged))
    assert np.array_equal(before[1], triangles_of(damaged))
