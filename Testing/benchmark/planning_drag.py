"""How long figures take to follow the hand: every kind of object dragged in a bone of 500 000 triangles.

    python Testing/benchmark/planning_drag.py [word of a kind or id ...]

The bone is a waved ellipsoid, made here. Each step moves an object's handles in the scene, measures it anew
(all figures of its kind, share in the bone, gap to eleven screws) and draws it. Drawing by the graphics card
is not in it. Of implants one of each family of the catalogue is dragged, in its largest size. What comes near
another object for the first time waits for that to be measured: that is in the last column alone.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Python" / "planning"))

from FluoroPrintLib.catalog.families import plan_catalogue  # noqa: E402
from FluoroPrintLib.geometry.volume import Volume  # noqa: E402
from FluoroPrintLib.mrml.nodes import vtk_matrix  # noqa: E402
from FluoroPrintLib.mrml.plan_live import follow_drag, nodes_of  # noqa: E402
from FluoroPrintLib.mrml.plan_objects import show_plan, take_up_drags  # noqa: E402
from FluoroPrintLib.mrml.plan_store import add_plan, history_of, plan_of  # noqa: E402
from FluoroPrintLib.mrml.scene import headless_scene  # noqa: E402
from FluoroPrintLib.planning import edits  # noqa: E402
from FluoroPrintLib.planning.cup_objects import PELVIS  # noqa: E402
from FluoroPrintLib.planning.edits import Hand  # noqa: E402
from FluoroPrintLib.planning.kind import LINE, PLANE, Surroundings, pose_of  # noqa: E402
from FluoroPrintLib.planning.kinds import kind_of, kinds  # noqa: E402
from FluoroPrintLib.planning.live import Live, bone_to_plan_in, density_about  # noqa: E402
from FluoroPrintLib.planning.meshes import bone_within  # noqa: E402
from FluoroPrintLib.planning.plan import Plan, Planned  # noqa: E402
from FluoroPrintLib.planning.quality import QualityParameters  # noqa: E402
from planned_objects import every_object, screw_at, waved_bone  # noqa: E402
from vtkmodules.vtkCommonDataModel import vtkPolyData  # noqa: E402

TRIANGLES, SCREWS, STEPS = 500_000, 12, 60
NEEDED_MS = 50.0


def main(words: list[str]) -> int:
    """Print a line an object; return 1 where 95 % of an object's updates take longer than `NEEDED_MS`."""
    surface = waved_bone(TRIANGLES)
    start = time.process_time()
    around = surroundings(surface)
    print(f"{surface.GetNumberOfPolys()} triangles; measured once in {time.process_time() - start:.1f} s")
    plan = _plan(surface, words, Hand(around))
    slow = []
    print(f"{'dragged':34}{'median':>8}{'95 %':>8}{'most':>8}  ms of processor an update")
    with headless_scene() as headless:
        node = add_plan(headless.scene, plan, "Benchmark")
        show_plan(node)
        live = Live(around)
        for planned in plan.objects[SCREWS - 1 :]:
            live.take((*plan.of_kind(PELVIS), *plan.objects[: SCREWS - 1], planned))
            middle, worst, most = np.percentile(_dragged(node, plan, planned, live), (50, 95, 100))
            print(f"{planned.id:34}{middle:8.1f}{worst:8.1f}{most:8.1f}", flush=True)
            slow += [planned.id] if worst > NEEDED_MS else []
        print(f"kept in the plan with its states, all shown: {_time_of_rest(node, Hand(around)):.0f} ms")
    print(f"over {NEEDED_MS:g} ms: {', '.join(slow) or 'none'}")
    return 1 if slow else 0


def surroundings(surface: vtkPolyData) -> Surroundings:
    """The bone as it is planned in, with a volume of it."""
    mask = bone_within(surface)
    bone = bone_to_plan_in(mask)
    noise = np.random.default_rng(0).normal(0, 60, mask.array_kji.shape)
    volume = Volume((mask.array_kji * 900.0 + noise).astype(np.int16), mask.ijk_to_ras)
    return Surroundings(bone, density_about(volume, bone, QualityParameters()), catalogue=plan_catalogue())


def _plan(surface: vtkPolyData, words: list[str], hand: Hand) -> Plan:
    """Return the screws, and one object of each kind; of those asked for alone where there are words."""
    plan = Plan("benchmark")
    for number in range(SCREWS):
        plan = edits.add(plan, screw_at(number), hand)
    for planned in every_object(surface):
        if (
            planned.kind == PELVIS
            or not words
            or any(word in planned.id or word == planned.kind for word in words)
        ):
            plan = edits.add(plan, planned, hand)
    missing = set(kinds()) - {planned.kind for planned in plan.objects}
    assert words or not missing, f"every kind is dragged: {missing}"
    return plan


def _dragged(node: object, plan: Plan, planned: Planned, live: Live) -> np.ndarray:
    handle, drawing = nodes_of(node, planned.id)
    used = np.zeros(STEPS)
    for step in range(STEPS):
        _move_handle(handle, planned, np.array([4 * np.sin(step / 9), 2.0, 3 * np.cos(step / 7)]))
        begun = time.process_time()
        seen = follow_drag(plan, planned.id, handle, drawing, live)
        used[step] = time.process_time() - begun
        assert seen.bone is not None, "it is looked at in the bone"
        assert seen.planned.points != planned.points, "it was moved"
    _move_handle(handle, planned, np.zeros(3))
    return used * 1000


def _move_handle(handle: object, planned: Planned, shift: np.ndarray) -> None:
    """Move the last end of a line, a plane or a whole object by `shift` from where the plan has it."""
    kind, pose = kind_of(planned), pose_of(planned)
    if kind.handles == LINE:
        (place,) = planned.points[kind.ends[-1]]
        handle.SetNthControlPointPositionWorld(len(kind.ends) - 1, *(np.array(place) + shift))
        return
    pose[:3, 3] += shift
    if kind.handles == PLANE:
        handle.SetOriginWorld(*pose[:3, 3])
    else:
        handle.SetMatrixTransformToParent(vtk_matrix(pose))


def _time_of_rest(node: object, hand: Hand) -> float:
    """Return how long it takes to keep a screw where it was dragged to."""
    name = "screw-4"
    _move_handle(nodes_of(node, name)[0], plan_of(node).named(name), np.array([3.0, 0.0, 1.0]))
    history, start = history_of(node), time.process_time()
    take_up_drags(node, hand, history)
    spent = (time.process_time() - start) * 1000
    assert len(plan_of(node).named(name).decisions) == 2
    return spent


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
