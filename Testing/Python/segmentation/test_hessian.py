"""Eigenvalues of the Hessian against numpy and against the closed forms of line, sheet and ball."""

import numpy as np
import pytest
from FluoroPrintLib.segmentation.hessian import SLICES_AT_ONCE, hessian_eigenvalues, symmetric_eigenvalues
from tubes import points_of

SPACING = np.array([0.9, 0.6, 0.5])
SHAPE = (41, 61, 73)
MIDDLE = (20, 30, 36)
SIGMA_MM = 2.0


def eigenvalues_at_middle(values):
    for slab, where, found in hessian_eigenvalues(values, SPACING, SIGMA_MM):
        if slab.start <= MIDDLE[0] < slab.stop:
            return found.reshape(3, *where.shape)[:, MIDDLE[0] - slab.start, MIDDLE[1], MIDDLE[2]]
    raise AssertionError("no slab holds the middle")


def gaussian(distance_mm, width_mm=1.5):
    return np.exp(-(distance_mm**2) / (2 * width_mm**2))


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_a_gaussian_sheet_line_and_ball_have_their_closed_form(dimensions):
    """Blurred by s, a Gaussian of width w in n dimensions has the curvature w^n / (w^2 + s^2)^(n/2 + 1)."""
    points = points_of(SHAPE, SPACING)
    found = eigenvalues_at_middle(gaussian(np.linalg.norm(points[..., :dimensions], axis=-1)))
    both = 1.5**2 + SIGMA_MM**2
    curved = -(SIGMA_MM**2) * 1.5**dimensions / both ** (dimensions / 2 + 1)
    np.testing.assert_allclose(found, [curved] * dimensions + [0.0] * (3 - dimensions), rtol=0.04, atol=1e-4)


def test_eigenvalues_are_those_of_numpy_in_ascending_order():
    matrices = np.random.default_rng(3).normal(size=(500, 3, 3))
    matrices += matrices.transpose(0, 2, 1)
    matrices[0], matrices[1] = 0.0, np.eye(3)
    rows, columns = (0, 1, 2, 0, 0, 1), (0, 1, 2, 1, 2, 2)
    found = symmetric_eigenvalues(matrices[:, rows, columns].T.astype(np.float32))
    np.testing.assert_allclose(found.T, np.linalg.eigvalsh(matrices), atol=2e-5)


def test_slabs_cover_the_volume_once_and_chosen_voxels_get_what_all_get():
    values = np.random.default_rng(4).normal(size=(SLICES_AT_ONCE + 5, 20, 22)).astype(np.float32)
    chosen = values > 0.5
    everywhere = [found for _, _, found in hessian_eigenvalues(values, SPACING, SIGMA_MM)]
    here = [found for _, _, found in hessian_eigenvalues(values, SPACING, SIGMA_MM, chosen)]
    assert sum(found.shape[1] for found in everywhere) == values.size
    np.testing.assert_array_equal(np.concatenate(here, 1), np.concatenate(everywhere, 1)[:, chosen.ravel()])


def test_a_single_slice_has_no_curvature_across_it():
    points = points_of((1, 61, 73), SPACING)
    ((_, _, found),) = hessian_eigenvalues(gaussian(np.linalg.norm(points, axis=-1)), SPACING, SIGMA_MM)
    middle = found.reshape(3, 61, 73)[:, 30, 36]
    assert middle[0] < -0.1
    assert middle[1] < -0.1
    assert middle[2] == pytest.approx(0.0, abs=1e-4)
