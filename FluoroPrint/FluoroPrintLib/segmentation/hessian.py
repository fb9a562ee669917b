"""Eigenvalues of the Hessian at a scale: what tells lines, sheets and balls apart."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import SimpleITK as sitk  # noqa: N813 - the name that everyone uses

from ..arrays import AnyArray, BoolArray, Float32Array, Float64Array

SLICES_AT_ONCE = 16
"""Bounds the memory: six derivatives and their eigenvalues are held for so many slices only."""


def smoothed(values_kji: AnyArray, spacing_kji: Float64Array, sigma_mm: float) -> Float32Array:
    """Return values blurred by a Gaussian of `sigma_mm`, the same in mm along each axis.

    Deriche's recursive filter (as ITK has it): the time does not grow with the scale.
    """
    image = sitk.GetImageFromArray(np.asarray(values_kji, np.float32))
    image.SetSpacing([float(length) for length in spacing_kji[::-1]])
    for axis, length in enumerate(values_kji.shape[::-1]):
        if length >= 4:  # the filter's order; a thinner volume is constant along this axis
            image = sitk.RecursiveGaussian(image, sigma_mm, direction=axis)
    blurred: Float32Array = sitk.GetArrayFromImage(image)
    return blurred


def hessian_eigenvalues(
    values_kji: AnyArray, spacing_kji: Float64Array, sigma_mm: float, where_kji: BoolArray | None = None
) -> Iterator[tuple[slice, BoolArray, Float32Array]]:
    """Yield, slab by slab, the eigenvalues of the Hessian of the smoothed values, times `sigma_mm` squared.

    Second differences of the Gaussian-smoothed values, in mm; the factor makes scales comparable (Lindeberg,
    Int. J. Comput. Vis. 30(2), 1998).

    Parameters
    ----------
    values_kji : (K, J, I)
    spacing_kji : (3,) mm
    sigma_mm : scale
    where_kji : voxels to compute for; all if left out

    Yields
    ------
    The slab (slice along k), which of its voxels were computed, and (3, N) their eigenvalues, ascending.
    """
    blurred = np.pad(smoothed(values_kji, spacing_kji, sigma_mm), 1, mode="edge")
    for first in range(0, len(values_kji), SLICES_AT_ONCE):
        slab = slice(first, min(first + SLICES_AT_ONCE, len(values_kji)))
        shape = (slab.stop - first, *values_kji.shape[1:])
        where = np.ones(shape, bool) if where_kji is None else where_kji[slab]
        hessian = _second_differences(blurred[first : slab.stop + 2], where, spacing_kji)
        yield slab, where, symmetric_eigenvalues(hessian * np.float32(sigma_mm**2))


def symmetric_eigenvalues(matrices: Float32Array) -> Float32Array:
    """Return the eigenvalues of symmetric 3x3 matrices in ascending order: (3, N).

    The closed form with the angle of the cubic's roots (Smith, Commun. ACM 4(4), 1961).

    Parameters
    ----------
    matrices : (6, N) elements 00, 11, 22, 01, 02, 12
    """
    a, b, c, d, e, f = matrices
    mean = (a + b + c) / 3
    a, b, c = a - mean, b - mean, c - mean
    size = np.sqrt((a * a + b * b + c * c + 2 * (d * d + e * e + f * f)) / 6)
    determinant = a * (b * c - f * f) - d * (d * c - f * e) + e * (d * f - b * e)
    safe = np.maximum(size, np.finfo(np.float32).tiny ** (1 / 3))
    angle = np.arccos(np.clip(determinant / (2 * safe**3), -1, 1)) / 3
    largest = mean + 2 * size * np.cos(angle)
    smallest = mean + 2 * size * np.cos(angle + np.float32(2 * np.pi / 3))
    return np.stack([smallest, 3 * mean - largest - smallest, largest]).astype(np.float32)


def _second_differences(padded: Float32Array, where: BoolArray, spacing_kji: Float64Array) -> Float32Array:
    """Return (6, N) second differences along kk, jj, ii, kj, ki, ji at the chosen voxels."""
    at = np.nonzero(where)
    shape = padded.shape
    flat = padded.ravel()
    strides = (shape[1] * shape[2], shape[2], 1)
    centre = sum((index + 1) * stride for index, stride in zip(at, strides, strict=True))
    found = np.empty((6, len(at[0])), np.float32)
    middle = flat[centre]
    for axis, stride in enumerate(strides):
        found[axis] = (flat[centre + stride] + flat[centre - stride] - 2 * middle) / spacing_kji[axis] ** 2
    for row, (one, other) in enumerate(((0, 1), (0, 2), (1, 2)), 3):
        along, across = strides[one] + strides[other], strides[one] - strides[other]
        found[row] = (
            flat[centre + along] + flat[centre - along] - flat[centre + across] - flat[centre - across]
        )
        found[row] /= 4 * spacing_kji[one] * spacing_kji[other]
    return found
