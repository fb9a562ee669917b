"""A sweep's geometry as a picture: the C-arm's path seen along its axis, and the angle of each frame."""

from __future__ import annotations

import numpy as np

from ..arrays import Float64Array
from ..geometry.arc_view import ArcView, arc_view
from ..geometry.diagnosis import Diagnosis

WIDTH_PX, VIEW_PX, PLOT_PX = 340, 240, 105
RADIUS_PX = 74.0
INK, FIRST, LAST, WRONG = "#808a94", "#2f8fd0", "#e07b28", "#d64545"
"""Colours that can be read on light and on dark."""
_PANELS_SHOWN = 12
_FONT = 'font-family="sans-serif" font-size="11"'


def arc_svg(diagnosis: Diagnosis) -> str:
    """Return an SVG of 340 x 345 pixels: the path of the source above, angle against frame below.

    Where neither geometry nor angles are known, it says so.
    """
    view = arc_view(diagnosis)
    parts = [_note()] if view is None else [*_path(view), *_curve(view, diagnosis)]
    height = VIEW_PX + PLOT_PX
    size = f'width="{WIDTH_PX}" height="{height}" viewBox="0 0 {WIDTH_PX} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>'


def _note() -> str:
    return _text(WIDTH_PX / 2, VIEW_PX / 2, "The angles of the frames are not known.", "middle")


def _path(view: ArcView) -> list[str]:
    sources = _placed(view.sources)
    return [
        _circle((0.0, 0.0), 1.0, f'fill="none" stroke="{INK}" stroke-opacity="0.3"'),
        *_field(view),
        *_panels(view),
        *_beam(view, sources),
        *_dots(sources),
        *_gaps(view, sources),
        *_missing(view),
        *_ends(sources),
        *_sides(view),
    ]


def _placed(points: Float64Array) -> Float64Array:
    """Return pixels (x to the right, y down) of points of the view."""
    placed: Float64Array = np.array([WIDTH_PX / 2, VIEW_PX / 2]) + points * [RADIUS_PX, -RADIUS_PX]
    return placed


def _circle(middle: tuple[float, float], radius: float, style: str) -> str:
    x, y = _placed(np.array(middle))
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius * RADIUS_PX:.1f}" {style}/>'


def _line(start: Float64Array, end: Float64Array, style: str) -> str:
    return f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}" {style}/>'


def _text(x: float, y: float, words: str, anchor: str = "start", colour: str = INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" {_FONT}>{words}</text>'


def _field(view: ArcView) -> list[str]:
    style = f'fill="{INK}" fill-opacity="0.25"'
    return [] if view.field_radius is None else [_circle((0.0, 0.0), view.field_radius, style)]


def _panels(view: ArcView) -> list[str]:
    if view.panels is None:
        return []
    chosen = np.unique(np.linspace(0, len(view.panels) - 1, _PANELS_SHOWN).astype(int))
    style = f'stroke="{INK}" stroke-opacity="0.5"'
    ends = [_placed(view.panels[n]) for n in chosen]
    return [_line(start, end, style) for start, end in ends]


def _beam(view: ArcView, sources: Float64Array) -> list[str]:
    """Fill the beam of the first frame."""
    if view.panels is None:
        return []
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in [sources[0], *_placed(view.panels[0])])
    return [f'<polygon points="{points}" fill="{FIRST}" fill-opacity="0.15"/>']


def _dots(sources: Float64Array) -> list[str]:
    shares = np.linspace(0, 1, len(sources))
    return [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="{_between(share)}"/>'
        for (x, y), share in zip(sources, shares, strict=True)
    ]


def _between(share: float) -> str:
    first, last = (np.array([int(colour[n : n + 2], 16) for n in (1, 3, 5)]) for colour in (FIRST, LAST))
    return "#" + "".join(f"{round(part):02x}" for part in first + share * (last - first))


def _gaps(view: ArcView, sources: Float64Array) -> list[str]:
    style = f'stroke="{WRONG}" stroke-width="3"'
    return [_line(sources[n], sources[n + 1], style) for n in view.gaps]


def _missing(view: ArcView) -> list[str]:
    """Continue the arc, dashed, by what is missing of it."""
    if view.missing_deg <= 0:
        return []
    sense = 1.0 if view.is_anticlockwise else -1.0
    angles = np.radians(view.angles_deg[-1] + sense * np.linspace(0, view.missing_deg, 30))
    path = _placed(np.stack([np.cos(angles), np.sin(angles)], -1))
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in path)
    x, y = path[-1]
    return [
        f'<polyline points="{points}" fill="none" stroke="{WRONG}" stroke-width="2" stroke-dasharray="4 3"/>',
        _text(x + 6, y + 4, f"{view.missing_deg:.0f}° missing", colour=WRONG),
    ]


def _ends(sources: Float64Array) -> list[str]:
    """Mark the first source and the last."""
    ends = ((sources[0], FIRST, "first"), (sources[-1], LAST, "last"))
    middle = np.array([WIDTH_PX / 2, VIEW_PX / 2])
    parts = []
    for place, colour, words in ends:
        x, y = place
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        out = place + (place - middle) * 0.14
        anchor = "start" if x > middle[0] else "end"
        parts.append(_text(out[0], out[1] + 4, words, anchor, colour))
    return parts


def _sides(view: ArcView) -> list[str]:
    left, right, top, bottom = view.sides
    seen = "seen from the feet" if view.is_from_feet else "seen along the axis"
    return [
        _text(8, VIEW_PX / 2 + 4, left),
        _text(WIDTH_PX - 8, VIEW_PX / 2 + 4, right, "end"),
        _text(WIDTH_PX / 2, 13, top, "middle"),
        _text(WIDTH_PX / 2, VIEW_PX - 5, bottom, "middle"),
        _text(8, 13, seen),
        _text(8, 27, "path of the source"),
    ]


def _curve(view: ArcView, diagnosis: Diagnosis) -> list[str]:
    """Draw the angle of each frame about the axis, from the first."""
    turned = np.abs(view.angles_deg - view.angles_deg[0])
    needed = diagnosis.needed_arc_deg
    highest = max(float(turned.max()), needed or 0.0, 1.0) * 1.08
    left, right, top, bottom = 44.0, WIDTH_PX - 12.0, VIEW_PX + 8.0, VIEW_PX + PLOT_PX - 20.0
    x = np.linspace(left, right, len(turned))
    y = bottom - turned / highest * (bottom - top)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    corner, foot, ceiling = np.array([left, bottom]), np.array([right, bottom]), np.array([left, top])
    parts = [
        _line(corner, foot, f'stroke="{INK}"'),
        _line(corner, ceiling, f'stroke="{INK}"'),
        f'<polyline points="{points}" fill="none" stroke="{FIRST}" stroke-width="2"/>',
        _text(left - 5, bottom + 4, "0°", "end"),
        _text(left - 5, float(y[-1]) + 4, f"{turned[-1]:.0f}°", "end"),
        _text(left, bottom + 15, "frame 1"),
        _text(right, bottom + 15, str(len(turned)), "end"),
    ]
    if needed is not None and needed <= highest:
        level = bottom - needed / highest * (bottom - top)
        ends = np.array([left, level]), np.array([right, level])
        parts.append(_line(*ends, f'stroke="{LAST}" stroke-dasharray="4 3"'))
        parts.append(_text(left + 6, level - 4, f"needed for a volume: {needed:.0f}°", colour=LAST))
    return parts
