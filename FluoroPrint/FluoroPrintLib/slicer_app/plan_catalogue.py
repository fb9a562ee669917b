"""The families to choose from in the panel: the shipped ones, and those of a file of the user's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..catalog.families import IMPLANT, SCREW, families_of, plan_catalogue
from ..errors import FluoroPrintError
from ..planning.implant_kind import shapes_at_hand
from ..planning.implants import ImplantFamily


class PlanCatalogue:
    """The catalogue, read anew where the chosen file is another one or was changed.

    Attributes
    ----------
    fault : why the user's file cannot be used, empty where it can or none is chosen
    by_kind : families by the kinds of planned objects
    """

    def __init__(self) -> None:
        self.fault = ""
        self.by_kind: Mapping[str, tuple[Any, ...]] = {}
        self._path: Path | None = None
        self._stamp: Any = ()
        self._families: dict[str, tuple[Any, ...]] = {}

    def take(self, path: str) -> bool:
        """Use a file of the user's, none where `path` is empty; say whether that is another catalogue."""
        chosen = Path(path) if path else None
        stamp = chosen, chosen.stat().st_mtime_ns if chosen is not None and chosen.is_file() else 0
        if stamp == self._stamp:
            return False
        self._stamp, self._families, self.fault, self._path = stamp, {}, "", chosen
        try:
            self.by_kind = plan_catalogue(chosen)
        except FluoroPrintError as error:
            self.fault, self._path, self.by_kind = str(error), None, plan_catalogue()
        own = {family.id: family.shape for family in self.implants if family.shape is not None}
        shapes_at_hand().update(own)
        return True

    def families(self, kind: str) -> tuple[Any, ...]:
        """Return the families of a kind, as a planner needs them."""
        if kind not in self._families:
            self._families[kind] = families_of(kind, self._path)
        return self._families[kind]

    @property
    def implants(self) -> tuple[ImplantFamily, ...]:
        """All implants and tools, screws first."""
        known = self.by_kind.get(IMPLANT, ())
        return tuple(sorted(known, key=lambda family: family.kind != SCREW))
