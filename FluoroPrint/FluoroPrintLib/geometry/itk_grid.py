"""The place of a grid as ITK has it (spacing, directions and origin in LPS) and as it is kept here (RAS)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..arrays import Float64Array

RIGHT_ANGLES_WITHIN = 1e-4


def ras_from_itk(
    spacing: Sequence[float], directions: Sequence[float], origin: Sequence[float]
) -> Float64Array:
    """Return the ijk_to_ras (4, 4) of an ITK image, its nine direction cosines row by row."""
    matrix = np.eye(4)
    lps_to_ras = np.array([-1.0, -1.0, 1.0])
    matrix[:3, :3] = lps_to_ras[:, None] * np.reshape(directions, (3, 3)) * np.asarray(spacing)
    matrix[:3, 3] = lps_to_ras * origin
    return matrix


def itk_from_ras(
    ijk_to_ras: Float64Array,
) -> tuple[list[float], list[float], list[float]] | None:
    """Return spacing, directions and origin for an ITK image; None where the axes are not at right angles."""
    lps_to_ras = np.array([-1.0, -1.0, 1.0])
    spacing = np.linalg.norm(ijk_to_ras[:3, :3], axis=0)
    directions = lps_to_ras[:, None] * ijk_to_ras[:3, :3] / spacing
    if not np.allclose(directions.T @ directions, np.eye(3), atol=RIGHT_ANGLES_WITHIN):
        return None
    origin = lps_to_ras * ijk_to_ras[:3, 3]
    return spacing.tolist(), directions.ravel().tolist(), origin.tolist()
