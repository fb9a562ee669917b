"""A guide planned on what a plan holds: which drills and slots it gets, and what it lacks."""

from dataclasses import replace

import numpy as np
import pytest
from bone_solids import box, request
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.planning.guide_objects import guide_of
from FluoroPrintLib.planning.guide_parameters import CutPlane, GuideParameters
from FluoroPrintLib.planning.guide_planner import cuts_at, guide_planner, lines_of
from FluoroPrintLib.planning.osteotomy_objects import Osteotomy, planned_osteotomy
from FluoroPrintLib.planning.plan import Figure, Planned
from FluoroPrintLib.planning.planner import lacking
from FluoroPrintLib.progress import silent

QUICK = GuideParameters(grid_mm=0.6, reach_mm=8.0, cone_deg=0.0, slot_length_mm=12.0)


def screw(name, x):
    points = {"entry": ((x, 0.0, 10.0),), "tip": ((x, 0.0, -8.0),)}
    return Planned(name, f"Screw {name}", "screw", points=points, figures={"diameter": Figure(5.0, "mm")})


def slab():
    """A block of 60 by 40 by 20 mm about the origin."""
    return box((60, 40, 20), (-30, -20, -10))


def planned_on(objects, places=None):
    asked = replace(request(slab(), places or {}, QUICK), objects=tuple(objects))
    (guide,) = guide_planner().plan(asked, silent).objects
    return guide


def test_a_guide_drills_the_screws_that_were_chosen():
    guide = planned_on([screw("1", -8.0), screw("2", 8.0)])
    feet = np.array(guide.points["drill feet"])
    np.testing.assert_allclose(feet, [(-8.0, 0.0, 10.0), (8.0, 0.0, 10.0)], atol=0.05)
    np.testing.assert_allclose(guide.points["drill targets"], [(-8, 0, -8), (8, 0, -8)], atol=0.05)
    assert guide.label == "Guide for Screw 1, Screw 2"
    assert guide.figures["penetration on removal"].value == 0.0
    assert len(guide_of(guide).drills) == 2


def test_the_slot_of_a_planned_cut_lies_in_its_plane():
    cut = CutPlane((5.0, 0.0, 0.0), (1.0, 0.0, 0.0))
    planned = planned_osteotomy(
        "osteotomy-1", "Cut", Osteotomy((cut,), 1.0, (5.0, 0.0, -10.0), (0.0, 1.0, 0.0), 5.0), slab()
    )
    guide = planned_on([planned], {"cut": ((6.5, 3.0, 10.0),)})
    (place,) = guide.points["cuts"]
    assert place == pytest.approx((5.0, 3.0, 10.0)), "moved into the plane of the cut"
    np.testing.assert_allclose(np.abs(guide.directions["cut normals"][0]), (1, 0, 0), atol=1e-9)
    with pytest.raises(FluoroPrintError, match="where on the bone the slot"):
        cuts_at((), [planned])


def test_three_places_make_a_plane_and_no_line():
    (cut,) = cuts_at(((1.0, 0.0, 0.0), (1.0, 5.0, 0.0), (1.0, 0.0, 7.0)), ())
    assert cut.point_ras == (1.0, 0.0, 0.0)
    np.testing.assert_allclose(np.abs(cut.normal_ras), (1, 0, 0))
    with pytest.raises(FluoroPrintError, match="lie on a line"):
        cuts_at(((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (2.0, 0.0, 0.0)), ())
    with pytest.raises(FluoroPrintError, match="three places"):
        cuts_at(((0.0, 0.0, 0.0),), ())


def test_what_a_guide_lacks_is_told():
    planner, implant = guide_planner(), Planned("cup-1", "Cup", "cup")
    assert "needs an object of the table (screw, plate, osteotomy) or places" in lacking(
        planner, {}, [implant]
    )
    assert lacking(planner, {}, [screw("1", 0.0)]) == ""
    assert lacking(planner, {"entry": ((0.0, 0.0, 0.0),)}) == ""
    assert lines_of([implant], 20.0) == []
    with pytest.raises(FluoroPrintError, match="nothing to guide"):
        planned_on([])
    with pytest.raises(FluoroPrintError, match="as a pair each"):
        planned_on([], {"entry": ((0.0, 0.0, 10.0),)})
