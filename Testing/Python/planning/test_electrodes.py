"""Electrodes against balls and lines; markers against motions that are known."""

from __future__ import annotations

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.plan_files import read_plan, write_plan
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.planning import edits
from FluoroPrintLib.planning.edits import Hand
from FluoroPrintLib.planning.electrode import (
    ElectrodeParameters,
    Lead,
    clearance_of,
    electrode_to,
    safest_entry,
    structure_of,
)
from FluoroPrintLib.planning.electrode_objects import electrode_of, planned_electrode, surface_of_electrode
from FluoroPrintLib.planning.electrode_planner import with_markers
from FluoroPrintLib.planning.fiducials import fit_markers
from FluoroPrintLib.planning.plan import Plan
from scipy.spatial.transform import Rotation

LEAD = Lead("3389", "Lead of four contacts", 1.27, 1.5, 0.5)
ENTRY, TARGET = (0.0, 0.0, 60.0), (0.0, 0.0, 0.0)


def ball(centre, radius=6.0):
    """A ball on a grid of 1 mm about the line from entry to target."""
    matrix = np.eye(4)
    matrix[:3, 3] = -25.0, -25.0, -5.0
    k, j, i = np.indices((71, 51, 51))
    places = np.stack([i - 25.0, j - 25.0, k - 5.0], -1)
    inside = np.linalg.norm(places - np.asarray(centre), axis=-1) <= radius
    return structure_of(Volume(inside.astype(np.uint8), matrix))


def test_contacts_lie_from_the_tip_upwards():
    electrode = electrode_to(ENTRY, TARGET, LEAD, beyond_mm=1.0)
    assert electrode.tip_ras == (0.0, 0.0, -1.0)
    assert electrode.contacts_ras[:, 2] == pytest.approx([1.25, 3.25, 5.25, 7.25])
    assert electrode.length_mm == 61.0


def test_an_entry_too_near_is_refused():
    with pytest.raises(FluoroPrintError, match="contacts of Lead of four contacts take 9"):
        electrode_to((0.0, 0.0, 5.0), TARGET, LEAD)


def test_the_clearance_is_that_of_the_closed_form():
    found = clearance_of(electrode_to(ENTRY, TARGET, LEAD), ball((10.0, 0.0, 30.0)))
    assert found.least_mm == pytest.approx(10 - 6 - LEAD.diameter_mm / 2, abs=0.5)
    assert found.least_at_mm == pytest.approx(30.0, abs=1.0)
    through = clearance_of(electrode_to(ENTRY, TARGET, LEAD), ball((0.0, 0.0, 30.0)))
    assert through.least_mm == pytest.approx(-6 - LEAD.diameter_mm / 2, abs=0.6)


def test_a_structure_is_seen_from_beyond_its_grid():
    found = clearance_of(electrode_to((60.0, 0.0, 30.0), (40.0, 0.0, 30.0), LEAD), ball((10.0, 0.0, 30.0)))
    assert found.least_mm == pytest.approx(30 - 6 - LEAD.diameter_mm / 2, abs=1.0)
    assert found.least_at_mm == pytest.approx(20.0)


def test_the_entry_is_moved_no_further_than_the_margin_asks():
    structures = {"vessel": ball((4.0, 0.0, 40.0), 4.0)}
    asked = ElectrodeParameters(margin_mm=3.0, search_mm=15.0)
    entry = safest_entry(ENTRY, TARGET, LEAD, structures, asked)
    clear = clearance_of(electrode_to(entry, TARGET, LEAD), structures["vessel"]).least_mm
    assert clear >= 3.0
    assert entry[0] < 0
    assert np.linalg.norm(entry) == pytest.approx(60.0)
    nearer = ElectrodeParameters(margin_mm=0.5, search_mm=15.0)
    assert np.linalg.norm(np.subtract(safest_entry(ENTRY, TARGET, LEAD, structures, nearer), ENTRY)) < (
        np.linalg.norm(np.subtract(entry, ENTRY))
    )


def test_where_none_keeps_the_margin_the_best_is_taken():
    structures = {"all about": ball((0.0, 0.0, 30.0), 12.0)}
    asked = ElectrodeParameters(margin_mm=3.0, search_mm=6.0)
    entry = safest_entry(ENTRY, TARGET, LEAD, structures, asked)
    kept = clearance_of(electrode_to(entry, TARGET, LEAD), structures["all about"]).least_mm
    assert kept > clearance_of(electrode_to(ENTRY, TARGET, LEAD), structures["all about"]).least_mm


def test_an_entry_that_is_clear_stays():
    structures = {"far": ball((20.0, 0.0, 30.0), 3.0)}
    assert safest_entry(ENTRY, TARGET, LEAD, structures, ElectrodeParameters(search_mm=10.0)) == ENTRY
    assert safest_entry(ENTRY, TARGET, LEAD, {}, ElectrodeParameters(search_mm=10.0)) == ENTRY


def test_what_is_planned_is_read_again_and_drawn(tmp_path):
    electrode = electrode_to(ENTRY, TARGET, LEAD)
    clear = {"vessel": clearance_of(electrode, ball((10.0, 0.0, 30.0)))}
    planned = planned_electrode("lead-left", "Lead", electrode, clear, ElectrodeParameters(), side="left")
    write_plan(tmp_path / "plan.json", Plan("B", "", (planned,)))
    (again,) = read_plan(tmp_path / "plan.json").objects
    assert electrode_of(again).contacts_ras == pytest.approx(electrode.contacts_ras)
    assert again.figures["least clearance"].value == again.figures["clearance of vessel"].value
    assert len(again.figures["along"].value) == len(again.figures["distance to vessel"].value)
    assert check_mesh(surface_of_electrode(again)).pieces == 5


def test_an_electrode_is_dragged_by_its_ends_and_loses_what_was_told_of_its_place():
    electrode = electrode_to(ENTRY, TARGET, LEAD, 2.0)
    clear = {"vessel": clearance_of(electrode, ball((10.0, 0.0, 30.0)))}
    planned = planned_electrode("lead", "Lead", electrode, clear, ElectrodeParameters())
    plan = edits.drag(Plan(objects=(planned,)), "lead", {"target": ((3.0, 4.0, 50.0),)}, Hand())
    found = electrode_of(plan.named("lead"))
    expected = electrode_to(ENTRY, (3.0, 4.0, 50.0), found.lead, 2.0)
    assert found.tip_ras == pytest.approx(expected.tip_ras, abs=1e-5)
    assert np.array(plan.named("lead").points["contacts"]) == pytest.approx(expected.contacts_ras, abs=1e-5)
    figures = plan.named("lead").figures
    assert figures["length"].value == pytest.approx(expected.length_mm, abs=1e-3)
    assert not any("clear" in name or "distance" in name or name == "along" for name in figures)
    assert any("clear" in name for name in planned.figures)


def test_what_is_no_electrode_is_refused():
    planned = planned_electrode("a", "A", electrode_to(ENTRY, TARGET, LEAD), {}, ElectrodeParameters())
    with pytest.raises(FluoroPrintError, match="a is no electrode"):
        electrode_of(type(planned)("a", "A", "electrode"))


def markers(count=5, seed=3):
    return np.random.default_rng(seed).uniform(-80, 80, (count, 3))


def motion(seed=4):
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.random(random_state=seed).as_matrix()
    matrix[:3, 3] = 5.0, -30.0, 12.0
    return matrix


def moved(places, matrix):
    return places @ matrix[:3, :3].T + matrix[:3, 3]


def test_a_known_motion_is_found():
    fit = fit_markers(markers(), moved(markers(), motion()))
    assert fit.matrix == pytest.approx(motion(), abs=1e-9)
    assert fit.fre_mm == pytest.approx(0.0, abs=1e-9)


def test_markers_in_one_plane_are_not_mirrored():
    flat = markers(4) * [1, 1, 0]
    fit = fit_markers(flat, moved(flat, motion()))
    assert np.linalg.det(fit.matrix[:3, :3]) == pytest.approx(1.0)
    assert fit.matrix == pytest.approx(motion(), abs=1e-9)


def test_the_expected_error_at_a_target_is_that_of_many_trials():
    places, target, noise = markers(6), np.array([20.0, 70.0, -10.0]), 0.7
    rng = np.random.default_rng(8)
    errors, expected = [], []
    for _ in range(500):
        fit = fit_markers(places, moved(places, motion()) + rng.normal(0, noise / np.sqrt(3), places.shape))
        errors.append(np.linalg.norm(moved(target[None], fit.matrix) - moved(target[None], motion())) ** 2)
        expected.append(fit.expected_tre_mm(target) ** 2)
    assert np.sqrt(np.mean(expected)) == pytest.approx(np.sqrt(np.mean(errors)), rel=0.1)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (markers(5), markers(4), "5 markers in one space and 4"),
        (markers(2), markers(2), "three markers"),
        (np.outer(np.arange(5.0) * 20, (1, 2, 3)), np.zeros((5, 3)), "one line"),
    ],
)
def test_markers_that_tell_too_little_are_refused(first, second, said):
    with pytest.raises(FluoroPrintError, match=said):
        fit_markers(first, second)


def test_an_electrode_is_told_in_the_axes_of_the_device():
    planned = planned_electrode("a", "A", electrode_to(ENTRY, TARGET, LEAD), {}, ElectrodeParameters())
    in_device = tuple(map(tuple, moved(markers(), motion()).tolist()))
    found = with_markers(planned, tuple(map(tuple, markers().tolist())), in_device)
    assert found.figures["target, device"].value == pytest.approx(motion()[:3, 3], abs=1e-3)
    assert found.figures["entry, device"].value == pytest.approx(
        moved(np.array([ENTRY]), motion())[0], abs=1e-3
    )
    assert found.figures["error to expect at the target"].value == pytest.approx(0.0, abs=1e-3)
    assert found.decisions[-1].what == "registration by markers"
    with pytest.raises(FluoroPrintError, match="5 markers in one space and 4"):
        with_markers(planned, in_device, in_device[:4])
