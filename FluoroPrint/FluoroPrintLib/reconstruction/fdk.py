"""Feldkamp reconstruction (FDK) for any C-arm geometry given by projection matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ..arrays import Float32Array, Float64Array
from ..geometry.orbit import Orbit, fit_orbit
from ..geometry.sweep import Sweep, SweepGeometry
from ..geometry.volume import Volume, grid_centred_at
from ..parameters import Bounds, Choices, Help, Parameters, Unit
from ..progress import Progress, silent
from .checks import check_arc
from .engines import Engine, choose_engine
from .field import default_size_mm, outside_field
from .ramp import WINDOWS, filter_rows, padded_length, ramp_response
from .rectify import Rectification, rectify
from .truncation import continued, plan_continuation
from .weights import cosine_weights, focal_lengths, short_scan_weights

VIEWS_AT_ONCE = 16
FINEST_PITCH_VOXELS = 0.8
AIR_HU = -1000.0


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
    back-projection (see `rectify`).

    Parameters
    ----------
    sweep : line integrals with a projection matrix a frame
    parameters : see `ReconstructionParameters`
    progress : called about ten times a second or more

    Returns
    -------
    Volume, float32 (K, J, I) in HU: -1000 is air, 0 is water.

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
    check_arc(sweep.geometry, orbit, parameters.allow_short_arc)
    size_ijk, ijk_to_ras = _grid(sweep.geometry, orbit, parameters)
    attenuation_kji = _back_project_all(sweep, orbit, parameters, size_ijk, ijk_to_ras, progress)
    progress(0.98, "Scaling to Hounsfield units")
    _to_hounsfield(attenuation_kji, parameters.water_per_mm)
    if parameters.mask_field:
        attenuation_kji[outside_field(sweep.geometry, ijk_to_ras, size_ijk)] = AIR_HU
    progress(1.0, "Reconstructed")
    return Volume(attenuation_kji, ijk_to_ras)


def _grid(
    geometry: SweepGeometry, orbit: Orbit, parameters: ReconstructionParameters
) -> tuple[tuple[int, int, int], Float64Array]:
    size_mm = parameters.size_mm or default_size_mm(geometry, orbit)
    i, j, k = (max(1, round(edge / parameters.voxel_mm)) for edge in size_mm)
    return (i, j, k), grid_centred_at(parameters.centre_mm, (i, j, k), parameters.voxel_mm)


def _to_hounsfield(attenuation: Float32Array, water_per_mm: float) -> None:
    attenuation *= np.float32(1000 / water_per_mm)
    attenuation -= np.float32(1000)


def _back_project_all(
    sweep: Sweep,
    orbit: Orbit,
    parameters: ReconstructionParameters,
    size_ijk: tuple[int, int, int],
    ijk_to_ras: Float64Array,
    progress: Progress,
) -> Float32Array:
    """Return attenuation (K, J, I) per mm."""
    engine = choose_engine(parameters.engine)
    filtering = _Filtering(sweep, orbit, parameters)
    volume = np.zeros((size_ijk[1], size_ijk[0], size_ijk[2]), np.float32)
    axis_of_planes, done = 1, 0
    for group in reversed(rectify(sweep.geometry, ijk_to_ras, size_ijk, FINEST_PITCH_VOXELS)):
        if group.axis != axis_of_planes:
            volume, axis_of_planes = np.ascontiguousarray(volume.swapaxes(0, 1)), group.axis
        for start in range(0, len(group.views), VIEWS_AT_ONCE):
            progress(
                0.97 * done / sweep.geometry.count,
                f"Back-projecting view {done + 1} of {sweep.geometry.count}",
            )
            part = group.chunk(start, start + VIEWS_AT_ONCE)
            _back_project(engine, filtering.filtered(part), part, volume)
            done += len(part.views)
    return np.ascontiguousarray(
        volume.transpose(2, 1, 0) if axis_of_planes == 0 else volume.transpose(2, 0, 1)
    )


def _back_project(engine: Engine, filtered: Float32Array, part: Rectification, planes: Float32Array) -> None:
    virtual = engine.warp(filtered, part.virtual_to_pixel, part.shape)
    virtual *= _inverse_square_depths(part)
    coefficients = part.plane_to_virtual.copy()
    coefficients[..., 0] **= 2
    engine.resample_sum(virtual, coefficients, planes)


def _inverse_square_depths(part: Rectification) -> Float32Array:
    """Return 1 / depth^2 of each virtual pixel: (V, A, B)."""
    a, b = np.arange(part.shape[0])[:, None], np.arange(part.shape[1])
    slope_a, slope_b, start = (part.virtual_to_pixel[:, 2, n, None, None] for n in range(3))
    return ((slope_a * a + slope_b * b + start) ** -2.0).astype(np.float32)


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
        view_weights = np.radians(orbit.steps_deg) * orbit.radius_mm * focal_px
        shares = short_scan_weights(sweep.geometry, orbit, self.padding)
        self.weights = (shares * view_weights[:, None]).astype(np.float32)

    def filtered(self, part: Rectification) -> Float32Array:
        """Return weighted and filtered frames (V, rows, columns) of the views of `part`."""
        frames = continued(self.sweep.frames, part.views, self.continuation)
        for frame, view in zip(frames, part.views, strict=True):
            frame *= cosine_weights(self.sweep.geometry, view, self.padding)
            frame *= self.weights[view]
        columns = self.sweep.geometry.columns
        kept = filter_rows(frames, self.response)[:, :, self.padding : self.padding + columns]
        return np.ascontiguousarray(kept)
