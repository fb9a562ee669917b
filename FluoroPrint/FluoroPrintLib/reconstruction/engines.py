"""Two engines for the same four linear maps: numpy and scipy always, numba where it is installed.

`warp` resamples frames by homographies; `resample_sum` adds up separable affine resamplings of planes;
each has its exact adjoint. Bilinear, zero outside.
"""

from __future__ import annotations

import importlib.util
from typing import Protocol

from ..arrays import Float32Array, Float64Array, IntArray
from ..errors import FluoroPrintError


class Engine(Protocol):
    """What an engine can do. Arrays are float32 and C-contiguous, coefficients float64."""

    def warp(self, frames: Float32Array, to_pixel: Float64Array, shape: tuple[int, int]) -> Float32Array:
        """Resample frames (V, R, C) to (V, A, B): pixel (a, b) is read at `to_pixel` @ (a, b, 1)."""

    def warp_adjoint(
        self, warped: Float32Array, to_pixel: Float64Array, shape: tuple[int, int]
    ) -> Float32Array:
        """Return the adjoint of `warp`: (V, A, B) to frames (V, R, C) of `shape`."""

    def resample_sum(
        self,
        inputs: Float32Array,
        coefficients: Float64Array,
        outputs: Float32Array,
        rows: IntArray | None = None,
    ) -> None:
        """Add to each output plane m the sum over n of gain * inputs[n] read at affine places.

        `coefficients` (M, N, 5): gain, offset and step along axis 1, offset and step along axis 2;
        outputs (M, J, K) [m, j, k] reads inputs (N, A, B) at (offset_a + step_a j, offset_b + step_b k).
        Steps along axis 2 are positive. `rows` (M, 2) limits the work to j from the first number up to the
        second.
        """

    def resample_sum_adjoint(
        self, outputs: Float32Array, coefficients: Float64Array, inputs: Float32Array
    ) -> None:
        """Add to each inputs[n] the adjoint of `resample_sum` applied to outputs."""


def numba_is_installed() -> bool:
    """Tell whether the numba engine can be used."""
    return importlib.util.find_spec("numba") is not None


def choose_engine(name: str = "auto") -> Engine:
    """Return the engine called "numpy" or "numba"; "auto" takes numba where it is installed.

    Raises
    ------
    FluoroPrintError
        numba is asked for and not installed.
    """
    if name == "numba" and not numba_is_installed():
        raise FluoroPrintError(
            "The numba engine was asked for but numba is not installed: install it or use engine numpy."
        )
    if name == "numba" or (name == "auto" and numba_is_installed()):
        from .engine_numba import NumbaEngine

        return NumbaEngine()
    from .engine_numpy import NumpyEngine

    return NumpyEngine()
