"""Pieces of HTML and SVG; every text that comes from outside is escaped here."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .colours import map_stops
from .pictures import Picture, png_bytes, scale_bar_mm


class Markup(str):
    """Text that is HTML already; all other text is escaped."""

    __slots__ = ()


def escaped(content: Any) -> str:
    """Return HTML of anything: markup as it is, all else as escaped text."""
    return content if isinstance(content, Markup) else html.escape(str(content), quote=True)


def joined(pieces: Iterable[Any]) -> Markup:
    """Return pieces one after the other."""
    return Markup("\n".join(escaped(piece) for piece in pieces))


def element(tag: str, content: Any = "", **attributes: Any) -> Markup:
    """Return an element; `class_` and `for_` lose their underscore, other underscores become hyphens."""
    shown = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(str(value), quote=True)}"'
        for name, value in attributes.items()
    )
    return Markup(f"<{tag}{shown}>{escaped(content)}</{tag}>")


def single(tag: str, **attributes: Any) -> Markup:
    """Return an element that has no end, such as <input>; attributes as `element` takes them."""
    return Markup(str(element(tag, "", **attributes)).removesuffix(f"</{tag}>"))


def section(title: str, *content: Any) -> Markup:
    """Return a section with a heading; nothing where all content is empty."""
    filled = [piece for piece in content if piece]
    return element("section", joined([element("h2", title), *filled])) if filled else Markup("")


def table(head: Sequence[Any], rows: Iterable[Sequence[Any]], class_: str = "") -> Markup:
    """Return a table; the first cell of each row is its heading."""
    top = element("tr", joined(element("th", cell, scope="col") for cell in head)) if head else Markup("")
    body = joined(
        element(
            "tr", joined([element("th", row[0], scope="row"), *(element("td", cell) for cell in row[1:])])
        )
        for row in rows
    )
    whole = joined([element("thead", top) if head else Markup(""), element("tbody", body)])
    return element("div", element("table", whole, class_=class_), class_="scroll")


def facts(pairs: Mapping[str, Any]) -> Markup:
    """Return a table of names and values."""
    return table((), pairs.items(), "facts") if pairs else Markup("")


def image(picture: Picture) -> Markup:
    """Return an <img> that carries its PNG inside."""
    data = base64.b64encode(png_bytes(picture.rgb)).decode("ascii")
    return Markup(
        f'<img src="data:image/png;base64,{data}" width="{picture.width_px}" height="{picture.height_px}" '
        f'alt="{html.escape(picture.caption, quote=True)}">'
    )


def figure(picture: Picture, tone: str = "on-dark") -> Markup:
    """Return a picture with its lines, patient sides and scale bar drawn over it, and its caption.

    Parameters
    ----------
    picture : what to show
    tone : "on-dark" or "on-light", for the colour of letters and bar
    """
    over = joined([*_lines(picture), *_letters(picture), _scale_bar(picture)])
    size = f"0 0 {picture.width_px} {picture.height_px}"
    drawing = element("svg", over, viewBox=size, class_=f"over {tone}", aria_hidden="true")
    frame = element("div", joined([image(picture), drawing]), class_="frame")
    return element("figure", joined([frame, element("figcaption", picture.caption)]))


def row(figures: Iterable[Markup]) -> Markup:
    """Return figures side by side."""
    return element("div", joined(figures), class_="row")


def _lines(picture: Picture) -> list[Markup]:
    return [
        element("path", d=svg_path(points), stroke=colour, class_="cut") for colour, points in picture.lines
    ]


def svg_path(points: Any) -> str:
    """Return the path of (N, 2) points, to a tenth of a pixel."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _letters(picture: Picture) -> list[Markup]:
    if not picture.edges:
        return []
    width, height, gap = picture.width_px, picture.height_px, 14
    places = ((gap, height / 2), (width - gap, height / 2), (width / 2, gap), (width / 2, height - gap))
    return [
        element("text", letter, x=f"{x:g}", y=f"{y:g}", class_="side")
        for letter, (x, y) in zip(picture.edges, places, strict=True)
    ]


def _scale_bar(picture: Picture) -> Markup:
    if not picture.mm_per_px:
        return Markup("")
    length_mm = scale_bar_mm(picture.width_px * picture.mm_per_px)
    length = length_mm / picture.mm_per_px
    x, y = 12, picture.height_px - 12
    bar = element("path", d=f"M{x} {y - 5}V{y}H{x + length:.2f}V{y - 5}", class_="bar")
    text = element("text", f"{length_mm:g} mm", x=f"{x + length / 2:.1f}", y=y - 9, class_="bar-text")
    return joined([bar, text])


def colour_legend(low: float, high: float, unit: str) -> Markup:
    """Return the bar that explains a colour map; the last value stands for all above it."""
    stops = map_stops()
    gradient = joined(
        element("stop", offset=f"{index / (len(stops) - 1):.2f}", stop_color=colour)
        for index, colour in enumerate(stops)
    )
    middle = (low + high) / 2
    ticks = joined(
        element("text", text, x=x, y=30, text_anchor=anchor)
        for text, x, anchor in (
            (f"{low:g}", 0, "start"),
            (f"{middle:g}", 140, "middle"),
            (f"{high:g} {unit} and above", 280, "middle"),
        )
    )
    definition = element("defs", element("linearGradient", gradient, id="map"))
    bar = element("rect", width=280, height=14, fill="url(#map)")
    return element("svg", joined([definition, bar, ticks]), viewBox="-4 -2 380 36", class_="legend")
