"""Parameters: what is accepted, what is refused with which sentence, how fields are described."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, dataclass
from typing import Annotated, Any

import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.parameters import (
    Bounds,
    Choices,
    Help,
    ParameterField,
    Parameters,
    Unit,
    parameter_fields,
)
from FluoroPrintLib.progress import part_of, silent


@dataclass(frozen=True)
class DrillParameters(Parameters):
    depth_mm: Annotated[float, Bounds(0.5, 20.0), Unit("mm"), Help("Depth of the hole.")] = 2.0
    holes: Annotated[int, Bounds(1, 8), Help("Number of holes.")] = 3
    cool: Annotated[bool, Help("Rinse while drilling.")] = True
    tip: Annotated[str, Choices(("round", "flat")), Help("Shape of the tip.")] = "round"
    start_mm: Annotated[tuple[float, float, float], Bounds(-10.0, 10.0), Unit("mm"), Help("Entry.")] = (
        0.0,
        0.0,
        0.0,
    )
    speed: Annotated[float | None, Bounds(1.0, 9.0), Help("Turns a second.")] = None
    end_mm: Annotated[tuple[int, int] | None, Bounds(0, 5), Help("Exit.")] = None
    note: str = ""


def test_fields_are_described_in_their_order_with_everything_the_annotation_says():
    assert parameter_fields(DrillParameters) == (
        ParameterField(
            "depth_mm", float, 2.0, bounds=Bounds(0.5, 20.0), unit="mm", help="Depth of the hole."
        ),
        ParameterField("holes", int, 3, bounds=Bounds(1, 8), help="Number of holes."),
        ParameterField("cool", bool, True, help="Rinse while drilling."),
        ParameterField("tip", str, "round", choices=("round", "flat"), help="Shape of the tip."),
        ParameterField(
            "start_mm", float, (0.0, 0.0, 0.0), length=3, bounds=Bounds(-10.0, 10.0), unit="mm", help="Entry."
        ),
        ParameterField("speed", float, None, optional=True, bounds=Bounds(1.0, 9.0), help="Turns a second."),
        ParameterField("end_mm", int, None, length=2, optional=True, bounds=Bounds(0, 5), help="Exit."),
        ParameterField("note", str, ""),
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("depth_mm", 0.5),
        ("depth_mm", 20.0),
        ("depth_mm", 7),
        ("holes", 8),
        ("cool", False),
        ("tip", "flat"),
        ("start_mm", (-10.0, 10, 0.0)),
        ("speed", None),
        ("speed", 9.0),
        ("end_mm", None),
        ("end_mm", (0, 5)),
    ],
)
def test_values_at_the_bounds_and_none_where_allowed_are_accepted(name: str, value: Any):
    assert getattr(DrillParameters(**{name: value}), name) == value


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("depth_mm", 0.49, "depth_mm is 0.49 mm: it takes 0.5 to 20 mm."),
        ("depth_mm", 20.1, "depth_mm is 20.1 mm: it takes 0.5 to 20 mm."),
        ("depth_mm", math.nan, "depth_mm is nan: it takes a finite number."),
        ("depth_mm", math.inf, "depth_mm is inf: it takes a finite number."),
        ("depth_mm", True, "depth_mm is True: it takes a number."),
        ("depth_mm", "2", "depth_mm is '2': it takes a number."),
        ("depth_mm", None, "depth_mm is None: it takes a number."),
        ("holes", 9, "holes is 9: it takes 1 to 8."),
        ("holes", 3.0, "holes is 3.0: it takes a whole number."),
        ("holes", True, "holes is True: it takes a whole number."),
        ("cool", 1, "cool is 1: it takes True or False."),
        ("tip", "sharp", "tip is 'sharp': choose one of round, flat."),
        ("tip", 2, "tip is 2: it takes a word."),
        ("start_mm", (0.0, 0.0), "start_mm is (0.0, 0.0): it takes a tuple of 3 values."),
        ("start_mm", [0.0, 0.0, 0.0], "start_mm is [0.0, 0.0, 0.0]: it takes a tuple of 3 values."),
        ("start_mm", (0.0, 0.0, 10.5), "start_mm is 10.5 mm: it takes -10 to 10 mm."),
        ("start_mm", (0.0, math.nan, 0.0), "start_mm is nan: it takes a finite number."),
        ("start_mm", None, "start_mm is None: it takes a tuple of 3 values."),
        ("speed", 0.5, "speed is 0.5: it takes 1 to 9."),
        ("end_mm", (0, 6), "end_mm is 6: it takes 0 to 5."),
        ("end_mm", (0, 1.0), "end_mm is 1.0: it takes a whole number."),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name_with_what_is_taken(
    name: str, value: Any, sentence: str
):
    with pytest.raises(FluoroPrintError) as caught:
        DrillParameters(**{name: value})
    assert str(caught.value) == sentence


@pytest.mark.parametrize("name", ["depth_mm", "holes"])
def test_a_whole_number_beyond_all_floats_is_refused_like_any_other(name: str):
    with pytest.raises(FluoroPrintError, match=f"{name} is .*: it takes"):
        DrillParameters(**{name: 10**400})


def test_parameters_cannot_be_changed_after_the_check():
    with pytest.raises(FrozenInstanceError):
        DrillParameters().depth_mm = -1.0  # type: ignore[misc]


def test_a_part_of_progress_maps_its_own_fractions_onto_its_share_of_the_whole():
    heard = []
    part = part_of(lambda fraction, message: heard.append((fraction, message)), 0.2, 0.6)
    for fraction in (0.0, 0.5, 1.0):
        part(fraction, "turning")
    assert heard == [
        (pytest.approx(0.2), "turning"),
        (pytest.approx(0.4), "turning"),
        (pytest.approx(0.6), "turning"),
    ]


def test_a_part_of_a_part_lies_inside_it_and_passes_the_wish_to_stop_on():
    heard = []

    def stop_at_half(fraction: float, message: str) -> None:
        heard.append(fraction)
        if fraction >= 0.5:
            raise Cancelled(message)

    inner = part_of(part_of(stop_at_half, 0.0, 0.8), 0.5, 1.0)
    inner(0.0, "begin")
    with pytest.raises(Cancelled, match="end"):
        inner(1.0, "end")
    assert heard == pytest.approx([0.4, 0.8])


def test_the_silent_progress_says_nothing(capsys: pytest.CaptureFixture[str]):
    silent(0.5, "unheard")
    assert capsys.readouterr().out == ""
