"""Bridges between loose pieces, so that they keep their places: the fewest and shortest that join all."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Annotated

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import cKDTree
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..parameters import Bounds, Help, Parameters, Unit
from ..progress import Progress, silent
from .probing import Probe
from .shaped import Shaped, whole
from .solids import Solid, UntouchedError, engine, rod, solid_of, surface_of

MOST_PIECES = 60
ROUNDS = 20
TOUCHING_MM = 1e-6


@dataclass(frozen=True)
class BridgeParameters(Parameters):
    """How thick bridges are and which pieces they join."""

    diameter_mm: Annotated[float, Bounds(0.5, 30.0), Unit("mm"), Help("Diameter of the bridges.")] = 3.0
    min_piece_mm3: Annotated[float, Bounds(0.0, 1e6), Unit("mm3"), Help("Smaller pieces are left loose.")] = (
        0.0
    )
    longest_mm: Annotated[
        float, Bounds(0.0, 1000.0), Unit("mm"), Help("Pieces farther apart are left loose; 0: none are.")
    ] = 0.0


@dataclass(frozen=True)
class Gap:
    """The shortest way from one piece to another.

    Attributes
    ----------
    pieces : their numbers
    start_ras_mm, end_ras_mm : on the first, on the second
    """

    pieces: tuple[int, int]
    start_ras_mm: Float64Array
    end_ras_mm: Float64Array

    @property
    def length_mm(self) -> float:
        """How far the pieces lie apart."""
        return float(np.linalg.norm(self.end_ras_mm - self.start_ras_mm))


def bridge(surface: vtkPolyData, parameters: BridgeParameters, progress: Progress = silent) -> Shaped:
    """Join the loose pieces of a model by cylinders along the shortest ways between them.

    Raises
    ------
    UntouchedError
        The model is in one piece.
    FluoroPrintError
        It is not closed, or in too many pieces.
    """
    model = solid_of(surface)
    pieces = [piece for piece in model.decompose() if piece.volume() > parameters.min_piece_mm3]
    if len(pieces) < 2:
        raise UntouchedError("The model is in one piece: there is nothing to bridge.")
    if len(pieces) > MOST_PIECES:
        raise FluoroPrintError(
            f"The model is in {len(pieces)} pieces: remove small ones, or raise the smallest piece to bridge."
        )
    gaps = [
        gap
        for gap in shortest_gaps(pieces, progress)
        if not parameters.longest_mm or gap.length_mm <= parameters.longest_mm
    ]
    if not gaps:
        raise UntouchedError(f"No two pieces are within {parameters.longest_mm:g} mm: allow longer bridges.")
    library = engine()
    spans = [_span(gap, parameters.diameter_mm / 2) for gap in gaps]
    made = library.Manifold.batch_boolean([model, *spans], library.OpType.Add)
    longest = max(gap.length_mm for gap in gaps)
    note = f"{len(gaps)} bridges between {len(pieces)} pieces, {longest:.2f} mm at most."
    return whole("bridged", surface_of(made), note)


def shortest_gaps(pieces: list[Solid], progress: Progress = silent) -> list[Gap]:
    """Return the ways that join all pieces and are shortest in sum: a minimal spanning tree."""
    probes = [Probe(surface_of(piece)) for piece in pieces]
    trees = [cKDTree(probe.points) for probe in probes]
    pairs = list(combinations(range(len(pieces)), 2))
    gaps: dict[tuple[int, int], Gap] = {}
    for number, pair in enumerate(pairs):
        progress(number / len(pairs), "Looking for the shortest ways")
        gaps[pair] = _gap(pair, probes, trees)
    lengths = [max(gap.length_mm, TOUCHING_MM) for gap in gaps.values()]
    rows, columns = np.array(pairs).T
    graph = csr_matrix((lengths, (rows, columns)), shape=(len(pieces),) * 2)
    kept = minimum_spanning_tree(graph).tocoo()
    return [gaps[(int(one), int(two))] for one, two in zip(kept.row, kept.col, strict=True)]


def _gap(pair: tuple[int, int], probes: list[Probe], trees: list[cKDTree]) -> Gap:
    """Go from the two nearest points to and fro between the faces until the way gets no shorter."""
    one, two = pair
    apart, nearest = trees[two].query(probes[one].points)
    start, end = probes[one].points[apart.argmin()], probes[two].points[nearest[apart.argmin()]]
    for _ in range(ROUNDS):
        end, _ = probes[two].nearest(start)
        start, _ = probes[one].nearest(end)
    return Gap(pair, start, end)


def _span(gap: Gap, radius_mm: float) -> Solid:
    """Return a bridge that reaches a radius into both pieces; a ball where they touch."""
    if gap.length_mm <= TOUCHING_MM:
        return engine().Manifold.sphere(radius_mm, 48).translate(tuple(gap.start_ras_mm))
    into = radius_mm * (gap.end_ras_mm - gap.start_ras_mm) / gap.length_mm
    return rod(gap.start_ras_mm - into, gap.end_ras_mm + into, radius_mm)
