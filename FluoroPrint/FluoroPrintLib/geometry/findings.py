"""What looks wrong in the frames of a sweep: constant frames, shutters, air at the wrong end, a wrong I0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..arrays import BoolArray, Float32Array
from .sweep import Sweep

FAULT, DOUBT, NOTE = "fault", "doubt", "note"

SAMPLED_FRAMES = 24
PLATEAU = 0.02
"""Pixels within this share of the grey range's lower end belong to its plateau."""
AIR_SHARE = 0.05
"""Less of a sweep than this is no air to judge by."""
AIR_OFFSET = 0.1
"""Air further than this from a line integral of 0 says that I0 is wrong."""
PLAUSIBLE_INTEGRALS = (0.3, 12.0)
FLAT = 1e-4


@dataclass(frozen=True)
class Finding:
    """Something about a sweep that the user ought to look at.

    Attributes
    ----------
    severity : "fault" (no volume, or a useless one), "doubt" (probably wrong), "note" (good to know)
    sentence : what is found and what to do
    fields : names of the sweep parameters that mend it
    proposal : values for some of them, ready to apply; empty where only the user knows
    """

    severity: str
    sentence: str
    fields: tuple[str, ...] = ()
    proposal: Mapping[str, Any] = field(default_factory=dict)


def frame_findings(sweep: Sweep) -> list[Finding]:
    """Return what looks wrong in the frames themselves, whatever their geometry."""
    frames = sampled(sweep.frames)
    margins = shutter_margins(frames)
    found = [*_constant(sweep.frames), *_repeated(sweep.frames), *_shutter(frames, margins)]
    inverted = _inverted(frames, margins)
    seen = inside_shutter(frames, margins)
    return [*found, *inverted, *([] if inverted else [*_air(seen, sweep), *_range(seen)])]


def sampled(frames: Float32Array) -> Float32Array:
    """Return some frames, evenly chosen."""
    chosen = np.unique(np.linspace(0, len(frames) - 1, min(len(frames), SAMPLED_FRAMES)).astype(int))
    some: Float32Array = frames[chosen]
    return some


def constant_frames(frames: Float32Array) -> list[int]:
    """Return the indices of frames that hold one value throughout."""
    return [n for n, frame in enumerate(frames) if float(np.ptp(frame)) < FLAT]


def _constant(frames: Float32Array) -> list[Finding]:
    bad = constant_frames(frames)
    if not bad:
        return []
    return [
        Finding(
            FAULT,
            f"{_frames(bad)} hold{'s' * (len(bad) == 1)} one value throughout: export the run again, "
            "or leave the frame out.",
        )
    ]


def _repeated(frames: Float32Array) -> list[Finding]:
    same = [
        n
        for n in range(1, len(frames))
        if float(np.ptp(frames[n])) >= FLAT and np.array_equal(frames[n], frames[n - 1])
    ]
    if not same:
        return []
    return [
        Finding(
            DOUBT,
            f"{_frames(same)} repeat{'s' * (len(same) == 1)} the frame before: the arm may have stood still "
            "there; check the angles.",
            ("arc_deg",),
        )
    ]


def _frames(indices: list[int]) -> str:
    shown = ", ".join(str(n + 1) for n in indices[:5]) + (", ..." if len(indices) > 5 else "")
    return f"Frame{'s' * (len(indices) > 1)} {shown}"


def shutter_margins(frames: Float32Array) -> tuple[int, int, int, int]:
    """Return how many columns at the left and right, rows at the top and bottom a shutter covers.

    A shutter's shadow is one value, whatever the arm does, and no air; air has noise, or a body that passes
    through it. All are 0 where nothing ever changes.
    """
    still = (np.ptp(frames, axis=0) < FLAT) & (frames[0] > AIR_OFFSET)
    if len(frames) < 2 or still.all():
        return 0, 0, 0, 0
    columns, rows = still.all(0), still.all(1)
    return _leading(columns), _leading(columns[::-1]), _leading(rows), _leading(rows[::-1])


def inside_shutter(frames: Float32Array, margins: tuple[int, int, int, int]) -> Float32Array:
    """Return the part of the frames that a shutter leaves free."""
    left, right, top, bottom = margins
    free: Float32Array = frames[:, top : frames.shape[1] - bottom, left : frames.shape[2] - right]
    return free


def _leading(flags: BoolArray) -> int:
    return int(np.argmin(flags))


def _shutter(frames: Float32Array, margins: tuple[int, int, int, int]) -> list[Finding]:
    if sum(margins) == 0:
        return []
    (left, right, top, bottom), (rows, columns) = margins, frames.shape[1:]
    return [
        Finding(
            NOTE,
            f"A shutter covers the frames ({left} columns at the left, {right} at the right, {top} "
            f"rows at the top, {bottom} at the bottom of {columns} x {rows}): anatomy behind it is "
            "not reconstructed.",
        )
    ]


def thickness_contrast(frames: Float32Array) -> float:
    """Return by how much the middle of the frames is denser than their sides, in standard deviations.

    A body is thicker in the middle than at its sides, whatever part of it is seen: the median of the frames
    is positive where line integrals are the right way round.
    """
    columns = frames.shape[2]
    side, third = max(1, columns // 20), columns // 3
    sides = (frames[:, :, :side].mean((1, 2)) + frames[:, :, -side:].mean((1, 2))) / 2
    middle = frames[:, :, third : columns - third].mean((1, 2))
    return float(np.median((middle - sides) / np.maximum(frames.std((1, 2)), FLAT)))


def _inverted(frames: Float32Array, margins: tuple[int, int, int, int]) -> list[Finding]:
    if thickness_contrast(inside_shutter(frames, margins)) >= 0:
        return []
    return [
        Finding(
            DOUBT,
            "The sides of the frames are denser than their middle, as if dark pixels were air and "
            "bright ones bone, or the other way round: choose which end of the grey scale is air.",
            ("air",),
        )
    ]


def _air(frames: Float32Array, sweep: Sweep) -> list[Finding]:
    """Air lies at 0; a plateau elsewhere, or many values below it, tells a wrong I0."""
    low, high = np.percentile(frames, [0.5, 99.5])
    plateau = frames[frames <= low + PLATEAU * (high - low)]
    level = float(np.median(plateau))
    below = float(np.mean(frames < -AIR_OFFSET))
    is_off = (plateau.size > AIR_SHARE * frames.size and level > AIR_OFFSET) or below > AIR_SHARE
    if not is_off:
        return []
    words = f"lies {level:.2f} above 0" if level > 0 else f"lies {-level:.2f} below 0"
    return [
        Finding(
            DOUBT,
            f"What looks like air {words} in line integrals: I0 ({sweep.i0:g}) seems wrong; grey values are "
            "off by a constant.",
            ("i0", "intensity"),
            _air_proposal(sweep, level),
        )
    ]


def _air_proposal(sweep: Sweep, level: float) -> dict[str, Any]:
    """Return the I0 that brings air to 0; none where frames came as integrals."""
    relation = str((list(sweep.provenance.get("steps", [])) or [""])[-1]).split(" ")[0]
    if relation == "linear":
        return {"i0": float(sweep.i0 * np.exp(-level))}
    if relation == "logarithmic":
        return {"i0": float(sweep.i0 - level * float(sweep.provenance.get("log_scale", 1.0)))}
    return {}


def _range(frames: Float32Array) -> list[Finding]:
    top = float(np.median(np.percentile(frames, 99, axis=(1, 2))))
    low, high = PLAUSIBLE_INTEGRALS
    if low <= top <= high:
        return []
    return [
        Finding(
            DOUBT,
            f"The line integrals reach {top:.2g}, where bone gives {low:g} to {high:g}: the "
            "grey "
            "values may be logarithmic where linear was taken, or the other way round, or have "
            "another scale.",
            ("intensity", "log_scale"),
        )
    ]
