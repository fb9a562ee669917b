"""The section "Pieces and models" of a panel: what a plan makes of bone, shown, saved, handed to Prepare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import FluoroPrintError
from ..mrml.models import colour_of, surface_from_node
from ..mrml.nodes import Node
from ..mrml.plan_bones import reading_segmentation, reading_surface
from ..mrml.plan_pieces import (
    are_of_plan,
    hide_pieces,
    keep_made_from,
    model_of_piece,
    object_in_pieces,
    pieces_shown,
    show_pieces,
    stamp_of_pieces,
)
from ..pipeline.plan_pieces import names_of_files, write_piece_files
from ..planning.pieces import (
    Bones,
    PlannedPiece,
    bends_of_plates,
    pieced_kinds,
    pieces_of_objects,
    shown_with,
)
from ..planning.plan import Plan, Planned
from ..planning.reduction_planner import fragments_of
from ..progress import Progress, part_of
from .asking import asked_folder
from .boxes import fill_box
from .faults import faults_shown
from .offers import first_lacking, idle, offer
from .plan_desk import Desk
from .plan_drags import Drags
from .stage_modules import open_model


class PiecesSection:
    """What the widgets of the section do; they are those of the panel's .ui file.

    Parameters
    ----------
    panel : with the choices `bone`, `other`, `plan` and `object`
    desk : the plan in work
    drags : paused while the program takes up what was dragged
    """

    def __init__(self, panel: Any, desk: Desk, drags: Drags) -> None:
        self._panel, self._ui, self._desk, self._drags = panel, panel.ui, desk, drags
        pressed: dict[str, Callable[[], None]] = {
            "piecesButton": self.make,
            "hidePiecesButton": self.hide,
            "preparePieceButton": self.prepare,
            "savePiecesButton": self.save,
        }
        for name, action in pressed.items():
            getattr(self._ui, name).connect("clicked()", lambda action=action: self._do(action))

    def _do(self, action: Callable[[], None]) -> None:
        if self._panel.chosen is not None:
            with faults_shown(self._panel.title):
                action()
            self._panel.refresh()

    @property
    def _planned(self) -> Planned | None:
        """The chosen object, None where none is."""
        return self._desk.object(self._panel.chosen.object)

    @property
    def _shown(self) -> dict[str, Node]:
        return pieces_shown(self._desk.node)

    def _bones(self, planned: Planned) -> tuple[Node, Node]:
        """Return the nodes that an object's pieces are made of: bone and donor, None where not needed."""
        chosen, needed = self._panel.chosen, pieced_kinds()[planned.kind].bone
        return (chosen.bone, None) if needed != "donor" else (None, chosen.other)

    def make(self) -> None:
        """Make the pieces of the chosen object in a thread, then show them."""
        with self._drags.paused():
            self._desk.rest(self._panel.chosen.bone)
        node, plan, planned = self._desk.node, self._desk.plan, self._planned
        assert planned is not None, "offered where an object is chosen"
        bones = self._bones(planned)
        stamp, compute = stamp_of_pieces(plan, planned, bones), making(plan, planned, *bones)

        def done(pieces: tuple[PlannedPiece, ...]) -> None:
            if node.GetScene() is None:
                raise FluoroPrintError("The plan was removed meanwhile: its pieces were dropped.")
            show_pieces(node, pieces, bones[0])
            keep_made_from(node, planned, stamp)

        self._panel.work.start(compute, done)

    def hide(self) -> None:
        """Take the pieces away, and show the bone again."""
        hide_pieces(self._desk.node)

    def prepare(self) -> None:
        """Make a model of the chosen piece where it stands, and open FluoroPrint Prepare with it."""
        open_model(model_of_piece(self._shown[self._ui.pieceBox.currentText]))

    def save(self) -> None:
        """Write the pieces where they stand, each read back and checked, and the bends of a plate."""
        from slicer.i18n import tr as _

        models = {name: (colour_of(node), surface_from_node(node)) for name, node in self._shown.items()}
        bends = {name: rows for name, rows in bends_of_plates(self._desk.plan).items() if name in models}
        folder = asked_folder(self._panel.title, _("Folder for the pieces"), names_of_files(models, bends))
        if folder is None:
            return

        def done(written: dict[Path, float]) -> None:
            words = _("Written to {folder}: {names}.")
            names = ", ".join(path.name for path in written)
            self._panel.work.say(words.format(folder=folder, names=names))

        self._panel.work.start(lambda progress: write_piece_files(folder, models, bends, progress), done)

    def show(self) -> None:
        """Show whose pieces there are, and what can be done."""
        from slicer.i18n import tr as _

        ui, names = self._ui, list(self._shown)
        index = names.index(ui.pieceBox.currentText) if ui.pieceBox.currentText in names else 0
        fill_box(ui.pieceBox, names, index if names else -1)
        ui.piecesLabel.text = self._words()
        ui.piecesLabel.visible = bool(ui.piecesLabel.text)
        free, some = idle(self._panel.work), (bool(names), _("Show the pieces of an object first."))
        offer(ui.piecesButton, first_lacking(free, *self._needs()))
        for widget in (ui.hidePiecesButton, ui.savePiecesButton, ui.pieceBox, ui.preparePieceButton):
            offer(widget, first_lacking(free, some))

    def _needs(self) -> list[tuple[bool, str]]:
        """Return what must be there for the pieces of the chosen object, with what to do for it."""
        from slicer.i18n import tr as _

        planned, chosen = self._planned, self._panel.chosen
        pieced = pieced_kinds().get(planned.kind) if planned is not None else None
        needed = pieced.bone if pieced is not None else ""
        donor = _(
            'Choose the donor bone first, as "Other bone" of "Jaw from donor bone" under "Add objects".'
        )
        return [
            (planned is not None, _("Choose an object in the table first.")),
            (
                pieced is not None,
                _("It has no pieces: choose a cut, a segment, a fragment, a plate or a guide."),
            ),
            (needed != "donor" or chosen.other is not None, donor),
            (needed in ("", "donor") or chosen.bone is not None, _("Choose a bone first.")),
        ]

    def _words(self) -> str:
        """Return whose pieces are shown, and whether they are out of date; empty where none are shown."""
        from slicer.i18n import tr as _

        node, plan, count = self._desk.node, self._desk.plan, len(self._shown)
        if not count:
            return ""
        planned = object_in_pieces(node, plan)
        if planned is None:
            return str(_("These pieces are of an object that is no longer in the plan."))
        words = str(_("{label}: {count} models, each under a transform of its own."))
        told = words.format(label=planned.label, count=count)
        if are_of_plan(node, plan, self._bones(planned)):
            return told
        return f"{told} <b>{_('Plan or bone were changed since: show them again.')}</b>"


def making(
    plan: Plan, planned: Planned, bone: Node, donor: Node
) -> Callable[[Progress], tuple[PlannedPiece, ...]]:
    """Read bones from their nodes; return what makes the pieces of an object without the scene.

    Parameters
    ----------
    plan : that holds the object
    planned : the object
    bone, donor : vtkMRMLSegmentationNode or vtkMRMLModelNode, None where it is not needed

    Raises
    ------
    FluoroPrintError
        A node holds no bone.
    """
    surface = reading_surface(bone) if bone is not None else None
    of_donor = reading_surface(donor) if donor is not None else None
    broken = pieced_kinds()[planned.kind].bone == "fragments"
    segments = reading_segmentation(bone) if broken else None

    def compute(progress: Progress) -> tuple[PlannedPiece, ...]:
        progress(0.0, "Reading the bone")
        whole = surface() if surface is not None else None
        fragments = fragments_of(segments(part_of(progress, 0.0, 0.2)), whole) if segments else ()
        bones = Bones(whole, of_donor() if of_donor is not None else None, fragments)
        return pieces_of_objects(shown_with(plan, planned), bones, part_of(progress, 0.2, 1.0))

    return compute
