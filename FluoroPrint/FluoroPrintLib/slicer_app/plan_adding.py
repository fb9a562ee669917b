"""What the panel adds objects by: any planner, with its places, side, family and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import slicer

from ..errors import FluoroPrintError
from ..mrml.case_parameters import plan_name
from ..mrml.nodes import Node
from ..mrml.plan_requests import Given, named_places, offer_places, planner_parameters
from ..mrml.shape_places import CLOSED_CURVE, LINE, OPEN_CURVE, POINTS
from ..planning.plan import Places, Planned
from ..planning.planner import Planner, lacking
from ..planning.planners import planners
from .boxes import fill_box
from .offers import first_lacking, idle, offer
from .plan_catalogue import PlanCatalogue
from .point_chooser import PointChooser, add_point_row
from .rows import add_rows, show_row

SIDES = ("", "left", "right")


class Adding:
    """The rows that say what is planned; they are those of the panel's .ui file.

    Parameters
    ----------
    panel : with the choices `planner`, `places`, `side`, `family`, `other`, `bone` and `volume`
    catalogue : to choose families from

    Attributes
    ----------
    places : chooser of the markups that say where
    frames : the rows of each planner by its word, of which one is shown
    rows : the widget of each field, by the names that `plan_name` gives the groups, and the field
    """

    def __init__(self, panel: Any, catalogue: PlanCatalogue) -> None:
        self._panel, self._ui, self._catalogue = panel, panel.ui, catalogue
        self._planners = tuple(planners().values())
        self.frames: dict[str, Any] = {}
        self.rows: dict[str, dict[str, Any]] = {}
        self._build_places()
        self._build_rows()
        self._build_boxes()

    def close(self) -> None:
        """Be unloaded: no markups are followed."""
        self.places.end()

    def _build_places(self) -> None:
        from slicer.i18n import tr as _

        self.places = PointChooser(
            _("Places"),
            _(
                "Points whose labels are the names of the places below, or a line for the first two of them; "
                "a curve, or points of any name, where a list of places is all that is needed."
            ),
            _("Click in the views to place, in turn, what is not placed yet; Esc ends it."),
            self._panel.refresh,
            (POINTS, LINE, CLOSED_CURVE, OPEN_CURVE),
            _("Place points"),
            begun=lambda node: offer_places(node, self.planner.places),
        )
        self.placesRow = add_point_row(self._ui.addForm.layout(), self.places, "places", _("Places:"))

    def _build_rows(self) -> None:
        import qt

        for planner in self._planners:
            frame = qt.QWidget()
            form = qt.QFormLayout(frame)
            form.setContentsMargins(0, 0, 0, 0)
            for group in planner.parameters:
                name = plan_name(planner.word, group)
                self.rows[name] = add_rows(form, name)
            self.frames[planner.word] = frame
            self._ui.plannerRows.layout().addWidget(frame)

    def _build_boxes(self) -> None:
        import qt
        from slicer.i18n import tr as _

        ui = self._ui
        for number, planner in enumerate(self._planners):
            ui.plannerBox.addItem(_(planner.title))
            ui.plannerBox.setItemData(number, _(planner.help), qt.Qt.ToolTipRole)
        ui.sideBox.addItems([_("not chosen"), _("left"), _("right")])
        ui.plannerBox.connect("currentIndexChanged(int)", self._on_planner)
        ui.sideBox.connect("currentIndexChanged(int)", self._on_side)
        ui.familyBox.connect("currentIndexChanged(int)", self._on_family)

    @property
    def _can_choose(self) -> bool:
        return self._panel.chosen is not None and not self._panel.showing

    def _on_planner(self, index: int) -> None:
        if self._can_choose:
            self._panel.chosen.planner = self._planners[index].word

    def _on_side(self, index: int) -> None:
        if self._can_choose:
            self._panel.chosen.side = SIDES[index]

    def _on_family(self, index: int) -> None:
        if self._can_choose and index >= 0:
            self._panel.chosen.family = self._offered()[index].id

    @property
    def planner(self) -> Planner:
        """The chosen planner, the first one until one is chosen."""
        known = {planner.word: planner for planner in self._planners}
        return known.get(self._panel.chosen.planner, self._planners[0])

    def _offered(self) -> tuple[Any, ...]:
        """Return the families that the user chooses from: of the planner's first kind."""
        kind = next(iter(self.planner.families), "")
        return self._catalogue.families(kind) if kind else ()

    def families(self) -> Mapping[str, Any]:
        """Return the families that the chosen planner is given, by their kinds."""
        found = {}
        for kind, usual in self.planner.families.items():
            known = {family.id: family for family in self._catalogue.families(kind)}
            found[kind] = known.get(self._panel.chosen.family) or known[usual]
        return found

    def given(self, objects: tuple[Planned, ...]) -> Given:
        """Return what the chosen planner is given, with the objects that are chosen in the table."""
        chosen = self._panel.chosen
        nodes = chosen.bone, chosen.volume, chosen.other, chosen.places
        return Given(*nodes, self.families(), chosen.side, objects)

    def show(self, objects: tuple[Planned, ...]) -> None:
        """Show the chosen planner and what it lacks, with the objects that are chosen in the table."""
        planner, ui, chosen = self.planner, self._ui, self._panel.chosen
        places = named_places(chosen.places, planner.places)
        ui.plannerBox.currentIndex = self._planners.index(planner)
        ui.plannerBox.toolTip = planner.help
        ui.placesLabel.text = places_words(planner, places)
        ui.placesLabel.toolTip = "<br>".join(
            f"{escape(each.name)}: {escape(each.words)}" for each in planner.places
        )
        ui.sideBox.currentIndex = SIDES.index(chosen.side) if chosen.side in SIDES else 0
        self._show_families()
        self._show_rows(planner)
        self._offer(planner, places, objects)

    def _show_families(self) -> None:
        offered = self._offered()
        wanted = next(iter(self.families().values()), None)
        index = offered.index(wanted) if wanted in offered else -1
        fill_box(self._ui.familyBox, [family.title for family in offered], index)

    def _show_rows(self, planner: Planner) -> None:
        form = self._ui.addForm.layout()
        show_row(form, self.placesRow, shown=bool(planner.places))
        self._ui.placesLabel.visible = bool(planner.places)
        show_row(form, self._ui.sideBox, shown=planner.takes_side)
        show_row(form, self._ui.familyBox, shown=bool(planner.families))
        show_row(form, self._ui.otherChooser, shown=planner.takes_others)
        for word, frame in self.frames.items():
            frame.visible = word == planner.word
        self._ui.parametersSection.visible = bool(planner.parameters)

    def _offer(self, planner: Planner, places: Mapping[str, Places], objects: tuple[Planned, ...]) -> None:
        from slicer.i18n import tr as _

        bone = self._panel.chosen.bone
        said = lacking(planner, places, objects) or _parameters_fault(bone, planner)
        offer(
            self._ui.planButton,
            first_lacking(
                idle(self._panel.work),
                (bone is not None, _("Choose a bone first: a segmentation or a model.")),
                (not said, said),
            ),
        )


def _parameters_fault(bone: Node, planner: Planner) -> str:
    """Return what is wrong with what was typed, empty for nothing."""
    try:
        planner_parameters(bone.GetScene() if bone is not None else slicer.mrmlScene, planner)
    except FluoroPrintError as error:
        return str(error)
    return ""


def places_words(planner: Planner, places: Mapping[str, Places]) -> str:
    """Return the places that a planner asks for, those that are known ticked, as rich text."""
    from slicer.i18n import tr as _

    needed = [_ticked(each.name, places) for each in planner.places if each.required]
    more = [_ticked(each.name, places) for each in planner.places if not each.required]
    lines = [", ".join(needed)] if needed else []
    if more:
        lines.append(str(_("If known: {names}")).format(names=", ".join(more)))
    return "<br>".join(lines)


def _ticked(name: str, places: Mapping[str, Places]) -> str:
    return f"<b>✔ {escape(name)}</b>" if places.get(name) else escape(name)
