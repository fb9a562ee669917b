"""Union, difference and intersection of two models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..parameters import Choices, Help, Parameters
from ..progress import Progress, silent
from .shaped import Shaped, whole
from .solids import UntouchedError, solid_of, surface_of

WAYS = {"unite": "united", "subtract": "reduced", "intersect": "intersected"}


@dataclass(frozen=True)
class CombineParameters(Parameters):
    """How two models are combined."""

    way: Annotated[
        str,
        Choices(tuple(WAYS)),
        Help("Unite both, subtract the other model, or keep what both have in common."),
    ] = "unite"


def combine(
    surface: vtkPolyData, other: vtkPolyData, parameters: CombineParameters, progress: Progress = silent
) -> Shaped:
    """Combine a model with another one.

    Raises
    ------
    UntouchedError
        The models do not meet where one is subtracted from or intersected with the other.
    FluoroPrintError
        A model is not closed, or nothing would be left.
    """
    model, tool = solid_of(surface), solid_of(other)
    progress(0.4, "Combining")
    if parameters.way != "unite" and (model ^ tool).is_empty():
        raise UntouchedError("The two models do not meet: move one of them, or choose others.")
    result = {"unite": model.__add__, "subtract": model.__sub__, "intersect": model.__xor__}
    return whole(WAYS[parameters.way], surface_of(result[parameters.way](tool)))
