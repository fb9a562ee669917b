"""The curves of a planned object along its way, as a small picture for a panel."""

from __future__ import annotations

from html import escape

import numpy as np

from ..arrays import BoolArray, Float64Array
from ..planning.profile import TO_CORTEX, Profile
from .arc_plot import FIRST, INK, LAST, WRONG
from .markup import svg_path

WIDTH_PX, HEIGHT_PX = 340, 130
_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 330.0, 22.0, 110.0
_COLOURS = (FIRST, LAST, "#4aa564", "#9b6fd0")
"""Of the curves, the first four; they can be read on light and on dark."""
_FONT = 'font-family="sans-serif" font-size="11"'


def profile_svg(profile: Profile) -> str:
    """Return an SVG of 340 x 130 pixels: up to four curves in mm over the way in mm, zero included.

    The radius is a dashed line; where the distance to the cortex is below it and judged, the curve is red.
    """
    named = tuple(profile.curves_mm.items())[: len(_COLOURS)]
    curves = [values for _, values in named]
    low = min(0.0, *(float(values.min()) for values in curves))
    top = max(profile.needed_mm, *(float(values.max()) for values in curves)) * 1.05 or 1.0
    x = _across(profile.along_mm)

    def height(values: Float64Array | float) -> Float64Array:
        return np.asarray(_BOTTOM - (np.asarray(values) - low) / (top - low) * (_BOTTOM - _TOP))

    parts = [
        f'<path d="M{_LEFT} {_TOP} V{_BOTTOM} H{_RIGHT}" fill="none" stroke="{INK}"/>',
        *_scale(low, top, float(height(0.0)), profile.along_mm),
    ]
    for (name, values), colour in zip(named, _COLOURS, strict=False):
        parts.append(_line(x, height(values), colour))
        if name == TO_CORTEX and profile.needed_mm > 0:
            parts += _breaches(x, height(values), _breached(profile, values))
            parts.append(_dashed(float(height(profile.needed_mm))))
    parts.append(_names([name for name, _ in named]))
    size = f'width="{WIDTH_PX}" height="{HEIGHT_PX}" viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>'


def _breached(profile: Profile, values: Float64Array) -> BoolArray:
    first, last = profile.judged_mm
    judged = (profile.along_mm >= first) & (profile.along_mm <= last)
    return np.asarray(judged & (values < profile.needed_mm))


def _across(along: Float64Array) -> Float64Array:
    span = max(float(along[-1] - along[0]), 1e-9)
    return np.asarray(_LEFT + (along - along[0]) / span * (_RIGHT - _LEFT))


def _line(x: Float64Array, y: Float64Array, colour: str, width: float = 1.8) -> str:
    return (
        f'<path d="{svg_path(np.stack([x, y], -1))}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
    )


def _breaches(x: Float64Array, y: Float64Array, below: BoolArray) -> list[str]:
    """Return a red line for each stretch below the radius."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], below, [False]]).astype(int)))
    stretches = zip(edges[::2], edges[1::2], strict=True)
    return [_line(x[first:end], y[first:end], WRONG, 3.2) for first, end in stretches if end - first > 1]


def _dashed(y: float) -> str:
    return f'<path d="M{_LEFT} {y:.1f} H{_RIGHT}" fill="none" stroke="{INK}" stroke-dasharray="4 3"/>'


def _scale(low: float, top: float, zero: float, along: Float64Array) -> list[str]:
    lowest = [_text(_LEFT - 5, _BOTTOM + 3, f"{low:.1f}", "end")] if low < 0 else []
    return [
        _text(_LEFT - 5, _TOP + 6, f"{top:.1f}", "end"),
        _text(_LEFT - 5, zero + 3, "0", "end"),
        *lowest,
        _text(_LEFT, _BOTTOM + 15, f"{along[0]:.0f}"),
        _text(_RIGHT, _BOTTOM + 15, f"{along[-1]:.0f} mm", "end"),
    ]


def _names(names: list[str]) -> str:
    """Return the names of the curves in a line, each in its colour."""
    spans = [
        f'<tspan fill="{colour}" dx="{12 if place else 0}">{escape(name)}</tspan>'
        for place, (name, colour) in enumerate(zip(names, _COLOURS, strict=False))
    ]
    return f'<text x="{_LEFT + 4}" y="14" {_FONT}>{"".join(spans)}</text>'


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}" {_FONT}>{words}</text>'
