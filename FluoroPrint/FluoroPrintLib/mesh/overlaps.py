"""Faces that cut each other resolved: solids united with their cavities, crossings cut out and closed."""

from __future__ import annotations

import numpy as np

from ..arrays import BoolArray, Float64Array, IntArray
from ..progress import Progress, silent
from .check import has_repeated_point, is_flat
from .distance import distances_mm
from .holes import closed_holes
from .intersections import intersecting_pairs
from .polydata import polydata_from, signed_volume_mm3, welded
from .smoothing import faces_near
from .topology import edges_of, non_manifold_points, shell_boxes, shell_volumes_mm3, shells_of

ROUNDS = 5  # of cutting out crossings, each a ring of faces wider
MOST_MOVED_MM = 0.1
SPIKE = 0.7  # of the mean way to its neighbours: how far from their middle a spike lies at least
MOST_VOLUME_CHANGE = 0.001  # by cutting out: a crossing is small, or it is not ours to judge


def crossing_solids(
    points: Float64Array, triangles: IntArray, shell: IntArray, chosen: BoolArray
) -> BoolArray:
    """Tell which of the chosen shells face outward and cross another: overlapping solids, no cavities.

    Parameters
    ----------
    points, triangles : (P, 3) in mm and (F, 3), closed
    shell : (F,) the shell of each face
    chosen : (shells,)
    """
    crossing = np.zeros(len(chosen), bool)
    solid = chosen & (shell_volumes_mm3(points, triangles, len(chosen), shell) > 0)
    if not solid.any():
        return crossing
    near = faces_near(points, triangles, solid[shell])
    pairs = shell[near[intersecting_pairs(points, triangles[near])]]
    crossing[pairs[pairs[:, 0] != pairs[:, 1]]] = True
    return crossing & solid


def united(points: Float64Array, triangles: IntArray) -> tuple[Float64Array, IntArray] | None:
    """Return the union of the solids by manifold3d (Apache-2.0), or None if there is nothing to unite.

    A solid is a shell that faces outward with the cavities in it, so that no cavity is filled unless another
    solid lies in it. Crossings within one shell stay.
    """
    try:
        import manifold3d
    except ImportError:
        return None
    groups = _solids(points, triangles)
    if len(groups) < 2:
        return None
    solids = [manifold3d.Manifold(manifold3d.Mesh(*_single(points, triangles[faces]))) for faces in groups]
    if any(solid.status() != manifold3d.Error.NoError for solid in solids):
        return None
    whole = manifold3d.Manifold.batch_boolean(solids, manifold3d.OpType.Add).to_mesh()
    return whole.vert_properties[:, :3].astype(np.float64), whole.tri_verts.astype(np.int64)


def _single(points: Float64Array, triangles: IntArray) -> tuple[Float64Array, IntArray]:
    used, numbers = welded(points, triangles)
    return used.astype(np.float32), numbers.astype(np.uint32)


def _solids(points: Float64Array, triangles: IntArray) -> list[IntArray]:
    """Return the faces of each solid: of a shell of positive volume and the cavities in it."""
    count, shell = shells_of(triangles, edges_of(triangles))
    volumes = shell_volumes_mm3(points, triangles, count, shell)
    low, high = shell_boxes(points, triangles, count, shell)
    solid = np.arange(count)
    outward = np.flatnonzero(volumes > 0)
    for cavity in np.flatnonzero(volumes <= 0):
        around = outward[((low[outward] <= low[cavity]) & (high[outward] >= high[cavity])).all(1)]
        if len(around) == 0:
            return []
        solid[cavity] = around[volumes[around].argmin()]
    return [np.flatnonzero(solid[shell] == one) for one in outward]


def without_crossings(
    points: Float64Array, triangles: IntArray, progress: Progress = silent
) -> tuple[Float64Array, IntArray] | None:
    """Return the mesh with the faces that cut each other taken out and the holes closed; None if that fails.

    As by Attene (The Visual Computer 26, 2010): a wider ring of faces is taken out with each round. The
    shells stay as many, the volume the same within a thousandth, and even surface where it was within a tenth
    of a millimetre, or nothing is done.

    Parameters
    ----------
    points : (P, 3) in mm
    triangles : (F, 3), closed and consistently oriented
    progress : told how far the work is; may cancel
    """
    shells, volume = shells_of(triangles, edges_of(triangles))[0], signed_volume_mm3(points, triangles)
    faces, fresh = triangles, np.ones(len(triangles), bool)
    for rings in range(ROUNDS + 1):
        progress(rings / (ROUNDS + 1), "cutting out crossings")
        # What was there before and did not cross then does not now: only what is new can.
        near = faces_near(points, faces, fresh)
        cut = near[np.unique(intersecting_pairs(points, faces[near]))]
        if len(cut) == 0:
            break
        if rings == ROUNDS:
            return None
        kept = faces[~_widened(faces, cut, rings)]
        faces = closed_holes(points, kept, edges_of(kept))[0]
        fresh = np.arange(len(faces)) >= len(kept)
    same = abs(signed_volume_mm3(points, faces) - volume) <= MOST_VOLUME_CHANGE * abs(volume)
    if not (same and shells_of(faces, edges_of(faces))[0] == shells and _is_sound(points, faces)):
        return None
    return None if _moves_even_surface(points, triangles, faces) else welded(points, faces)


def _moves_even_surface(points: Float64Array, before: IntArray, after: IntArray) -> bool:
    """Tell whether points that went, no spikes and beside none, lie far from what took their place."""
    ends = edges_of(before).ends
    both = np.concatenate([ends, ends[:, ::-1]])
    ways = points[both[:, 1]] - points[both[:, 0]]
    sums = [np.bincount(both[:, 0], ways[:, axis], len(points)) for axis in range(3)]
    lengths = np.bincount(both[:, 0], np.linalg.norm(ways, axis=1), len(points))
    spikes = np.linalg.norm(sums, axis=0) > SPIKE * lengths
    even = ~spikes
    even[both[spikes[both[:, 1]], 0]] = False
    gone = np.setdiff1d(before[even[before]], after)
    apart = distances_mm(points[gone], polydata_from(points, after)) if len(gone) else np.zeros(0)
    return bool((apart > MOST_MOVED_MM).any())


def _widened(faces: IntArray, cut: IntArray, rings: int) -> BoolArray:
    """Return the faces in `cut` and `rings` rings of faces about them: (F,)."""
    chosen = np.zeros(len(faces), bool)
    chosen[cut] = True
    for _ in range(rings):
        chosen |= np.isin(faces, faces[chosen]).any(1)
    return chosen


def _is_sound(points: Float64Array, faces: IntArray) -> bool:
    edges = edges_of(faces)
    whole = edges.is_closed and not (has_repeated_point(faces).any() or is_flat(points, faces).any())
    return whole and len(non_manifold_points(faces, edges)) == 0
