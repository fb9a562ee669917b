import numpy as np
import pytest
import trimesh
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.polydata import points_of, triangles_of, welded
from FluoroPrintLib.mesh.surface import surface_of_mask, surface_of_segment

LEFT_HANDED = np.diag([1.0, 1.0, -1.0, 1.0])
ANGLE = np.radians(30)
OBLIQUE = np.array(
    [
        [np.cos(ANGLE), -np.sin(ANGLE), 0, 10],
        [np.sin(ANGLE), np.cos(ANGLE), 0, -40],
        [0, 0, 1, 5],
        [0, 0, 0, 1],
    ]
) @ np.diag([0.5, 0.7, 1.2, 1.0])


def judged(surface):
    return trimesh.Trimesh(points_of(surface), triangles_of(surface), process=True)


@pytest.mark.parametrize("ijk_to_ras", [np.diag([-1.0, -1.0, 1.0, 1.0]), LEFT_HANDED, OBLIQUE])
def test_a_ball_on_any_grid_is_a_closed_solid_facing_outward(solids, ijk_to_ras):
    surface = surface_of_segment(solids.segmentation_of(solids.ball_mask(41, 15), ijk_to_ras), 1)
    judge = judged(surface)
    assert judge.is_watertight
    assert judge.is_winding_consistent
    voxel_mm3 = abs(np.linalg.det(ijk_to_ras[:3, :3]))
    assert judge.volume == pytest.approx(4 / 3 * np.pi * 15**3 * voxel_mm3, rel=0.015)
    centre = ijk_to_ras @ [20, 20, 20, 1]
    assert judge.center_mass == pytest.approx(centre[:3], abs=0.01)


def test_the_surface_lies_half_a_voxel_beyond_the_outermost_voxel_centres():
    mask = np.zeros((5, 6, 7), bool)
    mask[1:3, 2:5, 3:6] = True
    grid = np.diag([-0.5, -0.8, 2.0, 1.0])
    grid[:3, 3] = (10, 20, 30)
    points = points_of(surface_of_mask(mask, grid))
    assert points.min(0) == pytest.approx([10 - 0.5 * 5.5, 20 - 0.8 * 4.5, 30 + 2 * 0.5])
    assert points.max(0) == pytest.approx([10 - 0.5 * 2.5, 20 - 0.8 * 1.5, 30 + 2 * 2.5])


def test_bone_cut_by_the_edge_of_the_volume_is_closed_there(solids):
    assert check_mesh(surface_of_mask(np.ones((4, 4, 4), bool), np.eye(4))).is_printable


def test_random_voxels_with_every_ambiguous_cell_stay_manifold_with_points_merged():
    mask = np.random.default_rng(1).random((16, 16, 16)) > 0.5
    surface = surface_of_mask(mask, np.diag([-0.83, -0.83, 0.83, 1.0]))
    found = check_mesh(surface)
    assert found.is_printable, found.faults
    assert len(welded(points_of(surface), triangles_of(surface))[0]) == surface.GetNumberOfPoints()
    assert judged(surface).is_volume


def test_a_shell_keeps_its_cavity(solids):
    mask = solids.ball_mask(41, 18) & ~solids.ball_mask(41, 9)
    found = check_mesh(surface_of_mask(mask, np.eye(4)))
    assert (found.shells, found.inverted_shells) == (2, 0)
    assert found.volume_mm3 == pytest.approx(4 / 3 * np.pi * (18**3 - 9**3), rel=0.01)


def test_each_label_has_its_own_surface(solids):
    mask = solids.ball_mask(21, 8).astype(np.uint8)
    mask[mask.shape[0] // 2 :] *= 2
    halves = [
        check_mesh(surface_of_segment(solids.segmentation_of(mask), label)).volume_mm3 for label in (1, 2)
    ]
    whole = check_mesh(surface_of_mask(mask > 0, np.eye(4))).volume_mm3
    assert sum(halves) == pytest.approx(whole, rel=0.03)


def test_an_empty_segment_says_which_one(solids):
    empty = solids.segmentation_of(np.zeros((3, 3, 3), bool))
    with pytest.raises(FluoroPrintError, match='segment "Bone" is empty'):
        surface_of_segment(empty, 1)
    with pytest.raises(FluoroPrintError, match="of label 7 is empty"):
        surface_of_segment(empty, 7)
