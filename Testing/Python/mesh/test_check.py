import numpy as np
import pytest
import trimesh
from FluoroPrintLib.mesh import intersections
from FluoroPrintLib.mesh.check import check_mesh, has_repeated_point, is_duplicate, is_flat
from FluoroPrintLib.mesh.intersections import intersecting_pairs
from FluoroPrintLib.mesh.polydata import points_of, polydata_from, triangles_of, welded


def test_a_cube_is_printable_and_has_the_volume_and_area_of_a_cube(solids):
    found = check_mesh(solids.cubes(((1, 2, 3), 2.0)))
    assert found.is_printable
    assert found.faults == ()
    assert found.volume_mm3 == pytest.approx(8)
    assert found.area_mm2 == pytest.approx(24)
    assert (found.low_ras_mm, found.high_ras_mm) == ((1, 2, 3), (3, 4, 5))


def test_a_missing_face_leaves_three_open_edges_and_a_sentence(solids):
    cube = solids.cubes(((0, 0, 0), 1.0))
    found = check_mesh(polydata_from(points_of(cube), triangles_of(cube)[1:]))
    assert found.open_edges == 3
    assert not found.is_watertight
    assert any("3 open edges" in sentence for sentence in found.faults)


def test_a_turned_face_disagrees_along_its_three_edges(solids):
    cube = solids.cubes(((0, 0, 0), 1.0))
    faces = triangles_of(cube)
    faces[4] = faces[4][::-1]
    assert check_mesh(polydata_from(points_of(cube), faces)).mis_oriented_edges == 3


def test_a_repeated_face_is_a_duplicate_and_crowds_its_edges(solids):
    cube = solids.cubes(((0, 0, 0), 1.0))
    faces = triangles_of(cube)
    found = check_mesh(polydata_from(points_of(cube), np.concatenate([faces, faces[:1]])))
    assert (found.duplicate_faces, found.non_manifold_edges) == (1, 3)


def test_faces_without_area_are_counted_whether_their_points_merge_or_lie_on_a_line(solids):
    cube = solids.cubes(((0, 0, 0), 1.0))
    points = np.concatenate([points_of(cube), [[5, 0, 0], [6, 0, 0], [7, 0, 0]]])
    faces = np.concatenate([triangles_of(cube), [[0, 0, 1], [8, 9, 10]]])
    assert check_mesh(polydata_from(points, faces)).degenerate_faces == 2


def test_cubes_that_share_an_edge_crowd_it(solids):
    assert check_mesh(solids.cubes(((0, 0, 0), 1.0), ((1, 1, 0), 1.0))).non_manifold_edges == 1


def test_cubes_that_share_a_corner_touch_at_one_point(solids):
    found = check_mesh(solids.cubes(((0, 0, 0), 1.0), ((1, 1, 1), 1.0)))
    assert found.non_manifold_points == 1
    assert found.is_watertight
    assert not found.is_printable


def test_a_point_apart_by_less_than_float32_can_tell_counts_as_merged(solids):
    found = check_mesh(solids.cubes(((100, 100, 100), 1.0), ((101, 101, 101 + 1e-6), 1.0)))
    assert found.non_manifold_points == 1


@pytest.mark.parametrize("edge", [1.0, -1.0])
def test_only_a_cube_inside_that_faces_outward_is_inverted(solids, edge):
    found = check_mesh(solids.cubes(((0, 0, 0), 3.0), ((1, 1, 1), edge)))
    assert found.shells == 2
    assert found.inverted_shells == (1 if edge > 0 else 0)


def test_a_solid_in_a_cavity_in_a_solid_is_right(solids):
    found = check_mesh(solids.cubes(((0, 0, 0), 5.0), ((1, 1, 1), -3.0), ((2, 2, 2), 1.0)))
    assert found.is_printable
    assert found.volume_mm3 == pytest.approx(125 - 27 + 1)


def test_cubes_that_overlap_cut_each_other(solids):
    found = check_mesh(solids.cubes(((0, 0, 0), 1.0), ((0.4, 0.3, 0.6), 1.0)))
    assert found.self_intersecting_faces > 0
    assert any("cut or touch" in sentence for sentence in found.faults)


def test_cubes_apart_do_not_cut_each_other(solids):
    assert check_mesh(solids.cubes(((0, 0, 0), 1.0), ((1.001, 0, 0), 1.0))).is_printable


def test_cubes_face_to_face_lie_on_each_other(solids):
    assert check_mesh(solids.cubes(((0, 0, 0), 1.0), ((1, 0.25, 0.25), 0.5))).self_intersecting_faces > 0


def test_a_mesh_without_faces_says_so():
    found = check_mesh(polydata_from(np.zeros((0, 3)), np.zeros((0, 3), int)))
    assert not found.is_printable
    assert found.faults == ("The mesh has no faces.",)


def test_the_input_stays_as_it_was(solids):
    sphere = solids.sphere_mesh()
    before = points_of(sphere), triangles_of(sphere)
    check_mesh(sphere)
    assert np.array_equal(before[0], points_of(sphere))
    assert np.array_equal(before[1], triangles_of(sphere))


def test_pairs_agree_with_every_pair_tried_one_by_one():
    rng = np.random.default_rng(3)
    corners = rng.uniform(-1, 1, (60, 1, 3)) + rng.uniform(-0.4, 0.4, (60, 3, 3)) * rng.uniform(
        0.1, 2, (60, 1, 1)
    )
    points, triangles = welded(corners.reshape(-1, 3), np.arange(180).reshape(-1, 3))
    found = {tuple(sorted(pair)) for pair in intersecting_pairs(points, triangles).tolist()}
    expected = {
        (a, b) for a in range(60) for b in range(a) if _sides_pierce(points, triangles[a], triangles[b])
    }
    assert found == {tuple(sorted(pair)) for pair in expected}
    assert len(found) > 20


def _sides_pierce(points, one, two):
    """Solve for the place of each side on the other's plane: another way to the same answer."""
    for corners, other in ((points[one], points[two]), (points[two], points[one])):
        for k in range(3):
            start, end = corners[k], corners[(k + 1) % 3]
            system = np.column_stack([end - start, other[0] - other[1], other[0] - other[2]])
            t, u, v = np.linalg.solve(system, other[0] - start)
            if 0 <= t <= 1 and u >= 0 and v >= 0 and u + v <= 1:
                return True
    return False


def test_a_face_folded_through_its_neighbour_at_a_corner_is_found():
    points = np.array([[0, 0, 0], [2, 0, 0], [0, 2, 0], [1, 0.5, -1], [1, 0.5, 1]], float)
    assert len(intersecting_pairs(points, np.array([[0, 1, 2], [0, 3, 4]]))) == 1


def test_faces_that_only_share_a_corner_or_lie_beside_each_other_in_a_plane_do_not_meet():
    points = np.array(
        [[0, 0, 0], [2, 0, 0], [0, 2, 0], [-1, 0, 1], [-1, -1, 0], [-2, 0, 0], [0, -2, 0]], float
    )
    faces = np.array([[0, 1, 2], [0, 3, 4], [0, 5, 6]])
    assert len(intersecting_pairs(points, faces[[0, 1]])) == 0
    assert len(intersecting_pairs(points, faces[[0, 2]])) == 0


def test_a_face_folded_flat_onto_its_neighbour_is_found():
    points = np.array([[0, 0, 0], [2, 0, 0], [1, 1, 0], [1, 0.5, 0], [1, -1, 0]], float)
    assert len(intersecting_pairs(points, np.array([[0, 1, 2], [1, 0, 3]]))) == 1
    assert len(intersecting_pairs(points, np.array([[0, 1, 2], [1, 0, 4]]))) == 0


def test_the_judge_agrees_on_a_damaged_sphere(solids):
    sphere = solids.sphere_mesh()
    faces = triangles_of(sphere)[:-5]
    judge = trimesh.Trimesh(points_of(sphere), faces)
    found = check_mesh(polydata_from(points_of(sphere), faces))
    assert found.is_watertight == judge.is_watertight
    assert found.volume_mm3 == pytest.approx(judge.volume, rel=1e-2)
    assert found.area_mm2 == pytest.approx(judge.area, rel=1e-6)


@pytest.mark.parametrize("at_once", [100, 50_000])
@pytest.mark.parametrize("shape", ["rough", "on a grid"])
def test_the_compiled_candidates_hold_all_pairs_that_meet(solids, monkeypatch, shape, at_once):
    pytest.importorskip("numba")
    sphere = solids.sphere_mesh(10.0, 40)
    points, triangles = points_of(sphere), triangles_of(sphere)
    rough = points + np.random.default_rng(3).normal(0, 0.4, points.shape)
    points, triangles = welded(rough if shape == "rough" else np.round(rough), triangles)
    triangles = triangles[~has_repeated_point(triangles)]
    triangles = triangles[~is_flat(points, triangles)]
    expected = np.sort(intersecting_pairs(points, triangles), axis=1)
    monkeypatch.setattr(intersections, "WORTH_COMPILING", 0)
    monkeypatch.setattr("FluoroPrintLib.mesh.candidates_numba.AT_ONCE", at_once)
    found = np.sort(intersecting_pairs(points, triangles), axis=1)
    assert len(expected) > 100
    assert np.array_equal(np.unique(found, axis=0), np.unique(expected, axis=0))
    assert len(found) == len(expected)


def test_a_face_given_again_is_a_duplicate_whatever_its_order():
    faces = np.array([[0, 1, 2], [3, 2, 1], [2, 1, 0], [1, 2, 3], [0, 1, 3], [1, 2, 0]])
    assert is_duplicate(faces).tolist() == [False, False, True, True, False, True]


def test_points_that_merge_keep_the_order_of_the_first():
    points = np.array([[9.0, 0, 0], [1, 0, 0], [0, -0.0, 0], [5, 5, 5], [0, 0, 0], [1, 0, 0]])
    merged, triangles = welded(points, np.array([[5, 4, 0], [2, 1, 0]]))
    assert merged.tolist() == [[9, 0, 0], [1, 0, 0], [0, 0, 0]]
    assert triangles.tolist() == [[1, 2, 0], [2, 1, 0]]


def test_faces_given_again_are_found_among_many_as_by_sorting_each():
    rng = np.random.default_rng(8)
    faces = rng.integers(0, 9, (400, 3))
    seen, expected = set(), []
    for face in np.sort(faces, axis=1).tolist():
        expected.append(tuple(face) in seen)
        seen.add(tuple(face))
    assert is_duplicate(faces).tolist() == expected
