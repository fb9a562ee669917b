"""How true a print is, from what a caliper read on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import FluoroPrintError

TOLERANCE_MM = 1.0
"""Common for anatomical models; 0.5 mm is asked of guides and implants' templates."""


@dataclass(frozen=True)
class PrintAccuracy:
    """Measured less nominal, over all distances.

    Attributes
    ----------
    count : how many were measured
    mean_mm : mean of the signed errors; positive where the print is too large
    mean_absolute_mm, rms_mm, max_mm : of their sizes
    mean_absolute_percent : mean of the sizes as shares of the nominal distances, in per cent
    scale : the factor that fits nominal to measured best (least squares through 0)
    rms_after_scale_mm : what is left when the print is scaled back
    tolerance_mm : what the largest error was held against
    """

    count: int
    mean_mm: float
    mean_absolute_mm: float
    rms_mm: float
    max_mm: float
    mean_absolute_percent: float
    scale: float
    rms_after_scale_mm: float
    tolerance_mm: float

    @property
    def is_within(self) -> bool:
        """No error is larger than the tolerance."""
        return self.max_mm <= self.tolerance_mm + 1e-9


def accuracy_of(
    nominal_mm: Sequence[float], measured_mm: Sequence[float], tolerance_mm: float = TOLERANCE_MM
) -> PrintAccuracy:
    """Compare what was measured with what should be.

    Parameters
    ----------
    nominal_mm, measured_mm : of the same distances, in the same order
    tolerance_mm : largest error that is accepted

    Raises
    ------
    FluoroPrintError
        There are no distances, not as many of both, or one is not above 0.
    """
    if not nominal_mm or len(nominal_mm) != len(measured_mm):
        raise FluoroPrintError(
            f"{len(measured_mm)} distances were measured of {len(nominal_mm)}: give one for each, in order."
        )
    nominal, measured = np.asarray(nominal_mm, float), np.asarray(measured_mm, float)
    if not (np.isfinite(measured).all() and (measured > 0).all() and (nominal > 0).all()):
        raise FluoroPrintError("A measured distance is not above 0: give what the caliper read, in mm.")
    errors = measured - nominal
    scale = float(nominal @ measured / (nominal @ nominal))
    return PrintAccuracy(
        count=len(errors),
        mean_mm=float(errors.mean()),
        mean_absolute_mm=float(np.abs(errors).mean()),
        rms_mm=_rms(errors),
        max_mm=float(np.abs(errors).max()),
        mean_absolute_percent=float(100 * (np.abs(errors) / nominal).mean()),
        scale=scale,
        rms_after_scale_mm=_rms(measured / scale - nominal),
        tolerance_mm=tolerance_mm,
    )


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt((values**2).mean()))
