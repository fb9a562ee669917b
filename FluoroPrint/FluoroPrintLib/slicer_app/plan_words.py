"""What the panel tells of planned objects: rows of the table, figures under the hand, decisions."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..mrml.plan_tables import figure_words, told_columns
from ..planning.kinds import kind_of
from ..planning.live import Seen
from ..planning.plan import USER, Decision, Plan, Planned

MOST_FIGURES = 4
MOST_DECISIONS = 4


def table_of(objects: Sequence[Planned]) -> tuple[list[str], list[list[str]]]:
    """Return the columns and the rows of a table of objects: lock, name, the first figures with units.

    A panel is narrow: of each kind the `MOST_FIGURES` that tell most are shown; where kinds have others, all
    share one column.
    """
    from slicer.i18n import tr as _

    names = told_columns(objects, MOST_FIGURES)
    if len(names) > MOST_FIGURES:
        return ["", _("Object"), _("Figures")], [_short_row(planned) for planned in objects]
    columns = ["", _("Object"), *(_(figure_title(name)).capitalize() for name in names)]
    return columns, [[_lock(planned), planned.label, *_cells(planned, names)] for planned in objects]


def figure_title(name: str) -> str:
    """Return what people call a figure: its unit stands beside the number."""
    return name.removesuffix("_mm").removesuffix("_deg").replace("_", " ")


def _short_row(planned: Planned) -> list[str]:
    told = [text for text in _cells(planned, kind_of(planned).columns) if text]
    return [_lock(planned), planned.label, ", ".join(told[:2])]


def _lock(planned: Planned) -> str:
    return "🔒" if planned.locked else ""


def _cells(planned: Planned, names: Sequence[str]) -> list[str]:
    return [figure_words(planned.figures.get(name)) for name in names]


def seen_words(seen: Seen, plan: Plan) -> str:
    """Return what is seen of an object under the hand: figures, bone, nearest object; rich text."""
    from slicer.i18n import tr as _

    planned = seen.planned
    told = [(name, figure_words(planned.figures.get(name))) for name in kind_of(planned).columns]
    words = [f"{_(figure_title(name))} {text}" for name, text in told if text]
    if seen.bone is not None:
        words.append(str(_("{share} % in bone")).format(share=round(100 * seen.bone.share)))
    line = f"<b>{escape(planned.label)}</b>: {escape(', '.join(words))}"
    return "<br>".join(filter(None, (line, _gap_words(seen, plan))))


def _gap_words(seen: Seen, plan: Plan) -> str:
    from slicer.i18n import tr as _

    if seen.gap is None:
        return ""
    other = escape(plan.named(seen.gap.name).label)
    if seen.overlaps:
        words = str(_("▲ <b>Overlaps {other} by {depth} mm.</b>"))
        return words.format(other=other, depth=f"{-seen.gap.gap_mm:.1f}")
    return str(_("{room} mm to {other}.")).format(other=other, room=f"{seen.gap.gap_mm:.1f}")


def decisions_words(planned: Planned) -> str:
    """Return the latest decisions about an object as a list of rich text, and how many there were before."""
    latest = planned.decisions[: -MOST_DECISIONS - 1 : -1]
    items = "".join(f"<li>{_decision(decision)}</li>" for decision in latest) + _earlier(planned)
    return f"<ul style='margin-left: -24px'>{items}</ul>" if items else ""


def _earlier(planned: Planned) -> str:
    from slicer.i18n import tr as _

    count = len(planned.decisions) - MOST_DECISIONS
    words = str(_("{count} earlier ones are in the report."))
    return f"<li>{words.format(count=count)}</li>" if count > 0 else ""


def _decision(decision: Decision) -> str:
    from slicer.i18n import tr as _

    by = _("by hand") if decision.by == USER else _("automatic")
    figures = [(name, figure_words(figure)) for name, figure in decision.figures.items()]
    told = ", ".join(f"{figure_title(name)} {text}" for name, text in figures if text)
    when = decision.when.replace("T", " ")[:16]
    head = f"{decision.what} ({', '.join(filter(None, (by, when)))})"
    return escape(": ".join(filter(None, (head, told))))
