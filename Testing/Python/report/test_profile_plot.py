"""The curves of a planned object along its way, as a picture for a panel: where it is red, what it names."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from FluoroPrintLib.planning.plan import Figure, Planned
from FluoroPrintLib.planning.profile import profile_of
from FluoroPrintLib.report.arc_plot import WRONG
from FluoroPrintLib.report.profile_plot import profile_svg

ALONG = tuple(float(place) for place in range(21))


def screw(depth, judged=(4.0, 20.0), **more):
    figures = {
        "diameter": Figure(6.0, "mm"),
        "judged": Figure(judged, "mm"),
        "along": Figure(ALONG, "mm"),
        "distance to cortex": Figure(tuple(depth), "mm"),
        **{name: Figure(tuple(values), "mm") for name, values in more.items()},
    }
    return Planned("screw-1", "Screw 1", "screw", figures=figures)


def places(path):
    """The points of an SVG path, (N, 2) pixels."""
    return np.array(re.findall(r"(-?[\d.]+)[ ,](-?[\d.]+)", path.get("d")), float)


def lines(svg, colour=None):
    found = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}path")
    return [path for path in found if colour is None or path.get("stroke") == colour]


def test_only_a_breach_that_is_judged_is_red():
    depth = np.full(21, 5.0)
    depth[:3] = 0.5
    assert lines(profile_svg(profile_of(screw(depth))), WRONG) == []
    depth[10:13] = 2.9
    (red,) = lines(profile_svg(profile_of(screw(depth))), WRONG)
    across = places(red)[:, 0]
    share = (across - 34.0) / (330.0 - 34.0) * 20.0
    assert share == pytest.approx([10.0, 11.0, 12.0], abs=0.05), "where the cortex is breached"


def test_the_dashed_line_stands_at_the_radius():
    depth = np.linspace(0.0, 6.0, 21)
    found = lines(profile_svg(profile_of(screw(depth))))
    (dashed,) = [path for path in found if path.get("stroke-dasharray")]
    level = float(re.search(r"M[\d.]+ ([\d.]+)", dashed.get("d"))[1])
    curve = places(next(path for path in found if path.get("stroke-width") == "1.8"))
    assert np.interp(level, curve[::-1, 1], depth[::-1]) == pytest.approx(3.0, abs=0.02)


def test_curves_of_one_object_share_a_scale_and_are_named():
    svg = profile_svg(profile_of(screw(np.full(21, 4.0), **{"distance to <nerve>": np.full(21, 8.0)})))
    assert [span.text for span in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}tspan")] == [
        "distance to cortex",
        "distance to <nerve>",
    ]
    low, high = (places(path)[0, 1] for path in lines(svg) if path.get("stroke-width") == "1.8")
    zero = 110.0
    assert (zero - high) == pytest.approx(2 * (zero - low), rel=0.01)


def test_what_lies_outside_the_bone_is_below_zero():
    depth = np.linspace(-2.0, 4.0, 21)
    curve = places(
        next(p for p in lines(profile_svg(profile_of(screw(depth)))) if p.get("stroke-width") == "1.8")
    )
    assert curve[0, 1] == pytest.approx(110.0, abs=0.1)


def test_an_object_without_curves_has_no_profile():
    assert profile_of(Planned("cup-1", "Cup 1", "cup", figures={"diameter": Figure(50.0, "mm")})) is None
    assert profile_of(screw([1.0, 2.0])) is None, "a curve of another length is none along it"
