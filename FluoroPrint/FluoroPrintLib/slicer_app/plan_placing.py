"""Implants and tools of the catalogue put at markups of the scene."""

from __future__ import annotations

from typing import Any

from ..mrml.plan_requests import spot_of
from ..mrml.shape_places import LINE, PLANE, POINTS
from ..planning.field import BoneField
from ..planning.implant_placing import implant_at
from ..planning.implants import ImplantFamily
from ..planning.plan import Planned
from .boxes import fill_box
from .offers import first_lacking, idle, offer
from .plan_catalogue import PlanCatalogue
from .point_chooser import PointChooser, add_point_row


class Placing:
    """The rows that say which implant is placed where; they are those of the panel's .ui file.

    Parameters
    ----------
    panel : with the choices `implant`, `at` and `catalogue`
    catalogue : to choose families from

    Attributes
    ----------
    markups : chooser of the point, line or plane
    """

    def __init__(self, panel: Any, catalogue: PlanCatalogue) -> None:
        from slicer.i18n import tr as _

        self._panel, self._ui, self._catalogue = panel, panel.ui, catalogue
        panel.keep_path(self._ui.catalogueEdit, "catalogue")
        self.markups = PointChooser(
            _("Place"),
            _("A point; a line or two points, from the entry to the tip; a plane: its normal is the axis."),
            _("Click in a view: one point, or a second one for the direction; Esc ends it."),
            panel.refresh,
            (POINTS, LINE, PLANE),
            _("Place points"),
        )
        add_point_row(self._ui.implantForm.layout(), self.markups, "at", _("At:"))
        self._ui.implantBox.connect("currentIndexChanged(int)", self._on_family)

    def close(self) -> None:
        """Be unloaded: no markups are followed."""
        self.markups.end()

    def _on_family(self, index: int) -> None:
        if self._panel.chosen is not None and not self._panel.showing and index >= 0:
            self._panel.chosen.implant = self._catalogue.implants[index].id

    @property
    def family(self) -> ImplantFamily:
        """The chosen family, the first one until one is chosen."""
        known = {family.id: family for family in self._catalogue.implants}
        return known.get(self._panel.chosen.implant) or self._catalogue.implants[0]

    def placed(self, bone: BoneField | None) -> Planned:
        """Return the chosen implant at the chosen markups.

        Raises
        ------
        FluoroPrintError
            The markups tell no place.
        """
        return implant_at(self.family, spot_of(self._panel.chosen.at), bone)

    def show(self) -> None:
        """Show the chosen family and whether it can be placed."""
        from slicer.i18n import tr as _

        ui, families = self._ui, self._catalogue.implants
        fill_box(ui.implantBox, [family.title for family in families], families.index(self.family))
        ui.implantBox.toolTip = _sizes_words(self.family)
        ui.catalogueLabel.text = self._catalogue.fault
        ui.catalogueLabel.visible = bool(self._catalogue.fault)
        there = bool(spot_of(self._panel.chosen.at).places)
        offer(
            ui.placeButton,
            first_lacking(idle(self._panel.work), (there, _("Place a point, a line or a plane first."))),
        )


def _sizes_words(family: ImplantFamily) -> str:
    several = {name: sizes for name, sizes in family.dimensions.items() if len(sizes) > 1}
    told = [f"{name}: {sizes[0]:g} – {sizes[-1]:g}" for name, sizes in several.items()]
    return "\n".join([family.title, *told])
