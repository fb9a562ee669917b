"""What can be planned, told so that command and panel need no word of their own for each.

A planner says which places, parameters and catalogue it needs, and plans from what it is given. `planners`
holds one entry of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..mesh.surface import surface_of_mask
from ..parameters import Parameters
from ..progress import Progress
from ..segmentation.segments import Segmentation
from .plan import Place, Places, Plan, Planned

Chosen = TypeVar("Chosen", bound=Parameters)

FEW = 3
"""Of so few places each has a meaning of its own."""


@dataclass(frozen=True)
class PlaceAsked:
    """A place that a planner needs.

    Attributes
    ----------
    name : of the place: "entry"; a point of a markups node of that name, an option of the command
    words : what it stands for: "Where the screw enters"
    required : whether nothing can be planned without it
    most : how many there may be, in order; points "plate-1", "plate-2" of a file, or the option given again
    """

    name: str
    words: str
    required: bool = True
    most: int = 1


@dataclass(frozen=True)
class PlanRequest:
    """What a planner is given.

    Attributes
    ----------
    case : what the plan is called
    bone : labelmap and segments; for a vessel its lumen, for an electrode what must be spared
    surface : returns the surface of the bone (vtkPolyData, RAS mm)
    others : further bones, as masks
    volume : that was segmented, or None
    places : by name, RAS mm
    families : sizes to choose from, by the kinds that the planner has
    side : "left", "right" or empty
    chosen : parameters by their class; defaults stand in for those that are missing
    spared : what must be spared, masks by name
    other_surfaces : returns the surfaces of the further bones; None where they are made of the masks
    objects : of the plan so far, of the kinds that the planner builds on, those that were chosen
    """

    case: str
    bone: Segmentation
    surface: Callable[[], Any]
    others: tuple[Volume, ...] = ()
    volume: Volume | None = None
    places: Mapping[str, Places] = field(default_factory=dict)
    families: Mapping[str, Any] = field(default_factory=dict)
    side: str = ""
    chosen: Mapping[type[Parameters], Parameters] = field(default_factory=dict)
    spared: Mapping[str, Volume] = field(default_factory=dict)
    other_surfaces: Callable[[], tuple[Any, ...]] | None = None
    objects: tuple[Planned, ...] = ()

    def place(self, name: str) -> Place:
        """Return a place that must be there; FluoroPrintError where it was not given."""
        found = self.places.get(name, ())
        if not found:
            raise FluoroPrintError(f'The place "{name}" is not known: give it.')
        return found[0]

    def surfaces_of_others(self) -> tuple[Any, ...]:
        """Return the surfaces of the further bones (vtkPolyData, RAS mm)."""
        if self.other_surfaces is not None:
            return self.other_surfaces()
        return tuple(surface_of_mask(bone.array_kji > 0, bone.ijk_to_ras) for bone in self.others)

    def of(self, kind: type[Chosen]) -> Chosen:
        """Return the parameters of a class."""
        found = self.chosen.get(kind)
        return found if isinstance(found, kind) else kind()


@dataclass(frozen=True)
class Planner:
    """Something that can be planned.

    Attributes
    ----------
    word : for the command: "corridor"
    title : for people: "Screw in a corridor"
    help : what it plans from what, a sentence or two
    plan : plans; raises FluoroPrintError with one sentence, Cancelled where `progress` stops it
    parameters : parameter dataclasses by the title of their group
    places : that it needs
    families : kinds of the catalogue that it needs ("screw"), each with the id that is taken at first; of the
        first kind the user may choose another
    columns : figures for a table, the most telling first
    takes_side, takes_volume, takes_others, takes_spared : whether it asks for a side, the volume, further
        bones, what must be spared
    others_words : what the further bones are
    builds_on : kinds of objects of a plan that it plans for, those that are chosen in the table
    has_command : whether `plan WORD` is made of this entry; one that is not has a command of its own
    """

    word: str
    title: str
    help: str
    plan: Callable[[PlanRequest, Progress], Plan]
    parameters: Mapping[str, type[Parameters]]
    places: tuple[PlaceAsked, ...] = ()
    families: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    takes_side: bool = False
    takes_volume: bool = False
    takes_others: bool = False
    takes_spared: bool = False
    others_words: str = "Other bones that a screw may pass, joints between them closed"
    builds_on: tuple[str, ...] = ()
    has_command: bool = True

    def among(self, objects: Iterable[Planned]) -> tuple[Planned, ...]:
        """Return those of some objects that it builds on."""
        return tuple(planned for planned in objects if planned.kind in self.builds_on)


def lacking(planner: Planner, places: Mapping[str, Places], objects: Iterable[Planned] = ()) -> str:
    """Return which places or objects a planner still needs, as a sentence; empty where it has all."""
    missing = [asked.name for asked in planner.places if asked.required and not places.get(asked.name)]
    if missing:
        return f"{planner.title} needs the places {', '.join(missing)}: give them."
    if planner.builds_on and not any(places.values()) and not planner.among(objects):
        kinds = ", ".join(kind.replace("-", " ") for kind in planner.builds_on)
        said = f"{planner.title} needs an object of the table ({kinds}) or places"
        return f"{said}: choose or give them."
    return ""


def numbered(places: Mapping[str, Place], asked: PlaceAsked) -> Places:
    """Return the places of a file that a planner asks for: its name alone, or with the numbers from 1."""
    if asked.name in places or asked.most == 1:
        return (places[asked.name],) if asked.name in places else ()
    names = [f"{asked.name}-{number}" for number in range(1, len(places) + 1)]
    return tuple(places[name] for name in names if name in places)


def only_list(asked: Sequence[PlaceAsked]) -> PlaceAsked | None:
    """Return the list of places that is asked for where nothing else must be: points of any name are its."""
    needed = [each for each in asked if each.required]
    return needed[0] if len(needed) == 1 and needed[0].most > FEW else None


def places_by_name(places: Mapping[str, Place], asked: Sequence[PlaceAsked]) -> dict[str, Places]:
    """Return the places of a file by the names asked for; those of `only_list` may have any names."""
    found = {each.name: numbered(places, each) for each in asked}
    one = only_list(asked)
    if one is not None and not found[one.name]:
        found[one.name] = tuple(place for name, place in places.items() if name not in found)
    return found


def refuse_lacking(planner: Planner, places: Mapping[str, Places], objects: Iterable[Planned] = ()) -> None:
    """Raise FluoroPrintError where a planner lacks a place or object, or has more of one than it can use."""
    said = lacking(planner, places, objects)
    if said:
        raise FluoroPrintError(said)
    for asked in planner.places:
        if len(places.get(asked.name, ())) > asked.most:
            raise FluoroPrintError(f"{planner.title} takes {asked.most} of {asked.name} at most: give fewer.")
