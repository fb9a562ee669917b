"""A stem sized and set by the canal of the femur: it fills that as far as it can without touching cortex."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPlane, vtkPolyData
from vtkmodules.vtkFiltersCore import vtkCutter

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..parameters import Bounds, Help, Parameters, Unit
from .femoral_canal import FemoralCanal, width_towards
from .field import BoneField
from .hip_stem import Stem, stem_for_head
from .implant_shapes import drawn
from .implant_solids import placed_in
from .implants import Implant, ImplantFamily, chosen_implant
from .plan import Place, place_of
from .surface_samples import surface_samples

ABOVE_TIP_MM = 10.0
"""The lowest level at which the fill is told: the tip itself is round."""
LEVELS = ("upper", "middle", "lower")


@dataclass(frozen=True)
class StemParameters(Parameters):
    """What is asked of stem, head and liner."""

    canal_clearance_mm: Annotated[
        float, Bounds(0.0, 5.0), Unit("mm"), Help("Room between stem and cortex below the upper place.")
    ] = 0.5
    head_mm: Annotated[
        float | None,
        Bounds(20.0, 60.0),
        Unit("mm"),
        Help("Diameter of the head; the largest up to 32 mm that leaves liner enough if left out."),
    ] = None
    liner_mm: Annotated[
        float,
        Bounds(0.0, 15.0),
        Unit("mm"),
        Help("Least thickness of the polyethylene between cup and head."),
    ] = 5.0
    """Conventional ones of 5 mm have a long record: G. R. Plank et al., J Biomed Mater Res B 2007; 80: 1."""


@dataclass(frozen=True)
class StemFit:
    """A stem in a canal.

    Attributes
    ----------
    stem, implant : where it lies, and its sizes
    clearance_mm : least room to the cortex, below the upper landmark
    stem_mm, canal_mm : widths at `LEVELS`, along the stem's medial direction
    """

    stem: Stem
    implant: Implant
    clearance_mm: float
    stem_mm: tuple[float, ...]
    canal_mm: tuple[float, ...]

    @property
    def fill(self) -> tuple[float, ...]:
        """The width of the stem by that of the canal at each level, 0 to 1."""
        return tuple(stem / canal for stem, canal in zip(self.stem_mm, self.canal_mm, strict=True))


def fitted_stem(
    family: ImplantFamily,
    cortex: BoneField,
    canal: FemoralCanal,
    head_ras: Place,
    neck_shaft_deg: float,
    asked: StemParameters,
) -> StemFit:
    """Return the stem of a family that fills a canal most, of those that keep clear of the cortex.

    Each size stands in the axis of that part of the canal that it reaches into, as deep as leg length asks
    for, with the neck that keeps the offset (`stem_for_head`). It must keep the clearance from the upper
    landmark on and end above the lower one. The greatest mean fill at the three levels is taken, of equal
    ones the longest.

    Raises
    ------
    FluoroPrintError
        None fits, or the head lies in the axis.
    """
    fits = list(_fits(family, cortex, canal, head_ras, neck_shaft_deg, asked.canal_clearance_mm))
    if not fits:
        raise FluoroPrintError(
            f"No stem of {family.title} keeps {asked.canal_clearance_mm:g} mm from the cortex and ends above "
            f"the lower place of the shaft; the canal is {canal.width_mm.min():.1f} mm wide or more: "
            "put the places of the shaft further down, or ask for less room."
        )
    return max(fits, key=lambda fit: (round(sum(fit.fill), 3), fit.implant.dimensions["length_mm"]))


def _fits(
    family: ImplantFamily,
    cortex: BoneField,
    canal: FemoralCanal,
    head_ras: Place,
    neck_shaft_deg: float,
    clearance_mm: float,
) -> Iterator[StemFit]:
    """Yield the sizes of a family that fit."""
    necks, end = family.sizes("neck_mm"), float(canal.along_mm[-1])
    first = _stem_in(canal, head_ras, neck_shaft_deg, necks)
    for length in family.sizes("length_mm"):
        reached = canal.upper(length - _top_mm(canal, first))
        stem = _stem_in(reached, head_ras, neck_shaft_deg, necks)
        top, low = _top_mm(reached, stem), length - ABOVE_TIP_MM
        if top < low and length <= top + end:
            for tip in family.sizes("tip_mm"):
                sizes = {"tip_mm": tip, "length_mm": length, "neck_mm": stem.neck_mm}
                implant = chosen_implant(family, neck_shaft_deg=stem.neck_shaft_deg, **sizes)
                fit = _fit_of(cortex, stem, implant, (top, (top + low) / 2, low))
                if fit.clearance_mm >= clearance_mm:
                    yield fit


def _stem_in(canal: FemoralCanal, head_ras: Place, angle_deg: float, necks: tuple[float, ...]) -> Stem:
    ends = place_of(canal.at(0.0)), place_of(canal.at(float(canal.along_mm[-1])))
    return stem_for_head(head_ras, *ends, angle_deg, necks)


def _top_mm(canal: FemoralCanal, stem: Stem) -> float:
    """Return how far below the origin of a stem the upper landmark lies."""
    return float((canal.start_ras - np.asarray(stem.origin_ras)) @ stem.distal_ras)


def _fit_of(cortex: BoneField, stem: Stem, implant: Implant, heights_mm: tuple[float, ...]) -> StemFit:
    """Return how a stem lies in the canal from the first of three heights of its own axes on."""
    shape = drawn(implant)
    medial, origin = np.asarray(stem.medial_ras), np.asarray(stem.origin_ras)
    places = [origin + height * np.asarray(stem.distal_ras) for height in heights_mm]
    wide = tuple(width_at(shape, height) for height in heights_mm)
    hollow = tuple(width_towards(cortex, place, medial) for place in places)
    return StemFit(stem, implant, _clearance(cortex, shape, stem, heights_mm[0]), wide, hollow)


def _clearance(cortex: BoneField, shape: vtkPolyData, stem: Stem, top_mm: float) -> float:
    """Return the least distance to the cortex of what of a stem lies below a height, in its own axes."""
    placed = placed_in(shape, stem.origin_ras, stem.distal_ras, stem.medial_ras)
    places: Float64Array = surface_samples(placed).places
    below = (places - np.asarray(stem.origin_ras)) @ np.asarray(stem.distal_ras) >= top_mm
    return float(-cortex.at(places[below]).max())


def width_at(shape: vtkPolyData, height_mm: float) -> float:
    """Return how wide a stem is at a height of its own axes, along its x."""
    plane, cutter = vtkPlane(), vtkCutter()
    plane.SetOrigin(0.0, 0.0, height_mm)
    plane.SetNormal(0.0, 0.0, 1.0)
    cutter.SetCutFunction(plane)
    cutter.SetInputData(shape)
    cutter.Update()
    low, high = cutter.GetOutput().GetBounds()[:2]
    return float(high - low)


def liner_mm(cup_mm: float, shell_mm: float, head_mm: float) -> float:
    """Return the thickness of the liner between a shell and a head."""
    return cup_mm / 2 - shell_mm - head_mm / 2


def chosen_head(
    heads_mm: tuple[float, ...], cup_mm: float, shell_mm: float, usual_mm: float, asked: StemParameters
) -> float:
    """Return the diameter of the head: as asked, or the largest up to the usual one that leaves a liner.

    Raises
    ------
    FluoroPrintError
        The head leaves the liner less than its least thickness, or none does not.
    """
    fitting = [size for size in heads_mm if liner_mm(cup_mm, shell_mm, size) >= asked.liner_mm - 1e-9]
    if asked.head_mm is not None and asked.head_mm not in fitting:
        left = liner_mm(cup_mm, shell_mm, asked.head_mm)
        raise FluoroPrintError(
            f"A head of {asked.head_mm:g} mm leaves {left:.1f} mm of liner in a cup of {cup_mm:g} mm, or is "
            f"no size of the family; {asked.liner_mm:g} mm are needed: {_listed(fitting)}."
        )
    usual = [size for size in fitting if size <= usual_mm]
    if asked.head_mm is None and not usual:
        raise FluoroPrintError(
            f"No head leaves {asked.liner_mm:g} mm of liner in a cup of {cup_mm:g} mm: choose a thinner one."
        )
    return max(usual) if asked.head_mm is None else asked.head_mm


def _listed(sizes: list[float]) -> str:
    return f"choose {', '.join(f'{size:g}' for size in sizes)} mm" if sizes else "choose a thinner liner"
