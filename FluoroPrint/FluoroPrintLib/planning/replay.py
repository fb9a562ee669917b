"""The passes of a plan done one after the other on the model of a bone: what each takes, what is left.

A pass takes only what those before it left, so that a place where two cross counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import IntArray
from ..progress import Progress, silent
from ..shape.solids import Solid, solid_of, surface_with_origins
from .instrument_objects import pass_of
from .plan import Planned

PASS = "pass"
"""Name of the array of cells that tells by which pass, from 1, a face was laid open; 0 is the bone's own."""


@dataclass(frozen=True)
class Step:
    """The bone after a pass.

    Attributes
    ----------
    planned : the pass
    removed_mm3 : what it took of what the passes before it left
    alone_mm3 : what it would have taken of the whole bone
    left_mm3 : what is left of the bone
    left : the solid that is left
    origins : of its faces: number of the pass, from 1, by `original_id`
    """

    planned: Planned
    removed_mm3: float
    alone_mm3: float
    left_mm3: float
    left: Solid
    origins: dict[int, int]


def replayed(surface: vtkPolyData, passes: Iterable[Planned], progress: Progress = silent) -> Iterator[Step]:
    """Do passes one after the other; yield the bone after each.

    Parameters
    ----------
    surface : of the bone, closed, RAS mm; it stays as it is
    passes : drillings, guide wires and saw cuts in their order
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        The surface is not closed, one of the objects is no pass, or manifold3d is not installed.
    """
    wanted = tuple(passes)
    whole = left = solid_of(surface)
    origins: dict[int, int] = {}
    for number, planned in enumerate(wanted, start=1):
        progress((number - 1) / len(wanted), f"Pass {number} of {len(wanted)}")
        tool = pass_of(planned).solid().as_original()
        origins = {**origins, int(tool.original_id()): number}
        before, left = left.volume(), left - tool
        alone = float((whole ^ tool).volume())
        yield Step(planned, max(before - left.volume(), 0.0), alone, float(left.volume()), left, origins)


def bone_after(surface: vtkPolyData, passes: Iterable[Planned], progress: Progress = silent) -> vtkPolyData:
    """Return the bone after passes, in RAS mm, with the number of the pass that laid a face open in `PASS`.

    Arguments and faults are those of `replayed`; it also is a fault if nothing is left of the bone.
    """
    return bone_and_removed(surface, passes, progress)[0]


def bone_and_removed(
    surface: vtkPolyData, passes: Iterable[Planned], progress: Progress = silent
) -> tuple[vtkPolyData, tuple[float, ...]]:
    """Return the bone as `bone_after` does, and what each pass took of what those before it left, mm3."""
    removed, last = [], None
    for step in replayed(surface, passes, progress):
        removed.append(step.removed_mm3)
        last = step
    left = surface_after(last) if last is not None else _numbered(solid_of(surface), {})
    return left, tuple(removed)


def surface_after(step: Step) -> vtkPolyData:
    """Return the surface of what is left after a pass, RAS mm, numbered as `bone_after` says."""
    return _numbered(step.left, step.origins)


def _numbered(solid: Solid, origins: dict[int, int]) -> vtkPolyData:
    surface, of_face = surface_with_origins(solid)
    numbers: IntArray = np.array([origins.get(origin, 0) for origin in of_face.tolist()], np.int64)
    array = numpy_to_vtk(numbers.astype(np.int32), deep=True)
    array.SetName(PASS)
    surface.GetCellData().AddArray(array)
    return surface
