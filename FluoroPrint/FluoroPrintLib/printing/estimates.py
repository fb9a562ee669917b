"""What a print takes, before any slicing program is asked: material, mass, cost, time.

Closed forms with few constants. Those of extrusion were fitted to PrusaSlicer 2.5.0 with our own profile
(0.2 mm layers) on a patella, a calcaneus and eleven simple shapes; those of resin to four cubes.
docs/printing.md tells the errors, and those of bones that were held back. What a catalogue does not tell is
None here, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .machines import EXTRUSION, POWDER, VAT, Material, Printer
from .orientation import OrientationTerms
from .paths import SUPPORT_LINE_MM, Paths
from .settings import PrintSettings, layer_of, line_width_mm

WALL_MM_S, FILL_MM_S, SUPPORT_MM_S, LAYER_S = 24, 41, 31, 1.4
"""Extrusion: mean speeds, stops and ways between lines counted; time that a layer takes beside them."""
RESIN_LIFT_MM, TILT_S, FIRST_LAYERS = 6.0, 2.75, 12
"""Resin: lift and pad below a part; time beside the exposure; layers' worth of first exposure."""
RESIN_SUPPORT_MM = 3.6
"""Resin: pad and supports as a thickness below all that hangs or would rest."""
ERRORS = {EXTRUSION: ("bones", 0.15, 0.3), VAT: ("cubes", 0.2, 0.05)}
"""What was compared, and the shares that material and time stayed within, rounded up."""


@dataclass(frozen=True)
class Body:
    """What an estimate needs to know of a part.

    Attributes
    ----------
    volume_mm3 : of the closed surface
    terms : of the way it lies
    material : its own; None for that of the print
    paths : what extrusion lays for it; else it is counted as solid, its time as not known
    """

    volume_mm3: float
    terms: OrientationTerms
    material: Material | None = None
    paths: Paths | None = None


@dataclass(frozen=True)
class Share:
    """What a print takes of one material, supports counted; None where it cannot be known."""

    material: Material
    material_ml: float
    mass_g: float | None
    cost: float | None

    @property
    def words(self) -> str:
        """Material, volume, mass and cost where they are known: "PLA filament 8.0 ml, 9.9 g, 0.25 EUR"."""
        told = [f"{self.material.title} {self.material_ml:.1f} ml"]
        if self.mass_g is not None:
            told.append(f"{self.mass_g:.1f} g")
        if self.cost is not None and self.material.cost is not None:
            told.append(f"{self.cost:.2f} {self.material.cost.currency}")
        return ", ".join(told)


@dataclass(frozen=True)
class Estimate:
    """What a print takes; None where it cannot be known.

    Attributes
    ----------
    material_ml : material in the parts and their supports
    support_ml : the share of supports in it
    waste_g : powder that is replaced, not printed
    mass_g : of `material_ml`
    cost, currency : of the material, waste included
    seconds : of printing
    compared : what was also sliced by PrusaSlicer, "bones"; empty where nothing was
    material_error, time_error : shares by which it differed at most, None where nothing was measured
    shares : of each material, in the order of the parts
    """

    material_ml: float
    support_ml: float
    waste_g: float | None
    mass_g: float | None
    cost: float | None
    currency: str
    seconds: float | None
    compared: str
    material_error: float | None
    time_error: float | None
    shares: tuple[Share, ...] = ()


def duration(seconds: float) -> str:
    """Return a time as words: "2 h 05 min"."""
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def estimate(
    bodies: Sequence[Body], printer: Printer, material: Material, settings: PrintSettings
) -> Estimate:
    """Estimate what the parts of one plate take, each of its own material or of `material`.

    Supports are taken to be of their part's material, powder that is replaced and times to be those of
    `material`. The sum of a mass or cost is None where that of a share is, or prices differ in currency.
    """
    parts = sum(_part_mm3(body) for body in bodies)
    supports = sum(_supports_mm3(body, printer, settings) for body in bodies)
    height = max((body.terms.height_mm for body in bodies), default=0.0)
    used_ml = (parts + supports) / 1000
    waste = _waste_g(parts, height, printer, material)
    shares = _shares(bodies, printer, material, settings)
    currencies = {share.material.cost.currency for share in shares if share.material.cost is not None}
    costs = [share.cost for share in shares] + [_cost_of_waste(waste, material)]
    compared, material_error, time_error = ERRORS.get(printer.technology, ("", None, None))
    return Estimate(
        material_ml=used_ml,
        support_ml=supports / 1000,
        waste_g=waste,
        mass_g=_sum([share.mass_g for share in shares]),
        cost=_sum(costs) if len(currencies) == 1 else None,
        currency=currencies.pop() if len(currencies) == 1 else "",
        seconds=_seconds(bodies, height, printer, material, settings),
        compared=compared,
        material_error=material_error,
        time_error=time_error,
        shares=shares,
    )


def _shares(
    bodies: Sequence[Body], printer: Printer, material: Material, settings: PrintSettings
) -> tuple[Share, ...]:
    used: dict[str, float] = {}
    materials: dict[str, Material] = {}
    for body in bodies:
        mine = body.material or material
        taken = _part_mm3(body) + _supports_mm3(body, printer, settings)
        materials[mine.id], used[mine.id] = mine, used.get(mine.id, 0.0) + taken / 1000
    return tuple(share_of(mine, used[name]) for name, mine in materials.items())


def share_of(material: Material, material_ml: float) -> Share:
    """Return mass and cost of so much of a material."""
    mass = None if material.density_g_cm3 is None else material_ml * material.density_g_cm3
    return Share(material, material_ml, mass, _cost(material_ml, mass, material))


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _supports_mm3(body: Body, printer: Printer, settings: PrintSettings) -> float:
    return _support_mm3(body, printer) if settings.support else 0.0


def _part_mm3(body: Body) -> float:
    return body.volume_mm3 if body.paths is None else body.paths.part_mm3


def _support_mm3(body: Body, printer: Printer) -> float:
    if body.paths is not None:
        return body.paths.supports_mm3
    if printer.technology == VAT:
        return RESIN_SUPPORT_MM * (body.terms.support_mm2 + body.terms.rest_mm2)
    return 0.0


def _waste_g(parts_mm3: float, height_mm: float, printer: Printer, material: Material) -> float | None:
    """Return the powder about the parts that a refresh replaces: the bed is filled up to their height."""
    density, share = material.powder_density_g_cm3, material.powder_refreshed
    if printer.technology != POWDER or density is None or share is None:
        return None
    filled = printer.bed_mm[0] * printer.bed_mm[1] * height_mm
    return max(0.0, filled - parts_mm3) / 1000 * density * share


def _cost(used_ml: float, mass_g: float | None, material: Material) -> float | None:
    if material.cost is None:
        return None
    if material.cost.per == "litre":
        return material.cost.amount * used_ml / 1000
    return None if mass_g is None else material.cost.amount * mass_g / 1000


def _cost_of_waste(waste_g: float | None, material: Material) -> float:
    if material.cost is None or material.cost.per == "litre":
        return 0.0
    return material.cost.amount * (waste_g or 0.0) / 1000


def _seconds(
    bodies: Sequence[Body], height_mm: float, printer: Printer, material: Material, settings: PrintSettings
) -> float | None:
    layer = layer_of(printer, settings)
    if layer is None:
        return None
    if printer.seconds_per_layer is not None:
        return height_mm / layer * printer.seconds_per_layer
    if printer.technology == EXTRUSION:
        paths, line = [body.paths for body in bodies if body.paths is not None], line_width_mm(printer)
        laid = sum(_laying_s(each, layer, line, material) for each in paths)
        return laid + height_mm / layer * LAYER_S if len(paths) == len(bodies) else None
    exposure, first = material.exposure_s, material.first_exposure_s
    if printer.technology != VAT or exposure is None or first is None:
        return None
    lift = RESIN_LIFT_MM if settings.support else 0.0
    return (height_mm + lift) / layer * (exposure + TILT_S) + FIRST_LAYERS * (first - exposure)


def _laying_s(paths: Paths, layer_mm: float, line_mm: float, material: Material) -> float:
    """Return how long lines take, none with more flow than the material stands: walls and strips are slow."""
    most = material.max_flow_mm3_s or float("inf")
    return (
        (paths.walls_mm3 + paths.strips_mm3) / min(WALL_MM_S * line_mm * layer_mm, most)
        + (paths.skins_mm3 + paths.infill_mm3) / min(FILL_MM_S * line_mm * layer_mm, most)
        + paths.supports_mm3 / min(SUPPORT_MM_S * SUPPORT_LINE_MM * layer_mm, most)
    )
