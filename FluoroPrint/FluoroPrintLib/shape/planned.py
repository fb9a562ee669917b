"""The holes and cuts that a plan asks for, and the room of its implants, as steps that can be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..errors import FluoroPrintError
from ..parameters import Bounds, Help, Parameters, Unit
from ..planning.cup_objects import CUP, surface_of_cup
from ..planning.implant_kind import shapes_at_hand
from ..planning.implant_objects import FAMILY, IMPLANT, WHAT, surface_of_implant
from ..planning.plan import Figure, Plan, Planned
from ..planning.screw_objects import SCREW, screw_of
from ..progress import Progress, part_of, silent
from .drill import DrillParameters
from .fit import FitParameters
from .operations import operation_named
from .recipe import Made, Piece, Step, left_by, made_in_steps
from .saw import SawParameters
from .solids import UntouchedError, solid_of, surface_of

OSTEOTOMY, OWN = "osteotomy", "own"
ORIGIN, NORMAL, KERF = "origin", "normal", "kerf"
"""Of a cut: a point in the middle of the kerf, the direction across it, and the blade where it is known."""
FILLED = ("cup", "head")
"""What is hollow where it faces a joint: bone goes from within too, as the reamer takes it."""


@dataclass(frozen=True)
class PlannedCutsParameters(Parameters):
    """What is added to the holes and cuts of a plan."""

    screw_clearance_mm: Annotated[
        float, Bounds(0.0, 5.0), Unit("mm"), Help("How much wider than its screw a hole is, across.")
    ] = 0.2
    blade_mm: Annotated[
        float, Bounds(0.0, 20.0), Unit("mm"), Help("Thickness of the blade of cuts that tell none.")
    ] = 1.0
    cut_implants: Annotated[
        bool, Help("Take cups, stems and other implants out too, each where it is planned.")
    ] = False
    implant_clearance_mm: Annotated[
        float,
        Bounds(0.0, 3.0),
        Unit("mm"),
        Help("Room all round each implant that is taken out."),
    ] = 0.0


@dataclass(frozen=True)
class PlannedStep:
    """A step, and the object of the plan that asks for it."""

    label: str
    step: Step


def planned_steps(
    plan: Plan, parameters: PlannedCutsParameters, shapes: Mapping[str, vtkPolyData] | None = None
) -> tuple[PlannedStep, ...]:
    """Return a hole for each screw, from outside its entry to its tip, then a cut for each osteotomy.

    Last comes the room of each implant, where `parameters` ask for it.

    Parameters
    ----------
    plan : of `files.plan_files.read_plan`
    parameters : what is added, and whether implants are taken out
    shapes : of the users' own families of implants, by their ids; those at hand where left out

    Raises
    ------
    FluoroPrintError
        The plan holds none of these, or an object lacks its points or directions, or cannot be drawn.
    """
    known = shapes_at_hand() if shapes is None else shapes
    holes = [_hole(planned, parameters) for planned in plan.of_kind(SCREW)]
    cuts = [_cut(planned, parameters) for planned in plan.of_kind(OSTEOTOMY)]
    implants = _implants_of(plan)
    rooms = [_room(planned, parameters, known) for planned in implants if parameters.cut_implants]
    if implants and not holes and not cuts and not rooms:
        raise FluoroPrintError("The plan holds implants alone: let these be taken out too (cut_implants).")
    if not holes and not cuts and not rooms:
        raise FluoroPrintError("The plan holds no screws and no cuts: choose another plan.")
    return (*holes, *cuts, *rooms)


def _implants_of(plan: Plan) -> tuple[Planned, ...]:
    return (*plan.of_kind(CUP), *plan.of_kind(IMPLANT))


def _room(
    planned: Planned, parameters: PlannedCutsParameters, shapes: Mapping[str, vtkPolyData]
) -> PlannedStep:
    is_cup = planned.kind == CUP
    surface = surface_of_cup(planned) if is_cup else _drawn(planned, shapes)
    if is_cup or planned.figures.get(WHAT, Figure("")).value in FILLED:
        surface = surface_of(solid_of(surface).hull())
    fit = FitParameters(clearance_mm=parameters.implant_clearance_mm)
    return PlannedStep(planned.label, Step(operation_named("fit"), fit, shape=surface))


def _drawn(planned: Planned, shapes: Mapping[str, vtkPolyData]) -> vtkPolyData:
    try:
        return surface_of_implant(planned, shapes)
    except FluoroPrintError as error:
        family = planned.figures.get(FAMILY, Figure("")).value
        if family in shapes or planned.figures.get(WHAT, Figure("")).value != OWN:
            raise
        raise FluoroPrintError(
            f"{planned.label} is of your own family {family}, whose shape is not at hand: "
            "give the catalogue that names it (--implants FILE.json, or choose it in FluoroPrint Plan)."
        ) from error


def _hole(planned: Planned, parameters: PlannedCutsParameters) -> PlannedStep:
    screw = screw_of(planned)
    along = np.subtract(screw.tip_ras, screw.entry_ras)
    right, front, up = along.tolist()
    drill = DrillParameters(
        entry_ras_mm=screw.entry_ras,
        direction=(right, front, up),
        diameter_mm=screw.diameter_mm + parameters.screw_clearance_mm,
        depth_mm=float(np.linalg.norm(along)),
    )
    return PlannedStep(planned.label, Step(operation_named("drill"), drill))


def _cut(planned: Planned, parameters: PlannedCutsParameters) -> PlannedStep:
    try:
        (origin,), (normal,) = planned.points[ORIGIN], planned.directions[NORMAL]
    except (KeyError, ValueError) as error:
        raise FluoroPrintError(
            f"{planned.id} is no cut by a plane: it needs a point {ORIGIN} and a direction {NORMAL}."
        ) from error
    told = planned.figures[KERF].value if KERF in planned.figures else parameters.blade_mm
    kerf = float(told) if isinstance(told, int | float) else parameters.blade_mm
    saw = SawParameters(point_ras_mm=origin, normal=normal, kerf_mm=kerf)
    return PlannedStep(planned.label, Step(operation_named("saw"), saw))


def made_as_planned(
    models: Sequence[Piece], steps: Sequence[PlannedStep], progress: Progress = silent
) -> tuple[tuple[Made, ...], tuple[str, ...]]:
    """Take models through the steps of a plan; those that do not meet them are left out.

    A plan may be for several bones of which one is at hand.

    Parameters
    ----------
    models : stay as they are
    steps : of `planned_steps`
    progress : told how far the work is; may cancel

    Returns
    -------
    What was made step by step, and a sentence for each object that meets no model.

    Raises
    ------
    FluoroPrintError
        No step meets a model, or one cannot be done: the sentence names its object.
    Cancelled
        `progress` stopped the work.
    """
    now, made, missed = tuple(models), list[Made](), list[str]()
    for number, each in enumerate(steps):
        share = part_of(progress, number / len(steps), (number + 1) / len(steps))
        try:
            of_step = made_in_steps(now, (each.step,), None, share)
        except UntouchedError:
            missed.append(f"{each.label} does not meet the model: it was left out.")
            continue
        except FluoroPrintError as error:
            raise FluoroPrintError(f"{each.label}: {error}") from error
        made.extend(of_step)
        now = left_by(now, of_step)
    if not made:
        raise FluoroPrintError(
            "Nothing that the plan cuts meets the model: choose the model that was planned on."
        )
    return tuple(made), tuple(missed)


def steps_made(made: Sequence[Made]) -> tuple[Step, ...]:
    """Return the steps that were done, each once, as a recipe has them."""
    return tuple({id(each.step): each.step for each in made}.values())
