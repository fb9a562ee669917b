"""The geometry check on simulated runs of a CT: noise, a bending arm, a narrow panel, logarithmic values."""

from __future__ import annotations

from pathlib import Path

import pytest
from FluoroPrintLib.files.sweep_check import check_sweep
from FluoroPrintLib.files.sweep_parameters import SweepParameters
from FluoroPrintLib.files.volumes import read_volume
from FluoroPrintLib.files.xa_writer import write_xa_sweep
from FluoroPrintLib.simulation.sweeps import SimulationParameters, simulate_sweep

CT = Path(__file__).parents[2] / "Data" / "head-phantom-ct-crop.nrrd"
RUNS = {
    "plain": {},
    "few photons": {"photons": 5000.0},
    "bending": {"wobble_mm": 4.0, "seed": 3},
    "narrow panel": {"panel_mm": (90.0, 90.0)},
    "logarithmic": {"relation": "LOG"},
    "scatter": {"scatter": 1.0},
    "few frames": {"frames": 40},
}


def written(folder: Path, options: dict[str, object]) -> Path:
    base = {"frames": 90, "arc_deg": 205.0, "pixel_mm": 2.0, "panel_mm": (160.0, 220.0)}
    chosen = SimulationParameters(**base | options)
    run = simulate_sweep(read_volume(CT), chosen)
    write_xa_sweep(
        folder / "run.dcm",
        run.counts,
        primary_deg=run.primary_deg,
        secondary_deg=run.secondary_deg,
        sid_mm=chosen.sid_mm,
        sod_mm=chosen.sod_mm,
        pixel_mm=(chosen.pixel_mm, chosen.pixel_mm),
        bits_stored=chosen.bits,
        relation=chosen.relation,
    )
    return folder / "run.dcm"


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_the_sense_of_turning_is_told_right_in_every_run(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, RUNS[name])
    told = {}
    for sense, parameters in (("right", SweepParameters()), ("wrong", SweepParameters(reverse_angles=True))):
        diagnosis, _ = check_sweep(path, parameters)
        assert diagnosis.consistency is not None
        told[sense] = (diagnosis.consistency.is_upright, diagnosis.consistency.is_mirrored)
        sense_of = [
            f.proposal["reverse_angles"] for f in diagnosis.findings if "reverse_angles" in f.proposal
        ]
        assert sense_of == ([] if sense == "right" else [False])
    assert told == {"right": (True, False), "wrong": (False, True)}


@pytest.mark.slow
def test_a_tilted_turn_is_left_undecided_and_said_to_be(tmp_path: Path) -> None:
    diagnosis, _ = check_sweep(written(tmp_path, {"secondary_deg": 12.0}))
    assert diagnosis.consistency is None
    assert any("cannot be checked" in finding.sentence for finding in diagnosis.findings)
