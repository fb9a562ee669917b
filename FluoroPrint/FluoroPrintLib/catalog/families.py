"""Families of sizes to choose from when something is planned, whatever file they stand in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import FluoroPrintError
from .implants import implant_families
from .screws import screw_families

SCREW, CUP, IMPLANT = "screw", "cup", "implant"
INSTRUMENTS = {"drilling": "drill", "guide-wire": "wire", "saw-cut": "saw"}
"""Kinds of the catalogue by those of a plan's objects."""


def families_of(kind: str, path: Path | None = None) -> tuple[Any, ...]:
    """Return the families of a kind: `ScrewFamily` of screws, `ImplantFamily` of all else.

    Parameters
    ----------
    kind : "screw", or a kind of the catalogue of implants: "cup", "lead"
    path : catalogue of the user's own; its families come first
    """
    if kind == SCREW and path is None:
        return screw_families()
    return tuple(family for family in implant_families(path) if family.kind == kind)


def family_of(kind: str, name: str, path: Path | None = None) -> Any:
    """Return the family of a kind with the id `name`; FluoroPrintError where there is none."""
    known = families_of(kind, path)
    for family in known:
        if family.id == name:
            return family
    listed = ", ".join(family.id for family in known)
    raise FluoroPrintError(f"There is no family {name} to choose: take one of {listed}.")


def plan_catalogue(path: Path | None = None) -> dict[str, tuple[Any, ...]]:
    """Return the families from which objects of a plan are sized, by the kinds of `planning.kinds`."""
    known = implant_families(path)
    sized = {CUP: CUP, **INSTRUMENTS}
    of_kind = {word: tuple(family for family in known if family.kind == kind) for word, kind in sized.items()}
    return {SCREW: screw_families(), IMPLANT: known, **of_kind}
