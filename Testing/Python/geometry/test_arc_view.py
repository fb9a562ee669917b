"""A run as seen from the patient's feet: the patient's right at the left, the front up, the source's way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.geometry.arc_view import ArcView, arc_view, panel_ends_ras
from FluoroPrintLib.geometry.diagnosis import Diagnosis, diagnose
from FluoroPrintLib.geometry.poses import geometry_from_angles
from FluoroPrintLib.geometry.sweep import Sweep
from sweeps import SID, SOD, arc, sweep_of


def seen(diagnosis: Diagnosis) -> ArcView:
    view = arc_view(diagnosis)
    assert view is not None
    return view


def test_from_the_feet_the_patients_right_is_at_the_left_and_the_front_up() -> None:
    view = seen(diagnose(sweep_of(arc())))
    assert view.is_from_feet
    assert view.sides == ("R", "L", "A", "P")


def test_a_source_under_the_patient_is_at_the_bottom_and_goes_right_as_the_panel_goes_left() -> None:
    geometry = arc(205.0, 71)
    view = seen(diagnose(sweep_of(geometry)))
    np.testing.assert_allclose(view.sources[35], [0, -1], atol=1e-9)
    assert view.sources[50, 0] < 0 < view.sources[20, 0]  # the detector goes to the patient's left (LAO)
    assert not view.is_anticlockwise
    np.testing.assert_allclose(np.ptp(view.angles_deg), 205.0)


def test_the_panel_stands_opposite_to_scale() -> None:
    view = seen(diagnose(sweep_of(arc(205.0, 71))))
    assert view.panels is not None
    height, width = (SID - SOD) / SOD, 72 * 3.2 / SOD
    np.testing.assert_allclose(view.panels[35], [[-width / 2, height], [width / 2, height]], atol=1e-9)
    assert view.field_radius == pytest.approx(np.sin(np.arctan(36 * 3.2 / SID)))


def test_what_is_missing_of_a_short_arc_is_told() -> None:
    diagnosis = diagnose(sweep_of(arc(150.0)))
    assert diagnosis.needed_arc_deg is not None
    assert diagnosis.arc_deg is not None
    assert seen(diagnosis).missing_deg == pytest.approx(diagnosis.needed_arc_deg - diagnosis.arc_deg)
    assert seen(diagnose(sweep_of(arc(205.0)))).missing_deg == 0.0


def test_a_gap_is_named_by_the_frame_before_it() -> None:
    primary = np.delete(np.linspace(-102.5, 102.5, 70), slice(30, 36))
    geometry = geometry_from_angles(
        primary, np.zeros(64), sid_mm=SID, sod_mm=SOD, pixel_mm=(3.2, 3.2), rows=40, columns=72
    )
    assert seen(diagnose(sweep_of(geometry))).gaps == (29,)


def test_angles_alone_give_the_same_way_round() -> None:
    geometry = arc()
    whole = seen(diagnose(sweep_of(geometry)))
    bare = seen(Diagnosis(70, 40, 72, primary_deg=geometry.primary_deg))
    np.testing.assert_allclose(bare.sources, whole.sources, atol=1e-9)
    assert (bare.panels, bare.sides) == (None, whole.sides)


def test_a_run_about_another_axis_is_seen_along_that() -> None:
    geometry = arc()
    turn = np.eye(4)
    turn[:3, :3] = [[0, 0, 1], [0, 1, 0], [-1, 0, 0]]  # the body's long axis lies from right to left
    about_right = replace(geometry, ras_to_pixel=geometry.ras_to_pixel @ turn)
    view = seen(diagnose(Sweep(sweep_of(geometry).frames, 1.0, about_right)))
    assert not view.is_from_feet
    assert {*view.sides[:2]} == {"H", "F"}
    assert view.sides[2:] == ("A", "P")


def test_without_angles_and_distances_there_is_nothing_to_see() -> None:
    assert arc_view(Diagnosis(70, 40, 72)) is None
    assert panel_ends_ras(replace(arc(), sid_mm=None)) is None
