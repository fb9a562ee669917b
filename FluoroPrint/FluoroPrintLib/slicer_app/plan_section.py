"""The section "Plan" of a panel: objects planned, dragged, sized, mirrored, locked, undone; PLAN.json."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import slicer

from ..errors import FluoroPrintError
from ..files.plan_files import write_plan
from ..mrml.case_parameters import SCREWS, stored_parameters
from ..mrml.cases import case_of
from ..mrml.nodes import Node
from ..mrml.plan_bones import stamp_of_bone
from ..mrml.plan_objects import load_plan
from ..mrml.plan_store import PLAN, add_plan, is_plan
from ..planning import edits
from ..planning.kinds import kind_of
from ..planning.pedicle_screws import PedicleScrewParameters
from ..planning.plan import Plan, Planned
from .faults import faults_shown
from .instrument_section import InstrumentSection
from .offers import first_lacking, idle, offer
from .plan_desk import Desk, Edit
from .plan_drags import Drags
from .plan_planners import Planner, measuring, pedicle_planner, screw_on_line, with_planned_anew
from .plan_table import PlanTable
from .plan_words import decisions_words, seen_words
from .rows import add_rows

FILTER = "PLAN.json (*.json)"


class PlanSection:
    """What the widgets of the section do; they are those of the panel's .ui file.

    Parameters
    ----------
    panel : with the choices `bone`, `volume`, `plan`, `line`, `mirror`, `object`, `spine`

    Attributes
    ----------
    desk : the plan in work
    table : of its objects
    """

    def __init__(self, panel: Any) -> None:
        self._panel, self._ui = panel, panel.ui
        self.desk = Desk()
        self.table = PlanTable(self._ui.objectsTable, self._on_object)
        self.drags = Drags(self._on_drag, self._on_rest)
        self._ui.planChooser.addAttribute("vtkMRMLTextNode", PLAN)
        self.instruments = InstrumentSection(panel, self.desk)
        self.rows = add_rows(self._ui.screwRows.layout(), "screws", ("region", "margin_mm"))
        self._connect()

    def _connect(self) -> None:
        edited: dict[str, Callable[[], None]] = {
            "largerButton": lambda: self._edit(self._sized(0, 1)),
            "smallerButton": lambda: self._edit(self._sized(0, -1)),
            "longerButton": lambda: self._edit(self._sized(1, 1)),
            "shorterButton": lambda: self._edit(self._sized(1, -1)),
            "snapButton": lambda: self._edit(lambda plan, hand: edits.snap(plan, self._name, hand)),
            "mirrorButton": self.mirror,
            "lockButton": self.lock,
            "removeButton": lambda: self._edit(lambda plan, hand: edits.remove(plan, self._name)),
            "undoPlanButton": self.undo,
            "redoPlanButton": self.redo,
            "pediclesButton": lambda: self.plan_by(pedicle_planner(self._bone, self._volume)),
            "lineButton": self.add_line,
            "measureButton": self.measure,
            "openPlanButton": self.open,
            "savePlanButton": self.save,
        }
        for name, action in edited.items():
            getattr(self._ui, name).connect("clicked()", lambda action=action: self._do(action))

    def close(self) -> None:
        """Be unloaded: no drag is followed."""
        self.drags.follow(None)
        self.desk.take(None)

    def _do(self, action: Callable[[], None]) -> None:
        if self._panel.chosen is not None:
            with faults_shown(self._panel.title):
                action()
            self._panel.refresh()

    @property
    def _bone(self) -> Node:
        return self._panel.chosen.bone

    @property
    def _volume(self) -> Node:
        return self._panel.chosen.volume

    @property
    def _name(self) -> str:
        return str(self._panel.chosen.object)

    @property
    def _planned(self) -> Planned | None:
        """The chosen object, None where none is."""
        return next((each for each in self.desk.plan.objects if each.id == self._name), None)

    def _edit(self, edit: Edit) -> None:
        with self.drags.paused():
            self.desk.edit(edit, self._bone)

    def _sized(self, place: int, step: int) -> Edit:
        """Return the edit that makes the chosen object larger in one of its sizes."""
        planned = self._planned
        sizes = kind_of(planned).sizes if planned is not None else ()
        size = sizes[place] if place < len(sizes) else ""
        return lambda plan, hand: edits.resize(plan, self._name, step, hand, size)

    def mirror(self) -> None:
        """Add the mirror image of the chosen object: across the plane, else the middle of the bone."""
        plane = self._panel.chosen.mirror
        if plane is not None and plane.GetIsPlaneValid():
            place = plane.GetOriginWorld(), plane.GetNormalWorld()
        else:
            place = self.desk.midplane()
        self._edit(lambda plan, hand: edits.mirror(plan, self._name, *place, hand))

    def lock(self) -> None:
        """Lock the chosen object, or open it again."""
        planned = self._planned
        locked = planned is not None and not planned.locked
        self._edit(lambda plan, hand: edits.lock(plan, self._name, locked, hand))

    def undo(self) -> None:
        """Go one state of the plan back."""
        with self.drags.paused():
            self.desk.undo(self._bone)

    def redo(self) -> None:
        """Go one state of the plan forward."""
        with self.drags.paused():
            self.desk.redo()

    def add_line(self) -> None:
        """Add a screw where a markups line lies."""
        line = self._panel.chosen.line
        self._need_plan()
        planned = screw_on_line(line, self.desk.around(self._bone))
        self._edit(lambda plan, hand: edits.add(plan, planned, hand))
        self._panel.chosen.object = self.desk.plan.objects[-1].id

    def _need_plan(self) -> None:
        """Make a plan where none is chosen."""
        if self.desk.node is None:
            case = (case_of(self._bone) or self._bone.GetName()) if self._bone is not None else "Plan"
            self._panel.chosen.plan = add_plan(slicer.mrmlScene, Plan(case), case, self._bone)
            self.desk.take(self._panel.chosen.plan)

    def plan_by(self, planner: Planner) -> None:
        """Let something plan objects in a thread; those that are locked stay as they are."""
        bone = self._bone

        def done(found: Any) -> None:
            if bone is None or bone.GetScene() is None or self._panel.chosen is None:
                raise FluoroPrintError("The bone was removed meanwhile: the plan was dropped.")
            self._need_plan()
            self.desk.region, self._panel.chosen.spine = planner.region, bool(planner.region)
            self.desk.keep_bone(stamp_of_bone(bone, self.desk.region), found.bone, found.density)
            self._edit(lambda plan, _hand: with_planned_anew(plan, found.plan))

        self._panel.work.start(planner.compute, done)

    def measure(self) -> None:
        """Measure the bone in a thread, then all objects in it."""
        bone, region = self._bone, self.desk.region
        stamp, compute = stamp_of_bone(bone, region), measuring(bone, self._volume, region)

        def done(found: Any) -> None:
            self.desk.keep_bone(stamp, *found)
            if self.desk.node is not None:
                with self.drags.paused():
                    self.desk.measure_all(bone)

        self._panel.work.start(compute, done)

    def open(self) -> None:
        """Load PLAN.json into the scene and choose it."""
        import qt
        from slicer.i18n import tr as _

        path = qt.QFileDialog.getOpenFileName(None, _("Open plan"), "", FILTER)
        if path:
            bone = self._bone
            case = (case_of(bone) or bone.GetName()) if bone is not None else Path(path).name.split(".")[0]
            self._panel.chosen.plan = load_plan(slicer.mrmlScene, Path(path), case, bone)

    def save(self) -> None:
        """Write the plan to a file, with what was just dragged."""
        import qt
        from slicer.i18n import tr as _

        path = qt.QFileDialog.getSaveFileName(None, _("Save plan"), "PLAN.json", FILTER)
        if path:
            with self.drags.paused():
                self.desk.rest(self._bone)
            write_plan(Path(path), self.desk.plan)
            self._panel.work.say(_("{name} was written.").format(name=Path(path).name))

    def show(self) -> None:
        """Show the chosen plan and what can be done with it."""
        node = self._panel.chosen.plan
        self.desk.region = self._region()
        self.desk.take(node if is_plan(node) else None)
        self.drags.follow(self.desk.node)
        self.table.show(self.desk.plan.objects, self._name)
        self._show_object()
        self._offer()
        self.instruments.show()

    def _region(self) -> str:
        """Return the region of the spine that is planned in, empty for other bones."""
        if not self._panel.chosen.spine:
            return ""
        parameters = stored_parameters(slicer.mrmlScene, SCREWS)
        assert isinstance(parameters, PedicleScrewParameters), "what is kept under the name"
        return parameters.region

    def _show_object(self) -> None:
        ui, planned = self._ui, self._planned
        seen = self.desk.seen(self._name, self._bone) if planned is not None else None
        ui.seenLabel.text = seen_words(seen, self.desk.plan) if seen is not None else ""
        ui.decisionsLabel.text = decisions_words(planned) if planned is not None else ""
        ui.planNotesLabel.text = "<br>".join(self.desk.plan.notes)
        for label in (ui.seenLabel, ui.decisionsLabel, ui.planNotesLabel):
            label.visible = bool(label.text)

    def _offer(self) -> None:
        from slicer.i18n import tr as _

        ui, free, planned = self._ui, idle(self._panel.work), self._planned
        bone = self._bone is not None, _("Choose a bone first: a segmentation or a model.")
        segmented = self._bone is not None and self._bone.IsA("vtkMRMLSegmentationNode")
        offer(
            ui.pediclesButton,
            first_lacking(free, (segmented, _("Choose the segmentation of a spine first."))),
        )
        line = self._panel.chosen.line
        placed = line is not None and line.GetNumberOfControlPoints() == 2
        offer(ui.lineButton, first_lacking(free, (placed, _("Place a line from entry to tip first."))))
        offer(ui.measureButton, first_lacking(free, bone))
        self._offer_edits(free, planned)
        history, plan = self.desk.history, (self.desk.node is not None, _("Choose or make a plan first."))
        offer(
            ui.undoPlanButton, first_lacking(free, plan, (bool(history.past), _("There is nothing to undo.")))
        )
        offer(
            ui.redoPlanButton,
            first_lacking(free, plan, (bool(history.future), _("There is nothing to redo."))),
        )
        offer(ui.savePlanButton, first_lacking(free, plan))
        offer(ui.openPlanButton, first_lacking(free))
        known = self.desk.knows(self._bone) or not self.desk.plan.objects
        ui.measureLabel.text = "" if known else _("Measure in the bone for margins to be told.")
        ui.measureLabel.visible = not known

    def _offer_edits(self, free: tuple[bool, str], planned: Planned | None) -> None:
        from slicer.i18n import tr as _

        ui = self._ui
        chosen = planned is not None, _("Choose an object in the table first.")
        is_open = planned is None or not planned.locked, _("It is locked: unlock it first.")
        kind = kind_of(planned) if planned is not None else None
        first, second, snaps = (
            (bool(kind and len(kind.sizes) > 0), _("It comes in one size.")),
            (bool(kind and len(kind.sizes) > 1), _("It comes in one length.")),
            (bool(kind and kind.snapped), _("It has no place on the surface of a bone.")),
        )
        measured = self.desk.knows(self._bone), _("Measure in the bone first.")
        needs = {
            ui.largerButton: (first,),
            ui.smallerButton: (first,),
            ui.longerButton: (second,),
            ui.shorterButton: (second,),
            ui.snapButton: (snaps, measured),
            ui.removeButton: (),
        }
        for button, own in needs.items():
            offer(button, first_lacking(free, chosen, is_open, *own))
        offer(ui.mirrorButton, first_lacking(free, chosen))
        offer(ui.lockButton, first_lacking(free, chosen))
        ui.lockButton.text = _("Unlock") if planned is not None and planned.locked else _("Lock")

    def _on_object(self, name: str) -> None:
        if self._panel.chosen is not None and not self._panel.showing:
            self._panel.chosen.object = name

    def _on_drag(self, name: str) -> None:
        """An object is under the hand: show where it is now."""
        if self._panel.chosen is None:
            return
        try:
            seen = self.desk.follow(name, self._bone)
        except FluoroPrintError as error:  # told by a dialog once it rests
            self._ui.seenLabel.text = str(error)
            return
        if seen is not None:
            self._ui.seenLabel.text = seen_words(seen, self.desk.plan)
            self._ui.seenLabel.visible = True

    def _on_rest(self) -> None:
        """What was dragged lies still: keep it in the plan, choose it."""
        if self._panel.chosen is None or self.desk.node is None:
            return
        with faults_shown(self._panel.title), self.drags.paused():
            names = self.desk.rest(self._bone)
            if names:
                self._panel.chosen.object = names[-1]
        self._panel.refresh()
