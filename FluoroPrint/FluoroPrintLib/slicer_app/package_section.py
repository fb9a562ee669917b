"""The package for a print in the section "Print": models, plates and the sheet, in a folder of the user's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer

from ..errors import FluoroPrintError
from ..mrml.case_parameters import ORIENTATION, PRINT, SHEET, stored_parameters
from ..mrml.nodes import Node
from ..pipeline.package import SHEET as SHEET_FILE
from ..pipeline.package import SUMS, PackageChoice, make_package, models_of_node, register_package
from ..pipeline.printing import Slicing
from ..printing.orientation import OrientationParameters
from ..printing.package_parameters import PackageParameters
from ..printing.settings import PrintSettings
from ..printing.sheet_parameters import SheetParameters
from ..printing.slicing import refuse_unsliceable, slicing_program
from ..progress import Progress
from ..report.print_record import PrintRecord
from .faults import faults_shown
from .offers import first_lacking, idle, offer
from .print_section import PrintSection
from .rows import add_rows

FIELDS = ("case", "region", "structure", "laterality", "tolerance_mm")


class PackageSection:
    """What the widgets of the package do; they are those of the panel's .ui file.

    Parameters
    ----------
    panel : with the choices `package_slices` and `package_prusaslicer` beside those of `PrintSection`
    printing : says what is printed, of which material, by which printer

    Attributes
    ----------
    rows : the widget of each field of the sheet
    """

    def __init__(self, panel: Any, printing: PrintSection) -> None:
        self._panel, self._ui, self._printing = panel, panel.ui, printing
        self.rows = add_rows(self._ui.sheetRows.layout(), SHEET, FIELDS)
        self._ui.packageButton.connect("clicked()", self._on_package)

    def _on_package(self) -> None:
        if self._panel.chosen is not None:
            with faults_shown(self._panel.title):
                self.make()

    def show(self, model: Node) -> None:
        """Show whether a package can be made of a model, None for no model."""
        from slicer.i18n import tr as _

        chosen = model is not None, _("Choose or make a model first.")
        taken = self._printing.material is not None, _("No material of the catalogue is for this printer.")
        lacking = first_lacking(idle(self._panel.work), chosen, taken)
        offer(self._ui.packageButton, lacking or self._fault())

    def _fault(self) -> str:
        """Return what keeps the package from being made, empty for nothing."""
        try:
            choice = self._choice()
            if choice.slicing is not None:
                settings = choice.settings or PrintSettings()
                refuse_unsliceable(slicing_program(), choice.printer, choice.material, settings)
        except FluoroPrintError as error:
            return str(error)
        return ""

    def _choice(self) -> PackageChoice:
        """Return what the package is made for, as the widgets say."""
        orientation, settings, sheet = (
            stored_parameters(slicer.mrmlScene, stage) for stage in (ORIENTATION, PRINT, SHEET)
        )
        assert isinstance(orientation, OrientationParameters), "they are kept by these names"
        assert isinstance(settings, PrintSettings), "they are kept by these names"
        assert isinstance(sheet, SheetParameters), "they are kept by these names"
        material = self._printing.material
        assert material is not None, "the button is offered then"
        chosen = self._panel.chosen
        return PackageChoice(
            self._printing.printer,
            material,
            orientation,
            settings,
            sheet,
            Slicing() if chosen.package_slices else None,
            self._printing.catalogue.materials,
            PackageParameters(chosen.package_prusaslicer),
        )

    def make(self) -> None:
        """Fill a folder that the user chooses with the package of the chosen models."""
        folder = self._asked_folder()
        if folder is None:
            return
        choice, nodes = self._choice(), self._printing.models()
        models = [model for node in nodes for model in models_of_node(node)[0]]

        def compute(progress: Progress) -> PrintRecord:
            return make_package(models, folder, choice, progress=progress)

        def done(record: PrintRecord) -> None:
            register_package(nodes[0].GetScene(), nodes[0], record, folder)
            self._printing.say(_written_words(folder, record))

        self._panel.work.start(compute, done)

    def _asked_folder(self) -> Path | None:
        """Return the folder that the user chooses; None where none, or an earlier package shall stay."""
        import qt
        from slicer.i18n import tr as _

        chosen = qt.QFileDialog.getExistingDirectory(None, _("Folder for the package"), "")
        if not chosen:
            return None
        folder = Path(chosen)
        question = _("{folder} holds a package already. Replace it?").format(folder=folder)
        if (folder / SUMS).exists() and not slicer.util.confirmOkCancelDisplay(
            question, windowTitle=self._panel.title
        ):
            return None
        return folder


def _written_words(folder: Path, record: PrintRecord) -> str:
    from slicer.i18n import tr as _

    words = _("{count} files and the sheet were written to {folder}: open {sheet} in a browser.")
    return str(words.format(count=len(record.files) - 1, folder=folder, sheet=SHEET_FILE))
