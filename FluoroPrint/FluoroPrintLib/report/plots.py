"""Plots as inline SVG: the path of source and panel, the angles, the time of each stage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..arrays import Float64Array
from ..geometry.sweep import SweepGeometry
from ..mrml.sweeps import detector_centres_ras
from .case import StageRecord
from .markup import Markup, element, joined, svg_path

_SIDE = 320
_WIDTH, _HEIGHT = 420, 260
_LEFT, _RIGHT = 44, 340


def path_plot(geometry: SweepGeometry) -> Markup:
    """Return the path of source and panel in the axial plane, seen from the feet."""
    sources = geometry.sources_ras
    panels = detector_centres_ras(geometry, geometry.sid_mm) if geometry.sid_mm else None
    everything = sources if panels is None else np.concatenate([sources, panels])
    reach = float(np.abs(everything[:, :2]).max()) * 1.16

    def pixels(points: Float64Array) -> Float64Array:
        return np.array([_SIDE / 2, _SIDE / 2]) - points[:, :2] / reach * (_SIDE / 2)

    drawn = [*_patient_axes(), *_rays(pixels(sources), None if panels is None else pixels(panels))]
    drawn.append(_track(pixels(sources), "source"))
    if panels is not None:
        drawn.append(_track(pixels(panels), "panel"))
    return element("svg", joined(drawn), viewBox=f"0 0 {_SIDE} {_SIDE}", class_="plot square")


def _patient_axes() -> list[Markup]:
    middle = _SIDE / 2
    cross = f"M{middle - 7} {middle}h14M{middle} {middle - 7}v14"
    places = (("R", 10, middle), ("L", _SIDE - 10, middle), ("A", middle, 12), ("P", middle, _SIDE - 10))
    letters = [element("text", letter, x=x, y=y, class_="axis-side") for letter, x, y in places]
    return [element("path", d=cross, class_="grid"), *letters]


def _rays(sources: Float64Array, panels: Float64Array | None) -> list[Markup]:
    """Draw the central ray of the first and last frame, and name them."""
    drawn = []
    for index, word in ((0, "first"), (-1, "last")):
        end = panels[index] if panels is not None else np.array([_SIDE / 2, _SIDE / 2])
        drawn.append(element("path", d=svg_path([sources[index], end]), class_="ray"))
        x, y = sources[index] + (sources[index] - _SIDE / 2) * 0.10
        drawn.append(element("text", word, x=f"{x:.0f}", y=f"{y:.0f}", class_="axis-side small"))
    return drawn


def _track(pixels: Float64Array, class_: str) -> Markup:
    dots = joined(element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=1.6) for x, y in pixels)
    return element("g", dots, class_=class_)


def angle_plot(geometry: SweepGeometry) -> Markup:
    """Return primary and secondary angle over the frames; nothing where they are not known."""
    if geometry.primary_deg is None or geometry.count < 2:
        return Markup("")
    curves = [("source", "primary", geometry.primary_deg)]
    if geometry.secondary_deg is not None:
        curves.append(("panel", "secondary", geometry.secondary_deg))
    values = np.concatenate([angles for _, _, angles in curves])
    ticks = _ticks(float(min(values.min(), 0)), float(max(values.max(), 0)))
    drawn = [_grid_line(float(_height(tick, ticks)), f"{tick:g}°") for tick in ticks]
    drawn += [_curve(class_, word, _height(angles, ticks)) for class_, word, angles in curves]
    middle = (_LEFT + _RIGHT) / 2
    drawn += [_below(_LEFT, 1), _below(middle, "frame"), _below(_RIGHT, geometry.count)]
    return element("svg", joined(drawn), viewBox=f"0 0 {_WIDTH} {_HEIGHT}", class_="plot")


def _height(angles: float | Float64Array, ticks: list[float]) -> Float64Array:
    """Return where angles lie in the plot, in pixels from the top."""
    share = (np.asarray(angles, float) - ticks[0]) / (ticks[-1] - ticks[0])
    return np.asarray(_HEIGHT - 34 - share * (_HEIGHT - 50))


def _curve(class_: str, word: str, y: Float64Array) -> Markup:
    x = np.linspace(_LEFT, _RIGHT, len(y))
    line = element("path", d=svg_path(np.stack([x, y], -1)), class_=f"curve {class_}")
    name = element("text", word, x=_RIGHT + 6, y=f"{y[-1]:.0f}", class_=f"curve-name {class_}")
    return joined([line, name])


def _below(x: float, text: object) -> Markup:
    return element("text", text, x=f"{x:g}", y=_HEIGHT - 16, class_="axis-side small")


def _grid_line(y: float, text: str, end: float = _RIGHT) -> Markup:
    line = element("path", d=f"M{_LEFT} {y:.1f}H{end:g}", class_="grid")
    return joined([line, element("text", text, x=_LEFT - 6, y=f"{y:.1f}", class_="tick")])


def _ticks(low: float, high: float) -> list[float]:
    """Return round values that hold low and high between the first and last, four to eight of them."""
    span = max(high - low, 1.0)
    power = 10.0 ** np.floor(np.log10(span / 4))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if span / (size * power) <= 6)
    return [float(tick) for tick in np.arange(np.floor(low / step), np.ceil(high / step) + 1) * step]


def distance_plot(along: Float64Array, values: Float64Array, words: str, needed: float = 0.0) -> Markup:
    """Return a curve along a path, such as the distance to the cortex along a screw, mm over mm.

    Parameters
    ----------
    along : (N,) place along the path, rising
    values : (N,)
    words : what the values are
    needed : level below which they are too small, drawn as a dashed line
    """
    ticks = _ticks(float(min(values.min(), 0.0)), float(max(values.max(), needed)))
    right = _WIDTH - 12
    drawn = [_grid_line(float(_height(tick, ticks)), f"{tick:g}", right) for tick in ticks]
    x = _LEFT + (along - along[0]) / max(float(along[-1] - along[0]), 1e-9) * (right - _LEFT)
    drawn.append(element("path", d=svg_path(np.stack([x, _height(values, ticks)], -1)), class_="curve panel"))
    level = float(_height(needed, ticks))
    drawn.append(element("path", d=f"M{_LEFT} {level:.1f}H{right}", class_="ray"))
    drawn += [_below(_LEFT, f"{along[0]:g}"), _below((_LEFT + right) / 2, f"{words} along it, mm")]
    drawn.append(_below(right - 12, f"{along[-1]:.0f}"))
    return element("svg", joined(drawn), viewBox=f"0 0 {_WIDTH} {_HEIGHT}", class_="plot")


def time_bars(stages: Sequence[StageRecord]) -> Markup:
    """Return a bar for the time of each stage, on one scale."""
    longest = max((stage.seconds for stage in stages), default=0.0) or 1.0
    rows = (
        joined(
            [
                element("span", stage.name, class_="bar-name"),
                element(
                    "span", element("i", style=f"width:{100 * stage.seconds / longest:.1f}%"), class_="track"
                ),
                element("span", shown_seconds(stage.seconds), class_="bar-time"),
            ]
        )
        for stage in stages
    )
    return element("div", joined(element("div", row, class_="time") for row in rows), class_="times")


def shown_seconds(seconds: float) -> str:
    """Return a time as people write it: "0.42 s", "31 s", "4 min 05 s"."""
    if seconds >= 60:
        return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"
    return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
