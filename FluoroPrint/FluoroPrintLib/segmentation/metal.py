"""Metal in a volume: implants, screws and wires as segments of their own, their blooming estimated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy import ndimage

from ..arrays import AnyArray, BoolArray, Float32Array, Float64Array, UInt8Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..parameters import Bounds, Choices, Help, Parameters, Unit
from ..progress import Progress, silent
from .edge_spread import SHELL_MM, EdgeSpread, beyond_mm, bloom_mm, grown_to, measure_edge, radial_profile
from .segments import GENERAL_LIST, NO_REGION, Segment, Segmentation

METAL_TERMINOLOGY = f"{GENERAL_LIST}~SCT^260787004^Physical object~SCT^19227008^Foreign body~^^{NO_REGION}"
METAL_COLOURS = (
    (220 / 255, 245 / 255, 20 / 255),  # "foreign object" of Slicer's generic anatomy colours
    (20 / 255, 210 / 255, 245 / 255),
    (245 / 255, 120 / 255, 20 / 255),
    (190 / 255, 110 / 255, 245 / 255),
)
MOST_PIECES = 60
MARGIN_MM = SHELL_MM + 2.0
AIR_HU = -1000.0
DENSEST_BONE_HU = 2200.0
"""Cortex of long bones reaches 2000 HU, enamel a little more."""
LEAST_SUMMIT_HU = 3200.0
"""Metal is at least this bright somewhere, a thin titanium wire too."""
BINS = 64


@dataclass(frozen=True)
class MetalParameters(Parameters):
    """How metal is told from bone, and which border it gets."""

    lower_hu: Annotated[
        float | None,
        Bounds(0.0, 60000.0),
        Unit("HU"),
        Help("A piece of metal holds a voxel above this; found in the gap above dense bone if left out."),
    ] = None
    border: Annotated[
        str,
        Choices(("true", "bloomed")),
        Help("The border of the metal itself, or of all that its blooming brightens."),
    ] = "true"
    min_piece_mm3: Annotated[
        float, Bounds(0.0, 1e6), Unit("mm3"), Help("Separate pieces smaller than this are left out.")
    ] = 10.0


@dataclass(frozen=True)
class MetalPiece:
    """One connected piece of metal.

    Attributes
    ----------
    name : "Metal 1" for the largest
    volume_mm3 : within its true border
    edge : the values on both sides of its border, and the blur
    bloom_mm : how far it brightens its surroundings
    """

    name: str
    volume_mm3: float
    edge: EdgeSpread
    bloom_mm: float


@dataclass(frozen=True)
class FoundMetal:
    """Metal, and how it was told.

    Attributes
    ----------
    segmentation : a segment for each piece, the largest first
    lower_hu : each piece holds a voxel above this
    pieces : in the order of the segments
    """

    segmentation: Segmentation
    lower_hu: float
    pieces: tuple[MetalPiece, ...]

    @property
    def note(self) -> str:
        """What was found, as a sentence."""
        blooms = [piece.bloom_mm for piece in self.pieces]
        levels = [piece.edge.level for piece in self.pieces]
        words = "1 piece" if len(blooms) == 1 else f"{len(blooms)} pieces"
        return (
            f"{words} of metal with a part above {self.lower_hu:.0f} HU, true border at "
            f"{_span(levels, 0)} HU, blooming {_span(blooms, 1)} mm beyond it."
        )


def find_metal(
    volume: Volume, parameters: MetalParameters | None = None, progress: Progress = silent
) -> FoundMetal:
    """Segment metal piece by piece; the volume stays as it is.

    A piece holds a part above the gap between dense bone and metal. Its true border is where a blurred body
    of its shape has its own border: half way between metal and surroundings on a flat face, below that on a
    thin wire. Its bloomed border is where `edge_spread.BLOOM_SHARE` of that step is left.

    Parameters
    ----------
    volume : values in HU on any grid, oblique and anisotropic too; NaN counts as outside the field
    parameters : threshold, border, smallest piece
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        There is no metal, or no number, in the volume.
    """
    wanted = parameters or MetalParameters()
    progress(0.0, "looking for metal")
    values, measured = _numbers(volume)
    lower = metal_threshold_hu(values[measured]) if wanted.lower_hu is None else wanted.lower_hu
    if lower is None:
        raise _no_metal(values, "nothing stands out above dense bone")
    label_map = np.zeros(values.shape, np.uint8)
    pieces = _written(label_map, values, measured, lower, volume, wanted, progress)
    if not pieces:
        raise _no_metal(values, f"no piece above {lower:.0f} HU reaches {wanted.min_piece_mm3:g} mm3")
    progress(1.0, "metal segmented")
    segments = tuple(_segment(index, piece) for index, piece in enumerate(pieces))
    return FoundMetal(Segmentation(volume.with_array(label_map), segments), lower, tuple(pieces))


def metal_mask(volume: Volume, progress: Progress = silent) -> BoolArray:
    """Return what metal brightens, for leaving it out of statistics of bone; empty where there is no metal.

    Parameters
    ----------
    volume : values in HU
    progress : told how far the work is; may cancel
    """
    values, measured = _numbers(volume)
    if metal_threshold_hu(values[measured]) is None:
        return np.zeros(values.shape, bool)
    try:
        found = find_metal(volume, MetalParameters(border="bloomed"), progress)
    except FluoroPrintError:  # bright specks, none of them large enough
        return np.zeros(values.shape, bool)
    mask: BoolArray = found.segmentation.labelmap.array_kji > 0
    return mask


def metal_threshold_hu(values_hu: AnyArray) -> float | None:
    """Return the level in the gap between dense bone and metal; None where nothing is as bright as metal.

    The histogram above dense bone is taken over the logarithm of the values and weighted by them: there a
    blurred wire is a plateau that ends in a peak, while bone dies away; the gap is the least filled level
    below the peak.

    Parameters
    ----------
    values_hu : (N,) values of measured voxels
    """
    above = values_hu[values_hu > DENSEST_BONE_HU].astype(np.float64)
    if above.size == 0 or above.max() < LEAST_SUMMIT_HU:
        return None
    ends = np.log([DENSEST_BONE_HU, above.max()])
    mass, edges = np.histogram(np.log(above), BINS, (ends[0], ends[1]), weights=above)
    smooth = ndimage.gaussian_filter1d(mass, 2.0, mode="nearest")
    middles = np.exp((edges[1:] + edges[:-1]) / 2)
    metal = middles > LEAST_SUMMIT_HU
    summit = int(np.flatnonzero(metal)[smooth[metal].argmax()])
    return float(middles[smooth[: summit + 1].argmin()])


def _written(
    label_map: UInt8Array,
    values: Float32Array,
    measured: BoolArray,
    lower: float,
    volume: Volume,
    wanted: MetalParameters,
    progress: Progress,
) -> list[MetalPiece]:
    """Write the pieces into a labelmap, the largest first; return them in that order."""
    seeds, _ = ndimage.label(values > min(lower, DENSEST_BONE_HU), ndimage.generate_binary_structure(3, 3))
    boxes = ndimage.find_objects(seeds)
    sizes = np.bincount(seeds.ravel())[1:]
    sizes[np.setdiff1d(np.arange(len(sizes)), np.unique(seeds[values > lower]) - 1)] = 0
    order = [index for index in np.argsort(-sizes, kind="stable")[:MOST_PIECES] if sizes[index]]
    spacing_kji = volume.spacing_mm[::-1]
    pieces: list[MetalPiece] = []
    for done, index in enumerate(order):
        progress(0.1 + 0.85 * done / len(order), f"measuring piece {done + 1} of {len(order)}")
        box = _widened(boxes[index], spacing_kji, values.shape)
        seed = seeds[box] == index + 1
        others = (seeds[box] > 0) & ~seed
        if (label_map[box][seed] == 0).all():
            _add_piece(
                label_map[box], pieces, values[box], seed, measured[box] & ~others, spacing_kji, wanted
            )
    return pieces


def _add_piece(
    label_map: UInt8Array,
    pieces: list[MetalPiece],
    values: Float32Array,
    seed: BoolArray,
    allowed: BoolArray,
    spacing_kji: Float64Array,
    wanted: MetalParameters,
) -> None:
    edge = measure_edge(values, seed, allowed, spacing_kji)
    body = grown_to(values > edge.level, seed)
    body = body if body.any() else seed
    volume_mm3 = float(body.sum() * np.prod(spacing_kji))
    if volume_mm3 < wanted.min_piece_mm3:
        return
    blooms = bloom_mm(*radial_profile(values, body, allowed, spacing_kji), edge)
    pieces.append(MetalPiece(f"Metal {len(pieces) + 1}", volume_mm3, edge, blooms))
    region = body if wanted.border == "true" else beyond_mm(body, spacing_kji) <= blooms
    label_map[region & (label_map == 0)] = len(pieces)


def _widened(box: tuple[slice, ...], spacing_kji: Float64Array, shape: tuple[int, ...]) -> tuple[slice, ...]:
    margin = np.ceil(MARGIN_MM / spacing_kji).astype(int)
    return tuple(
        slice(max(0, side.start - wide), min(length, side.stop + wide))
        for side, wide, length in zip(box, margin, shape, strict=True)
    )


def _span(numbers: list[float], digits: int) -> str:
    low, high = (f"{number:.{digits}f}" for number in (min(numbers), max(numbers)))
    return low if low == high else f"{low} to {high}"


def _segment(index: int, piece: MetalPiece) -> Segment:
    return Segment(piece.name, index + 1, METAL_COLOURS[index % len(METAL_COLOURS)], METAL_TERMINOLOGY)


def _numbers(volume: Volume) -> tuple[Float32Array, BoolArray]:
    """Return the values without NaN, and which voxels were measured."""
    values = np.asarray(volume.array_kji, np.float32)
    if values.ndim != 3 or values.size == 0:
        raise FluoroPrintError("The volume has no voxels: give a reconstructed volume.")
    measured = np.isfinite(values)
    if not measured.any():
        raise FluoroPrintError("The volume holds no numbers, only NaN or infinity: reconstruct it again.")
    measured &= values != AIR_HU
    return np.nan_to_num(values, nan=AIR_HU, posinf=AIR_HU, neginf=AIR_HU), measured


def _no_metal(values_hu: Float32Array, why: str) -> FluoroPrintError:
    return FluoroPrintError(
        f"No metal was found: {why} (the highest value is {values_hu.max():.0f} HU); "
        "if there is some, give lower_hu."
    )
