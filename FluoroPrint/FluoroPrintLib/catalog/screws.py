"""The screws to choose from: families of sizes, as data (screws.json, described by screws.schema.json)."""

from __future__ import annotations

import json
from pathlib import Path

from ..errors import FluoroPrintError
from ..planning.screw_sizes import ScrewFamily
from .schema import faults_of


def screw_families(path: Path | None = None) -> tuple[ScrewFamily, ...]:
    """Return the shipped families, or those of a file of the same form.

    Raises
    ------
    FluoroPrintError
        The file cannot be read or does not fit the schema.
    """
    here = Path(__file__).parent
    source = path or here / "screws.json"
    try:
        found = json.loads(source.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise FluoroPrintError(f"{source} cannot be read as JSON: {str(error).rstrip('.')}.") from error
    fault = next(
        faults_of(found, json.loads((here / "screws.schema.json").read_text(encoding="utf-8"))), None
    )
    if fault is not None:
        raise FluoroPrintError(f"{source} cannot be used: {fault}.")
    return tuple(
        ScrewFamily(
            entry["id"],
            entry["title"],
            tuple(sorted(map(float, entry["diameters_mm"]))),
            tuple(sorted(map(float, entry["lengths_mm"]))),
            entry["sources"],
        )
        for entry in found["screws"]
    )


def screw_family(name: str, families: tuple[ScrewFamily, ...] | None = None) -> ScrewFamily:
    """Return the family with the id `name`; FluoroPrintError where there is none."""
    known = screw_families() if families is None else families
    for family in known:
        if family.id == name:
            return family
    raise FluoroPrintError(
        f"There is no family of screws {name}: choose one of {', '.join(family.id for family in known)}."
    )
