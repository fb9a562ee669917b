"""Is a mesh fit to print? Every fault counted, each with a sentence for the user."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import BoolArray, Float64Array, IntArray
from ..progress import Progress, part_of, silent
from .columns import side_lengths_mm
from .intersections import intersecting_pairs
from .polydata import bounds_of, points_of, triangle_areas_mm2, triangles_of, welded
from .topology import (
    Edges,
    edges_of,
    flipped_shells,
    non_manifold_points,
    shell_volumes_mm3,
    shells_of,
    sorted_with_places,
)

SMALLEST_MODEL_MM, LARGEST_MODEL_MM = 2.0, 600.0
"""No bone is shorter, or longer than a thigh bone by far: outside, the unit is in doubt."""


@dataclass(frozen=True)
class MeshCheck:
    """What was found in a mesh, its points merged as any reader of an STL file merges them.

    Attributes
    ----------
    points, triangles : how many there are
    open_edges : edges with one face: the border of a hole
    non_manifold_edges : edges with three faces and more
    non_manifold_points : points where the surface touches itself
    mis_oriented_edges : edges whose two faces disagree about which side is out
    duplicate_faces : faces with the same three points as an earlier one
    degenerate_faces : faces without area
    self_intersecting_faces : faces that cut or touch another
    shells : separate surfaces, walls of cavities counted
    inverted_shells : closed shells turned inside out (solids facing inward, cavities outward)
    cavities : closed shells that bound a hollow inside; 0 where the mesh is not closed
    volume_mm3 : signed, walls of cavities subtract; meaningful where watertight
    area_mm2 : of all faces
    low_ras_mm, high_ras_mm : corners of the bounding box
    """

    points: int
    triangles: int
    open_edges: int
    non_manifold_edges: int
    non_manifold_points: int
    mis_oriented_edges: int
    duplicate_faces: int
    degenerate_faces: int
    self_intersecting_faces: int
    shells: int
    inverted_shells: int
    cavities: int
    volume_mm3: float
    area_mm2: float
    low_ras_mm: tuple[float, float, float]
    high_ras_mm: tuple[float, float, float]

    @property
    def size_mm(self) -> tuple[float, float, float]:
        """Edges of the bounding box, along R, A, S."""
        r, a, s = (high - low for low, high in zip(self.low_ras_mm, self.high_ras_mm, strict=True))
        return (r, a, s)

    @property
    def pieces(self) -> int:
        """Separate bodies: shells that are no walls of cavities."""
        return self.shells - self.cavities

    @property
    def is_watertight(self) -> bool:
        """Every edge has exactly two faces, and they agree about which side is out."""
        return self.triangles > 0 and not (
            self.open_edges or self.non_manifold_edges or self.mis_oriented_edges
        )

    @property
    def is_printable(self) -> bool:
        """The mesh bounds a solid without any of the faults counted."""
        return self.triangles > 0 and self.volume_mm3 > 0 and not self.faults

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong, a plain sentence for each kind of fault."""
        if self.triangles == 0:
            return ("The mesh has no faces.",)
        counted = tuple(text.format(getattr(self, name)) for name, text in _SENTENCES if getattr(self, name))
        if self.is_watertight and self.volume_mm3 <= 0 and not self.inverted_shells:
            return (*counted, "The mesh encloses no volume.")
        return counted


_SENTENCES = (
    ("open_edges", "{} open edges: the surface has holes, so inside and outside are not defined."),
    ("non_manifold_edges", "{} edges with more than two faces: sheets of surface meet there."),
    ("non_manifold_points", "{} points at which the surface touches itself."),
    ("mis_oriented_edges", "{} edges whose faces disagree about which side is out."),
    ("duplicate_faces", "{} faces that repeat another face."),
    ("degenerate_faces", "{} faces without area."),
    ("self_intersecting_faces", "{} faces that cut or touch another face."),
    ("inverted_shells", "{} shells that are inside out."),
)


def check_mesh(polydata: vtkPolyData, progress: Progress = silent) -> MeshCheck:
    """Count the faults of a mesh.

    Points of equal float32 coordinates count as one, because STL keeps no more: what is checked is what a
    slicing program sees after reading the file.

    Parameters
    ----------
    polydata : any surface; polygons are cut into triangles, the input stays as it is
    progress : told how far the work is
    """
    points, faces = welded(points_of(polydata), triangles_of(polydata))
    low, high = bounds_of(points)
    collapsed = has_repeated_point(faces)
    whole = faces[~collapsed]
    flat = is_flat(points, whole)
    edges = edges_of(whole)
    shells, shell = shells_of(whole, edges)
    volumes = shell_volumes_mm3(points, whole, shells, shell)
    cut = intersecting_pairs(points, whole[~flat], part_of(progress, 0.3, 1.0))
    flipped = _flipped(points, whole, edges, shells, shell)
    progress(1.0, "mesh checked")
    return MeshCheck(
        points=len(points),
        triangles=len(faces),
        open_edges=int(edges.is_open.sum()),
        non_manifold_edges=int(edges.is_non_manifold.sum()),
        non_manifold_points=len(non_manifold_points(whole, edges)),
        mis_oriented_edges=int(edges.is_mis_oriented.sum()),
        duplicate_faces=int(is_duplicate(whole).sum()),
        degenerate_faces=int(collapsed.sum() + flat.sum()),
        self_intersecting_faces=len(np.unique(cut)),
        shells=shells,
        inverted_shells=int(flipped.sum()),
        cavities=int(((volumes < 0) != flipped).sum()) if edges.is_closed else 0,
        volume_mm3=float(volumes.sum()),
        area_mm2=float(triangle_areas_mm2(points, whole).sum()),
        low_ras_mm=(float(low[0]), float(low[1]), float(low[2])),
        high_ras_mm=(float(high[0]), float(high[1]), float(high[2])),
    )


def has_repeated_point(faces: IntArray) -> BoolArray:
    """Tell which faces name a point twice: (F,) bool."""
    a, b, c = faces.T
    repeated: BoolArray = (a == b) | (b == c) | (c == a)
    return repeated


def is_flat(points: Float64Array, faces: IntArray) -> BoolArray:
    """Tell which faces have no area: (F,) bool; less than rounding in float32 makes of a line."""
    longest = side_lengths_mm(points, faces).max(0)
    flat: BoolArray = 2 * triangle_areas_mm2(points, faces) <= 1e-12 * longest**2
    return flat


def is_duplicate(faces: IntArray) -> BoolArray:
    """Tell which faces have the same three points as an earlier face: (F,) bool."""
    low, middle, high = np.sort(faces, axis=1).T
    pair, order = sorted_with_places(low << int(faces.max(initial=0)).bit_length() | middle)
    # Of faces with the same two lowest points, which lie side by side now, few have the third in common.
    alike = np.zeros(len(faces), bool)
    alike[1:] = pair[1:] == pair[:-1]
    alike[:-1] |= alike[1:]
    pair, rows = pair[alike], order[alike]
    by_third = np.lexsort((high[rows], pair))
    pair, rows = pair[by_third], rows[by_third]
    repeated = np.zeros(len(faces), bool)
    repeated[rows[1:]] = (np.diff(pair) == 0) & (np.diff(high[rows]) == 0)
    return repeated


def _flipped(points: Float64Array, faces: IntArray, edges: Edges, shells: int, shell: IntArray) -> BoolArray:
    """Tell which shells are inside out: (shells,) bool; none where the mesh is not closed."""
    if not edges.is_closed or shells == 0:
        return np.zeros(shells, bool)
    return flipped_shells(points, faces, shells, shell)
