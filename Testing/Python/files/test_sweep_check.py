"""The check of a file names what its header lacks, and the parameter that supplies it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.sweep_check import check_sweep
from FluoroPrintLib.files.sweep_parameters import SweepParameters
from xa_files import changed, write_run

SAMPLE = Path(__file__).parents[3] / "FluoroPrint" / "Resources" / "SampleData" / "head-small-xa.dcm"


def test_the_sample_is_ready_without_a_doubt() -> None:
    diagnosis, sweep = check_sweep(SAMPLE)
    assert sweep is not None
    assert diagnosis.is_ready
    assert diagnosis.findings == ()
    assert diagnosis.consistency is not None
    assert diagnosis.consistency.is_upright
    assert diagnosis.arc_deg == pytest.approx(201.7, abs=0.1)


@pytest.mark.parametrize(
    "wrong", [SweepParameters(reverse_angles=True), SweepParameters(flip_columns=True)], ids=["sign", "flip"]
)
def test_what_was_set_wrongly_is_proposed_to_be_taken_back(wrong: SweepParameters) -> None:
    diagnosis, _ = check_sweep(SAMPLE, wrong)
    assert replace(wrong, **diagnosis.findings[0].proposal) == SweepParameters()


def test_missing_values_are_faults_with_their_parameters(tmp_path: Path) -> None:
    def strip(dataset: object) -> None:
        for word in ("DistanceSourceToDetector", "ImagerPixelSpacing", "PositionerPrimaryAngleIncrement"):
            delattr(dataset, word)

    diagnosis, sweep = check_sweep(changed(write_run(tmp_path / "run.dcm"), strip))
    assert sweep is None
    assert not diagnosis.is_ready
    assert [f.fields for f in diagnosis.findings] == [("sid_mm",), ("pixel_mm",), ("arc_deg",)]
    told = SweepParameters(sid_mm=1180.0, pixel_mm=(2.6, 2.6), arc_deg=198.0)
    assert check_sweep(tmp_path / "run.dcm", told)[1] is not None


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FluoroPrintError, match="does not exist"):
        check_sweep(tmp_path / "nothing.dcm")
