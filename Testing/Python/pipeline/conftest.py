"""A small case, run once: two balls of bone in a cylinder of soft tissue, seen by a coarse panel."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from command_line import BALL_HU, BALL_MM, RECONSTRUCTION, Done, fluoroprint  # noqa: E402
from FluoroPrintLib.files.volumes import write_volume  # noqa: E402
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at  # noqa: E402


def ball_phantom() -> Volume:
    size = (72, 72, 60)
    grid = grid_centred_at((0, 0, 0), size, 3.0)
    i, j, k = np.meshgrid(*(np.arange(count) for count in size), indexing="ij")
    x, y, z = (grid[:3, :3] @ np.stack([i, j, k]).reshape(3, -1) + grid[:3, 3:]).reshape(3, *size)
    values = np.where(x**2 + y**2 < 80.0**2, 40.0, -1000.0)
    for centre_x in (-40.0, 40.0):
        values[(x - centre_x) ** 2 + y**2 + z**2 < BALL_MM**2] = BALL_HU
    return Volume(np.ascontiguousarray(values.transpose(2, 1, 0), np.float32), grid)


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The files that `simulate` reads and writes: ct, sweep, geometry; and what it said."""
    folder = tmp_path_factory.mktemp("simulated")
    write_volume(folder / "ct.nrrd", ball_phantom())
    said = fluoroprint(
        *("simulate", folder / "ct.nrrd", "--out", folder / "run.dcm", "--pixel-mm", "4"),
        *("--frames", "60", "--photons", "0"),
    )
    assert said.code == 0, said.err
    return SimpleNamespace(
        ct=folder / "ct.nrrd", sweep=folder / "run.dcm", geometry=folder / "run.geometry.json", said=said
    )


@pytest.fixture(scope="session")
def sweep(simulated: SimpleNamespace) -> Path:
    path: Path = simulated.sweep
    return path


@pytest.fixture(scope="session")
def case(sweep: Path, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The folder of a whole run, and what the command said."""
    folder = tmp_path_factory.mktemp("case") / "made" / "here"
    said: Done = fluoroprint("run", sweep, "--out", folder, *RECONSTRUCTION)
    assert said.code == 0, said.err
    return SimpleNamespace(folder=folder, said=said)
