"""Registration by fiducial markers: the rigid motion that takes places of one space to those of another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError

LEAST_MARKERS = 3
LEAST_SPREAD_MM = 5.0


@dataclass(frozen=True)
class MarkerFit:
    """A rigid registration by markers.

    Attributes
    ----------
    matrix : (4, 4) from the first space to the second, mm
    residual_mm : (N,) distance of each marker after it
    """

    matrix: Float64Array
    residual_mm: Float64Array
    _markers: Float64Array

    @property
    def fre_mm(self) -> float:
        """Fiducial registration error: root mean square of the residuals."""
        return float(np.sqrt((self.residual_mm**2).mean()))

    def expected_tre_mm(self, place: Float64Array) -> float:
        """Return the error to be expected at a place of the first space.

        J. Fitzpatrick, J. West, C. Maurer, "Predicting error in rigid-body point-based registration", IEEE
        Transactions on Medical Imaging 17(5), 1998: TRE^2 = FLE^2 / N (1 + 1/3 sum d_k^2 / f_k^2), with
        FLE^2 = FRE^2 N / (N - 2); d_k is how far the place is from the k-th principal axis of the markers,
        f_k the root mean square of that of the markers.
        """
        count = len(self._markers)
        if count <= 2:
            return float("inf")
        localisation = self.fre_mm**2 * count / (count - 2)
        centred = self._markers - self._markers.mean(0)
        _, _, axes = np.linalg.svd(centred, full_matrices=True)
        own = (axes @ (np.asarray(place) - self._markers.mean(0))) ** 2
        spread = (centred @ axes.T) ** 2
        shares = [
            (own.sum() - own[axis]) / max(float((spread.sum(1) - spread[:, axis]).mean()), 1e-12)
            for axis in range(3)
        ]
        return float(np.sqrt(localisation / count * (1 + sum(shares) / 3)))


def fit_markers(first: Float64Array, second: Float64Array) -> MarkerFit:
    """Return the rigid motion with least squares of the distances (K. Arun et al., IEEE PAMI 9(5), 1987).

    Parameters
    ----------
    first, second : (N, 3) places of the same markers in two spaces, mm, in the same order

    Raises
    ------
    FluoroPrintError
        There are fewer than three markers, they are not the same number, or they lie on one line.
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    _refuse(first, second)
    near, far = first.mean(0), second.mean(0)
    u, _, vt = np.linalg.svd((first - near).T @ (second - far))
    turn = vt.T @ np.diag([1.0, 1.0, np.sign(np.linalg.det(vt.T @ u.T))]) @ u.T
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = turn, far - turn @ near
    residual = np.linalg.norm(first @ turn.T + matrix[:3, 3] - second, axis=1)
    return MarkerFit(matrix, residual, first)


def _refuse(first: Float64Array, second: Float64Array) -> None:
    if first.shape != second.shape:
        raise FluoroPrintError(
            f"There are {len(first)} markers in one space and {len(second)} in the other: give the same ones."
        )
    if len(first) < LEAST_MARKERS:
        raise FluoroPrintError(f"A registration needs three markers or more, there are {len(first)}.")
    spread = np.linalg.svd(first - first.mean(0), compute_uv=False)[1] / np.sqrt(len(first))
    if spread < LEAST_SPREAD_MM:
        raise FluoroPrintError("The markers lie nearly on one line: add one beside it.")
