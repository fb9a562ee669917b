"""Lets the tests of reconstruction import what they share (`balls`)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from FluoroPrintLib.reconstruction.engines import numba_is_installed  # noqa: E402

ENGINES = [
    "numpy",
    pytest.param(
        "numba", marks=pytest.mark.skipif(not numba_is_installed(), reason="numba is not installed")
    ),
]


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name
