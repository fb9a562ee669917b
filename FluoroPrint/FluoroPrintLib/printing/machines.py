"""Printers and materials as the print preparation needs them; the catalogue fills them from its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from ..errors import FluoroPrintError

EXTRUSION, VAT = "material extrusion", "vat photopolymerization"
POWDER, JETTING = "powder bed fusion", "material jetting"
"""Process categories by their names in ISO/ASTM 52900."""
STERILISATIONS = {
    "hydrogen_peroxide_plasma": "H2O2 plasma",
    "steam_121_c": "steam 121 °C",
    "steam_134_c": "steam 134 °C",
}
STEAM_C = {"steam_121_c": 121.0, "steam_134_c": 134.0}
"""Temperatures of the methods by steam, those of ISO 17665."""
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Printer:
    """A printer; None stands for what its catalogue does not tell.

    Attributes
    ----------
    id, title : the word to choose it by, and its name
    technology : process category of ISO/ASTM 52900
    process : the trade's word, "FDM", by which materials say what they are for
    bed_mm : width and depth of what can be printed
    height_mm : the highest part
    min_wall_mm, min_hole_mm, clearance_mm : thinnest wall, narrowest hole, least room between parts
    layer_mm : thickness of a layer
    nozzle_mm : width of the nozzle
    pixels : of the mask, across width and depth
    seconds_per_layer : of a machine whose layers all take the same time
    sources : where the figures come from, by their names
    """

    id: str
    title: str
    technology: str
    process: str
    bed_mm: tuple[float, float]
    height_mm: float
    min_wall_mm: float
    min_hole_mm: float
    clearance_mm: float
    layer_mm: float | None = None
    nozzle_mm: float | None = None
    pixels: tuple[float, float] | None = None
    seconds_per_layer: float | None = None
    sources: Mapping[str, str] = field(default_factory=lambda: _NONE)

    @property
    def needs_support(self) -> bool:
        """Overhangs hang in the air: everywhere but in a bed of powder."""
        return self.technology != POWDER

    @property
    def size_words(self) -> str:
        """Width, depth and height: "250 x 210 x 210 mm"."""
        return f"{self.bed_mm[0]:g} x {self.bed_mm[1]:g} x {self.height_mm:g} mm"


@dataclass(frozen=True)
class Cost:
    """A typical price of a year: `amount` in `currency` per "kg" or "litre"."""

    amount: float
    per: str
    currency: str
    year: float


@dataclass(frozen=True)
class Material:
    """A material; None stands for what its catalogue does not tell.

    Attributes
    ----------
    id, title : the word to choose it by, and its name
    kind : rigid, clear, flexible or biocompatible
    processes : the printers' processes that it is for
    min_feature_mm : the smallest detail that it shows
    density_g_cm3 : of the printed part
    cost : price
    nozzle_c, bed_c : temperatures to print at
    max_flow_mm3_s : the most that can be extruded
    exposure_s, first_exposure_s : of a layer, and of the first one
    powder_density_g_cm3, powder_refreshed : of loose powder; the share of it that is replaced after a print
    heat_deflection_c : from where on it bends under a load of 0.45 MPa (ISO 75, ASTM D648)
    cleaning : what is done to a part after the print, sentences
    sterilisation : which methods it stands, by the keys of `STERILISATIONS`; what is not told is not known
    sources : where the figures come from, by their names
    """

    id: str
    title: str
    kind: str
    processes: tuple[str, ...]
    min_feature_mm: float
    density_g_cm3: float | None = None
    cost: Cost | None = None
    nozzle_c: float | None = None
    bed_c: float | None = None
    max_flow_mm3_s: float | None = None
    exposure_s: float | None = None
    first_exposure_s: float | None = None
    powder_density_g_cm3: float | None = None
    powder_refreshed: float | None = None
    heat_deflection_c: float | None = None
    cleaning: str | None = None
    sterilisation: Mapping[str, bool] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=lambda: _NONE)

    @property
    def sterilisation_words(self) -> str:
        """What it stands and what not: "H2O2 plasma yes, steam 121 °C no"."""
        told = [
            f"{words} {'yes' if self.sterilisation[key] else 'no'}"
            for key, words in STERILISATIONS.items()
            if key in self.sterilisation
        ]
        return ", ".join(told) or "not known"

    def heat_words(self, method: str) -> str:
        """What a method by steam means for a material that bends below its temperature; empty otherwise."""
        bends_c, steam_c = self.heat_deflection_c, STEAM_C.get(method)
        if bends_c is None or steam_c is None or bends_c >= steam_c:
            return ""
        return f"bends under load from {bends_c:g} °C"

    def source_of(self, name: str) -> str:
        """Where a figure comes from; empty where nothing is told of it."""
        told = (text for names, text in self.sources.items() if name in names.split(", "))
        return next(told, "")


def material_called(name: str, known: Sequence[Material]) -> Material | None:
    """Return the material of a catalogue that a name stands for, its title or id; None where none does."""
    return next((material for material in known if name in (material.title, material.id)), None)


def refuse_unfit(printer: Printer, material: Material) -> None:
    """Refuse a material that the printer does not take.

    Raises
    ------
    FluoroPrintError
        The material is for other processes.
    """
    if printer.process not in material.processes:
        raise FluoroPrintError(
            f"{printer.title} ({printer.process}) does not print {material.title}, which is for "
            f"{', '.join(material.processes)}: choose another material or printer."
        )
