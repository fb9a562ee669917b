"""Plans to edit: two screws in a block of bone, and edits drawn at random."""

from __future__ import annotations

import numpy as np
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.planning import edits
from FluoroPrintLib.planning.edits import Hand
from FluoroPrintLib.planning.field import bone_field
from FluoroPrintLib.planning.kind import Surroundings
from FluoroPrintLib.planning.plan import Figure, Plan, Planned
from FluoroPrintLib.planning.screw import Screw
from FluoroPrintLib.planning.screw_objects import SCREW
from planning_solids import FAMILY, box, grid, places_of

BONE_RADIUS_MM = 10.0
MODEL = Planned("model", "Model", "widget")


def hand(voxel_mm=1.0):
    """Who edits, in two bars of bone of 20 by 20 by 60 mm about x = -20 and 20."""
    volume = grid((72, 30, 72), (voxel_mm,) * 3)
    places = places_of(volume)
    bars = box(places, (-30, -10, -30), (-10, 10, 30)) | box(places, (10, -10, -30), (30, 10, 30))
    around = Surroundings(bone_field(volume.with_array(bars)), catalogue={SCREW: (FAMILY,)})
    return Hand(around, "2026-01-02T03:04:05")


def loose_screw(screw, name="screw-1-left", label="Screw 1, left", side="left"):
    """A screw that was not measured."""
    axis = tuple(float(part) for part in screw.axis_ras)
    points = {"entry": (screw.entry_ras,), "tip": (screw.tip_ras,)}
    return Planned(
        name, label, SCREW, side, points, {"axis": (axis,)}, {"diameter": Figure(screw.diameter_mm, "mm")}
    )


def plan_of_two(by):
    """A screw in each bar, along it."""
    plan = Plan("case")
    for x, side in ((-20.0, "left"), (20.0, "right")):
        screw = Screw((x, 0.0, -30.0), (x, 0.0, 10.0), 6.0)
        plan = edits.add(plan, loose_screw(screw, f"screw-1-{side}", f"Screw 1, {side}", side), by)
    return plan


def turned(degrees, shift=(0.3, -0.2, 0.1)):
    """A turn about an oblique axis with a shift."""
    axis = np.array([1.0, 2.0, 3.0]) / np.sqrt(14.0)
    cross = np.cross(np.eye(3), axis)
    angle = np.radians(degrees)
    matrix = np.eye(4)
    matrix[:3, :3] = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    matrix[:3, 3] = shift
    return matrix


def edited_at_random(history, random, by):
    """One edit of a history: any kind, of any object; where it is refused the object is unlocked."""
    names = [planned.id for planned in history.present.objects]
    choices = [
        lambda plan, name: edits.move(
            plan, name, turned(random.uniform(-9, 9), random.uniform(-3, 3, 3)), by
        ),
        lambda plan, name: edits.drag(plan, name, {"entry": (tuple(random.uniform(-30, 30, 3)),)}, by),
        lambda plan, name: edits.resize(plan, name, int(random.choice([-1, 1])), by),
        lambda plan, name: edits.resize(plan, name, int(random.choice([-1, 1])), by, "length"),
        lambda plan, name: edits.mirror(plan, name, random.uniform(-5, 5, 3), random.normal(size=3), by),
        lambda plan, name: edits.lock(plan, name, not plan.named(name).locked, by),
        lambda plan, name: edits.rename(plan, name, f"Screw {random.integers(1000)}", by),
        lambda plan, name: (
            edits.remove(plan, name) if len(names) > 2 else edits.add(plan, plan.named(name), by)
        ),
    ]
    chosen, name = choices[random.integers(len(choices))], names[random.integers(len(names))]
    try:
        return history.done(chosen(history.present, name))
    except FluoroPrintError:
        opened = edits.lock(history.present, name, False, by)
        return history.done(opened)
