"""Planning a plate: a family of the catalogue laid over the bone through places in order."""

from __future__ import annotations

from ..errors import FluoroPrintError
from ..progress import Progress
from .plan import Plan
from .planner import PlaceAsked, Planner, PlanRequest
from .plate import MOST_BEND_DEG, LayingParameters, Plate, PlateParameters, plate_along
from .plate_objects import PLATE, planned_plate

MOST_PLACES = 40
TAKEN = ("width_mm", "thickness_mm", "pitch_mm", "hole_mm")


def plate_planner() -> Planner:
    """Return what plans a plate."""
    return Planner(
        "plate",
        "Plate",
        "A plate over the bone through places in order: its holes, and how it is to be bent.",
        plan_plate,
        {"plate": LayingParameters},
        (
            PlaceAsked(
                "plate", "A place on the bone through which the plate is laid, in order", most=MOST_PLACES
            ),
        ),
        {PLATE: "plate-reconstruction-3.5"},
        ("holes", "length", "width", "thickness", "pitch", "hole diameter"),
        takes_side=True,
    )


def plan_plate(request: PlanRequest, progress: Progress) -> Plan:
    """Lay a plate.

    Raises
    ------
    FluoroPrintError
        There are too few places, or the family has no plate so short or so long.
    """
    family, laying = request.families[PLATE], request.of(LayingParameters)
    measures = {name: family.sizes(name)[0] for name in TAKEN}
    parameters = PlateParameters(laying.standoff_mm, laying.normal_mm, **measures)
    progress(0.1, "Laying the plate")
    plate = plate_along(request.surface(), request.places["plate"], parameters)
    _refuse_unmade(plate, family.title, family.sizes("holes"))
    side = request.side
    name, label = (f"plate-{side}", f"Plate, {side}") if side else ("plate-1", "Plate")
    planned = planned_plate(name, f"{label}, {len(plate.sites)} holes", plate, side=side)
    return Plan(request.case, side, (planned,), _notes(plate))


def _refuse_unmade(plate: Plate, title: str, holes: tuple[float, ...]) -> None:
    count = len(plate.sites)
    if count not in holes:
        raise FluoroPrintError(
            f"{title} come with {holes[0]:g} to {holes[-1]:g} holes, this way asks for {count}: choose "
            "another family or move its ends."
        )


def _notes(plate: Plate) -> tuple[str, ...]:
    bent = [str(number) for number, site in enumerate(plate.sites, 1) if site.flagged]
    if not bent:
        return ()
    return (f"The plate is bent by more than {MOST_BEND_DEG:g} degrees at hole {', '.join(bent)}.",)
