"""The geometry check says what a sweep has, what it lacks, and which parameter mends it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.geometry.consistency import mirrored_columns
from FluoroPrintLib.geometry.diagnosis import Diagnosis, diagnose
from FluoroPrintLib.geometry.findings import shutter_margins
from FluoroPrintLib.geometry.poses import geometry_from_angles
from FluoroPrintLib.geometry.sweep import Sweep
from sweeps import SID, SOD, arc, sweep_of, with_geometry


def said(diagnosis: Diagnosis, severity: str) -> str:
    return " ".join(f.sentence for f in diagnosis.findings if f.severity == severity)


def proposals(diagnosis: Diagnosis) -> dict[str, object]:
    return {name: value for finding in diagnosis.findings for name, value in finding.proposal.items()}


def with_frames(sweep: Sweep, frames: np.ndarray) -> Sweep:
    return replace(sweep, frames=frames.astype(np.float32))


def test_a_good_sweep_has_its_figures_and_no_doubts() -> None:
    diagnosis = diagnose(sweep_of(arc()))
    assert diagnosis.findings == ()
    assert diagnosis.is_ready
    assert diagnosis.frames == 70
    assert diagnosis.arc_deg == pytest.approx(205 * 70 / 69)
    half_fan = np.degrees(np.arctan(35.5 * 3.2 / SID))
    assert diagnosis.needed_arc_deg == pytest.approx(180 + 2 * half_fan, abs=0.01)
    assert diagnosis.step_deg == pytest.approx((205 / 69,) * 3)
    assert diagnosis.field_radius_mm == pytest.approx(SOD * np.sin(np.arctan(36 * 3.2 / SID)))
    assert diagnosis.field_height_mm == pytest.approx(40 * 3.2 * SOD / SID)
    assert diagnosis.magnification == pytest.approx(SID / SOD)
    assert "RAO to LAO" in diagnosis.direction
    assert diagnosis.flex_mm == pytest.approx(0, abs=1e-6)


def test_the_other_direction_is_named() -> None:
    geometry = arc()
    back = replace(geometry, ras_to_pixel=geometry.ras_to_pixel[::-1])
    assert "LAO to RAO" in diagnose(Sweep(sweep_of(geometry).frames[::-1], 1.0, back)).direction


def test_a_mirrored_run_gets_the_other_sign_proposed() -> None:
    sweep = sweep_of(arc())
    diagnosis = diagnose(with_geometry(sweep, mirrored_columns(sweep.geometry)))
    assert proposals(diagnosis) == {"reverse_angles": True}
    assert diagnosis.findings[0].fields == ("reverse_angles", "flip_columns")


def test_a_moved_principal_point_is_proposed() -> None:
    diagnosis = diagnose(with_geometry(sweep_of(arc(principal_point=(38.0, 19.5))), arc()))
    column, row = proposals(diagnosis)["principal_point"]  # type: ignore[misc]
    assert column == pytest.approx(38.0, abs=0.1)
    assert row == pytest.approx(19.5)


@pytest.mark.parametrize("factor", [0.6, 1.5])
def test_a_wrong_i0_gets_the_right_one_proposed(factor: float) -> None:
    sweep = sweep_of(arc())
    wrong = replace(sweep, frames=sweep.frames + np.float32(np.log(factor)), i0=4000.0 * factor)
    diagnosis = diagnose(wrong)
    assert proposals(diagnosis)["i0"] == pytest.approx(4000.0, rel=0.02)


def test_grey_values_the_wrong_way_round_are_doubted() -> None:
    sweep = sweep_of(arc())
    dark = -np.log(np.maximum(1.02 - np.exp(-sweep.frames), 1e-3))
    diagnosis = diagnose(with_frames(sweep, dark))
    assert any(finding.fields == ("air",) for finding in diagnosis.findings)


def test_a_scale_that_no_body_has_is_doubted() -> None:
    sweep = sweep_of(arc())
    assert any("log_scale" in f.fields for f in diagnose(with_frames(sweep, sweep.frames * 60)).findings)


def test_a_short_arc_is_a_fault() -> None:
    diagnosis = diagnose(sweep_of(arc(150.0)))
    assert not diagnosis.is_ready
    assert "150" in said(diagnosis, "fault") or "152" in said(diagnosis, "fault")
    assert "No two views look along one line" in said(diagnosis, "note")


def test_a_run_that_stood_still_is_a_fault_and_not_an_exception() -> None:
    geometry = arc()
    still = replace(geometry, ras_to_pixel=np.repeat(geometry.ras_to_pixel[:1], 70, 0))
    diagnosis = diagnose(with_geometry(sweep_of(geometry), still))
    assert not diagnosis.is_ready
    assert diagnosis.arc_deg is None
    assert diagnosis.findings[0].fields == ("primary_start_deg", "arc_deg")


def test_constant_and_repeated_frames_are_named() -> None:
    sweep = sweep_of(arc())
    frames = sweep.frames.copy()
    frames[4] = 1.0
    frames[10] = frames[9]
    diagnosis = diagnose(with_frames(sweep, frames))
    assert "Frame 5 holds" in said(diagnosis, "fault")
    assert "Frame 11 repeats" in said(diagnosis, "doubt")


def test_a_shutter_is_measured() -> None:
    sweep = sweep_of(arc())
    frames = sweep.frames.copy()
    frames[:, :, :3] = 8.0
    frames[:, -2:, :] = 8.0
    assert shutter_margins(frames) == (3, 0, 0, 2)
    assert "3 columns at the left" in said(diagnose(with_frames(sweep, frames)), "note")


def test_steps_with_a_gap_and_odd_distances_are_doubted() -> None:
    primary = np.delete(np.linspace(-102.5, 102.5, 70), slice(30, 36))
    geometry = geometry_from_angles(
        primary, np.zeros(64), sid_mm=400.0, sod_mm=390.0, pixel_mm=(0.1, 0.1), rows=40, columns=72
    )
    words = said(diagnose(sweep_of(geometry)), "doubt")
    for part in ("steps from frame to frame", "400 mm from the source", "magnified 1.03", "radius of"):
        assert part in words


def test_every_field_named_is_a_sweep_parameter_and_every_proposal_is_valid() -> None:
    from FluoroPrintLib.files.sweep_parameters import SweepParameters
    from FluoroPrintLib.parameters import parameter_fields

    names = {field.name for field in parameter_fields(SweepParameters)}
    sweep = sweep_of(arc())
    wrong = [
        with_geometry(sweep, mirrored_columns(sweep.geometry)),
        with_geometry(sweep_of(arc(principal_point=(38.0, 19.5))), arc()),
        replace(sweep, frames=sweep.frames + np.float32(1)),
        with_frames(sweep, sweep.frames * 60),
        sweep_of(arc(100.0)),
    ]
    for each in wrong:
        for finding in diagnose(each).findings:
            assert {*finding.fields, *finding.proposal} <= names
            SweepParameters(**finding.proposal)
