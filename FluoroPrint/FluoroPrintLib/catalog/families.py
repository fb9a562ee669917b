"""Families of sizes to choose from when something is planned, whatever file they stand in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import FluoroPrintError
from ..planning.implants import ImplantFamily
from ..planning.screw_sizes import ScrewFamily
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
    if kind == SCREW:
        return (*_own_screws(path), *screw_families())
    return tuple(family for family in implant_families(path) if family.kind == kind)


def _own_screws(path: Path | None) -> tuple[ScrewFamily, ...]:
    """Return the screws of a user's catalogue that are drawn by their sizes."""
    known = implant_families(path) if path is not None else ()
    shipped = {family.id for family in implant_families()}
    own = [each for each in known if each.kind == SCREW and each.id not in shipped and each.shape is None]
    return tuple(map(_as_screws, own))


def _as_screws(family: ImplantFamily) -> ScrewFamily:
    sizes = family.sizes("diameter_mm"), family.sizes("length_mm")
    return ScrewFamily(family.id, family.title, sizes[0], sizes[1], dict(family.sources))


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
    return {SCREW: families_of(SCREW, path), IMPLANT: known, **of_kind}
