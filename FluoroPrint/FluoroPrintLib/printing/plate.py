"""Parts laid on the beds of a printer: turned, refused where they do not fit, packed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array, IntArray
from ..errors import FluoroPrintError
from ..mesh.named import Colour, NamedSurface, material_of
from ..mesh.polydata import points_of, polydata_from, triangles_of
from ..progress import Progress, part_of, silent
from .footprint import Bed, about_z, fits_bed, turn_to_fit
from .machines import Printer
from .orientation import Orientation, OrientationParameters, suggested_orientation
from .packing import Place, packed


@dataclass(frozen=True)
class PlacedPart:
    """A part where it is to be printed; it can be written like any model.

    Attributes
    ----------
    name, colour : of the model
    surface : triangles in the coordinates of the bed: mm from its front left corner, z up
    source : the model, as it was given
    orientation : how it lies, and what that costs
    size_mm : width, depth and height as it lies
    plate : number of the bed, from 0
    """

    name: str
    colour: Colour
    surface: vtkPolyData
    source: NamedSurface
    orientation: Orientation
    size_mm: tuple[float, float, float]
    plate: int

    @property
    def warnings(self) -> Mapping[str, str]:
        """The model's sentences that must stay with it, such as that it is mirrored."""
        return getattr(self.source, "warnings", {})

    @property
    def material(self) -> str:
        """The name of the model's own material; empty where it has none."""
        return material_of(self.source)


@dataclass(frozen=True)
class _Turned:
    """A part turned to lie, its lowest corner at the origin."""

    model: NamedSurface
    orientation: Orientation
    points: Float64Array
    triangles: IntArray

    @property
    def size_mm(self) -> tuple[float, float, float]:
        width, depth, height = self.points.max(0)
        return (float(width), float(depth), float(height))


def laid_out(
    models: Sequence[NamedSurface],
    printer: Printer,
    parameters: OrientationParameters = OrientationParameters(),  # noqa: B008 - frozen
    progress: Progress = silent,
    groups: Sequence[str] = (),
) -> tuple[PlacedPart, ...]:
    """Lay closed parts on as few beds of a printer as needed.

    Parameters
    ----------
    models : closed surfaces in mm; they stay as they are
    printer : its bed, height, and clearance between parts
    parameters : how orientations are weighed
    progress : told how far the work is
    groups : what each part is printed with; parts of different groups share no bed. All do unless given

    Raises
    ------
    FluoroPrintError
        A part does not fit the printer, or is flat.
    """
    bed = Bed(*printer.bed_mm, printer.height_mm)
    turned = []
    for number, model in enumerate(models):
        share = part_of(progress, number / len(models), (number + 1) / len(models))
        turned.append(_turned(model, printer, bed, parameters, share))
    sizes = [part.size_mm[:2] for part in turned]
    places = _packed_apart(sizes, groups or [""] * len(sizes), printer)
    boxes = [_box(size, place) for size, place in zip(sizes, places, strict=True)]
    return tuple(
        _placed(part, place, _middle_of(place.plate, places, boxes), printer)
        for part, place in zip(turned, places, strict=True)
    )


def _packed_apart(
    sizes: Sequence[tuple[float, float]], groups: Sequence[str], printer: Printer
) -> list[Place]:
    """Pack the parts of each group on beds of their own, the groups in the order of their first parts."""
    places: dict[int, Place] = {}
    first = 0
    for group in dict.fromkeys(groups):
        mine = [number for number, other in enumerate(groups) if other == group]
        found = packed([sizes[number] for number in mine], printer.bed_mm, printer.clearance_mm)
        for number, place in zip(mine, found, strict=True):
            places[number] = replace(place, plate=first + place.plate)
        first += 1 + max(place.plate for place in found)
    return [places[number] for number in range(len(sizes))]


def _turned(
    model: NamedSurface, printer: Printer, bed: Bed, parameters: OrientationParameters, progress: Progress
) -> _Turned:
    points, triangles = points_of(model.surface), triangles_of(model.surface)
    if len(triangles) == 0:
        raise FluoroPrintError(f'"{model.name}" has no faces: leave it out.')
    way = suggested_orientation(
        points,
        triangles,
        parameters,
        bed=bed,
        needs_support=printer.needs_support,
        progress=progress,
    )
    lying = points @ way.rotation.T
    if not fits_bed(lying, bed):
        raise FluoroPrintError(_refusal(model.name, points, triangles, lying, printer, parameters))
    lying = lying @ about_z(turn_to_fit(lying, bed) or 0.0).T
    return _Turned(model, way, lying - lying.min(0), triangles)


def _refusal(
    name: str,
    points: Float64Array,
    triangles: IntArray,
    lying: Float64Array,
    printer: Printer,
    parameters: OrientationParameters,
) -> str:
    """Return the sentence for a part that does not fit, with what would help."""
    size = " x ".join(f"{edge:.1f}" for edge in np.ptp(lying, axis=0))
    hint = "cut it, or choose a larger printer"
    if not parameters.orient:
        bed = Bed(*printer.bed_mm, printer.height_mm)
        other = suggested_orientation(points, triangles, OrientationParameters(), bed=bed)
        if fits_bed(points @ other.rotation.T, bed):
            hint = "turn it, or let it be turned"
    return f'"{name}" measures {size} mm and {printer.title} takes {printer.size_words}: {hint}.'


def _box(size: tuple[float, float], place: Place) -> Float64Array:
    width, depth = size[::-1] if place.turned else size
    return np.array([place.x_mm, place.y_mm, place.x_mm + width, place.y_mm + depth])


def _middle_of(plate: int, places: Sequence[Place], boxes: Sequence[Float64Array]) -> Float64Array:
    """Return the middle of all that lies on a plate."""
    mine = np.array([box for box, place in zip(boxes, places, strict=True) if place.plate == plate])
    middle: Float64Array = (mine[:, :2].min(0) + mine[:, 2:].max(0)) / 2
    return middle


def _placed(part: _Turned, place: Place, middle: Float64Array, printer: Printer) -> PlacedPart:
    """Move a part to its place, all of its plate about the middle of the bed."""
    points = part.points
    if place.turned:
        points = points @ about_z(np.pi / 2).T
        points = points - points.min(0)
    shift = np.array(printer.bed_mm) / 2 - middle + (place.x_mm, place.y_mm)
    moved = points + (*shift, 0.0)
    width, depth, height = np.ptp(moved, axis=0)
    return PlacedPart(
        name=part.model.name,
        colour=part.model.colour,
        surface=polydata_from(moved, part.triangles),
        source=part.model,
        orientation=part.orientation,
        size_mm=(float(width), float(depth), float(height)),
        plate=place.plate,
    )
