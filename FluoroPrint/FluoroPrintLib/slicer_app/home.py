"""The home panel's work: showing a case, running all stages."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from ..errors import FluoroPrintError
from ..mrml.case_stages import CaseState, case_state, case_titles
from ..pipeline.case_parameters import CaseParameters
from ..report.case import CaseRecord
from .anatomy_box import shown_anatomy
from .case_runner import CaseRunner
from .case_view import next_step, show_stages
from .offers import first_lacking, idle, offer


def show_case(panel: Any) -> CaseState:
    """Show the chosen case and the parameters on the home panel; return the case."""
    import slicer

    panel.showing = True
    try:
        case = case_state(slicer.mrmlScene, _shown_title(panel, slicer.mrmlScene))
        show_stages(panel.ui, case)
        panel.ui.nextLabel.text = f"<b>{html.escape(next_step(case), quote=False)}</b>"
        place, summary = shown_anatomy(slicer.mrmlScene)
        panel.ui.anatomyBox.currentIndex, panel.ui.anatomyLabel.text = place, summary
        _show_run(panel, case)
    finally:
        panel.showing = False
    return case


def _shown_title(panel: Any, scene: Any) -> str:
    """Fill the box with the scene's cases; return the chosen one, the latest where that is gone."""
    titles, box = list(case_titles(scene)), panel.ui.caseBox
    if [box.itemText(index) for index in range(box.count)] != titles:
        box.clear()
        box.addItems(titles)
    title = panel.chosen.case_title
    title = title if title in titles else (titles[-1] if titles else "")
    box.currentIndex = titles.index(title) if titles else -1
    box.enabled = bool(titles)
    return title


def _show_run(panel: Any, case: CaseState) -> None:
    from slicer.i18n import tr as _

    ui, chosen = panel.ui, panel.chosen
    ui.sourceBox.currentIndex = int(chosen.from_file)
    offer(ui.sweepEdit, "" if chosen.from_file else _("Choose 'from a file' above first."))
    has_sweep = bool(ui.sweepEdit.currentPath) if chosen.from_file else case.sweep is not None
    lacking = first_lacking(
        idle(panel.work),
        (has_sweep, _("Choose a sweep first.")),
        (bool(ui.folderEdit.currentPath), _("Choose an output folder first.")),
    )
    offer(ui.runButton, lacking)
    written = bool(chosen.report) and Path(chosen.report).is_file()
    offer(ui.reportButton, "" if written else _("There is no report yet: run all stages."))
    ui.warningsLabel.visible = bool(ui.warningsLabel.text)


def run_all(panel: Any) -> None:
    """Run all stages on the chosen sweep with the parameters of the case.

    Raises
    ------
    FluoroPrintError
        No sweep or folder is chosen, a parameter is none, or the folder cannot be written.
    """
    import slicer

    scene, chosen = slicer.mrmlScene, panel.chosen
    sweep = Path(panel.ui.sweepEdit.currentPath) if chosen.from_file else panel.state.sweep
    if sweep is None:
        raise FluoroPrintError("There is no sweep yet: load one, or choose a file.")
    folder = Path(panel.ui.folderEdit.currentPath).absolute()
    panel.ui.warningsLabel.text = ""

    def finished(record: CaseRecord) -> None:
        _show_record(panel, record, folder)

    CaseRunner(panel.work, scene, sweep, folder, CaseParameters.of_scene(scene), finished).start()


def _show_record(panel: Any, record: CaseRecord, folder: Path) -> None:
    from slicer.i18n import tr as _

    warnings = [warning for stage in record.stages for warning in stage.warnings]
    items = "".join(f"<li>{html.escape(warning)}</li>" for warning in warnings)
    panel.ui.warningsLabel.text = f"{_('To know:')}<ul>{items}</ul>" if warnings else ""
    seconds = sum(stage.seconds for stage in record.stages)
    panel.work.say(_("Done in {seconds} s.").format(seconds=round(seconds)))
    if panel.chosen is not None:
        panel.chosen.report, panel.chosen.case_title = str(folder / "report.html"), record.title
