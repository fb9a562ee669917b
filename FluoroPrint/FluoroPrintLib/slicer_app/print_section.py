"""The section "Print" of a panel: printer, material, settings; plates prepared, written, sliced."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import slicer

from ..catalog.machines import MATERIALS, PRINTERS, Catalogue, read_catalogue
from ..errors import FluoroPrintError
from ..mrml.case_parameters import ORIENTATION, PRINT, stored_parameters
from ..mrml.case_stages import case_models
from ..mrml.cases import case_of
from ..mrml.models import keep_material, material_at, named_surface
from ..mrml.nodes import Node
from ..mrml.print_files import register_print_files
from ..mrml.print_plates import add_plates, plates_of, remove_plates
from ..mrml.print_tables import COLUMNS, FAULT, FINDINGS, PARTS, PLATES, UNKNOWN, print_rows
from ..pipeline.printing import Slicing, WrittenPlate, plate_names, write_plates
from ..printing.machines import Material, Printer
from ..printing.preparation import PrintJob, prepare_print
from ..printing.slicing import refuse_unsliceable, slicing_program
from ..progress import Progress
from .asking import asked_folder
from .boxes import fill_box
from .faults import faults_shown
from .offers import first_lacking, idle, offer
from .rows import add_rows
from .text_tables import build_text_table, fill_text_table


class PrintSection:
    """What the widgets of the section do; they are those of the panel's .ui file.

    Parameters
    ----------
    panel : with the choices `printer`, `material`, `catalogue`, `print_all` and `model`

    Attributes
    ----------
    rows : the widget of each field, by the names of the parameters and the field
    """

    def __init__(self, panel: Any) -> None:
        from slicer.i18n import tr as _

        self._panel, self._ui = panel, panel.ui
        self._read: tuple[Any, Catalogue] | None = None
        self._job: tuple[Any, PrintJob] | None = None
        self._fault = ""
        layout = self._ui.printRows.layout()
        self.rows = {stage: add_rows(layout, stage) for stage in (ORIENTATION, PRINT)}
        panel.keep_path(self._ui.catalogueEdit, "catalogue")
        build_text_table(self._ui.partsTable, [_(column) for column in COLUMNS[PARTS]], 0)
        build_text_table(self._ui.platesTable, [_(column) for column in COLUMNS[PLATES]], 3)
        self._connect()

    def _connect(self) -> None:
        ui = self._ui
        ui.printerBox.connect("currentIndexChanged(int)", self._on_printer)
        ui.materialBox.connect("currentIndexChanged(int)", self._on_material)
        ui.ownMaterialBox.connect("currentIndexChanged(int)", self._on_own_material)
        ui.prepareButton.connect("clicked()", lambda: self._do(self.prepare))
        ui.removePlatesButton.connect("clicked()", lambda: self._do(self.remove))
        ui.writePlatesButton.connect("clicked()", lambda: self._do(self.write))
        ui.sliceButton.connect("clicked()", lambda: self._do(self.slice))

    def _do(self, action: Any) -> None:
        if self._panel.chosen is not None:
            with faults_shown(self._panel.title):
                action()

    def _on_printer(self, index: int) -> None:
        if self._panel.chosen is not None and not self._panel.showing:
            self._panel.chosen.printer = self.catalogue.printers[index].id

    def _on_material(self, index: int) -> None:
        if self._panel.chosen is not None and not self._panel.showing:
            self._panel.chosen.material = self.materials[index].id

    def _on_own_material(self, index: int) -> None:
        """Note the material of the chosen model; the first entry stands for that of the print."""
        node = self._panel.chosen.model if self._panel.chosen is not None else None
        if node is not None and not self._panel.showing:
            keep_material(node, self.own_materials(node)[index - 1] if index > 0 else "")
            self._panel.refresh()

    def own_materials(self, model: Node) -> list[str]:
        """Return the names of the materials that a model can have: of the catalogue, and the one it has."""
        names = [material.title for material in self.catalogue.materials]
        kept = material_at(model) if model is not None else ""
        return names if kept in ("", *names) else [*names, kept]

    @property
    def catalogue(self) -> Catalogue:
        """The shipped printers and materials, with those of the chosen folder where it can be used."""
        folder = Path(self._panel.chosen.catalogue) if self._panel.chosen.catalogue else None
        stamp = _stamp_of_folder(folder)
        if self._read is None or self._read[0] != stamp:
            self._fault = ""
            try:
                self._read = stamp, read_catalogue(folder)
            except FluoroPrintError as error:
                self._fault = str(error)
                self._read = stamp, read_catalogue()
        return self._read[1]

    @property
    def printer(self) -> Printer:
        """The chosen printer, the first one where none is."""
        known = {printer.id: printer for printer in self.catalogue.printers}
        return known.get(self._panel.chosen.printer, self.catalogue.printers[0])

    @property
    def materials(self) -> tuple[Material, ...]:
        """The materials that the printer takes."""
        process = self.printer.process
        return tuple(material for material in self.catalogue.materials if process in material.processes)

    @property
    def material(self) -> Material | None:
        """The chosen material, the first one that the printer takes where none is."""
        known = {material.id: material for material in self.materials}
        return known.get(self._panel.chosen.material, next(iter(self.materials), None))

    def models(self) -> tuple[Node, ...]:
        """Return the models that are to be printed."""
        node = self._panel.chosen.model
        return case_models(node) if self._panel.chosen.print_all else (node,)

    def _wanted(self) -> Any:
        """Return what a job depends on: it is stale where this is another one."""
        parameters = tuple(stored_parameters(slicer.mrmlScene, stage) for stage in self.rows)
        return self.printer, self.material, parameters, tuple(map(_stamp_of_model, self.models()))

    def _settings_fault(self) -> str:
        """Return what is wrong with what was typed, empty for nothing."""
        try:
            for stage in self.rows:
                stored_parameters(slicer.mrmlScene, stage)
        except FluoroPrintError as error:
            return str(error)
        return ""

    def show(self, model: Node) -> None:
        """Show what can be done with a model, None for no model."""
        self._show_machines()
        self._show_own_material(model)
        self._show_job()
        self._offer(model)

    def _show_machines(self) -> None:
        ui, printers, materials = self._ui, self.catalogue.printers, self.materials
        fill_box(ui.printerBox, [printer.title for printer in printers], printers.index(self.printer))
        index = materials.index(self.material) if self.material is not None else -1
        fill_box(ui.materialBox, [material.title for material in materials], index)
        ui.machineLabel.text = _words(self.printer, self.material)
        ui.catalogueLabel.text = self._fault
        ui.catalogueLabel.visible = bool(self._fault)

    def _show_own_material(self, model: Node) -> None:
        from slicer.i18n import tr as _

        names, kept = self.own_materials(model), material_at(model) if model is not None else ""
        index = names.index(kept) + 1 if kept else 0
        fill_box(self._ui.ownMaterialBox, [_("that of the print"), *names], index)
        offer(self._ui.ownMaterialBox, "" if model is not None else _("Choose or make a model first."))

    def _show_job(self) -> None:
        ui, scene = self._ui, slicer.mrmlScene
        fill_text_table(ui.partsTable, print_rows(scene, PARTS))
        fill_text_table(ui.platesTable, print_rows(scene, PLATES))
        found = print_rows(scene, FINDINGS)
        ui.findingsLabel.text = "<ul style='margin-left: -24px'>" + "".join(map(_item, found)) + "</ul>"
        ui.findingsLabel.visible = bool(found)

    def _offer(self, model: Node) -> None:
        from slicer.i18n import tr as _

        ui, free = self._ui, idle(self._panel.work)
        chosen = model is not None, _("Choose or make a model first.")
        taken = self.material is not None, _("No material of the catalogue is for this printer.")
        fault = self._settings_fault()
        offer(ui.prepareButton, first_lacking(free, chosen, taken, (not fault, fault)))
        prepared = self._job is not None, _("Prepare the print first.")
        fresh = not (fault or model is None or self._job is None) and self._job[0] == self._wanted()
        still = fresh, _("Something was changed since: prepare the print anew.")
        offer(ui.writePlatesButton, first_lacking(free, chosen, prepared, still))
        lacking = first_lacking(free, chosen, prepared, still)
        offer(ui.sliceButton, lacking or self._slice_lacking())
        shown = bool(plates_of(slicer.mrmlScene)), _("No plates are shown.")
        offer(ui.removePlatesButton, first_lacking(free, shown))

    def _slice_lacking(self) -> str:
        assert self._job is not None, "it was prepared"
        job = self._job[1]
        try:
            for material in job.materials:
                refuse_unsliceable(slicing_program(), job.printer, material, job.settings)
        except FluoroPrintError as error:
            return str(error)
        return ""

    def prepare(self) -> None:
        """Lay the models on plates, check them, tell what they take, show the plates."""
        nodes, wanted = self.models(), self._wanted()
        models = [named_surface(node) for node in nodes]
        printer, material, (orientation, settings), _ = wanted
        known = self.catalogue.materials

        def compute(progress: Progress) -> PrintJob:
            return prepare_print(models, printer, material, orientation, settings, progress, known)

        def done(job: PrintJob) -> None:
            add_plates(slicer.mrmlScene, job, nodes)
            self._job = wanted, job
            self.say("")

        self._panel.work.start(compute, done)

    def remove(self) -> None:
        """Take the plates out of the scene."""
        remove_plates(slicer.mrmlScene)
        self._job = None
        self.say("")
        self._panel.refresh()

    def write(self) -> None:
        """Write a file of each plate into a folder."""
        self._write(None)

    def slice(self) -> None:
        """Write a file of each plate into a folder, and let PrusaSlicer or CuraEngine slice them."""
        self._write(Slicing())

    def _write(self, slicing: Slicing | None) -> None:
        from slicer.i18n import tr as _

        assert self._job is not None, "the buttons are offered then"
        job, node = self._job[1], self._panel.chosen.model
        folder = asked_folder(self._panel.title, _("Folder for the plates"), plate_names(job))
        if folder is None:
            return

        def compute(progress: Progress) -> tuple[WrittenPlate, ...]:
            return write_plates(job, folder, slicing=slicing, progress=progress)

        def done(written: tuple[WrittenPlate, ...]) -> None:
            paths = [each.path for each in written]
            case = case_of(node) or str(node.GetName())
            register_print_files(node.GetScene(), node, paths, case=case, folder=folder)
            self.say(_written_words(folder, written))

        self._panel.work.start(compute, done)

    def say(self, words: str) -> None:
        """Show what was written, nothing for no words."""
        self._ui.printLabel.text = words
        self._ui.printLabel.visible = bool(words)


def _words(printer: Printer, material: Material | None) -> str:
    from slicer.i18n import tr as _

    words = f"{printer.process}, {printer.size_words}"
    if material is None:
        return words
    told = _("{words}; {kind}; sterilisation: {sterilisation}; price: {price}.")
    return str(
        told.format(
            words=words,
            kind=material.kind,
            sterilisation=material.sterilisation_words,
            price=_price(material),
        )
    )


def _price(material: Material) -> str:
    cost = material.cost
    if cost is None:
        return UNKNOWN
    return f"{cost.amount:g} {cost.currency}/{cost.per} ({cost.year:g})"


def _item(row: tuple[str, ...]) -> str:
    level, part, text = row
    sign = "<b>✖</b>" if level == FAULT else "▲"
    return f"<li>{sign} <b>{escape(part)}</b>: {escape(text)}</li>"


def _written_words(folder: Path, written: tuple[WrittenPlate, ...]) -> str:
    from slicer.i18n import tr as _

    names = "; ".join(f"{p.path.name} ({p.words})" if p.words else p.path.name for p in written)
    words = _("Written to {folder}: {names}. Measure the print before you rely on it.")
    return str(words.format(folder=folder, names=names))


def _stamp_of_model(node: Node) -> Any:
    """Return what changes with a model's name, surface or place."""
    if node is None or node.GetPolyData() is None:
        return None
    transform = node.GetParentTransformNode()
    moved = (transform.GetID(), transform.GetTransformToWorldMTime()) if transform is not None else None
    return node.GetID(), node.GetName(), node.GetPolyData().GetMTime(), moved, material_at(node)


def _stamp_of_folder(folder: Path | None) -> Any:
    """Return what changes with a folder of the user's and the catalogue in it."""
    files = [folder / f"{kind}.json" for kind in (PRINTERS, MATERIALS)] if folder is not None else []
    return folder, tuple(file.stat().st_mtime_ns for file in files if file.is_file())
