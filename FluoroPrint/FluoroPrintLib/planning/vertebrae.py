"""Vertebrae made solid: marrow behind thin or broken cortex is bone, canal and foramina are not."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..arrays import BoolArray, Float32Array, Float64Array
from ..geometry.volume import Volume
from ..segmentation.filling import enclosed_cavities
from .canal import Canal
from .marrow import likeness, reached
from .rays import hits

BODY_REACH_MM = 40.0
BODY_MM, ASIDE_MM = 60.0, 45.0
"""How far vertebral bodies reach to the front of the canal, and to the sides."""
BODY_HITS = 22.0
"""Of 26 directions, so many meet bone from within a body, though its cortex has gaps."""


RING_HITS = 4.5
"""Of the 8 directions within a slice."""
BEHIND_MM = 25.0
LEAST_PIECE_MM3 = 500.0
ROOM_MM = 8.0
MARROW = 0.75
"""Likeness in grey from which a voxel is marrow: muscle, brighter than fat and cord, lies below it."""


def solid(
    bone: Volume,
    canal: Canal,
    pedicle_mm: float,
    pedicle_hits: float,
    greys_kji: Float32Array | None = None,
    wide: bool = False,
) -> Volume:
    """Return the bone with the marrow of the vertebrae.

    In front of the canal a voxel is marrow if nearly all directions meet bone within the size of a body,
    beside it if they do so within that of a pedicle; a foramen is open to two sides, a disc to most. With
    the greys of the volume all is bone that is nearer in grey to that marrow than to what fills the canal,
    and what is nearer to the latter is none where it is open to the outside: the ends of foramina.

    Parameters
    ----------
    bone : mask on an upright grid, as the canal was found on
    canal : keeps the two apart
    pedicle_mm : how far from its walls the marrow of a pedicle may lie
    pedicle_hits : in how many of 26 directions bone must lie about it, a mean over its neighbours
    greys_kji : the volume on the grid of `bone`
    wide : whether bone beyond the vertebrae, the iliac one, is looked for by its greys too
    """
    step = float(bone.spacing_mm[0])
    before, beside, about = _compartments(bone, canal)
    mask = bone.array_kji > 0
    marrow = before & _enclosed(mask, BODY_REACH_MM / step, BODY_HITS)
    like = likeness(greys_kji, bone, marrow, canal) if greys_kji is not None else None
    marrow |= beside & _enclosed(mask, pedicle_mm / step, pedicle_hits)
    if like is not None:
        part = _about(marrow, step)
        marrow[part] &= ~reached(like.soft()[part], ~(mask | marrow)[part], step)
        by_grey = (about | wide) & (like.smooth() > MARROW) & (_ringed(mask, step) | ~before)
        marrow = _large(mask | marrow | by_grey, step)
    filled = mask | ndimage.binary_closing(np.pad(mask | marrow, 2))[2:-2, 2:-2, 2:-2]
    filled |= enclosed_cavities(filled)
    return bone.with_array(filled)


def _about(mask: BoolArray, step: float) -> tuple[slice, ...]:
    """Return the part of a grid in which a mask lies, with `ROOM_MM` about it: all of it for an empty one."""
    found = ndimage.find_objects(mask.astype(np.uint8))
    room = int(np.ceil(ROOM_MM / step))
    return tuple(slice(max(side.start - room, 0), side.stop + room) for side in (found or [()])[0])


def _enclosed(mask: BoolArray, reach_voxels: float, needed: float) -> BoolArray:
    mean: Float64Array = ndimage.uniform_filter(hits(mask, reach_voxels).astype(np.float32), 3)
    return mean >= needed


def _ringed(mask: BoolArray, step: float) -> BoolArray:
    """Return the voxels about which bone lies within their slice: bodies have a wall there, discs none."""
    met = hits(mask, BODY_REACH_MM / step, in_slice=True).astype(np.float32)
    ringed: BoolArray = ndimage.uniform_filter(met, 3) >= RING_HITS
    return ringed


def _large(mask: BoolArray, step: float) -> BoolArray:
    """Return a mask without specks: noise of soft tissue, calcified vessels."""
    labels, _ = ndimage.label(mask)
    kept = np.bincount(labels.ravel()) * step**3 >= LEAST_PIECE_MM3
    kept[0] = False
    large: BoolArray = kept[labels]
    return large


def _compartments(bone: Volume, canal: Canal) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Return the voxels in front of the canal, those beside it, and all level with it."""
    step, origin = float(bone.spacing_mm[0]), bone.ijk_to_ras[:3, 3]
    slices, rows, columns = bone.array_kji.shape
    level = np.stack(np.meshgrid(np.arange(rows), np.arange(slices)), axis=-1) * step + origin[1:]
    nearest, forward, off = _nearest(level.reshape(-1, 2), canal)
    nearest, forward = nearest.reshape(slices, rows, 1), forward.reshape(slices, rows, 1)
    known = (off < 1.5 * step).reshape(slices, rows, 1)
    aside = np.abs(np.arange(columns) * step + origin[0] - canal.places_ras[nearest, 0])
    front = canal.front_mm[nearest]
    before = known & (forward > front + 1) & (aside < ASIDE_MM)
    beside = known & (forward > 0) & (forward <= front + 1) & (aside > canal.half_mm[nearest])
    about = known & (aside < ASIDE_MM) & (forward > -BEHIND_MM)
    return before, beside & (aside < ASIDE_MM), about


def _nearest(level: Float64Array, canal: Canal) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Return for places (M, 2), A and S, which place of the canal is level, how far in front, how far off."""
    middle, up, front = canal.places_ras[:, 1:], canal.up[:, 1:], canal.anterior[:, 1:]
    off = np.abs(level @ up.T - (middle * up).sum(axis=1))
    forward = level @ front.T - (middle * front).sum(axis=1)
    off[np.abs(forward) > BODY_MM] = np.inf
    nearest = off.argmin(axis=1)
    each = np.arange(len(level))
    return nearest, forward[each, nearest], off[each, nearest]
