"""The engine that runs everywhere: numpy, scipy and threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import ndimage, sparse

from ..arrays import AnyArray, Float32Array, Float64Array, IntArray
from ..threads import processors


class NumpyEngine:
    """See `Engine`."""

    def warp(self, frames: Float32Array, to_pixel: Float64Array, shape: tuple[int, int]) -> Float32Array:
        """Resample frames by homographies."""
        warped = np.empty((len(frames), *shape), np.float32)

        def warp_one(view: int) -> None:
            rows, columns = _pixels_of(to_pixel[view], shape, frames.shape[1:])
            ndimage.map_coordinates(
                frames[view],
                [rows, columns],
                warped[view],
                order=1,
                mode="constant",
                cval=0.0,
                prefilter=False,
            )

        _in_threads(warp_one, range(len(frames)))
        return warped

    def warp_adjoint(
        self, warped: Float32Array, to_pixel: Float64Array, shape: tuple[int, int]
    ) -> Float32Array:
        """Return the adjoint of `warp`."""
        frames = np.empty((len(warped), *shape), np.float32)

        def spread_one(view: int) -> None:
            rows, columns = _pixels_of(to_pixel[view], warped.shape[1:], shape)
            frames[view] = (_bilinear(rows, columns, shape).T @ warped[view].ravel()).reshape(shape)

        _in_threads(spread_one, range(len(warped)))
        return frames

    def resample_sum(
        self,
        inputs: Float32Array,
        coefficients: Float64Array,
        outputs: Float32Array,
        rows: IntArray | None = None,
    ) -> None:
        """Add up separable affine resamplings."""

        def fill(m: int) -> None:
            first, end = (0, outputs.shape[1]) if rows is None else rows[m]
            if end > first:
                for n in np.flatnonzero(coefficients[m, :, 0]):
                    gain, offset, step, offset_b, step_b = coefficients[m, n]
                    moved = (gain, offset + step * first, step, offset_b, step_b)
                    _add_resampled(inputs[n], moved, outputs[m, first:end])

        _in_threads(fill, range(len(outputs)))

    def resample_sum_adjoint(
        self, outputs: Float32Array, coefficients: Float64Array, inputs: Float32Array
    ) -> None:
        """Add the adjoint of `resample_sum`."""
        _, rows, columns = outputs.shape

        def fill(n: int) -> None:
            for m in np.flatnonzero(coefficients[:, n, 0]):
                gain, offset_a, step_a, offset_b, step_b = coefficients[m, n]
                along_a = _linear(offset_a, step_a, rows, inputs.shape[1], gain)
                along_b = _linear(offset_b, step_b, columns, inputs.shape[2])
                inputs[n] += along_b.T.dot((along_a.T @ outputs[m]).T).T

        _in_threads(fill, range(len(inputs)))


def _in_threads(work: Callable[[int], None], items: Iterable[int]) -> None:
    with ThreadPoolExecutor(processors()) as pool:
        list(pool.map(work, items))


def _add_resampled(plane: Float32Array, coefficients: tuple[float, ...], output: Float32Array) -> None:
    gain, offset_a, step_a, offset_b, step_b = coefficients
    index, lower, upper = _places(offset_b, step_b, output.shape[1], plane.shape[1])
    if not (lower.any() or upper.any()):
        return
    rows = _linear(offset_a, step_a, output.shape[0], plane.shape[0], gain) @ plane
    term = rows.take(index, 1)
    term *= lower
    output += term
    rows.take(index + 1, 1, out=term, mode="clip")
    term *= upper
    output += term


def _places(offset: float, step: float, count: int, size: int) -> tuple[AnyArray, Float32Array, Float32Array]:
    """Return lower index and the two weights of `count` places; weights are 0 outside."""
    place = offset + step * np.arange(count)
    index = np.floor(place)
    upper = place - index
    inside = (index >= 0) & (index < size - 1)
    return (
        np.where(inside, index, 0).astype(np.int32),
        np.where(inside, 1 - upper, 0).astype(np.float32),
        np.where(inside, upper, 0).astype(np.float32),
    )


def _linear(offset: float, step: float, count: int, size: int, gain: float = 1.0) -> sparse.csr_matrix:
    """Return linear interpolation at `count` places of a line of `size` as a sparse matrix."""
    index, lower, upper = _places(offset, step, count, size)
    weights = (np.stack([lower, upper], 1) * np.float32(gain)).ravel()
    ends = np.arange(0, 2 * count + 1, 2, dtype=np.int32)
    return sparse.csr_matrix((weights, np.stack([index, index + 1], 1).ravel(), ends), shape=(count, size))


def _pixels_of(
    to_pixel: Float64Array, shape: tuple[int, ...], frame_shape: tuple[int, ...]
) -> tuple[Float64Array, Float64Array]:
    """Return rows and columns (A, B) that the virtual pixels read; -2 where outside of the frame."""
    a, b = np.arange(shape[0])[:, None], np.arange(shape[1])[None, :]
    column, row, depth = (line[0] * a + line[1] * b + line[2] for line in to_pixel)
    row, column = row / depth, column / depth
    inside = (row >= 0) & (row < frame_shape[0] - 1) & (column >= 0) & (column < frame_shape[1] - 1)
    return np.where(inside, row, -2.0), np.where(inside, column, -2.0)


def _bilinear(rows: Float64Array, columns: Float64Array, shape: tuple[int, int]) -> sparse.csr_matrix:
    """Return bilinear interpolation of a frame of `shape` at the given places as a sparse matrix."""
    inside = np.flatnonzero(rows.ravel() >= 0)
    row, column = rows.ravel()[inside], columns.ravel()[inside]
    r, c = np.floor(row), np.floor(column)
    y, x = row - r, column - c
    first = (r * shape[1] + c).astype(np.int32)
    pixels = np.stack([first, first + 1, first + shape[1], first + shape[1] + 1])
    weights = np.stack([(1 - y) * (1 - x), (1 - y) * x, y * (1 - x), y * x]).astype(np.float32)
    places = np.broadcast_to(inside, pixels.shape)
    return sparse.csr_matrix(
        (weights.ravel(), (places.ravel(), pixels.ravel())), shape=(rows.size, shape[0] * shape[1])
    )
