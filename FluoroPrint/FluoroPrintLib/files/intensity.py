"""Pixel values to line integrals of attenuation.

X-ray intensity I behind a patient follows Beer and Lambert, I = I0 exp(-p): the line integral is
p = ln(I0 / I). Linear pixels hold I, logarithmic ones a - s p with a the grey value of air.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from ..arrays import Float32Array, Float64Array
from ..errors import FluoroPrintError
from ..progress import Progress, silent
from .frame_source import PixelScale
from .sweep_parameters import SweepParameters

FULL_SCALE_INTEGRAL = 7.0
"""Line integral that a logarithmic grey scale is taken to span if nothing tells more: I0 / I = 1100,
about what 30 cm of soft tissue and a panel of 14 bits leave."""

LARGEST_INTEGRAL = 25.0
"""No pixel of an X-ray picture reaches this line integral: larger values are not line integrals."""

SMALLEST_TRANSMISSION = 1e-5
"""What stands for no counts at all where the values are not counted in steps."""

SAMPLED_FRAMES = 24


@dataclass(frozen=True)
class Conversion:
    """How values became line integrals: p = ln(i0 / I), (i0 - value) / log_scale or value / log_scale."""

    relation: str
    i0: float
    i0_from: str
    log_scale: float | None = None
    warnings: tuple[str, ...] = field(default=())


def convert_to_integrals(
    frames: Float32Array, scale: PixelScale, parameters: SweepParameters, progress: Progress = silent
) -> Conversion:
    """Turn pixel values into line integrals in place.

    Parameters
    ----------
    frames : (N, rows, columns) pixel values; line integrals afterwards
    scale : what the file says about the values
    parameters : what the user says: intensity, air, i0, log_scale

    Raises
    ------
    FluoroPrintError
        A value is not a number; air given or found is not brighter than nothing.
    """
    refuse_not_finite(frames)
    scale, warnings = _settled_scale(frames, scale, parameters)
    scale, more = _with_zero_found(frames, scale)
    warnings += more
    if scale.is_dark_air and scale.relation != "integrals":
        parameters = _inverted(frames, scale, parameters)
        warnings += (
            "Dark pixels are air in this file: the grey values were inverted; if bone comes out hollow, "
            "give --air bright.",
        )
    chosen = {"linear": _linear, "logarithmic": _logarithmic, "integrals": _integrals}[scale.relation]
    conversion = chosen(frames, scale, parameters)
    _apply(frames, conversion, scale, progress)
    return replace(conversion, warnings=warnings + conversion.warnings)


def refuse_not_finite(frames: Float32Array) -> None:
    """Raise FluoroPrintError if a frame holds NaN or infinity."""
    for number, frame in enumerate(frames, 1):
        if not np.isfinite(frame).all():
            bad = int(np.count_nonzero(~np.isfinite(frame)))
            raise FluoroPrintError(
                f"Frame {number} holds {bad} values that are not numbers: export the frames again or leave "
                "it out."
            )


def _settled_scale(
    frames: Float32Array, scale: PixelScale, parameters: SweepParameters
) -> tuple[PixelScale, tuple[str, ...]]:
    """Let the user's word stand above the file's, and the values decide where both are silent."""
    if parameters.air != "auto":
        scale = replace(scale, is_dark_air=parameters.air == "dark")
    if parameters.intensity != "auto":
        return replace(scale, relation=parameters.intensity), ()
    if scale.relation != "unknown":
        return scale, ()
    relation = "integrals" if _look_like_integrals(frames, scale) else "linear"
    words = {"integrals": "line integrals", "linear": "linear in the X-ray intensity"}[relation]
    return replace(scale, relation=relation), (
        f"The file does not say what its pixel values are; they were taken as {words}: choose with "
        "--intensity.",
    )


def _look_like_integrals(frames: Float32Array, scale: PixelScale) -> bool:
    """Line integrals are small and air is near 0; in a transmission, small as well, air is near 1."""
    if scale.full_scale is not None or float(frames.max(initial=0.0)) >= LARGEST_INTEGRAL:
        return False
    air = air_level(frames)
    return air is None or not 0.5 < air < 1.5


def _with_zero_found(frames: Float32Array, scale: PixelScale) -> tuple[PixelScale, tuple[str, ...]]:
    """Signed files may put zero intensity at their lowest value rather than at 0."""
    below = np.count_nonzero(frames < scale.zero)
    if scale.relation != "linear" or below <= 0.1 * frames.size:
        return scale, ()
    lowest = float(frames.min())
    return replace(scale, zero=lowest), (
        f"Many grey values lie below {scale.zero:g}: the lowest of them, {lowest:g}, was taken as no "
        "intensity.",
    )


def _inverted(frames: Float32Array, scale: PixelScale, parameters: SweepParameters) -> SweepParameters:
    """Exchange bright and dark in place; return the parameters with i0 exchanged likewise."""
    top = float(frames.max()) if scale.full_scale is None else scale.full_scale
    np.subtract(np.float32(top + scale.zero), frames, out=frames)
    return parameters if parameters.i0 is None else replace(parameters, i0=top + scale.zero - parameters.i0)


def _linear(frames: Float32Array, scale: PixelScale, parameters: SweepParameters) -> Conversion:
    i0, origin, warnings = _air(frames, scale, parameters)
    return Conversion("linear", i0, origin, None, warnings)


def _air(
    frames: Float32Array, scale: PixelScale, parameters: SweepParameters
) -> tuple[float, str, tuple[str, ...]]:
    """Return the grey value of air, where it comes from, and what to warn of."""
    if parameters.i0 is not None:
        if parameters.i0 <= scale.zero:
            raise FluoroPrintError(
                f"i0 is {parameters.i0:g}: air is brighter than no intensity, {scale.zero:g}."
            )
        return parameters.i0, "given", ()
    plateau = air_level(frames)
    if plateau is not None:
        return plateau, "measured", _saturation(plateau, scale)
    full = float(frames.max()) if scale.full_scale is None else scale.full_scale
    if full <= scale.zero:
        raise FluoroPrintError("The frames hold no intensity at all: every pixel is zero.")
    source = "brightest pixel" if scale.full_scale is None else "full scale"
    return (
        full,
        source,
        (
            f"No part of the frames shows air alone (the body is wider than the field): air was taken as the "
            f"{source}, {full:g}; give --i0 if you know it, else grey values are off by a constant.",
        ),
    )


def _saturation(plateau: float, scale: PixelScale) -> tuple[str, ...]:
    if scale.full_scale is None or plateau < scale.full_scale:
        return ()
    return ("Air is saturated in these frames: skin and thin parts are lost, bone is not.",)


def _logarithmic(frames: Float32Array, scale: PixelScale, parameters: SweepParameters) -> Conversion:
    i0, origin, warnings = _air(frames, scale, parameters)
    if parameters.log_scale is not None:
        return Conversion("logarithmic", i0, origin, parameters.log_scale, warnings)
    measured = log_scale_from_noise(frames)
    span = float(np.ptp(frames)) if scale.full_scale is None else scale.full_scale - scale.zero
    log_scale = measured or span / FULL_SCALE_INTEGRAL
    how = "measured from the noise" if measured else f"the full scale as {FULL_SCALE_INTEGRAL:g} units"
    warning = (
        f"The grey values are logarithmic and nothing tells their scale: {log_scale:.4g} of them were taken "
        "for one "
        f"unit of line integral ({how}); give --log-scale if you know it, else HU are off by a factor."
    )
    return Conversion("logarithmic", i0, origin, log_scale, (*warnings, warning))


def _integrals(frames: Float32Array, scale: PixelScale, parameters: SweepParameters) -> Conversion:
    return Conversion("integrals", 1.0, "not needed", parameters.log_scale or 1.0)


def _apply(frames: Float32Array, conversion: Conversion, scale: PixelScale, progress: Progress) -> None:
    least = scale.step / 2 or SMALLEST_TRANSMISSION * (conversion.i0 - scale.zero)
    for index, frame in enumerate(frames):
        progress(index / len(frames), "Turning grey values into line integrals")
        if conversion.relation == "linear":
            np.maximum(frame - np.float32(scale.zero), np.float32(least), out=frame)
            np.log(frame, out=frame)
            np.subtract(np.float32(np.log(conversion.i0 - scale.zero)), frame, out=frame)
        elif conversion.relation == "logarithmic":
            np.subtract(np.float32(conversion.i0), frame, out=frame)
        if conversion.log_scale is not None:
            frame /= np.float32(conversion.log_scale)


def _sampled(frames: Float32Array) -> Float32Array:
    """Return some frames, evenly chosen."""
    chosen = np.unique(np.linspace(0, len(frames) - 1, min(len(frames), SAMPLED_FRAMES)).astype(int))
    sampled: Float32Array = frames[chosen]
    return sampled


def air_level(frames: Float32Array) -> float | None:
    """Return the grey value of air, or None where no frame shows enough of it.

    Air is a plateau: many of a frame's brightest pixels lie within noise of one value, and that value
    is the same in many frames. A body's own brightest part changes as the arm turns.

    Parameters
    ----------
    frames : (N, rows, columns) grey values, bright where there is air
    """
    levels = np.array([level for level in map(_plateau, _sampled(frames)) if level is not None])
    wanted = max(0.3 * min(len(frames), SAMPLED_FRAMES), 1)
    if len(levels) < wanted:
        return None
    typical = float(np.percentile(levels, 75))
    agreeing = levels[np.abs(levels - typical) <= 0.01 * abs(typical)]
    return float(np.median(agreeing)) if len(agreeing) >= wanted else None


def _plateau(frame: Float32Array) -> float | None:
    """Return the level of a frame's brightest pixels if they form a plateau."""
    top = np.percentile(frame, 99.5)
    near = frame[np.abs(frame - top) <= 0.03 * abs(top)]
    level = float(np.median(near))
    # A ramp through the window has a median deviation of 0.015 of the level, a plateau only its noise.
    spread = float(np.median(np.abs(near - level)))
    if near.size < 0.01 * frame.size or spread > 0.008 * abs(level) or level <= 0:
        return None
    # The skin's edge reaches into the window from below: take the middle of the plateau alone.
    return float(np.median(near[np.abs(near - level) <= 3 * spread]))


def log_scale_from_noise(frames: Float32Array) -> float | None:
    """Measure the scale of logarithmic grey values from their photon noise.

    A value y = a - s p with p = ln(N0 / N) has the variance s^2 / N = s^2 exp(p) / N0 by Poisson's law,
    so that ln(variance) falls along y with the slope -1/s, whatever the dose; a linear filter
    multiplies all variances alike and leaves the slope.

    Parameters
    ----------
    frames : (N, rows, columns) grey values, bright where there is air

    Returns
    -------
    s, grey values to one unit of line integral; None where the noise does not follow the law.
    """
    levels, variances = _noise_by_level(_sampled(frames))
    if len(levels) < 6:
        return None
    logs = np.log(variances)
    slope, offset = np.polyfit(levels, logs, 1)
    unexplained = np.var(logs - slope * levels - offset) / max(np.var(logs), 1e-12)
    follows = slope < 0 and unexplained < 0.01 and np.ptp(logs) > 1.5
    return float(-1.0 / slope) if follows else None


def _noise_by_level(frames: Float32Array) -> tuple[Float64Array, Float64Array]:
    """Return mean grey values of bands of them and the noise variance in each."""
    level, mask = _local_mean_and_difference(frames)
    low, high = np.percentile(level, [0.5, 99.5])
    edges = np.linspace(low, high, 25)
    levels, variances = [], []
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        inside = (level >= start) & (level < end)
        if np.count_nonzero(inside) < 500:
            continue
        variance = _trimmed_variance(mask[inside])
        if variance > 0.5:  # below that, rounding to whole numbers hides the noise
            levels.append(float(level[inside].mean()))
            variances.append(variance - 1.0 / 12.0)
    return np.array(levels), np.array(variances)


def _local_mean_and_difference(frames: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Return local means and second differences (Immerkaer 1996: unit noise stays unit noise)."""
    up, mid, down = frames[:, :-2], frames[:, 1:-1], frames[:, 2:]
    sides = mid[..., :-2] + mid[..., 2:] + up[..., 1:-1] + down[..., 1:-1]
    corners = up[..., :-2] + up[..., 2:] + down[..., :-2] + down[..., 2:]
    level: Float32Array = sides / np.float32(4)
    mask: Float32Array = (4 * mid[..., 1:-1] - 2 * sides + corners) / np.float32(6)
    return level, mask


def _trimmed_variance(values: Float32Array) -> float:
    """Return the variance without the edges of the anatomy."""
    limit = 4 * max(float(np.median(np.abs(values))) / 0.6745, 0.5)
    return float(np.mean(np.square(values[np.abs(values) <= limit], dtype=np.float64)))
