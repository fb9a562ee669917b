"""The fast engine: the same maps as compiled loops over all processors. Needs numba."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from ..arrays import Float32Array, Float64Array, IntArray


class NumbaEngine:
    """See `Engine`."""

    def warp(self, frames: Float32Array, to_pixel: Float64Array, shape: tuple[int, int]) -> Float32Array:
        """Resample frames by homographies."""
        warped = np.empty((len(frames), *shape), np.float32)
        _warp(np.ascontiguousarray(frames), to_pixel, warped)
        return warped

    def warp_adjoint(
        self, warped: Float32Array, to_pixel: Float64Array, shape: tuple[int, int]
    ) -> Float32Array:
        """Return the adjoint of `warp`."""
        frames = np.zeros((len(warped), *shape), np.float32)
        _warp_adjoint(np.ascontiguousarray(warped), to_pixel, frames)
        return frames

    def resample_sum(
        self,
        inputs: Float32Array,
        coefficients: Float64Array,
        outputs: Float32Array,
        rows: IntArray | None = None,
    ) -> None:
        """Add up separable affine resamplings."""
        if rows is None:
            rows = np.tile(np.array([0, outputs.shape[1]], np.int64), (len(outputs), 1))
        _resample_sum(inputs, coefficients, outputs, rows)

    def resample_sum_adjoint(
        self, outputs: Float32Array, coefficients: Float64Array, inputs: Float32Array
    ) -> None:
        """Add the adjoint of `resample_sum`."""
        _resample_sum_adjoint(outputs, coefficients, inputs)


@njit(parallel=True, fastmath=True, cache=True)
def _warp(frames: Float32Array, to_pixel: Float64Array, warped: Float32Array) -> None:  # pragma: no cover
    views, height, width = warped.shape
    rows, columns = frames.shape[1], frames.shape[2]
    for line in prange(views * height):
        v, a = line // height, line % height
        m = to_pixel[v]
        for b in range(width):
            depth = m[2, 0] * a + m[2, 1] * b + m[2, 2]
            column = (m[0, 0] * a + m[0, 1] * b + m[0, 2]) / depth
            row = (m[1, 0] * a + m[1, 1] * b + m[1, 2]) / depth
            if 0 <= row < rows - 1 and 0 <= column < columns - 1:
                r, c = np.uint32(row), np.uint32(column)
                y, x = np.float32(row - r), np.float32(column - c)
                one = np.uint32(1)
                top = frames[v, r, c] + x * (frames[v, r, c + one] - frames[v, r, c])
                low = frames[v, r + one, c] + x * (frames[v, r + one, c + one] - frames[v, r + one, c])
                warped[v, a, b] = top + y * (low - top)
            else:
                warped[v, a, b] = 0


@njit(parallel=True, fastmath=True, cache=True)
def _warp_adjoint(
    warped: Float32Array, to_pixel: Float64Array, frames: Float32Array
) -> None:  # pragma: no cover
    views, height, width = warped.shape
    rows, columns = frames.shape[1], frames.shape[2]
    for v in prange(views):
        m = to_pixel[v]
        for a in range(height):
            for b in range(width):
                depth = m[2, 0] * a + m[2, 1] * b + m[2, 2]
                column = (m[0, 0] * a + m[0, 1] * b + m[0, 2]) / depth
                row = (m[1, 0] * a + m[1, 1] * b + m[1, 2]) / depth
                if 0 <= row < rows - 1 and 0 <= column < columns - 1:
                    r, c = int(row), int(column)
                    y, x = np.float32(row - r), np.float32(column - c)
                    value = warped[v, a, b]
                    frames[v, r, c] += (1 - y) * (1 - x) * value
                    frames[v, r, c + 1] += (1 - y) * x * value
                    frames[v, r + 1, c] += y * (1 - x) * value
                    frames[v, r + 1, c + 1] += y * x * value


@njit(fastmath=True, cache=True)
def _fill_places(
    offset: float, step: float, size: int, index: Float32Array, weight: Float32Array
) -> tuple[int, int]:  # pragma: no cover
    """Fill lower index and upper weight of each place; return the range of places inside."""
    first, last = len(index), 0
    for k in range(len(index)):
        place = offset + step * k
        if 0 <= place < size - 1:
            index[k] = np.uint32(place)
            weight[k] = place - int(place)
            first = min(first, k)
            last = k + 1
    return first, last


@njit(fastmath=True, cache=True)
def _fill_places_padded(
    offset: float, step: float, size: int, index: Float32Array, weight: Float32Array
) -> None:  # pragma: no cover
    """Fill lower index and upper weight of each place; places outside get `size`, where a line is 0."""
    for k in range(len(index)):
        place = offset + step * k
        if 0 <= place < size - 1:
            index[k] = np.uint32(place)
            weight[k] = place - int(place)
        else:
            index[k] = size
            weight[k] = 0


@njit(fastmath=True, cache=True)
def _fill_line(
    plane: Float32Array, gain: float, place: float, line: Float32Array
) -> None:  # pragma: no cover
    """Fill a line with the plane's row at a place between rows, times gain; 0 outside."""
    height, width = plane.shape
    if 0 <= place < height - 1:
        a = int(place)
        upper = np.float32((place - a) * gain)
        lower = np.float32(gain) - upper
        above, below = plane[a], plane[a + 1]
        for b in range(width):
            line[b] = above[b] * lower + below[b] * upper
    else:
        line[:width] = 0


@njit(parallel=True, fastmath=True, cache=True)
def _resample_sum(
    inputs: Float32Array, coefficients: Float64Array, outputs: Float32Array, limits: IntArray
) -> None:  # pragma: no cover
    count, _, width = inputs.shape
    planes, _, columns = outputs.shape
    one = np.uint32(1)
    for m in prange(planes):
        index, weight = np.empty((2, columns), np.uint32), np.empty((2, columns), np.float32)
        lines = np.zeros((2, width + 2), np.float32)
        index0, index1, weight0, weight1 = index[0], index[1], weight[0], weight[1]
        line0, line1 = lines[0], lines[1]
        for n in range(0, count, 2):  # two inputs at a time: the output is read and written half as often
            last = min(n + 1, count - 1)
            gain0, offset0, step0, offset_b0, step_b0 = coefficients[m, n]
            gain1, offset1, step1, offset_b1, step_b1 = coefficients[m, last]
            if last == n:
                gain1 = 0.0
            _fill_places_padded(offset_b0, step_b0, width, index0, weight0)
            _fill_places_padded(offset_b1, step_b1, width, index1, weight1)
            for j in range(limits[m, 0], limits[m, 1]):
                _fill_line(inputs[n], gain0, offset0 + step0 * j, line0)
                _fill_line(inputs[last], gain1, offset1 + step1 * j, line1)
                output = outputs[m, j]
                for k in range(columns):
                    a, b = index0[k], index1[k]
                    x, y = line0[a], line1[b]
                    output[k] += (x + weight0[k] * (line0[a + one] - x)) + (
                        y + weight1[k] * (line1[b + one] - y)
                    )


@njit(parallel=True, fastmath=True, cache=True)
def _resample_sum_adjoint(
    outputs: Float32Array, coefficients: Float64Array, inputs: Float32Array
) -> None:  # pragma: no cover
    count, height, width = inputs.shape
    planes, rows, columns = outputs.shape
    for n in prange(count):
        index, weight = np.empty(columns, np.uint32), np.empty(columns, np.float32)
        line = np.empty(width, np.float32)
        for m in range(planes):
            gain, offset, step, offset_b, step_b = coefficients[m, n]
            first, last = _fill_places(offset_b, step_b, width, index, weight)
            if gain == 0 or last <= first:
                continue
            low, high = int(index[first]), int(index[last - 1]) + 2
            for j in range(rows):
                place = offset + step * j
                if not 0 <= place < height - 1:
                    continue
                a = int(place)
                upper = np.float32((place - a) * gain)
                lower = np.float32(gain) - upper
                line[low:high] = 0
                for k in range(first, last):
                    value = outputs[m, j, k]
                    line[index[k]] += value * (1 - weight[k])
                    line[index[k] + 1] += value * weight[k]
                for b in range(low, high):
                    inputs[n, a, b] += line[b] * lower
                    inputs[n, a + 1, b] += line[b] * upper
