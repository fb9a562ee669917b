"""From a segment to a printable model: surface, smoothing, decimation, check, deviation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from scipy import ndimage
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import BoolArray
from ..errors import FluoroPrintError
from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress, part_of, silent
from ..segmentation.segments import Segment, Segmentation
from .check import MeshCheck, check_mesh
from .decimation import decimate_mesh
from .deviation import Deviation, deviation
from .polydata import points_of, signed_volume_mm3, triangles_of
from .smoothing import smooth_mesh
from .surface import surface_of_segment


@dataclass(frozen=True)
class ModelParameters(Parameters):
    """How a segment becomes a model."""

    smoothing: Annotated[
        float, Bounds(0.0, 1.0), Help("Smoothing strength: 0 keeps the voxel steps, 1 is strongest.")
    ] = 0.3
    smoothing_iterations: Annotated[int, Bounds(5, 200), Help("Iterations of the smoothing filter.")] = 20
    max_deviation_mm: Annotated[
        float,
        Bounds(0.0, 2.0),
        Unit("mm"),
        Help("Triangles are taken out as long as the surface moves less than this; 0 keeps them all."),
    ] = 0.1
    min_island_mm3: Annotated[
        float, Bounds(0.0, 1e6), Unit("mm3"), Help("Separate pieces smaller than this are left out.")
    ] = 30.0
    min_cavity_mm3: Annotated[
        float, Bounds(0.0, 1e6), Unit("mm3"), Help("Closed cavities smaller than this are filled.")
    ] = 10.0


@dataclass(frozen=True)
class Model:
    """A surface fit to print, and how it was measured.

    Attributes
    ----------
    name : of the segment
    colour : red, green, blue, 0 to 1
    surface : triangles in RAS mm, facing outward
    check : the faults counted in `surface`
    deviation : from the unsmoothed surface of the segment as given, small pieces left out
    volume_change : of the volume by smoothing and decimation, as a fraction
    decimation_engine : what took out triangles: "manifold3d", "vtkQuadricDecimation" or "none"
    segment : what the model was made of
    """

    name: str
    colour: tuple[float, float, float]
    surface: vtkPolyData
    check: MeshCheck
    deviation: Deviation
    volume_change: float
    decimation_engine: str
    segment: Segment


def models_from_segmentation(
    segmentation: Segmentation, parameters: ModelParameters | None = None, progress: Progress = silent
) -> tuple[Model, ...]:
    """Make a model of every segment.

    Raises
    ------
    FluoroPrintError
        There is no segment, one is empty, or one cannot be made printable.
    """
    count = len(segmentation.segments)
    if count == 0:
        raise FluoroPrintError("The segmentation has no segments: segment a bone first.")
    return tuple(
        model_from_segment(
            segmentation, segment, parameters, part_of(progress, done / count, (done + 1) / count)
        )
        for done, segment in enumerate(segmentation.segments)
    )


def model_from_segment(
    segmentation: Segmentation,
    segment: Segment,
    parameters: ModelParameters | None = None,
    progress: Progress = silent,
) -> Model:
    """Make a printable model of a segment; the segmentation stays as it is.

    Parameters
    ----------
    segmentation : where the segment's voxels are
    segment : one of its segments
    parameters : smoothing, decimation and what to leave out
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        The segment is empty or only of pieces below `min_island_mm3`, or its model is not printable.
    """
    wanted = parameters or ModelParameters()
    progress(0.0, f"{segment.name}: surface")
    rough = surface_of_segment(_without_small_parts(segmentation, segment, wanted), segment.label)
    smooth = smooth_mesh(rough, wanted.smoothing, wanted.smoothing_iterations, part_of(progress, 0.05, 0.35))
    surface, engine, checked = smooth, "none", None
    if wanted.max_deviation_mm > 0:
        decimation = decimate_mesh(smooth, wanted.max_deviation_mm, progress=part_of(progress, 0.35, 0.75))
        surface, engine, checked = decimation.surface, decimation.engine, decimation.check
    checked = checked or check_mesh(surface, part_of(progress, 0.75, 0.85))
    _refuse_unprintable(checked, segment)
    apart = deviation(surface, rough, part_of(progress, 0.85, 1.0))
    change = checked.volume_mm3 / signed_volume_mm3(points_of(rough), triangles_of(rough)) - 1
    progress(1.0, f"{segment.name}: done")
    return Model(segment.name, segment.colour, surface, checked, apart, change, engine, segment)


def _refuse_unprintable(checked: MeshCheck, segment: Segment) -> None:
    if not checked.is_printable:
        raise FluoroPrintError(
            f'The model of "{segment.name}" is not printable ({"; ".join(checked.faults).rstrip(".")}): '
            "smooth less, or raise the smallest island."
        )


def _without_small_parts(
    segmentation: Segmentation, segment: Segment, wanted: ModelParameters
) -> Segmentation:
    """Return a segmentation of this segment alone, its small islands gone and its small cavities filled."""
    labelmap = segmentation.labelmap
    mask = labelmap.array_kji == segment.label
    if not mask.any():
        return segmentation
    voxel_mm3 = labelmap.voxel_mm3
    box = ndimage.find_objects(mask.astype(np.uint8))[0]
    crop = np.pad(mask[box], 1)
    # As flying edges sees it: bone joins across faces, the background across edges too.
    crop = _without_small(crop, wanted.min_island_mm3 / voxel_mm3, 1)
    if not crop.any():
        raise FluoroPrintError(
            f'Every piece of the segment "{segment.name}" is smaller than {wanted.min_island_mm3:g} mm3: '
            "lower the smallest island, or segment more."
        )
    crop = ~_without_small(~crop, wanted.min_cavity_mm3 / voxel_mm3, 2)
    cleaned = np.zeros(mask.shape, np.uint8)
    cleaned[box] = crop[1:-1, 1:-1, 1:-1] * np.uint8(segment.label)
    return replace(segmentation, labelmap=labelmap.with_array(cleaned), segments=(segment,))


def _without_small(mask: BoolArray, least_voxels: float, connectivity: int) -> BoolArray:
    """Return the mask without pieces of fewer voxels, connected by faces (1), or faces and edges (2)."""
    labels, _ = ndimage.label(mask, ndimage.generate_binary_structure(3, connectivity))
    size = np.bincount(labels.ravel())
    keep = size >= max(least_voxels, 1)
    keep[0] = False
    kept: BoolArray = keep[labels]
    return kept
