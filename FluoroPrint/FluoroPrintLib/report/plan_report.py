"""The report of a plan: every object with its figures, its decisions and pictures of where it lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..files.atomic import written_whole
from ..geometry.volume import Volume
from ..planning.kinds import kind_of
from ..planning.plan import AUTOMATIC, Decision, Figure, Plan, Planned
from ..planning.profile import TO_CORTEX, profile_of
from ..progress import Progress, part_of, silent
from .case import INTENDED_USE, local_time
from .colours import hex_colour
from .html import document
from .markup import Markup, element, figure, joined, row, section, table
from .plan_pictures import Shown, overview_pictures, section_pictures, shown_objects
from .plots import distance_plot

TITLE = "FluoroPrint plan report"
PLACE = 3
"""Figures of no more values than this are written out: a place in a device's axes."""
CHECK = "Every object must be checked on the slices by the surgeon before anything is done by this plan."


def write_plan_report(
    path: Path,
    plan: Plan,
    bone: Any | None,
    surfaces: Mapping[str, Any],
    volume: Volume | None = None,
    progress: Progress = silent,
) -> None:
    """Write the report of a plan as one HTML file, whole or not at all.

    Parameters
    ----------
    path : where the file goes, such as plan.html
    plan : what it tells
    bone : vtkPolyData, RAS mm, drawn about the objects; may be None
    surfaces : vtkPolyData (RAS mm) of the objects by id; those that lack one are told without pictures
    volume : in HU, shown in the sections
    progress : told how far the pictures are

    Raises
    ------
    FluoroPrintError
        The file cannot be written.
    Cancelled
        `progress` stopped the work; no file is left.
    """
    text = plan_report_html(plan, bone, surfaces, volume, part_of(progress, 0.0, 0.97))
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    progress(1.0, "Report written")


def plan_report_html(
    plan: Plan,
    bone: Any | None,
    surfaces: Mapping[str, Any],
    volume: Volume | None = None,
    progress: Progress = silent,
) -> str:
    """Return the report of a plan as HTML text; see `write_plan_report`."""
    shown = shown_objects(plan.objects, surfaces)
    progress(0.0, "Drawing the plan")
    overview = _overview(bone, shown)
    parts = []
    for number, planned in enumerate(plan.objects):
        progress(0.3 + 0.7 * number / len(plan.objects), f"Drawing {planned.label}")
        parts.append(_object_section(planned, bone, shown, volume))
    main = [_notes(plan), overview, _summary(plan, shown), *parts, element("footer", INTENDED_USE)]
    return document(
        plan.case or "Plan", "plan report", joined([_header(plan), element("main", joined(main))])
    )


def _header(plan: Plan) -> Markup:
    side = f", {plan.side} side" if plan.side in ("left", "right") else ""
    content = [
        element("p", TITLE, class_="kind"),
        element("h1", f"{plan.case or 'Plan'}{side}"),
        element("p", f"Made {local_time().replace('T', ' ')}", class_="meta"),
        element("p", f"{INTENDED_USE} {CHECK}", class_="use", role="note"),
    ]
    return element("header", element("div", joined(content), class_="inner"))


def _notes(plan: Plan) -> Markup:
    items = joined(element("li", note) for note in plan.notes)
    return section("What to know", element("ul", items, class_="warnings")) if plan.notes else Markup("")


def _overview(bone: Any | None, shown: Sequence[Shown]) -> Markup:
    pictures = [figure(picture, "on-light") for picture in overview_pictures(bone, shown)]
    key = joined(element("span", joined([_swatch(each), each.planned.label])) for each in shown)
    note = element("p", key, class_="note key")
    return section("Overview", row(pictures), note) if pictures else Markup("")


def _swatch(each: Shown) -> Markup:
    return element("i", "", class_="swatch", style=f"background:{hex_colour(each.colour)}")


def _summary(plan: Plan, shown: Sequence[Shown]) -> Markup:
    """Return a table a kind: an object a row, the figures that tell most as columns."""
    tables = []
    for kind in dict.fromkeys(planned.kind for planned in plan.objects):
        objects = plan.of_kind(kind)
        wanted = kind_of(objects[0]).columns or _numbers(objects[0])
        names = [name for name in wanted if any(name in each.figures for each in objects)]
        heads = [kind.replace("-", " ").capitalize(), "Side", *map(_capital, names), "Locked"]
        tables.append(table(heads, [_summary_row(each, names) for each in objects], "numbers"))
    return section("Objects", *tables)


def _summary_row(planned: Planned, names: Sequence[str]) -> list[str]:
    figures = [shown_figure(planned.figures[name]) if name in planned.figures else "-" for name in names]
    return [planned.label, planned.side or "-", *figures, "yes" if planned.locked else "no"]


def _numbers(planned: Planned) -> list[str]:
    return [
        name
        for name, found in planned.figures.items()
        if not isinstance(found.value, tuple) or len(found.value) <= PLACE
    ]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def shown_figure(found: Figure) -> str:
    """Return a figure as people read it: "4.25 mm", "A", "37 values, mm"."""
    if isinstance(found.value, tuple) and len(found.value) <= PLACE:
        return f"{', '.join(f'{value:.1f}' for value in found.value)} {found.unit}".rstrip()
    if isinstance(found.value, tuple):
        return f"{len(found.value)} values, {found.unit}".rstrip(", ")
    text = found.value if isinstance(found.value, str) else f"{found.value:.2f}".rstrip("0").rstrip(".")
    return f"{text} {found.unit}".rstrip()


def _object_section(
    planned: Planned, bone: Any | None, shown: Sequence[Shown], volume: Volume | None
) -> Markup:
    own = next((each for each in shown if each.planned is planned), None)
    pictures = section_pictures(own, bone, shown, volume) if own is not None else ()
    tone = "on-light" if volume is None else "on-dark"
    sides = [element("div", _figures_table(planned)), element("div", _curves(planned))]
    return section(
        planned.label,
        row(figure(picture, tone) for picture in pictures) if pictures else Markup(""),
        element("div", joined(sides), class_="two gap"),
        _decisions_table(planned.decisions),
    )


def _figures_table(planned: Planned) -> Markup:
    rows = [(_capital(name), shown_figure(planned.figures[name])) for name in _numbers(planned)]
    return table((), rows, "facts") if rows else Markup("")


def _curves(planned: Planned) -> Markup:
    """Return a plot of each curve along the object."""
    profile = profile_of(planned)
    if profile is None:
        return Markup("")
    plots = [
        distance_plot(profile.along_mm, values, _capital(name), profile.needed(name))
        for name, values in profile.curves_mm.items()
    ]
    note = "Dashed: the radius; below it the cortex is breached, but at the ends, which are not judged."
    told = TO_CORTEX in profile.curves_mm
    return joined([*plots, element("p", note, class_="note") if told else Markup("")])


def _decisions_table(decisions: Sequence[Decision]) -> Markup:
    heads = ("Decision", "By", "When", "Figures", "Why")
    rows = [
        (_capital(each.what), "program" if each.by == AUTOMATIC else "user", each.when or "-")
        + ("; ".join(f"{name} {shown_figure(found)}" for name, found in each.figures.items()) or "-",)
        + (each.note or "-",)
        for each in decisions
    ]
    return element("div", table(heads, rows), class_="gap") if rows else Markup("")
