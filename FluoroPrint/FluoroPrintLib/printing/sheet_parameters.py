"""What a user says of a print for its sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ..parameters import Bounds, Choices, Help, Parameters, Unit
from .accuracy import TOLERANCE_MM

NOT_GIVEN = "not given"


@dataclass(frozen=True)
class SheetParameters(Parameters):
    """What a print sheet says beside what is measured; it names no patient."""

    case: Annotated[str, Help("Number of the case; give no patient's name.")] = ""
    region: Annotated[str, Help("Region of the body, for the registry.")] = ""
    structure: Annotated[str, Help("Structure that is printed, for the registry.")] = ""
    laterality: Annotated[
        str, Choices((NOT_GIVEN, "left", "right", "both", "midline")), Help("Side, for the registry.")
    ] = NOT_GIVEN
    tolerance_mm: Annotated[
        float,
        Bounds(0.05, 5.0),
        Unit("mm"),
        Help("Largest error that is accepted when the print is measured; 0.5 mm is a stricter choice."),
    ] = TOLERANCE_MM
    name_by_file: Annotated[
        bool,
        Help("Call parts by the names of their files; these may tell who the patient is."),
    ] = False
