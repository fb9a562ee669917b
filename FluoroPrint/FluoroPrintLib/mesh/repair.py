"""Repair of damaged meshes: the same surface, closed and facing outward, or a sentence saying why not.

For what the chain makes and for simple damage: faces missing, flipped, repeated or flat, points not merged,
shells that overlap. The segment's labelmap, where there is one, makes a better surface than any repair.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import BoolArray, Float64Array, IntArray
from ..errors import FluoroPrintError
from ..progress import Progress, part_of, silent
from .check import MeshCheck, check_mesh, has_repeated_point, is_duplicate
from .flat_faces import turned_flat_faces
from .holes import closed_holes
from .overlaps import crossing_solids, united, without_crossings
from .polydata import points_of, polydata_from, signed_volume_mm3, triangles_of, welded
from .seams import merged_seams
from .topology import (
    Edges,
    components,
    edges_of,
    flipped_shells,
    point_fans,
    shell_volumes_mm3,
    shells_of,
    side_pairs,
)

ROUNDS = 4  # of cleaning and closing; each closes what the one before left open

Changes = Counter[str]
"""How often each change of `SENTENCES` was made, in the order in which they were."""

SENTENCES = {
    "points_merged": "{} points merged with a point at the same place.",
    "seam_points_merged": "{} points of borders merged with a point of another border a hair away.",
    "flat_faces_removed": "{} faces without area removed.",
    "repeated_faces_removed": "{} repeated faces removed.",
    "flat_faces_turned": "{} faces without area removed by turning their longest edge.",
    "loose_faces_removed": "{} loose faces on edges with more than two faces removed.",
    "faces_turned": "{} faces turned to agree with their neighbours.",
    "touching_points_parted": "{} points at which the surface touched itself taken apart.",
    "holes_closed": "{} holes closed.",
    "shells_turned": "{} shells turned outside out.",
    "small_pieces_removed": "{} pieces removed that were smaller than wanted.",
    "small_cavities_filled": "{} closed cavities filled that were smaller than wanted.",
    "overlaps_united": "Overlapping shells united.",
    "crossings_cut_out": "Faces that cut each other taken out and the holes closed.",
}


@dataclass(frozen=True)
class _Mesh:
    """A mesh with what all steps ask of it; a step that changes nothing hands the same mesh on."""

    points: Float64Array
    triangles: IntArray

    @cached_property
    def edges(self) -> Edges:
        return edges_of(self.triangles)

    @cached_property
    def fans(self) -> tuple[int, IntArray, IntArray]:
        return point_fans(self.triangles, self.edges)

    def with_triangles(self, triangles: IntArray, *, changed: bool) -> _Mesh:
        return _Mesh(self.points, triangles) if changed else self


@dataclass(frozen=True)
class Mended:
    """A printable mesh and what was done.

    Attributes
    ----------
    surface : triangles in mm, closed, facing outward
    check : what was found in `surface`
    changes : how often each was made
    shells_before : separate surfaces that the input had
    volume_before_mm3 : of the input; None where it was not closed and had none
    """

    surface: vtkPolyData
    check: MeshCheck
    changes: Changes
    shells_before: int
    volume_before_mm3: float | None


def repair_mesh(polydata: vtkPolyData, progress: Progress = silent) -> tuple[vtkPolyData, tuple[str, ...]]:
    """Return a printable mesh and what was done to make it so.

    Parameters
    ----------
    polydata : any surface in mm; stays as it is
    progress : told how far the work is; may cancel

    Returns
    -------
    The mesh, and a sentence for each kind of change; none where the mesh was right.

    Raises
    ------
    FluoroPrintError
        The mesh cannot be made printable: why, and what to do.
    """
    made = mended(polydata, progress=progress)
    return made.surface, sentences_of(made.changes)


def sentences_of(done: Changes) -> tuple[str, ...]:
    """Return a sentence for each kind of change."""
    return tuple(SENTENCES[name].format(count) for name, count in done.items() if count)


def mended(polydata: vtkPolyData, least_mm3: float = 0.0, progress: Progress = silent) -> Mended:
    """Return a printable mesh, its check, and what was done.

    Parameters
    ----------
    polydata : any surface in mm; stays as it is
    least_mm3 : closed shells that enclose less are removed: pieces vanish, cavities are filled
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        The mesh cannot be made printable: why, and what to do.
    """
    if polydata.GetNumberOfPolys() + polydata.GetNumberOfStrips() == 0:
        raise FluoroPrintError("The mesh has no faces: give a surface model.")
    done: Changes = Counter()
    mesh = _merged(polydata, done)
    before = _shells_and_volume(mesh)
    mesh = _without_seams(mesh, done)
    for round_number in range(ROUNDS):
        progress(round_number / ROUNDS * 0.3, "repairing")
        changes = done.total()
        for step in (_without_bad_faces, _without_extra_sheets, _oriented, _points_split, _closed):
            mesh = step(mesh, done)
        if done.total() == changes:
            break
    mesh = _without_small_shells(_facing_outward(mesh, done), least_mm3, done)
    mesh = _Mesh(*welded(mesh.points, mesh.triangles))
    result = polydata_from(mesh.points, mesh.triangles)
    checked = check_mesh(result, part_of(progress, 0.3, 0.7))
    if checked.self_intersecting_faces and checked.is_watertight:
        progress(0.7, "resolving overlaps")
        mesh = _uncrossed(mesh, done, part_of(progress, 0.7, 0.8))
        result = polydata_from(mesh.points, mesh.triangles)
        checked = check_mesh(result, part_of(progress, 0.8, 1.0))
    _refuse_unrepaired(checked)
    progress(1.0, "mesh repaired")
    return Mended(result, checked, done, *before)


def _merged(polydata: vtkPolyData, done: Changes) -> _Mesh:
    before, triangles = points_of(polydata), triangles_of(polydata)
    used = int(np.count_nonzero(np.bincount(triangles.ravel())))
    points, faces = welded(before, triangles)
    if not np.isfinite(points).all():
        raise FluoroPrintError("The mesh has coordinates that are not numbers: export it again.")
    done["points_merged"] += used - len(points)
    return _Mesh(points, faces)


def _shells_and_volume(mesh: _Mesh) -> tuple[int, float | None]:
    shells, _ = shells_of(mesh.triangles, mesh.edges)
    return shells, signed_volume_mm3(mesh.points, mesh.triangles) if mesh.edges.is_closed else None


def _without_seams(mesh: _Mesh, done: Changes) -> _Mesh:
    faces, merged = merged_seams(mesh.points, mesh.triangles, mesh.edges)
    done["seam_points_merged"] += merged
    return mesh.with_triangles(faces, changed=merged > 0)


def _without_bad_faces(mesh: _Mesh, done: Changes) -> _Mesh:
    collapsed = has_repeated_point(mesh.triangles)
    faces = mesh.triangles[~collapsed]
    repeated = is_duplicate(faces)
    done["flat_faces_removed"] += int(collapsed.sum())
    done["repeated_faces_removed"] += int(repeated.sum())
    changed = bool(collapsed.any() or repeated.any())
    return _unflattened(mesh.with_triangles(faces[~repeated], changed=changed), done)


def _unflattened(mesh: _Mesh, done: Changes) -> _Mesh:
    faces, turned = turned_flat_faces(mesh.points, mesh.triangles)
    done["flat_faces_turned"] += turned
    return mesh.with_triangles(faces, changed=turned > 0)


def _without_extra_sheets(mesh: _Mesh, done: Changes) -> _Mesh:
    """Resolve edges with more than two faces: drop the faces that hang on them by a free border.

    Where three and more faces meet at an edge of which one has an open edge too, that one is a loose flap.
    """
    removed = 0
    while True:
        edges = mesh.edges
        if not edges.is_non_manifold.any():
            break
        crowded = edges.is_non_manifold[edges.of_side].any(1)
        flaps = crowded & edges.is_open[edges.of_side].any(1)
        if not flaps.any():
            break
        removed += int(flaps.sum())
        mesh = _Mesh(mesh.points, mesh.triangles[~flaps])
    done["loose_faces_removed"] += removed
    return mesh


def _oriented(mesh: _Mesh, done: Changes) -> _Mesh:
    """Make neighbours agree: faces that run a shared edge alike are turned."""
    if not mesh.edges.is_mis_oriented.any():
        return mesh
    pairs = side_pairs(mesh.edges)
    corners = mesh.triangles.ravel()
    unlike = corners[pairs[:, 0]] == corners[pairs[:, 1]]
    turn = _turns(len(mesh.triangles), pairs // 3, unlike)
    faces = mesh.triangles.copy()
    faces[turn] = faces[turn][:, ::-1]
    done["faces_turned"] += int(turn.sum())
    return _Mesh(mesh.points, faces)


def _turns(count: int, pairs: IntArray, unlike: BoolArray) -> BoolArray:
    """Return which faces to turn, the fewer of each shell: (count,).

    Each face stands for two things, itself and itself turned (count further on); neighbours (M, 2) that agree
    join like with like, those that disagree join like with turned. What falls together can stay as it is.
    """
    one, two = pairs.T
    other = (two + np.where(unlike, count, 0)) % (2 * count)
    mirrored = (two + np.where(unlike, 0, count)) % (2 * count)
    joined = np.concatenate([np.stack([one, other], -1), np.stack([one + count, mirrored], -1)])
    _, state = components(2 * count, joined)
    if (state[:count] == state[count:]).any():
        raise FluoroPrintError(
            "The surface has one side only, as a Moebius strip has, so nothing is inside it: "
            "make the model anew from its segmentation."
        )
    number, shell = components(count, pairs)
    first = np.empty(number, np.int64)
    first[shell[::-1]] = np.arange(count)[::-1]
    turn = state[:count] != state[first][shell]
    share = np.bincount(shell, weights=turn, minlength=number) / np.bincount(shell, minlength=number)
    result: BoolArray = turn ^ (share > 0.5)[shell]
    return result


def _points_split(mesh: _Mesh, done: Changes) -> _Mesh:
    """Give each fan of faces at a point where the surface touches itself a point of its own.

    The fans' points move a little into their own faces, so that they stay apart when a file is read.
    """
    if mesh.edges.is_open.any():
        return mesh
    number, fan, point = mesh.fans
    fans_at = np.bincount(point, minlength=len(mesh.points))
    extra = np.flatnonzero(fans_at[point] > 1)
    if len(extra) == 0:
        return mesh
    points = mesh.points[point]
    corners = mesh.points[mesh.triangles].mean(1)
    inward = np.zeros((number, 3))
    count = np.bincount(fan.ravel(), minlength=number)
    for axis in range(3):
        inward[:, axis] = np.bincount(fan.ravel(), np.repeat(corners[:, axis], 3), number) / count
    points[extra] += 0.01 * (inward[extra] - points[extra])
    done["touching_points_parted"] += int((fans_at > 1).sum())
    return _Mesh(*welded(points, fan))


def _closed(mesh: _Mesh, done: Changes) -> _Mesh:
    faces, holes = closed_holes(mesh.points, mesh.triangles, mesh.edges)
    done["holes_closed"] += holes
    return mesh.with_triangles(faces, changed=holes > 0)


def _facing_outward(mesh: _Mesh, done: Changes) -> _Mesh:
    if not mesh.edges.is_closed:
        return mesh
    shells, shell = shells_of(mesh.triangles, mesh.edges)
    flipped = flipped_shells(mesh.points, mesh.triangles, shells, shell)
    flipped &= ~crossing_solids(mesh.points, mesh.triangles, shell, flipped)
    if not flipped.any():
        return mesh
    faces = mesh.triangles.copy()
    faces[flipped[shell]] = faces[flipped[shell]][:, ::-1]
    done["shells_turned"] += int(flipped.sum())
    return _Mesh(mesh.points, faces)


def _without_small_shells(mesh: _Mesh, least_mm3: float, done: Changes) -> _Mesh:
    """Leave out closed shells that enclose less than `least_mm3`, but never all of them."""
    if least_mm3 <= 0 or (mesh.edges.count != 2).any():
        return mesh
    edges = mesh.edges
    shells, shell = shells_of(mesh.triangles, edges)
    volumes = shell_volumes_mm3(mesh.points, mesh.triangles, shells, shell)
    small = np.abs(volumes) < least_mm3
    if small[volumes > 0].all():
        raise FluoroPrintError(
            f"Every piece of the mesh is smaller than {least_mm3:g} mm3: lower the smallest piece."
        )
    done["small_pieces_removed"] += int((small & (volumes > 0)).sum())
    done["small_cavities_filled"] += int((small & (volumes <= 0)).sum())
    return _Mesh(*welded(mesh.points, mesh.triangles[~small[shell]]))


def _uncrossed(mesh: _Mesh, done: Changes, progress: Progress) -> _Mesh:
    """Unite solids that overlap, then cut out the crossings that are left within a shell."""
    solid = united(mesh.points, mesh.triangles)
    if solid is not None:
        mesh = _Mesh(*welded(*solid))
        done["overlaps_united"] += 1
    whole = without_crossings(mesh.points, mesh.triangles, progress)
    if whole is None or len(whole[1]) == len(mesh.triangles) and np.array_equal(whole[1], mesh.triangles):
        return mesh
    done["crossings_cut_out"] += 1
    return _Mesh(*whole)


def _listed(faults: tuple[str, ...]) -> str:
    """Return sentences as parts of one."""
    return "; ".join(fault[0].lower() + fault[1:].rstrip(".") for fault in faults)


def _refuse_unrepaired(checked: MeshCheck) -> None:
    if checked.is_watertight and checked.volume_mm3 == 0:
        raise FluoroPrintError(
            "The faces of the mesh lie flat on one another and enclose nothing: make the model anew from its "
            "segmentation, or give a surface that goes all round."
        )
    if not checked.is_printable:
        raise FluoroPrintError(
            f"The mesh cannot be repaired ({_listed(checked.faults)}): "
            "make the model anew from its segmentation, or mend these places in a mesh editor."
        )
