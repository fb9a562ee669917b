"""The section "Shape" of a panel: an operation, its parameters and places, undo, redo, recipes."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import slicer

from ..errors import FluoroPrintError
from ..files.plan_files import read_plan
from ..files.recipes import read_recipe, write_recipe
from ..mrml.assembly import add_fitted, fitting_of
from ..mrml.case_parameters import PLANNED_CUTS, shape_name, store_parameters, stored_parameters
from ..mrml.case_stages import case_models
from ..mrml.models import warnings_at
from ..mrml.nodes import Node
from ..mrml.recipes import add_made, making_of, planned_making_of
from ..mrml.shape_places import LINE, PLANE, POINTS, Place, place_for, placed
from ..mrml.shape_steps import operation_of, redo, redo_lacking, steps_to, undo, undo_lacking
from ..mrml.stages import shape_stage
from ..parameters import Parameters
from ..shape.assembly import Assembly
from ..shape.fit import FitParameters
from ..shape.operations import Operation, operations
from ..shape.planned import PlannedCutsParameters
from .faults import faults_shown
from .offers import first_lacking, idle, offer
from .point_chooser import PointChooser, add_point_row
from .rows import add_rows, show_row
from .stage_work import start_stage

FIT = "fit"
FILTER, PLAN_FILTER = "FluoroPrint recipe (*.json)", "FluoroPrint plan (*.json)"


class ShapeSection:
    """What the widgets of the section do; they are those of the panel's .ui file.

    Parameters
    ----------
    panel : with the choices `operation`, `plane`, `points`, `other` and `model`

    Attributes
    ----------
    planes, points : choosers of the markups that say where
    frames : the rows of each operation, of which one is shown
    rows : the widget of each field, by the names of operation and field
    """

    def __init__(self, panel: Any) -> None:
        self._panel, self._ui = panel, panel.ui
        self._operations = operations()
        self.frames: dict[str, Any] = {}
        self.rows: dict[str, dict[str, Any]] = {}
        self._build_places()
        self._build_rows()
        self._connect()

    def close(self) -> None:
        """Be unloaded: no markups are followed."""
        for chooser in (self.planes, self.points):
            chooser.end()

    def _build_places(self) -> None:
        from slicer.i18n import tr as _

        self.planes = PointChooser(
            _("Plane"),
            _("A plane of the scene; without one the numbers below hold."),
            _("Click in a view to place a plane; drag its handles to move and turn it."),
            self._on_place,
            (PLANE,),
            _("Place plane"),
        )
        self.points = PointChooser(
            _("Places"),
            _("Points or a line of the scene; without them the numbers below hold."),
            _("Click in the slice or 3D views to place points; Esc ends it."),
            self._on_place,
            (POINTS, LINE),
        )
        form = self._ui.shapeForm.layout()
        self.planeRow = add_point_row(form, self.planes, "plane", _("Plane:"))
        self.pointsRow = add_point_row(form, self.points, "points", _("Points:"))

    def _build_rows(self) -> None:
        from slicer.i18n import tr as _

        for operation in self._operations:
            self.frames[operation.name] = self._add_frame(
                self._ui.shapeRows, operation.name, shape_name(operation.name)
            )
            self._ui.operationBox.addItem(_(operation.title))
        self._add_frame(self._ui.plannedRows, PLANNED_CUTS, PLANNED_CUTS).visible = True

    def _add_frame(self, widget: Any, name: str, stage: str) -> Any:
        """Add the rows of a stage's parameters to a widget of the panel, in a frame; return that."""
        import qt

        frame = qt.QWidget()
        form = qt.QFormLayout(frame)
        form.setContentsMargins(0, 0, 0, 0)
        self.rows[name] = add_rows(form, stage)
        widget.layout().addWidget(frame)
        return frame

    def _connect(self) -> None:
        ui = self._ui
        ui.operationBox.connect("currentIndexChanged(int)", self._on_operation)
        ui.shapeButton.connect("clicked()", lambda: self._do(self.apply))
        ui.fitAllButton.connect("clicked()", lambda: self._do(self.fit_all))
        ui.undoButton.connect("clicked()", lambda: self._do(self.undo))
        ui.redoButton.connect("clicked()", lambda: self._do(self.redo))
        ui.saveRecipeButton.connect("clicked()", lambda: self._do(self.save_recipe))
        ui.replayRecipeButton.connect("clicked()", lambda: self._do(self.replay_recipe))
        ui.planButton.connect("clicked()", lambda: self._do(self.cut_as_planned))

    def _do(self, action: Any) -> None:
        if self._panel.chosen is not None:
            with faults_shown(self._panel.title):
                action()

    def _on_operation(self, index: int) -> None:
        if self._panel.chosen is not None and not self._panel.showing:
            self._panel.chosen.operation = self._operations[index].name

    def _on_place(self) -> None:
        if not self._panel.showing:
            self._panel.refresh()

    @property
    def operation(self) -> Operation:
        """The chosen operation, the first one until one is chosen."""
        known = {operation.name: operation for operation in self._operations}
        return known.get(self._panel.chosen.operation, self._operations[0])

    def _place(self) -> tuple[Place | None, Node]:
        """Return what markups say to the chosen operation, and those that were chosen for it."""
        place = place_for(self.operation.name)
        if place is None:
            return None, None
        chosen = self._panel.chosen
        return place, chosen.plane if PLANE in place.kinds else chosen.points

    def _parameters(self) -> Parameters:
        """Return the parameters of the chosen operation, its places taken from the markups."""
        name = self.operation.name
        kept = stored_parameters(slicer.mrmlScene, shape_name(name))
        return placed(name, kept, self._place()[1])

    def show(self, model: Node) -> None:
        """Show what can be done with a model, None for no model."""
        operation = self.operation
        self._show_operation(operation)
        self._offer(operation, model, self._taken_place())
        self._show_notes(model)

    def _show_operation(self, operation: Operation) -> None:
        ui, place = self._ui, self._place()[0]
        ui.operationBox.currentIndex = self._operations.index(operation)
        ui.operationLabel.text = " ".join(filter(None, (operation.summary, place.help if place else "")))
        for name, frame in self.frames.items():
            frame.visible = name == operation.name
        takes_plane = place is not None and PLANE in place.kinds
        form = ui.shapeForm.layout()
        show_row(form, self.planeRow, shown=takes_plane)
        show_row(form, self.pointsRow, shown=place is not None and not takes_plane)
        show_row(form, ui.otherChooser, shown=operation.needs_other)
        ui.fitAllButton.visible = operation.name == FIT

    def _taken_place(self) -> str:
        """Write what the markups say into the parameters; return why they cannot be used, if so."""
        name, (place, node) = self.operation.name, self._place()
        try:
            given = place.read(node) if place is not None and node is not None else {}
            found = self._parameters()
        except FluoroPrintError as error:
            return str(error)
        if found != stored_parameters(slicer.mrmlScene, shape_name(name)):
            store_parameters(slicer.mrmlScene, shape_name(name), found)
        for field, widget in self.rows[name].items():
            offer(widget, f"{node.GetName()!r} gives it." if field in given else "")
        return ""

    def _offer(self, operation: Operation, model: Node, fault: str) -> None:
        from slicer.i18n import tr as _

        ui, free = self._ui, idle(self._panel.work)
        chosen = model is not None, _("Choose or make a model first.")
        other = self._panel.chosen.other
        second = (
            not operation.needs_other or (other is not None and other is not model),
            _("Choose another model beside this one first."),
        )
        offer(ui.shapeButton, first_lacking(free, chosen, second, (not fault, fault)))
        several = model is not None and len(case_models(model)) > 1
        neighbours = several, _("The case of the model shows no other model to fit it to.")
        offer(ui.fitAllButton, first_lacking(free, chosen, neighbours))
        offer(ui.replayRecipeButton, first_lacking(free, chosen))
        offer(ui.planButton, first_lacking(free, chosen))
        for button, lacking in ((ui.undoButton, undo_lacking), (ui.redoButton, redo_lacking)):
            offer(button, first_lacking(free, chosen) or _(lacking(model)))
        has_steps = model is not None and bool(operation_of(model))
        offer(ui.saveRecipeButton, first_lacking(free, (has_steps, _("Shape the model first."))))

    def _show_notes(self, model: Node) -> None:
        """Tell what was done to the model, its warnings in bold."""
        told = "" if model is None else "<br>".join(_notes_of(model))
        self._ui.shapeLabel.text = told
        self._ui.shapeLabel.visible = bool(told)

    def apply(self) -> None:
        """Shape the chosen model into a new one, and choose that."""
        operation = self.operation
        other = self._panel.chosen.other if operation.needs_other else None
        stage = shape_stage(operation.name, other)
        start_stage(self._panel.work, stage, self._panel.chosen.model, self._parameters(), self._choose)

    def fit_all(self) -> None:
        """Let all visible models of the case make room for each other; each step can be undone."""
        from slicer.i18n import tr as _

        node, kept = self._panel.chosen.model, stored_parameters(slicer.mrmlScene, shape_name(FIT))
        assert isinstance(kept, FitParameters), "they are kept by that name"
        nodes = case_models(node)

        def done(made: Assembly) -> None:
            if any(each.GetScene() is None for each in nodes):
                raise FluoroPrintError("A model was removed meanwhile: the result was dropped.")
            self._choose((add_fitted(slicer.mrmlScene, nodes, made, kept)[nodes.index(node)],))
            words = _("Nothing was to be fitted: no two of the models meet.")
            self._panel.work.say(" ".join(made.notes) or words)

        self._panel.work.start(fitting_of(nodes, kept), done)

    def _choose(self, nodes: tuple[Node, ...]) -> None:
        if self._panel.chosen is not None:
            self._panel.chosen.model = nodes[0]

    def undo(self) -> None:
        """Take back the step that made the chosen model, and choose its source."""
        self._choose((undo(self._panel.chosen.model),))

    def redo(self) -> None:
        """Bring back the step that was undone on the chosen model."""
        self._choose(redo(self._panel.chosen.model))

    def save_recipe(self) -> None:
        """Write the steps that led to the chosen model to a file."""
        import qt
        from slicer.i18n import tr as _

        steps = steps_to(self._panel.chosen.model)
        path = qt.QFileDialog.getSaveFileName(None, _("Save recipe"), "recipe.json", FILTER)
        if path:
            write_recipe(Path(path), steps)
            count = len(steps)
            words = _("{name} was written: {count} steps.") if count > 1 else _("{name} was written: a step.")
            self._panel.work.say(words.format(name=Path(path).name, count=count))

    def replay_recipe(self) -> None:
        """Take the chosen model through a recipe; each step can be undone."""
        import qt
        from slicer.i18n import tr as _

        path = qt.QFileDialog.getOpenFileName(None, _("Replay recipe"), "", FILTER)
        if not path:
            return
        node, other = self._panel.chosen.model, self._panel.chosen.other
        making = making_of(node, read_recipe(Path(path)), other)
        self._panel.work.start(making, lambda made: self._add(node, made))

    def cut_as_planned(self) -> None:
        """Drill the screws and saw the cuts of a plan; each step can be undone."""
        import qt
        from slicer.i18n import tr as _

        path = qt.QFileDialog.getOpenFileName(None, _("Cut as planned"), "", PLAN_FILTER)
        if not path:
            return
        node, kept = self._panel.chosen.model, stored_parameters(slicer.mrmlScene, PLANNED_CUTS)
        assert isinstance(kept, PlannedCutsParameters), "they are kept by that name"
        making = planned_making_of(node, read_plan(Path(path)), kept)

        def done(found: Any) -> None:
            made, missed = found
            self._add(node, made)
            self._panel.work.say(" ".join(missed))

        self._panel.work.start(making, done)

    def _add(self, node: Node, made: Any) -> None:
        scene = node.GetScene()
        if scene is None:
            raise FluoroPrintError(f"{node.GetName()!r} was removed meanwhile: the result was dropped.")
        self._choose(add_made(scene, node, made))


def _notes_of(model: Node) -> list[str]:
    """Return what a model warns of, and what its step told beside that, as rich text."""
    warnings = list(warnings_at(model).values())
    note = (model.GetDescription() or "") if operation_of(model) else ""
    notes = [note] if note and note not in warnings else []
    return [f"▲ <b>{escape(text)}</b>" for text in warnings] + list(map(escape, notes))
