"""The command that compares what a caliper read on a print with its sheet."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from ..errors import FluoroPrintError
from ..parameters import Bounds, Help, Parameters, Unit
from ..printing.accuracy import TOLERANCE_MM, PrintAccuracy, accuracy_of
from ..progress import Progress
from .options import parameters_from


@dataclass(frozen=True)
class CaliperParameters(Parameters):
    """Which part was measured, and how far off it may be."""

    part: Annotated[str, Help("Name of the part that was measured, where the sheet holds several.")] = ""
    tolerance_mm: Annotated[
        float | None, Bounds(0.05, 5.0), Unit("mm"), Help("Largest error accepted; the sheet's unless given.")
    ] = None


def compare_measured(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Read a sheet.json, or what the sheet's form saved; compare and say how true the print is."""
    from ..report.print_record import read_facts

    chosen = parameters_from(arguments, CaliperParameters)
    facts = read_facts(arguments.input)
    part = _part(facts["parts"], chosen.part)
    pairs = _pairs(part, arguments.measured)
    tolerance = chosen.tolerance_mm or float(facts.get("tolerance_mm", TOLERANCE_MM))
    found = accuracy_of([nominal for nominal, _ in pairs], [read for _, read in pairs], tolerance)
    rows = [
        f"{number}  {nominal:8.2f} mm  read {read:8.2f} mm  error {read - nominal:+.2f} mm"
        for number, (nominal, read) in enumerate(pairs, start=1)
    ]
    return [*rows, *accuracy_lines(found)]


def accuracy_lines(found: PrintAccuracy) -> list[str]:
    """Return an accuracy as lines for a person."""
    verdict = "Within" if found.is_within else "NOT within"
    return [
        f"Mean signed error    {found.mean_mm:+.2f} mm",
        f"Mean absolute error  {found.mean_absolute_mm:.2f} mm ({found.mean_absolute_percent:.2f} %)",
        f"RMS error            {found.rms_mm:.2f} mm",
        f"Largest error        {found.max_mm:.2f} mm",
        f"Scale factor         {found.scale:.4f} (RMS without it {found.rms_after_scale_mm:.2f} mm)",
        f"{verdict} the tolerance of {found.tolerance_mm:g} mm.",
    ]


def _part(parts: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    names = ", ".join(part["name"] for part in parts)
    if not name and len(parts) > 1:
        raise FluoroPrintError(f"The sheet holds several parts ({names}): say which was measured (--part).")
    for part in parts:
        if name in ("", part["name"]):
            return part
    raise FluoroPrintError(f"The sheet holds no part {name}: choose one of {names}.")


def _pairs(part: Mapping[str, Any], measured: Sequence[float] | None) -> list[tuple[float, float]]:
    """Return nominal and measured distances; what the form left blank is left out."""
    nominal = [float(each["nominal_mm"]) for each in part["caliper"]]
    if measured is None:
        saved = [each.get("measured_mm") for each in part["caliper"]]
        if not any(saved):
            raise FluoroPrintError("Nothing was measured yet: give the readings in order (--measured).")
        return [(true, float(read)) for true, read in zip(nominal, saved, strict=True) if read is not None]
    if len(measured) != len(nominal):
        raise FluoroPrintError(
            f"The sheet tells {len(nominal)} distances, not {len(measured)}: give them all."
        )
    return list(zip(nominal, measured, strict=True))
