"""However a console writes its angles, the same run gives the same angles."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.xa_angles import AngleList, frame_angles

RUN_DEG = np.linspace(-100.0, 98.0, 100)  # 2 degrees a frame
STEPS_DEG = np.diff(RUN_DEG)


def angles(start: float | None, values: npt.ArrayLike, count: int = 100, **options: bool) -> AngleList:
    found = frame_angles(start, np.atleast_1d(np.asarray(values, float)), count, "primary", **options)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("start", "values", "encoding", "is_standard"),
    [
        (-100.0, [2.0], "one mean increment", True),
        (-100.0, RUN_DEG + 100.0, "offsets from the first frame", True),
        (0.0, RUN_DEG, "absolute angles", True),
        (None, RUN_DEG, "absolute angles", True),
        (-100.0, RUN_DEG, "absolute angles", False),
        (-100.0, np.append(0.0, STEPS_DEG), "steps from frame to frame", False),
        (-100.0, np.append(2.0, STEPS_DEG), "steps from frame to frame", False),
        (-100.0, STEPS_DEG, "steps from frame to frame", False),
        (-100.0, RUN_DEG[1:] + 100.0, "offsets from the first frame", True),
    ],
)
def test_every_way_of_writing_gives_the_same_run(
    start: float | None, values: npt.ArrayLike, encoding: str, is_standard: bool
) -> None:
    found = angles(start, values)
    np.testing.assert_allclose(found.degrees, RUN_DEG, atol=1e-9)
    assert found.encoding == encoding
    assert bool(found.warnings) != is_standard


def test_a_run_that_speeds_up_and_brakes_keeps_its_steps() -> None:
    steps = np.concatenate([[0.5, 1.0, 1.5], np.full(93, 2.0), [1.5, 1.0, 0.5]])
    found = angles(-90.0, np.append(0.0, steps))
    np.testing.assert_allclose(found.degrees, -90.0 + np.append(0.0, np.cumsum(steps)), atol=1e-9)


def test_empty_increments_hold_the_first_angle() -> None:
    found = angles(-32.0, [])
    assert found.encoding == "constant"
    np.testing.assert_array_equal(found.degrees, np.full(100, -32.0))


def test_a_constant_list_of_secondary_angles_is_no_list_of_steps() -> None:
    found = angles(0.0, np.full(100, 2.0), may_be_steps=False)
    np.testing.assert_array_equal(found.degrees, np.full(100, 2.0))


def test_absolute_angles_go_on_past_180() -> None:
    run = np.arange(100.0, 300.0, 2.0)
    found = angles(0.0, (run + 180.0) % 360.0 - 180.0)
    np.testing.assert_allclose(found.degrees, run, atol=1e-9)


def test_no_angle_at_all_is_none() -> None:
    assert frame_angles(None, np.array([]), 100, "primary") is None


def test_a_list_of_another_length_is_refused() -> None:
    with pytest.raises(FluoroPrintError, match="7 primary angle increments for 100 frames"):
        angles(-100.0, np.arange(7.0))
