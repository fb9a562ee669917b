"""A flap cut out of a bone along a closed curve, square to its surface, as with a craniotome.

The cut goes as deep as the bone is thick and no further, so that the other side of a skull stays whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array, IntArray
from ..errors import FluoroPrintError
from ..mesh.polydata import points_of, polydata_from, signed_volume_mm3, triangles_of
from ..shape.probing import CLEAR_MM, Probe
from ..shape.solids import Solid, engine, solid_of, surface_with_origins
from .laid_curve import LaidCurve, laid_on
from .osteotomy import CRUMB_MM3
from .plan import Place

ABOVE_MM, BELOW_MM = 3.0, 1.5
"""The cut begins so far above the bone and ends so far beyond its other side."""
EVEN_MM = 4.0
"""It goes as deep as the thickest bone so near along the curve."""
LIP_MM = 1.0
"""What lies so near to the cut tells on which side of it a piece is."""
SHELL_MM = 10.0


@dataclass(frozen=True)
class Craniotomy:
    """A closed curve to be cut along.

    Attributes
    ----------
    places_ras : what the curve goes through, three or more in order, RAS mm
    kerf_mm : what the cut takes away, half of it on either side of the curve
    deepest_mm : it goes no deeper
    """

    places_ras: tuple[Place, ...]
    kerf_mm: float
    deepest_mm: float


@dataclass(frozen=True)
class Flap:
    """A flap and what it was cut from.

    Attributes
    ----------
    curve : as it was laid
    flap, rest : solids, RAS mm
    area_mm2 : of the flap's outer surface
    """

    curve: LaidCurve
    flap: Solid
    rest: Solid
    area_mm2: float


def cut_flap(bone: vtkPolyData, craniotomy: Craniotomy) -> Flap:
    """Cut a flap out of a closed bone.

    Raises
    ------
    FluoroPrintError
        The bone is not closed, the curve leaves it, or the cut does not set a flap free.
    """
    solid, probe = solid_of(bone).as_original(), Probe(bone)
    curve = laid_on(probe, craniotomy.places_ras, craniotomy.deepest_mm)
    half = craniotomy.kerf_mm / 2
    left = solid - solid_of(ribbon(curve, -half, half))
    inner = solid_of(ribbon(curve, half, half + LIP_MM))
    outer = solid_of(ribbon(curve, -half - LIP_MM, -half))
    parts = [(part, (part ^ inner).volume(), (part ^ outer).volume()) for part in left.decompose()]
    within = [part for part, inside, outside in parts if inside > outside and part.volume() > CRUMB_MM3]
    loose = bool(within) and all(outside < 0.1 * inside for _, inside, outside in parts if inside > outside)
    if not loose:
        raise FluoroPrintError(_stuck_words(curve, craniotomy.deepest_mm))
    joined = engine().Manifold.compose
    rest = [part for part, inside, outside in parts if inside <= outside and part.volume() > CRUMB_MM3]
    flap = joined(within)
    return Flap(curve, flap, joined(rest), _outer_area_mm2(flap, int(solid.original_id()), curve))


def _stuck_words(curve: LaidCurve, deepest_mm: float) -> str:
    if float(curve.thickness_mm.max()) >= deepest_mm:
        where = curve.points_ras[int(curve.thickness_mm.argmax())]
        told = ", ".join(f"{x:.0f}" for x in where)
        return (
            f"The bone is thicker than {deepest_mm:g} mm at {told} (RAS mm), so the flap is not free: lead "
            "the curve elsewhere, or let the cut go deeper."
        )
    return "The cut sets no flap free: let the curve go round on the bone, and not cross itself."


def ribbon(curve: LaidCurve, outer_mm: float, inner_mm: float) -> vtkPolyData:
    """Return the closed wall along a curve, square to the bone and through it, between two distances.

    Parameters
    ----------
    curve : as it was laid
    outer_mm, inner_mm : of its sides from the curve, along `inward_ras`; the first is the smaller
    """
    inward, outward = curve.inward_ras, curve.outward_ras
    high = curve.points_ras + ABOVE_MM * outward
    low = curve.points_ras - _deep_mm(curve)[:, None] * outward
    corners = ((high, outer_mm), (low, outer_mm), (low, inner_mm), (high, inner_mm))
    rings = [ring + aside * inward for ring, aside in corners]
    points, triangles = np.concatenate(rings), _wall_triangles(len(high))
    is_inside_out = signed_volume_mm3(points, triangles) < 0
    return polydata_from(points, triangles[:, ::-1] if is_inside_out else triangles)


def _deep_mm(curve: LaidCurve) -> Float64Array:
    step = curve.length_mm / len(curve.points_ras)
    near = 2 * int(np.ceil(EVEN_MM / step)) + 1
    deep: Float64Array = maximum_filter1d(curve.thickness_mm, near, mode="wrap") + BELOW_MM
    return deep


def _wall_triangles(count: int) -> IntArray:
    """Return the triangles of a ring of quadrangles whose four corners are rings of `count` points each."""
    here = np.arange(count)
    after = (here + 1) % count
    faces = []
    for ring in range(4):
        a, b = ring * count, (ring + 1) % 4 * count
        faces.append(np.column_stack([here + a, after + a, after + b]))
        faces.append(np.column_stack([here + a, after + b, here + b]))
    triangles: IntArray = np.concatenate(faces).astype(np.int64)
    return triangles


def _outer_area_mm2(flap: Solid, bone_id: int, curve: LaidCurve) -> float:
    """Return the area of a flap's outer surface: faces of the bone that look outward and nothing covers."""
    surface, origins = surface_with_origins(flap)
    corners = points_of(surface)[triangles_of(surface)[origins == bone_id]]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    sizes = np.linalg.norm(normals, axis=1)
    looks_out = (normals @ curve.axis_ras > 0) & (sizes > 0)
    ways = normals[looks_out] / sizes[looks_out, None]
    starts = corners[looks_out].mean(axis=1) + 10 * CLEAR_MM * ways
    covered = np.isfinite(Probe(surface).first_hits(starts, ways, SHELL_MM).along_mm)
    return float(sizes[looks_out][~covered].sum() / 2)
