"""What a user may say about a sweep where its file is silent or wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ..errors import FluoroPrintError
from ..parameters import Bounds, Choices, Help, Parameters, Unit

INTENSITIES = ("auto", "linear", "logarithmic", "integrals")


@dataclass(frozen=True)
class SweepParameters(Parameters):
    """Values that replace those of the file's header; None means as the header says."""

    sid_mm: Annotated[
        float | None, Bounds(100.0, 5000.0), Unit("mm"), Help("Distance from the source to the detector.")
    ] = None
    sod_mm: Annotated[
        float | None, Bounds(50.0, 4000.0), Unit("mm"), Help("Distance from the source to the isocentre.")
    ] = None
    pixel_mm: Annotated[
        tuple[float, float] | None,
        Bounds(0.005, 20.0),
        Unit("mm"),
        Help("Row spacing and column spacing of the pixels at the detector."),
    ] = None
    primary_start_deg: Annotated[
        float | None,
        Bounds(-360.0, 360.0),
        Unit("°"),
        Help("Primary angle of the first frame, towards the patient's left (LAO) positive."),
    ] = None
    arc_deg: Annotated[
        float | None,
        Bounds(-400.0, 400.0),
        Unit("°"),
        Help("Change of the primary angle from the first frame to the last one, in equal steps."),
    ] = None
    secondary_deg: Annotated[
        float | None,
        Bounds(-90.0, 90.0),
        Unit("°"),
        Help("Secondary angle of every frame, towards the head (cranial) positive."),
    ] = None
    reverse_angles: Annotated[bool, Help("The run turned the other way than its angles say.")] = False
    flip_columns: Annotated[bool, Help("Mirror every frame left to right before anything else.")] = False
    flip_rows: Annotated[bool, Help("Mirror every frame top to bottom before anything else.")] = False
    intensity: Annotated[
        str,
        Choices(INTENSITIES),
        Help("What the pixel values are: linear in the X-ray intensity, logarithmic, or line integrals."),
    ] = "auto"
    air: Annotated[
        str,
        Choices(("auto", "bright", "dark")),
        Help("Which end of the grey scale is air, before any inversion."),
    ] = "auto"
    i0: Annotated[float | None, Bounds(1e-6, 1e9), Help("Pixel value of air without a patient.")] = None
    log_scale: Annotated[
        float | None,
        Bounds(1e-6, 1e9),
        Help("Pixel values for one unit of line integral, where they are logarithmic or integrals."),
    ] = None
    principal_point: Annotated[
        tuple[float, float] | None,
        Bounds(-10000.0, 10000.0),
        Unit("pixel"),
        Help("Column and row that the isocentre projects to, counted from 0; the middle by default."),
    ] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sid_mm and self.sod_mm and self.sod_mm >= self.sid_mm:
            raise FluoroPrintError(
                f"sod_mm is {self.sod_mm:g} mm and sid_mm {self.sid_mm:g} mm: the isocentre lies between "
                "source "
                "and detector, so sod_mm is the smaller one."
            )


def option(name: str) -> str:
    """Return the command line's name of a parameter: sid_mm is --sid-mm."""
    return "--" + name.replace("_", "-")
