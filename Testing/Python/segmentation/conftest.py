"""Lets the tests of segmentation import what they share."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def ball_sweep():
    from frames_of_a_ball import sweep_of_the_ball

    return sweep_of_the_ball()
