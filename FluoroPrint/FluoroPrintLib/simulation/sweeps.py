"""A C-arm sweep from a CT: for sample data, tests and teaching.

One energy, no beam hardening, no detector lag: noise, scatter and flex of the arm are what it knows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ..arrays import Float32Array, Float64Array
from ..errors import FluoroPrintError
from ..geometry.poses import c_arm_axes_ras, geometry_from_angles, matrices_from_poses
from ..geometry.sweep import Sweep, SweepGeometry
from ..geometry.volume import Volume
from ..memory import require_memory
from ..parameters import Bounds, Choices, Help, Parameters, Unit
from ..progress import Progress, part_of, silent
from ..reconstruction.projector import project

AIR_SHARE = 0.9
BYTES_A_PIXEL = 6.0  # line integrals in float32 and counts in uint16


@dataclass(frozen=True)
class SimulationParameters(Parameters):
    """The C-arm and its faults."""

    frames: Annotated[int, Bounds(2, 2000), Help("Number of frames.")] = 200
    arc_deg: Annotated[
        float, Bounds(1.0, 360.0), Unit("°"), Help("Angle from the first to the last frame.")
    ] = 200.0
    start_deg: Annotated[
        float | None,
        Bounds(-180.0, 180.0),
        Unit("°"),
        Help("Primary angle of the first frame; half the arc before 0 if left out."),
    ] = None
    secondary_deg: Annotated[
        float, Bounds(-60.0, 60.0), Unit("°"), Help("Secondary angle, cranial positive.")
    ] = 0.0
    sid_mm: Annotated[float, Bounds(200.0, 3000.0), Unit("mm"), Help("Distance from source to detector.")] = (
        1180.0
    )
    sod_mm: Annotated[
        float, Bounds(100.0, 2500.0), Unit("mm"), Help("Distance from source to isocentre.")
    ] = 785.0
    panel_mm: Annotated[
        tuple[float, float], Bounds(10.0, 1000.0), Unit("mm"), Help("Height and width of the panel.")
    ] = (300.0, 400.0)
    pixel_mm: Annotated[
        float, Bounds(0.05, 10.0), Unit("mm"), Help("Edge length of a pixel at the panel.")
    ] = 1.0
    photons: Annotated[
        float, Bounds(0.0, 1e9), Help("Photons a pixel and frame without a patient; 0 leaves out the noise.")
    ] = 200000.0
    scatter: Annotated[
        float, Bounds(0.0, 5.0), Help("Scatter behind the patient as a share of the primary beam's mean.")
    ] = 0.0
    scatter_spread_mm: Annotated[
        float, Bounds(1.0, 1000.0), Unit("mm"), Help("Width of scatter at the panel: standard deviation.")
    ] = 60.0
    wobble_mm: Annotated[
        float,
        Bounds(0.0, 20.0),
        Unit("mm"),
        Help("Largest wander of source and panel; the header does not tell it."),
    ] = 0.0
    centre_mm: Annotated[
        tuple[float, float, float] | None,
        Bounds(-3000.0, 3000.0),
        Unit("mm"),
        Help("RAS point of the CT that is brought to the isocentre; the middle of the CT if left out."),
    ] = None
    water_per_mm: Annotated[float, Bounds(0.001, 0.1), Unit("1/mm"), Help("Attenuation of water.")] = 0.02
    bits: Annotated[int, Bounds(8, 16), Help("Bits a pixel.")] = 14
    relation: Annotated[
        str, Choices(("LIN", "LOG")), Help("Pixel values: linear in the intensity, or its logarithm.")
    ] = "LIN"
    seed: Annotated[
        int, Bounds(0, 2**31 - 1), Help("Seed of noise and wobble: the same seed, the same sweep.")
    ] = 0


@dataclass(frozen=True)
class SimulatedSweep:
    """What a C-arm would have sent, and the truth.

    Attributes
    ----------
    counts : (N, rows, columns) uint16 pixel values
    air : pixel value of air
    primary_deg, secondary_deg : (N,) positioner angles that the header tells
    nominal : the geometry of these angles, ideal
    true : the geometry that the frames were made with, wobble included
    """

    counts: npt.NDArray[np.uint16]
    air: float
    primary_deg: Float64Array
    secondary_deg: Float64Array
    nominal: SweepGeometry
    true: SweepGeometry


def simulate_sweep(
    ct: Volume, parameters: SimulationParameters | None = None, progress: Progress = silent
) -> SimulatedSweep:
    """Simulate a rotational run about a CT.

    Parameters
    ----------
    ct : values in HU; air is assumed around it
    parameters : see `SimulationParameters`

    Raises
    ------
    FluoroPrintError
        The CT holds no finite value, or the isocentre is not between source and panel.
    """
    parameters = parameters or SimulationParameters()
    rng = np.random.default_rng(parameters.seed)
    primary, secondary = _angles(parameters)
    nominal = _nominal_geometry(parameters, primary, secondary)
    require_memory(
        BYTES_A_PIXEL * nominal.count * nominal.rows * nominal.columns,
        f"A run of {nominal.count} frames of {nominal.columns} x {nominal.rows} pixels",
        "choose fewer frames, larger pixels or a smaller panel",
    )
    true = replace(nominal, ras_to_pixel=_wobbled(nominal, primary, secondary, parameters, rng))
    integrals = project(_attenuation_at_isocentre(ct, parameters), true, progress=part_of(progress, 0.0, 0.8))
    progress(0.8, "Adding noise")
    air = round(AIR_SHARE * (2**parameters.bits - 1))
    counts = np.empty(integrals.shape, np.uint16)
    for frame, seen in enumerate(integrals):
        counts[frame] = _pixel_values(_intensity(seen, parameters, rng), air, parameters)
    progress(1.0, "Simulated")
    return SimulatedSweep(counts, float(air), primary, secondary, nominal, true)


def _angles(parameters: SimulationParameters) -> tuple[Float64Array, Float64Array]:
    start = -parameters.arc_deg / 2 if parameters.start_deg is None else parameters.start_deg
    primary = start + np.linspace(0, parameters.arc_deg, parameters.frames)
    return primary, np.full_like(primary, parameters.secondary_deg)


def _nominal_geometry(
    parameters: SimulationParameters, primary: Float64Array, secondary: Float64Array
) -> SweepGeometry:
    if parameters.sod_mm >= parameters.sid_mm:
        raise FluoroPrintError(
            f"sod_mm is {parameters.sod_mm:g} and sid_mm is {parameters.sid_mm:g}: the isocentre lies "
            "between source and panel, so sod_mm must be the smaller one."
        )
    rows, columns = (max(2, round(edge / parameters.pixel_mm)) for edge in parameters.panel_mm)
    return geometry_from_angles(
        primary,
        secondary,
        sid_mm=parameters.sid_mm,
        sod_mm=parameters.sod_mm,
        pixel_mm=(parameters.pixel_mm, parameters.pixel_mm),
        rows=rows,
        columns=columns,
    )


def _wobbled(
    nominal: SweepGeometry,
    primary: Float64Array,
    secondary: Float64Array,
    parameters: SimulationParameters,
    rng: np.random.Generator,
) -> Float64Array:
    """Return the matrices of an arm whose source and panel wander, at most `wobble_mm` along an axis."""
    if parameters.wobble_mm == 0:
        return nominal.ras_to_pixel
    axes = c_arm_axes_ras(primary, secondary)
    source, panel = (_wander(primary, parameters.wobble_mm, rng) for _ in range(2))
    steps = axes[:, :2] * parameters.pixel_mm
    middle = (parameters.sid_mm - parameters.sod_mm) * axes[:, 2] + panel
    corner = middle - (nominal.columns - 1) / 2 * steps[:, 0] - (nominal.rows - 1) / 2 * steps[:, 1]
    return matrices_from_poses(-parameters.sod_mm * axes[:, 2] + source, corner, steps[:, 0], steps[:, 1])


def _wander(angles_deg: Float64Array, largest_mm: float, rng: np.random.Generator) -> Float64Array:
    """Return (N, 3) offsets: two harmonics of the angle with random phases, as gravity bends an arm."""
    turned = np.radians(angles_deg)[:, None]
    phases = rng.uniform(0, 2 * np.pi, (2, 3))
    path = np.sin(turned + phases[0]) + 0.3 * np.sin(2 * turned + phases[1])
    offsets: Float64Array = path / np.abs(path).max(0) * largest_mm
    return offsets


def _attenuation_at_isocentre(ct: Volume, parameters: SimulationParameters) -> Volume:
    values = np.nan_to_num(ct.array_kji.astype(np.float32), nan=-1000.0)
    if not (values > -1000).any():
        raise FluoroPrintError("The CT holds nothing but air: choose a CT in Hounsfield units.")
    shifted = ct.ijk_to_ras.copy()
    shifted[:3, 3] -= ct.centre_ras if parameters.centre_mm is None else parameters.centre_mm
    attenuation = np.clip(values / 1000 + 1, 0, None) * np.float32(parameters.water_per_mm)
    return Volume(attenuation, shifted)


def _intensity(
    integrals: Float32Array, parameters: SimulationParameters, rng: np.random.Generator
) -> Float64Array:
    """Return what the panel measures as a share of air, with scatter and quantum noise: (rows, columns)."""
    primary = np.exp(-integrals.astype(np.float64))
    if parameters.scatter:
        primary += parameters.scatter * _scatter(
            primary, integrals, parameters.scatter_spread_mm / parameters.pixel_mm
        )
    if parameters.photons:
        primary = rng.poisson(primary * parameters.photons) / parameters.photons
    return primary


def _scatter(primary: Float64Array, integrals: Float32Array, spread_px: float) -> Float64Array:
    """Return the shape of scatter, its mean behind the patient that of the primary there.

    What is taken from the beam, primary times line integral, spread by a wide Gaussian (the convolution
    model of Swindell and Evans, Med. Phys. 23(1), 1996, with one kernel).
    """
    spread = ndimage.gaussian_filter(primary * integrals, spread_px, mode="constant")
    behind = integrals > 0.5
    if not behind.any() or spread[behind].mean() == 0:
        return np.zeros_like(primary)
    scaled: Float64Array = spread * (primary[behind].mean() / spread[behind].mean())
    return scaled


def _pixel_values(
    intensity: Float64Array, air: int, parameters: SimulationParameters
) -> npt.NDArray[np.uint16]:
    """Return grey values; LOG spans from one count in a full scale (black) to air (bright)."""
    full = 2**parameters.bits - 1
    if parameters.relation == "LOG":
        darkest = np.log(parameters.photons or 1e6)
        intensity = np.maximum(1 + np.log(np.maximum(intensity, np.exp(-darkest))) / darkest, 0)
    return np.clip(np.rint(intensity * air), 0, full).astype(np.uint16)


def sweep_of_simulated(simulated: SimulatedSweep) -> Sweep:
    """Return what a reader makes of a simulated run: line integrals with the geometry that the header tells.

    The grey values must be linear in the intensity (`relation` "LIN").
    """
    shares = np.maximum(simulated.counts.astype(np.float32), 0.5) / np.float32(simulated.air)
    integrals = np.maximum(-np.log(shares), 0)
    return Sweep(integrals, simulated.air, simulated.nominal, {"source": "simulated", "reader": "simulation"})
