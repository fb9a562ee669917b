"""Scaling and mirroring: exact changes of the points that must be told wherever the model goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..mesh.polydata import points_of, polydata_from, triangles_of
from ..parameters import Bounds, Choices, Help, Parameters, Unit
from ..progress import Progress, silent
from .shaped import Part, Shaped

AXES = {"left-right": 0, "front-back": 1, "up-down": 2}


@dataclass(frozen=True)
class ScaleParameters(Parameters):
    """How much larger a model becomes."""

    factor: Annotated[
        float, Bounds(0.01, 100.0), Help("All lengths are multiplied by this, about the origin of RAS.")
    ] = 1.0


@dataclass(frozen=True)
class MirrorParameters(Parameters):
    """Across which plane a model is mirrored."""

    across: Annotated[str, Choices(tuple(AXES)), Help("Which two sides of the patient change places.")] = (
        "left-right"
    )
    plane_mm: Annotated[
        float,
        Bounds(-10000.0, 10000.0),
        Unit("mm"),
        Help("Where the plane stands on its RAS axis; parts mirrored alike still fit each other."),
    ] = 0.0


def scale(surface: vtkPolyData, parameters: ScaleParameters, progress: Progress = silent) -> Shaped:
    """Scale a model about the origin, so that models scaled alike still fit each other."""
    points = points_of(surface) * parameters.factor
    percent = f"{100 * parameters.factor:g} %"
    warnings = {} if parameters.factor == 1.0 else {"Scaled": f"Scaled to {percent} of the patient's size."}
    made = polydata_from(points, triangles_of(surface))
    return Shaped((Part(f"at {percent}", made, warnings),), tuple(warnings.values()))


def mirror(surface: vtkPolyData, parameters: MirrorParameters, progress: Progress = silent) -> Shaped:
    """Mirror a model; the warning that it shows the other side goes with it."""
    axis, points = AXES[parameters.across], points_of(surface)
    points[:, axis] = 2 * parameters.plane_mm - points[:, axis]
    # A reflection turns faces inside out: the order of their points is turned back.
    made = polydata_from(points, np.ascontiguousarray(triangles_of(surface)[:, ::-1]))
    warning = f"MIRRORED {parameters.across}: this model does not show the side that was imaged."
    return Shaped((Part("mirrored", made, {"Mirrored": warning}),), (warning,))
