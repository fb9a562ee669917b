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
from ..mrml.plan_bones import reading_surface, stamp_of_bone
from ..mrml.plan_objects import load_plan
from ..mrml.plan_requests import planner_parameters
from ..mrml.plan_store import PLAN, add_plan, is_plan
from ..mrml.volumes import volume_from_node
from ..pipeline.plan_reports import NAMES, write_plan_files
from ..planning import edits
from ..planning.implant_placing import numbered
from ..planning.kinds import kind_of
from ..planning.live import Seen
from ..planning.pedicle_screws import PedicleScrewParameters
from ..planning.plan import Plan, Planned
from ..planning.profile import profile_of
from ..progress import Progress, part_of
from ..report.profile_plot import profile_svg
from .asking import asked_folder
from .faults import faults_shown
from .instrument_section import InstrumentSection
from .offers import first_lacking, idle, offer
from .pieces_section import PiecesSection
from .plan_adding import Adding
from .plan_desk import Desk, Edit
from .plan_drags import Drags
from .plan_placing import Placing
from .plan_planners import Planning, measuring, planning_by, region_of, with_planned_anew
from .plan_table import PlanTable
from .plan_words import decisions_words, seen_words
from .svg_pictures import picture_of_svg

FILTER = "PLAN.json (*.json)"


class PlanSection:
    """What the widgets of the section do; they are those of the panel's .ui file.

    Parameters
    ----------
    panel : with the choices `bone`, `volume`, `plan`, `mirror`, `object`, `spine`, and those of `Adding` and
        `Placing`

    Attributes
    ----------
    desk : the plan in work
    table : of its objects
    adding, placing : what objects are added by
    """

    def __init__(self, panel: Any) -> None:
        self._panel, self._ui = panel, panel.ui
        self.desk = Desk()
        self.table = PlanTable(self._ui.objectsTable, self._on_object)
        self.drags = Drags(self._on_drag, self._on_rest)
        self._ui.planChooser.addAttribute("vtkMRMLTextNode", PLAN)
        self.instruments = InstrumentSection(panel, self.desk)
        self.pieces = PiecesSection(panel, self.desk, self.drags)
        self.adding = Adding(panel, self.desk.catalogue)
        self.placing = Placing(panel, self.desk.catalogue)
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
            "planButton": self.plan,
            "placeButton": self.place,
            "measureButton": self.measure,
            "openPlanButton": self.open,
            "savePlanButton": self.save,
            "reportButton": self.report,
        }
        for name, action in edited.items():
            getattr(self._ui, name).connect("clicked()", lambda action=action: self._do(action))

    def close(self) -> None:
        """Be unloaded: no drag and no markups are followed."""
        self.adding.close()
        self.placing.close()
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
        return self.desk.object(self._name)

    def _selected(self) -> tuple[Planned, ...]:
        """Return the objects that are chosen in the table, one or several."""
        return tuple(each for each in self.desk.plan.objects if each.id in self.table.selected)

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

    def plan(self) -> None:
        """Let the chosen planner plan."""
        if self.desk.node is not None:
            with self.drags.paused():
                self.desk.rest(self._bone)
        given, desk = self.adding.given(self._selected()), self.desk
        region = region_of(planner_parameters(slicer.mrmlScene, self.adding.planner)) or desk.region
        known = desk.measured(self._bone) if region == desk.region else None
        self.plan_by(planning_by(self.adding.planner, given, desk.region, known))

    def place(self) -> None:
        """Add an implant or tool of the catalogue where markups point."""
        self._need_plan()
        around = self.desk.around(self._bone)
        planned = self.placing.placed(around.bone)
        with self.drags.paused():
            self.desk.rest(self._bone)
        planned = numbered(self.desk.plan, planned)
        self._edit(lambda plan, hand: edits.add(plan, planned, hand))
        self._panel.chosen.object = planned.id

    def _need_plan(self) -> None:
        """Make a plan where none is chosen."""
        if self.desk.node is None:
            case = (case_of(self._bone) or self._bone.GetName()) if self._bone is not None else "Plan"
            self._panel.chosen.plan = add_plan(slicer.mrmlScene, Plan(case), case, self._bone)
            self.desk.take(self._panel.chosen.plan)

    def plan_by(self, planning: Planning) -> None:
        """Let something plan objects in a thread; those that are locked stay as they are."""
        bone = self._bone

        def done(found: Any) -> None:
            if bone is None or bone.GetScene() is None or self._panel.chosen is None:
                raise FluoroPrintError("The bone was removed meanwhile: the plan was dropped.")
            self._need_plan()
            self.desk.region, self._panel.chosen.spine = planning.region, bool(planning.region)
            self.desk.keep_bone(stamp_of_bone(bone, self.desk.region), found.bone, found.density)
            self._edit(lambda plan, _hand: with_planned_anew(plan, found.plan, planning.origin))

        self._panel.work.start(planning.compute, done)

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

    def report(self) -> None:
        """Write report, plan and table into a folder, with what was just dragged."""
        from slicer.i18n import tr as _

        folder = asked_folder(self._panel.title, _("Folder for the report"), NAMES)
        if folder is None:
            return
        with self.drags.paused():
            self.desk.rest(self._bone)
        plan, bone, volume = self.desk.plan, self._bone, self._volume
        surface = reading_surface(bone) if bone is not None else lambda: None
        grey = volume_from_node(volume) if volume is not None else None

        def compute(progress: Progress) -> tuple[Path, ...]:
            progress(0.0, "Reading the bone")
            return write_plan_files(folder, plan, surface(), grey, part_of(progress, 0.1, 1.0))

        def done(written: tuple[Path, ...]) -> None:
            words = _("Written to {folder}: {names}.")
            names = ", ".join(path.name for path in written)
            self._panel.work.say(words.format(folder=folder, names=names))

        self._panel.work.start(compute, done)

    def show(self) -> None:
        """Show the chosen plan and what can be done with it."""
        node = self._panel.chosen.plan
        self.desk.region = self._region()
        self.desk.take(node if is_plan(node) else None)
        if self.desk.catalogue.take(self._panel.chosen.catalogue):
            with self.drags.paused():
                self.desk.show()
        self.drags.follow(self.desk.node)
        self.table.show(self.desk.plan.objects, self._name)
        self._show_object()
        self.adding.show(self._selected())
        self.placing.show()
        self._offer()
        self.instruments.show()
        self.pieces.show()

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
        self._show_profile(seen)
        for label in (ui.seenLabel, ui.decisionsLabel, ui.planNotesLabel):
            label.visible = bool(label.text)

    def _show_profile(self, seen: Seen | None) -> None:
        """Show the curves of an object along its way, where it has such."""
        label, profile = self._ui.profileLabel, profile_of(seen.planned) if seen is not None else None
        label.visible = profile is not None
        if profile is not None:
            label.setPixmap(picture_of_svg(profile_svg(profile), "Profile"))

    def _offer(self) -> None:
        from slicer.i18n import tr as _

        ui, free, planned = self._ui, idle(self._panel.work), self._planned
        bone = self._bone is not None, _("Choose a bone first: a segmentation or a model.")
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
        some = bool(self.desk.plan.objects), _("There is no object in the plan yet.")
        offer(ui.reportButton, first_lacking(free, plan, some))
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
            self._show_profile(seen)

    def _on_rest(self) -> None:
        """What was dragged lies still: keep it in the plan, choose it."""
        if self._panel.chosen is None or self.desk.node is None:
            return
        with faults_shown(self._panel.title), self.drags.paused():
            names = self.desk.rest(self._bone)
            if names:
                self._panel.chosen.object = names[-1]
        self._panel.refresh()
