"""The holes and cuts that a plan asks for, and the room of its implants, as steps that can be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..errors import FluoroPrintError
from ..parameters import Bounds, Help, Parameters, Unit
from ..planning.craniotomy_objects import CRANIOTOMY
from ..planning.cup_objects import CUP, surface_of_cup
from ..planning.curve_cut import CURVE_CUT
from ..planning.donor_kind import DONOR
from ..planning.fragment_kind import FRAGMENT
from ..planning.implant_kind import shapes_at_hand
from ..planning.implant_objects import FAMILY, IMPLANT, WHAT, surface_of_implant
from ..planning.instrument_objects import pass_of, passes_of
from ..planning.osteotomy_objects import (
    ANGLE,
    FURTHER,
    FURTHER_NORMALS,
    KERF,
    NORMAL,
    ORIGIN,
    OSTEOTOMY,
    osteotomy_of,
)
from ..planning.plan import Figure, Plan, Planned
from ..planning.screw_objects import SCREW, screw_of
from ..progress import Progress, part_of, silent
from .drill import DrillParameters
from .fit import FitParameters
from .operations import operation_named
from .recipe import Made, Piece, Step, left_by, made_in_steps
from .saw import SawParameters
from .solids import UntouchedError, engine, solid_of, surface_of, unit

OWN = "own"
LARGEST_MM = 1600.0
"""Of the box that a closing wedge is cut from: over twice the longest bone."""
AS_PIECES = (CRANIOTOMY, CURVE_CUT, DONOR, FRAGMENT)
"""Kinds whose cuts depend on the bone that they were planned on: `planning.pieces` makes them."""
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
    """Return a hole for each screw, from outside its entry to its tip, then cuts, then passes of instruments.

    An osteotomy is a cut by each of its planes; a wedge that closes is taken out as far as its hinge. Last
    comes the room of each implant, where `parameters` ask for it.

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
    cuts = [step for planned in plan.of_kind(OSTEOTOMY) for step in _cuts(planned, parameters)]
    cuts += [_taken_out(planned.label, surface_of(pass_of(planned).solid())) for planned in passes_of(plan)]
    implants = _implants_of(plan)
    rooms = [_room(planned, parameters, known) for planned in implants if parameters.cut_implants]
    if implants and not holes and not cuts and not rooms:
        raise FluoroPrintError("The plan holds implants alone: let these be taken out too (cut_implants).")
    if not holes and not cuts and not rooms:
        more = " ".join(left_as_pieces(plan))
        raise FluoroPrintError(more or "The plan holds no screws and no cuts: choose another plan.")
    return (*holes, *cuts, *rooms)


def left_as_pieces(plan: Plan) -> tuple[str, ...]:
    """Return a sentence for each object that cuts bone and is none of the steps, with what makes it."""
    left = [planned.label for kind in AS_PIECES for planned in plan.of_kind(kind)]
    words = "is not cut here: make its pieces (plan pieces, or Pieces and models in FluoroPrint Plan)."
    return tuple(f"{label} {words}" for label in left)


def _implants_of(plan: Plan) -> tuple[Planned, ...]:
    return (*plan.of_kind(CUP), *plan.of_kind(IMPLANT))


def _room(
    planned: Planned, parameters: PlannedCutsParameters, shapes: Mapping[str, vtkPolyData]
) -> PlannedStep:
    is_cup = planned.kind == CUP
    surface = surface_of_cup(planned) if is_cup else _drawn(planned, shapes)
    if is_cup or planned.figures.get(WHAT, Figure("")).value in FILLED:
        surface = surface_of(solid_of(surface).hull())
    return _taken_out(planned.label, surface, parameters.implant_clearance_mm)


def _taken_out(label: str, surface: vtkPolyData, clearance_mm: float = 0.0) -> PlannedStep:
    """Return the step that takes a closed shape out of a model, with room about it."""
    return PlannedStep(
        label, Step(operation_named("fit"), FitParameters(clearance_mm=clearance_mm), shape=surface)
    )


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


def _cuts(planned: Planned, parameters: PlannedCutsParameters) -> list[PlannedStep]:
    """Return a cut by each plane of an osteotomy; of a wedge that closes the wedge in place of the first."""
    points = (*planned.points.get(ORIGIN, ()), *planned.points.get(FURTHER, ()))
    normals = (*planned.directions.get(NORMAL, ()), *planned.directions.get(FURTHER_NORMALS, ()))
    if not points or len(points) != len(normals):
        raise FluoroPrintError(
            f"{planned.id} is no cut by a plane: it needs a point {ORIGIN} and a direction {NORMAL}."
        )
    told = planned.figures[KERF].value if KERF in planned.figures else parameters.blade_mm
    kerf = float(told) if isinstance(told, int | float) else parameters.blade_mm
    saws = [SawParameters(place, normal, kerf) for place, normal in zip(points, normals, strict=True)]
    steps = [PlannedStep(planned.label, Step(operation_named("saw"), saw)) for saw in saws]
    return [_taken_out(planned.label, _wedge(planned)), *steps[1:]] if _closes(planned) else steps


def _closes(planned: Planned) -> bool:
    angle = planned.figures.get(ANGLE, Figure(0.0)).value
    return isinstance(angle, int | float) and angle < 0


def _wedge(planned: Planned) -> vtkPolyData:
    """Return the wedge between the two faces that an osteotomy closes onto each other, beyond any bone."""
    osteotomy = osteotomy_of(planned)
    first, further = osteotomy.cuts[0], osteotomy.closing_cut
    box = engine().Manifold.cube((LARGEST_MM,) * 3, True).translate(osteotomy.hinge_ras)
    normal, back = unit(first.normal_ras), -unit(further.normal_ras)
    wedge = box.trim_by_plane(tuple(normal), float(normal @ np.asarray(first.point_ras)))
    return surface_of(wedge.trim_by_plane(tuple(back), float(back @ np.asarray(further.point_ras))))


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
