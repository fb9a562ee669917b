"""Edges of a mesh collapsed within a distance that holds for every point of it, on all processors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..arrays import Float64Array, IntArray
from ..progress import Progress, part_of, silent
from ..threads import in_threads, processors

if TYPE_CHECKING:
    from .collapse_numba import Collapsing
    from .settling_numba import Settled

COSTS = tuple(4.0**power for power in range(-5, 1))  # of the passes: mean area of a point by bound squared
CAREFUL = 0.2  # from this cost on, faces are held near the input too; cheaper ones hardly leave it
ONE_PIECE = 20_000  # faces; fewer are not worth a thread each
FROM_BOUND = 0.9  # the rest is left to places between points, which are measured in the end
SPACING = 2.0  # of samples on the new faces, in mean edges of the surface that it was


def collapsed(
    points: Float64Array, triangles: IntArray, limits_mm: Float64Array, progress: Progress = silent
) -> Settled:
    """Return a mesh of fewer triangles that stays within a limit of every point. Needs numba.

    Slabs of the mesh go to one processor each; points at their borders stay, until other slabs are laid.

    Parameters
    ----------
    points : (P, 3) float32 values in mm
    triangles : (F, 3)
    limits_mm : (P,) how far from the new faces each point may lie; the greatest holds for the new faces
    progress : told how far the work is; may cancel
    """
    from .collapse_numba import NONE, collapsing

    mesh = collapsing(points, triangles, FROM_BOUND * limits_mm)
    pieces = max(1, min(processors(), len(triangles) // ONE_PIECE))
    shifts = (0.0,) if pieces == 1 else (0.0, 0.5)
    for number, shift in enumerate(shifts):
        _lay_slabs(mesh, pieces, shift)
        part = part_of(progress, 0.8 * number / len(shifts), 0.8 * (number + 1) / len(shifts))
        _run_passes(mesh, pieces + 1, float(limits_mm.max()), number * len(COSTS), part)
    left = mesh.faces[mesh.faces[:, 0] != NONE].astype(np.int64)
    used, numbers = np.unique(left, return_inverse=True)
    return _measured(mesh, mesh.points[used], numbers.reshape(-1, 3), float(limits_mm.max()))


def _lay_slabs(mesh: Collapsing, pieces: int, shift: float) -> None:
    """Give the points to slabs along the longest side; shifted slabs lie over the others' borders.

    The points of faces that lie in two slabs have no owner.
    """
    along = mesh.inputs[:, int(np.ptp(mesh.inputs, axis=0).argmax())]
    shares = (np.arange(pieces + 1) + shift) / pieces
    cuts = np.quantile(along[:: max(1, len(along) // 10_000)], shares[(shares > 0) & (shares < 1)])
    mesh.owner[:] = np.searchsorted(cuts, along)
    faces = mesh.faces[mesh.faces[:, 0] >= 0]
    owners = mesh.owner[faces]
    between = (owners[:, 0] != owners[:, 1]) | (owners[:, 1] != owners[:, 2])
    mesh.owner[faces[between]] = -1
    mesh.owner[mesh.fixed] = -1


def _run_passes(mesh: Collapsing, pieces: int, bound_mm: float, before: int, progress: Progress) -> None:
    from .collapse_numba import collapse_pass

    unit = float(mesh.weights.mean()) * bound_mm**2
    for number, cost in enumerate(COSTS):
        progress(number / len(COSTS), "taking out triangles")
        alive = np.flatnonzero(mesh.faces[:, 0] >= 0)
        owner = mesh.owner[mesh.faces[alive]].max(1)
        near_mm = FROM_BOUND * bound_mm if cost > CAREFUL else 0.0
        start = (before + number + 1) << 32

        def one(chosen: IntArray, cost: float = cost, near_mm: float = near_mm, start: int = start) -> int:
            piece = int(mesh.owner[mesh.faces[chosen]].max())
            return int(collapse_pass(mesh, chosen, piece, cost * unit, near_mm, start))

        chosen = (alive[owner == piece] for piece in range(pieces))
        list(in_threads(one, [faces for faces in chosen if len(faces)]))


def _measured(mesh: Collapsing, points: Float64Array, triangles: IntArray, bound_mm: float) -> Settled:
    from .closest_numba import BoxedFaces
    from .collapse_numba import furthest_input
    from .settling_numba import Fine, settled

    spacing = SPACING * float(np.linalg.norm(mesh.sides[:, 1:], axis=2).mean())
    faces = BoxedFaces(mesh.sides, mesh.number, mesh.low, mesh.high)
    made = settled(points, triangles, Fine(mesh.inputs, faces, bound_mm, spacing))
    return replace(made, max_mm=max(float(np.sqrt(furthest_input(mesh))), made.max_mm))
