"""Feldkamp reconstruction (FDK) for any C-arm geometry given by projection matrices."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np

from ..arrays import Float32Array, IntArray
from ..geometry.orbit import Orbit, fit_orbit
from ..geometry.sweep import Sweep, SweepGeometry, focal_lengths
from ..geometry.volume import Volume, grid_centred_at
from ..parameters import Bounds, Choices, Help, Parameters, Unit
from ..progress import Progress, part_of, silent
from ..threads import processors
from .checks import check_arc, check_memory
from .engines import Engine, choose_engine
from .field import Field, default_size_mm, field_of_view
from .levelling import levelled
from .ramp import WINDOWS, filter_rows, padded_length, ramp_response
from .rectify import Rectification, rectify
from .scatter import without_scatter
from .scatter_search import find_scatter
from .truncation import continued, plan_continuation
from .weights import cosine_weights, short_scan_weights

VIEWS_AT_ONCE = 12
SLICES_AT_ONCE = 16
FINEST_PITCH_VOXELS = 0.8
AIR_HU = -1000.0
COARSE_VOXEL_MM = 3.2


@dataclass(frozen=True)
class ReconstructionParameters(Parameters):
    """What the user chooses of a reconstruction."""

    voxel_mm: Annotated[float, Bounds(0.05, 10.0), Unit("mm"), Help("Edge length of a voxel.")] = 0.8
    size_mm: Annotated[
        tuple[float, float, float] | None,
        Bounds(1.0, 1000.0),
        Unit("mm"),
        Help("Size of the volume along left-right, front-back, foot-head; what all views see if left out."),
    ] = None
    centre_mm: Annotated[
        tuple[float, float, float],
        Bounds(-1000.0, 1000.0),
        Unit("mm"),
        Help("Centre of the volume in RAS; the isocentre is at 0 0 0."),
    ] = (0.0, 0.0, 0.0)
    window: Annotated[str, Choices(WINDOWS), Help("Apodisation of the ramp filter: sharp to smooth.")] = (
        "cosine"
    )
    cutoff: Annotated[
        float, Bounds(0.1, 1.0), Help("End of the window as a share of the Nyquist frequency.")
    ] = 0.9
    truncation_padding: Annotated[
        float,
        Bounds(0.0, 2.0),
        Help("How far to continue frames that the body overfills, in widths of the panel; 0 turns it off."),
    ] = 1.0
    water_per_mm: Annotated[
        float,
        Bounds(0.001, 0.1),
        Unit("1/mm"),
        Help("Attenuation of water at the beam's effective energy; sets the scale in Hounsfield units."),
    ] = 0.02
    scatter: Annotated[
        float | None,
        Bounds(0.0, 5.0),
        Help(
            "Scatter behind the body as a share of the primary beam, to be taken out of the frames; found by "
            "the level of soft tissue if left out, 0 leaves it in."
        ),
    ] = None
    mask_field: Annotated[bool, Help("Set voxels that not every view sees to air (-1000 HU).")] = True
    allow_short_arc: Annotated[
        bool,
        Help("Reconstruct an arc under 180 degrees plus fan all the same; expect streaks and lost edges."),
    ] = False
    engine: Annotated[
        str,
        Choices(("auto", "numpy", "numba")),
        Help("Compute engine; auto takes numba where it is installed."),
    ] = "auto"


def reconstruct(
    sweep: Sweep, parameters: ReconstructionParameters | None = None, progress: Progress = silent
) -> Volume:
    """Reconstruct a sweep into a volume in Hounsfield units.

    Feldkamp, Davis and Kress (J. Opt. Soc. Am. A 1(6), 1984) with short-scan weights, by rectified
    back-projection (see `rectify`), after scatter is taken out of the frames (see `scatter`).

    Parameters
    ----------
    sweep : line integrals with a projection matrix a frame
    parameters : see `ReconstructionParameters`
    progress : called about ten times a second or more

    Returns
    -------
    Volume, float32 (K, J, I) in HU: -1000 is air, 0 is water; its notes say what was corrected.

    Raises
    ------
    FluoroPrintError
        The arc is too short, or a view cannot be used.
    Cancelled
        Raised by `progress`.
    """
    parameters = parameters or ReconstructionParameters()
    progress(0.0, "Planning the reconstruction")
    orbit = fit_orbit(sweep.geometry)
    engine = choose_engine(parameters.engine)
    sweep = levelled(sweep, orbit, engine)
    check_arc(sweep.geometry, orbit, parameters.allow_short_arc)
    size_ijk = planned_size_ijk(sweep.geometry, orbit, parameters)
    check_memory(size_ijk)
    sweep, note = _cleared(sweep, parameters, part_of(progress, 0.0, 0.1))
    ijk_to_ras = grid_centred_at(parameters.centre_mm, size_ijk, parameters.voxel_mm)
    field = field_of_view(sweep.geometry, ijk_to_ras, size_ijk) if parameters.mask_field else None
    groups = rectify(sweep.geometry, ijk_to_ras, size_ijk, FINEST_PITCH_VOXELS)
    filtering = _Filtering(sweep, orbit, parameters)
    volume_kji = _back_project_all(engine, filtering, groups, field, size_ijk, part_of(progress, 0.1, 0.95))
    if field is not None:
        field.fill_outside(volume_kji, AIR_HU)
    progress(1.0, "Reconstructed")
    return Volume(volume_kji, ijk_to_ras, (note,) if note else ())


def _cleared(sweep: Sweep, parameters: ReconstructionParameters, progress: Progress) -> tuple[Sweep, str]:
    """Return a sweep without scatter, and what to tell the user of it."""
    if parameters.scatter is not None:
        return without_scatter(sweep, parameters.scatter, progress=progress), ""
    coarse = replace(
        parameters,
        voxel_mm=COARSE_VOXEL_MM,
        size_mm=None,
        centre_mm=(0.0, 0.0, 0.0),
        mask_field=True,
        scatter=0.0,
    )
    found = find_scatter(sweep, lambda small: reconstruct(small, coarse), part_of(progress, 0.0, 0.6))
    return without_scatter(sweep, found.share, found.spread_mm, part_of(progress, 0.6, 1.0)), found.note


def planned_size_ijk(
    geometry: SweepGeometry, orbit: Orbit, parameters: ReconstructionParameters
) -> tuple[int, int, int]:
    """Return how many voxels along i, j, k a reconstruction of a sweep will have."""
    size_mm = parameters.size_mm or default_size_mm(geometry, orbit)
    i, j, k = (max(1, round(edge / parameters.voxel_mm)) for edge in size_mm)
    return i, j, k


def _back_project_all(
    engine: Engine,
    filtering: _Filtering,
    groups: tuple[Rectification, ...],
    field: Field | None,
    size_ijk: tuple[int, int, int],
    progress: Progress,
) -> Float32Array:
    """Return the volume (K, J, I) in HU; one copy of it is held, as planes of one axis after the other."""
    planes = np.full(
        (size_ijk[groups[-1].axis], size_ijk[1 - groups[-1].axis], size_ijk[2]), AIR_HU, np.float32
    )
    count = sum(len(group.views) for group in groups)
    done, axis = 0, groups[-1].axis
    for group in reversed(groups):
        if group.axis != axis:
            planes, axis = np.ascontiguousarray(planes.swapaxes(0, 1)), group.axis
        rows = None if field is None else field.rows(axis)
        for start in range(0, len(group.views), VIEWS_AT_ONCE):
            progress(done / count, f"Back-projecting view {done + 1} of {count}")
            part = group.chunk(start, start + VIEWS_AT_ONCE)
            _back_project(engine, filtering.filtered(part.views), part, planes, rows)
            done += len(part.views)
    progress(1.0, "Ordering the voxels")
    return _ordered(planes, axis)


def _back_project(
    engine: Engine, filtered: Float32Array, part: Rectification, planes: Float32Array, rows: IntArray | None
) -> None:
    virtual = engine.warp(filtered, part.virtual_to_pixel, part.shape)
    depths = _depths(part)
    virtual /= depths
    virtual /= depths
    coefficients = part.plane_to_virtual.copy()
    coefficients[..., 0] **= 2
    engine.resample_sum(virtual, coefficients, planes, rows)


def _depths(part: Rectification) -> Float32Array:
    """Return the depth in mm of each virtual pixel: (V, A, B)."""
    slope_a, slope_b, start = (part.virtual_to_pixel[:, 2, n, None, None] for n in range(3))
    along_a = (slope_a * np.arange(part.shape[0])[:, None] + start).astype(np.float32)
    along_b = (slope_b * np.arange(part.shape[1])).astype(np.float32)
    depths: Float32Array = along_a + along_b
    return depths


def _ordered(planes: Float32Array, axis: int) -> Float32Array:
    """Return planes along an axis as a volume (K, J, I)."""
    turned = planes.transpose(2, 1, 0) if axis == 0 else planes.transpose(2, 0, 1)
    volume = np.empty(turned.shape, np.float32)

    def copy(first: int) -> None:
        volume[first : first + SLICES_AT_ONCE] = turned[first : first + SLICES_AT_ONCE]

    with ThreadPoolExecutor(processors()) as pool:
        list(pool.map(copy, range(0, len(volume), SLICES_AT_ONCE)))
    return volume


class _Filtering:
    """Weights and filter of a sweep, worked out once, applied to some views at a time."""

    def __init__(self, sweep: Sweep, orbit: Orbit, parameters: ReconstructionParameters) -> None:
        self.sweep = sweep
        focal_px = focal_lengths(sweep.geometry)[0]
        self.continuation = plan_continuation(
            sweep.frames,
            orbit.radius_mm / float(np.median(focal_px)),
            parameters.water_per_mm,
            round(parameters.truncation_padding * sweep.geometry.columns),
        )
        self.padding = self.continuation.padding
        length = padded_length(sweep.geometry.columns + 2 * self.padding)
        self.response = ramp_response(length, parameters.window, parameters.cutoff)
        to_hu = 1000 / parameters.water_per_mm
        view_weights = to_hu * np.radians(orbit.steps_deg) * orbit.radius_mm * focal_px
        shares = short_scan_weights(sweep.geometry, orbit, self.padding)
        self.weights = (shares * view_weights[:, None]).astype(np.float32)

    def filtered(self, views: IntArray) -> Float32Array:
        """Return weighted and filtered frames (V, rows, columns) of some views."""
        frames = continued(self.sweep.frames, views, self.continuation)
        for frame, view in zip(frames, views, strict=True):
            frame *= cosine_weights(self.sweep.geometry, view, self.padding) * self.weights[view]
        columns = self.sweep.geometry.columns
        kept = filter_rows(frames, self.response)[:, :, self.padding : self.padding + columns]
        return np.ascontiguousarray(kept)
