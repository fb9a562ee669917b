"""The picture of a run: its source where it stood, what is missing of the arc, or that nothing is known."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from FluoroPrintLib.geometry.diagnosis import Diagnosis, diagnose
from FluoroPrintLib.geometry.poses import geometry_from_angles
from FluoroPrintLib.geometry.sweep import Sweep
from FluoroPrintLib.report.arc_plot import RADIUS_PX, VIEW_PX, WIDTH_PX, arc_svg


def diagnosis_of(arc_deg: float) -> Diagnosis:
    primary = np.linspace(-100.0, arc_deg - 100.0, 50)
    geometry = geometry_from_angles(
        primary, 0 * primary, sid_mm=1180.0, sod_mm=785.0, pixel_mm=(4.0, 4.0), rows=40, columns=60
    )
    return diagnose(Sweep(np.ones((50, 40, 60), np.float32), 1.0, geometry, {}))


def dots_of(svg: str) -> np.ndarray:
    return np.array(re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="2.2"', svg), float)


def test_every_source_is_a_dot_where_it_stood() -> None:
    dots = dots_of(arc_svg(diagnosis_of(204.0)))
    from_middle = dots - [WIDTH_PX / 2, VIEW_PX / 2]
    assert len(dots) == 50
    np.testing.assert_allclose(np.linalg.norm(from_middle, axis=1), RADIUS_PX, atol=0.2)
    # Seen from the feet with the front up, the panel at LAO 0 is in front, so the source is below.
    angle = np.degrees(np.arctan2(from_middle[:, 0], from_middle[:, 1]))
    np.testing.assert_allclose(np.unwrap(angle, period=360), -np.linspace(-100, 104, 50), atol=0.3)


def test_what_is_missing_of_the_arc_is_said() -> None:
    assert "missing" not in arc_svg(diagnosis_of(204.0))
    assert re.search(r">\d+° missing<", arc_svg(diagnosis_of(150.0)))


def test_the_arc_and_the_one_needed_are_marked_on_the_curve() -> None:
    svg = arc_svg(diagnosis_of(204.0))
    assert ">204°<" in svg
    assert "needed for a volume: 19" in svg


@pytest.mark.parametrize("diagnosis", [diagnosis_of(204.0), diagnosis_of(150.0), Diagnosis(5, 4, 4)])
def test_it_is_well_formed(diagnosis: Diagnosis) -> None:
    assert ElementTree.fromstring(arc_svg(diagnosis)).tag.endswith("svg")


def test_unknown_angles_are_said_to_be_unknown() -> None:
    unknown = replace(diagnosis_of(204.0), geometry=None, orbit=None, primary_deg=None, angles_deg=None)
    assert "not known" in arc_svg(unknown)
