"""One object of each kind that a plan may hold, on or in a waved ellipsoid of bone: what is dragged."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from bone_solids import cap_places, shell
from FluoroPrintLib.catalog.implants import implant_families, implant_family
from FluoroPrintLib.mesh.polydata import points_of, with_points
from FluoroPrintLib.planning.centreline import Centreline
from FluoroPrintLib.planning.craniotomy import Craniotomy, cut_flap
from FluoroPrintLib.planning.craniotomy_objects import planned_craniotomy
from FluoroPrintLib.planning.cup import Cup
from FluoroPrintLib.planning.cup_angles import PelvicLandmarks, pelvis_frame
from FluoroPrintLib.planning.cup_objects import planned_cup, planned_pelvis
from FluoroPrintLib.planning.curve_cut import planned_curve_cut
from FluoroPrintLib.planning.donor_kind import planned_segment
from FluoroPrintLib.planning.electrode import ElectrodeParameters, electrode_to
from FluoroPrintLib.planning.electrode_objects import lead_of_family, planned_electrode
from FluoroPrintLib.planning.fragment_kind import planned_fragment
from FluoroPrintLib.planning.guide import make_guide
from FluoroPrintLib.planning.guide_objects import planned_guide
from FluoroPrintLib.planning.guide_parameters import CutPlane, DrillLine, GuideParameters
from FluoroPrintLib.planning.implant_objects import planned_implant
from FluoroPrintLib.planning.implants import chosen_implant
from FluoroPrintLib.planning.instrument import DrillPass, SawPass
from FluoroPrintLib.planning.instrument_objects import (
    DRILLING,
    GUIDE_WIRE,
    planned_drilling,
    planned_saw_cut,
)
from FluoroPrintLib.planning.lumen import LumenSections
from FluoroPrintLib.planning.mandible import DonorLine, donor_segments
from FluoroPrintLib.planning.osteotomy_objects import Osteotomy, planned_osteotomy
from FluoroPrintLib.planning.plan import Figure, Planned
from FluoroPrintLib.planning.plate import PlateParameters, plate_along
from FluoroPrintLib.planning.plate_objects import planned_plate
from FluoroPrintLib.planning.reduction import FragmentPose
from FluoroPrintLib.planning.screw_objects import SCREW
from FluoroPrintLib.planning.stent_graft import StentGraft
from FluoroPrintLib.planning.vessel_objects import planned_centreline, planned_stent_graft
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersSources import vtkSphereSource

LANDMARKS = PelvicLandmarks((-120.0, 30, 60), (120.0, 30, 60), (-25.0, 30, -30), (25.0, 30, -30))
DONOR = DonorLine((0.0, 0.0, -80.0), (0.0, 0.0, 80.0), (0.0, 1.0, 0.0), 6.0)


def waved_bone(triangles: int) -> vtkPolyData:
    """An ellipsoid of 150 by 80 by 110 mm with waves, closed, of about so many triangles."""
    ball = vtkSphereSource()
    around = int(np.sqrt(triangles / 2))
    ball.SetThetaResolution(around)
    ball.SetPhiResolution(triangles // (2 * around) + 2)
    ball.SetRadius(1.0)
    ball.Update()
    points = points_of(ball.GetOutput())
    waves = 1 + 0.03 * np.sin(9 * points).sum(axis=1, keepdims=True)
    return with_points(ball.GetOutput(), points * waves * (75.0, 40.0, 55.0))


def screw_at(number: int) -> Planned:
    """One of the screws: in two rows, 12 mm apart."""
    entry = np.array([-35.0 + 14.0 * (number // 2), -25.0, -6.0 + 12.0 * (number % 2)])
    tip = entry + (0.0, 45.0, 0.0)
    places = {"entry": (tuple(entry.tolist()),), "tip": (tuple(tip.tolist()),)}
    figures = {"diameter": Figure(6.5, "mm")}
    return Planned(f"screw-{number}", f"Screw {number}", SCREW, points=places, figures=figures)


def every_object(bone: vtkPolyData) -> Iterator[Planned]:
    """Yield an object of each kind, implants one of each family, in the largest of its sizes."""
    yield planned_pelvis(LANDMARKS)
    yield planned_cup(Cup((60.0, 0, 0), (0.6, 0.3, -0.7), 54.0), "right", pelvis_frame(LANDMARKS), 4.0)
    yield from _vessels()
    yield from _along_lines()
    yield from _on_bone(bone)
    for family in implant_families():
        largest = {name: sizes[-1] for name, sizes in family.dimensions.items()}
        name = f"implant-{family.id.replace('.', '-')}"
        implant = chosen_implant(family, **largest)
        yield planned_implant(name, family.title, implant, (20.0, 10.0, 5.0), (0.2, 0.9, 0.3))


def _vessels() -> Iterator[Planned]:
    turn = np.linspace(0.0, 2.4, 201)
    line = np.column_stack([60 * np.cos(turn), 20 * np.sin(turn), 40 * turn - 50])
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    wide = np.full(len(line), 22.0)
    centreline = Centreline(line, np.concatenate([[0.0], np.cumsum(steps)]), wide / 2)
    yield planned_centreline("centreline", "Centreline", centreline, LumenSections(wide, wide, wide, wide))
    graft = StentGraft(24.0, 24.0, 160.0, 10.0, 10.0, line, wide / 2)
    yield planned_stent_graft("stent-graft", "Stent-graft", graft)


def _along_lines() -> Iterator[Planned]:
    entry, tip = (10.0, -60.0, 4.0), (12.0, 15.0, 8.0)
    lead = electrode_to(entry, tip, lead_of_family(implant_family("lead-3389")))
    yield planned_electrode("electrode", "Electrode", lead, {}, ElectrodeParameters())
    for kind, diameter, point in ((DRILLING, 4.3, 90.0), (GUIDE_WIRE, 2.5, 30.0)):
        yield planned_drilling(kind, kind, kind, DrillPass(entry, tip, diameter, point), "drill-bit")
    saw = SawPass((-30.0, -45.0, 20.0), (50.0, -45.0, 20.0), (0.0, 1.0, 0.0), 60.0, 25.0, 1.27)
    yield planned_saw_cut("saw-cut", "Saw cut", saw, "saw-blade")


def _on_bone(bone: vtkPolyData) -> Iterator[Planned]:
    top = max(points_of(bone).tolist(), key=lambda place: place[1])
    drills = [DrillLine((top[0] + off, top[1], top[2]), (top[0] + off, 0.0, top[2])) for off in (-6.0, 6.0)]
    cut = CutPlane((top[0], top[1], top[2] + 8.0), (0.0, 0.0, 1.0))
    guide = make_guide(
        bone, drills, [cut], GuideParameters(grid_mm=0.6, reach_mm=6.0, cone_deg=0.0), (0.0, 1.0, 0.0)
    )
    yield planned_guide("guide", "Guide", guide)
    cuts = tuple(CutPlane((x, 0.0, 0.0), (1.0, 0.0, 0.0)) for x in (0.0, 30.0))
    osteotomy = Osteotomy(cuts, 1.0, (0.0, -40.0, 0.0), (0.0, 0.0, 1.0), 10.0)
    yield planned_osteotomy("osteotomy", "Osteotomy", osteotomy, bone)
    ends = [(-60.0, 25.0, 0.0), (0.0, 42.0, 0.0), (60.0, 25.0, 0.0)]
    yield planned_plate("plate", "Plate", plate_along(bone, ends, PlateParameters()))
    yield from _along_curves()
    line = ((0.0, 0.0, 0.0), (30.0, 0.0, 0.0), (45.0, 20.0, 0.0))
    segment = donor_segments(line, DONOR, (0.0, 0.0, 1.0))[0]
    yield planned_segment("donor-segment", "Segment", segment, DONOR)
    yield planned_fragment("fragment", "Fragment", bone, FragmentPose(np.eye(4), 3, 12, 0.4, 0.9))


def _along_curves() -> Iterator[Planned]:
    craniotomy = Craniotomy(cap_places(30.0, 0.6), 1.0, 12.0)
    yield planned_craniotomy("craniotomy", "Craniotomy", craniotomy, cut_flap(shell(30.0, 25.0), craniotomy))
    places = ((-20.0, 42.0, -20.0), (0.0, 44.0, 0.0), (20.0, 42.0, 20.0))
    yield planned_curve_cut("curve-cut", "Curve cut", places, (0.0, -1.0, 0.0), 1.0, ())
