"""The geometry check in a panel: the picture of the run, its figures, and the findings with their fixes."""

from __future__ import annotations

import html
from typing import Any

from ..files.sweep_parameters import SweepParameters
from ..geometry.diagnosis import Diagnosis
from ..geometry.findings import DOUBT, FAULT, Finding
from ..parameters import parameter_fields
from ..report.arc_plot import arc_svg
from .rows import label_of
from .svg_pictures import picture_of_svg

SIGNS = {FAULT: "✖", DOUBT: "▲"}
COLOURS = {FAULT: "#d64545", DOUBT: "#c97a16"}
NOTE_SIGN, NOTE_COLOUR = "•", "#808a94"


def picture_of(diagnosis: Diagnosis) -> Any:
    """Return the picture of a run as a QPixmap."""
    return picture_of_svg(arc_svg(diagnosis), "Geometry")


def figures_html(diagnosis: Diagnosis) -> str:
    """Return the figures of a run as a small table; what is not known is left out."""
    rows = [f"<tr><td>{name}&nbsp;&nbsp;</td><td>{value}</td></tr>" for name, value in figures_of(diagnosis)]
    return f"<table>{''.join(rows)}</table>"


def figures_of(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    """Return name and value, with its unit, of what is known of a run."""
    from slicer.i18n import tr as _

    d = diagnosis
    told = [
        (_("Frames"), f"{d.frames} of {d.columns} x {d.rows} pixels"),
        (_("Arc"), _number(d.arc_deg, "°") + _of_needed(d)),
        (_("Step"), "" if d.step_deg is None else _step(*d.step_deg)),
        (_("Detector turns"), html.escape(d.direction)),
        (_("Source to detector"), _number(d.sid_mm, " mm")),
        (_("Source to isocentre"), _number(d.sod_mm, " mm")),
        (_("Magnification"), "" if d.magnification is None else f"{d.magnification:.2f}"),
        (_("Field of view"), _field(d)),
        (_("Source off a circle by"), "" if d.flex_mm is None else f"{d.flex_mm:.1f} mm"),
    ]
    return [(name, value) for name, value in told if value]


def _number(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.1f}{unit}"


def _of_needed(d: Diagnosis) -> str:
    from slicer.i18n import tr as _

    if d.arc_deg is None or d.needed_arc_deg is None:
        return ""
    return " " + str(_("(a volume needs {needed})").format(needed=f"{d.needed_arc_deg:.1f}°"))


def _step(smallest: float, median: float, largest: float) -> str:
    if largest - smallest < 0.01 * median:
        return f"{median:.2f}°"
    return f"{smallest:.2f}° to {largest:.2f}°"


def _field(d: Diagnosis) -> str:
    if d.field_radius_mm is None or d.field_height_mm is None:
        return ""
    return f"Ø {2 * d.field_radius_mm:.0f} x {d.field_height_mm:.0f} mm"


def verdict(diagnosis: Diagnosis) -> str:
    """Return whether the run can be reconstructed, in a line."""
    from slicer.i18n import tr as _

    doubts = sum(finding.severity == DOUBT for finding in diagnosis.findings)
    if not diagnosis.is_ready:
        return str(_("✖ Not ready: see what is missing or wrong below."))
    if doubts:
        return str(_("▲ Can be reconstructed, but something looks wrong: see below."))
    return str(_("✔ Ready to be reconstructed."))


def fill_findings(listing: Any, findings: tuple[Finding, ...]) -> None:
    """Fill a QListWidget with findings, the worst first, each with its sign and colour."""
    import qt

    listing.clear()
    for finding in findings:
        sign = SIGNS.get(finding.severity, NOTE_SIGN)
        item = qt.QListWidgetItem(f"{sign} {finding.sentence}")
        item.setForeground(qt.QBrush(qt.QColor(COLOURS.get(finding.severity, NOTE_COLOUR))))
        listing.addItem(item)


def fix_words(finding: Finding) -> str:
    """Return what applying a finding's proposal does: "Set reverse angles → yes"; empty without one."""
    from slicer.i18n import tr as _

    labels = {field.name: label_of(field).rstrip(":") for field in parameter_fields(SweepParameters)}
    words = {name: label[:1].lower() + label[1:] for name, label in labels.items()}
    parts = [f"{words[name]} → {_shown(value)}" for name, value in finding.proposal.items()]
    return str(_("Set {what}").format(what=", ".join(parts))) if parts else ""


def _shown(value: Any) -> str:
    from slicer.i18n import tr as _

    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, tuple):
        return ", ".join(f"{part:g}" for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
