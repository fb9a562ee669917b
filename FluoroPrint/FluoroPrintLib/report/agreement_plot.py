"""How well a model agrees with each frame of a sweep, as a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..registration.agreement import Agreement
from .arc_plot import FIRST, INK, LAST

WIDTH_PX, HEIGHT_PX = 340, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 330.0, 22.0, 128.0
_FONT = 'font-family="sans-serif" font-size="11"'


def agreement_svg(figures: Sequence[Agreement]) -> str:
    """Return an SVG of 340 x 150 pixels: mean and 95th percentile of the distance, in mm, of each frame."""
    mean = np.array([figure.mean_mm for figure in figures])
    p95 = np.array([figure.p95_mm for figure in figures])
    known = p95[np.isfinite(p95)]
    top = float(known.max()) * 1.05 if known.size else 1.0
    views = np.array([figure.view for figure in figures], float)
    parts = [
        f'<path d="M{_LEFT} {_TOP} V{_BOTTOM} H{_RIGHT}" fill="none" stroke="{INK}"/>',
        *_dots(views, p95, top, LAST),
        *_dots(views, mean, top, FIRST),
        _text(_LEFT - 5, _TOP + 6, f"{top:.1f}", "end"),
        _text(_LEFT - 5, _BOTTOM + 3, "0", "end"),
        _text(_LEFT, _BOTTOM + 15, f"frame {int(views[0]) + 1}"),
        _text(_RIGHT, _BOTTOM + 15, str(int(views[-1]) + 1), "end"),
        _text(_LEFT + 4, 14, "mean distance, mm", colour=FIRST),
        _text(_RIGHT, 14, "95th percentile, mm", "end", LAST),
    ]
    size = f'width="{WIDTH_PX}" height="{HEIGHT_PX}" viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>'


def _dots(views: np.ndarray, values: np.ndarray, top: float, colour: str) -> list[str]:
    span = max(float(views[-1] - views[0]), 1.0)
    x = _LEFT + (views - views[0]) / span * (_RIGHT - _LEFT)
    y = _BOTTOM - values / top * (_BOTTOM - _TOP)
    places = zip(x[np.isfinite(y)], y[np.isfinite(y)], strict=True)
    return [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.4" fill="{colour}"/>' for a, b in places]


def _text(x: float, y: float, words: str, anchor: str = "start", colour: str = INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" {_FONT}>{words}</text>'
