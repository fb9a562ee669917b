"""What the panel of FluoroPrint Reconstruct does: load, check, mend, preview, reconstruct, browse."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import FluoroPrintError
from ..files.sweep_check import check_sweep
from ..files.sweep_parameters import SweepParameters
from ..geometry.diagnosis import Diagnosis, diagnose
from ..geometry.sweep import Sweep
from ..geometry.volume import Volume
from ..mrml.case_parameters import store_parameters, stored_parameters
from ..mrml.nodes import Node
from ..mrml.playback import add_playback, playback_of, remove_playback, show_frame_on_panel
from ..mrml.stages import reconstruction_stage
from ..mrml.sweep_files import files_of_sweep, keep_sweep
from ..mrml.sweep_previews import show_preview
from ..mrml.sweeps import is_sweep_node, sweep_from_nodes, sweep_geometry_from_node
from ..parameters import parameter_fields
from ..progress import Progress
from ..reconstruction.fdk import ReconstructionParameters
from .geometry_view import figures_html, fill_findings, fix_words, picture_of, verdict
from .offers import first_lacking, idle, offer
from .reconstruct_size import size_words
from .stage_work import start_stage


def sweep_names() -> tuple[str, ...]:
    """Return the fields of how a sweep is read."""
    return tuple(field.name for field in parameter_fields(SweepParameters))


def reconstruction_names(without: tuple[str, ...]) -> tuple[str, ...]:
    """Return the fields of a reconstruction but some."""
    names = (field.name for field in parameter_fields(ReconstructionParameters))
    return tuple(name for name in names if name not in without)


def show_panel(panel: Any) -> None:
    """Show what can be done with what is chosen."""
    from slicer.i18n import tr as _

    panel.showing = True
    try:
        ui, node, free = panel.ui, _sweep_node(panel), idle(panel.work)
        ui.hintLabel.text = _("Choose a sweep in the scene, or load one from a file.")
        ui.hintLabel.visible = node is None
        offer(ui.loadButton, first_lacking(free, (bool(ui.fileEdit.currentPath), _("Choose a file first."))))
        lacking = first_lacking(free, (node is not None, _("Choose or load a sweep first.")))
        for button in (ui.checkButton, ui.previewButton, ui.applyButton, ui.browseButton):
            offer(button, lacking)
        ui.sizeLabel.text = size_words(node)
        _show_diagnosis(panel, node)
        _show_browsing(panel, node)
    finally:
        panel.showing = False


def _sweep_node(panel: Any) -> Node:
    node = panel.chosen.sweep
    return node if is_sweep_node(node) else None


def _required(panel: Any) -> Node:
    node = _sweep_node(panel)
    if node is None:
        raise FluoroPrintError("There is no sweep yet: choose one, or load one from a file.")
    return node


def load_file(panel: Any) -> None:
    """Read the chosen file with the parameters of the case, check it, put it into the scene.

    A file that does not tell enough is not put there; what is missing is shown.
    """
    if not panel.chosen.file:
        raise FluoroPrintError("There is no file yet: choose one.")
    geometry = Path(panel.chosen.geometry) if panel.chosen.geometry else None
    _read(panel, Path(panel.chosen.file), geometry)


def _read(panel: Any, path: Path, geometry: Path | None) -> None:
    scene = _scene()
    parameters: Any = stored_parameters(scene, "sweep")

    def compute(progress: Progress) -> tuple[Diagnosis, Sweep | None, float]:
        start = time.perf_counter()
        diagnosis, sweep = check_sweep(path, parameters, geometry=geometry, progress=progress)
        return diagnosis, sweep, time.perf_counter() - start

    def done(outcome: tuple[Diagnosis, Sweep | None, float]) -> None:
        diagnosis, sweep, seconds = outcome
        node = None
        if sweep is not None:
            node = keep_sweep(scene, sweep, path, geometry, parameters, seconds)
            panel.chosen.sweep = node
            _show_in_slices(node)
        _keep_diagnosis(panel, diagnosis, node)

    panel.work.start(compute, done)


def check_sweep_node(panel: Any) -> None:
    """Check the geometry of the chosen sweep."""
    node = _required(panel)
    sweep = sweep_from_nodes(node)

    def compute(progress: Progress) -> Diagnosis:
        return diagnose(sweep, progress)

    panel.work.start(compute, lambda diagnosis: _keep_diagnosis(panel, diagnosis, node))


def _keep_diagnosis(panel: Any, diagnosis: Diagnosis, node: Node) -> None:
    panel.diagnosis, panel.diagnosed = diagnosis, node
    fill_findings(panel.ui.findingsList, diagnosis.findings)
    panel.ui.pictureLabel.setPixmap(picture_of(diagnosis))
    panel.ui.findingsList.setCurrentRow(0 if diagnosis.findings else -1)
    panel.refresh()


def _show_diagnosis(panel: Any, node: Node) -> None:
    """Show the last check as long as it is of the chosen sweep, or of a file that gave none."""
    ui, diagnosis = panel.ui, panel.diagnosis
    known = diagnosis is not None and panel.diagnosed in (node, None)
    for widget in (ui.verdictLabel, ui.pictureLabel, ui.figuresLabel, ui.findingsList, ui.fixButton):
        widget.visible = known
    if known:
        ui.verdictLabel.text = f"<b>{verdict(diagnosis)}</b>"
        ui.figuresLabel.text = figures_html(diagnosis)
        ui.findingsList.visible = bool(diagnosis.findings)
        show_fix(panel)


def show_fix(panel: Any) -> None:
    """Say on the button what the chosen finding's fix does; without one, where to type what is missing."""
    from slicer.i18n import tr as _

    button, finding = panel.ui.fixButton, _chosen_finding(panel)
    words = fix_words(finding) if finding else ""
    path, _geometry = _files(panel)
    button.visible = bool(words)
    button.enabled = bool(words) and path is not None and not panel.work.busy
    button.text = words or _("No fix")
    button.toolTip = (
        _("Change how the sweep is read, and read it again.")
        if path is not None
        else _("The file of this sweep is not known: load it from the file to change how it is read.")
    )
    if finding is not None and finding.fields and not words:
        panel.ui.readingSection.collapsed = False


def _chosen_finding(panel: Any) -> Any:
    row = panel.ui.findingsList.currentRow
    found = panel.diagnosis.findings if panel.diagnosis is not None else ()
    return found[row] if 0 <= row < len(found) else None


def _files(panel: Any) -> tuple[Path | None, Path | None]:
    """Return the file and the geometry file that the last check was of."""
    if panel.diagnosed is not None:
        return files_of_sweep(panel.diagnosed)
    geometry = Path(panel.chosen.geometry) if panel.chosen.geometry else None
    return (Path(panel.chosen.file) if panel.chosen.file else None), geometry


def apply_fix(panel: Any) -> None:
    """Set the parameters that the chosen finding proposes, and read the sweep again."""
    finding = _chosen_finding(panel)
    path, geometry = _files(panel)
    if finding is None or path is None:
        raise FluoroPrintError("There is no fix to apply: choose a finding that has one.")
    read_with: Any = stored_parameters(_scene(), "sweep")
    store_parameters(_scene(), "sweep", replace(read_with, **finding.proposal))
    _read(panel, path, geometry)


def make_preview(panel: Any) -> None:
    """Reconstruct the chosen sweep at a quarter of the resolution; there is one preview of a sweep."""
    from ..reconstruction.preview import preview

    node = _required(panel)
    sweep = sweep_from_nodes(node)
    parameters: Any = stored_parameters(_scene(), "reconstruction")

    def compute(progress: Progress) -> Volume:
        return preview(sweep, parameters, progress)

    panel.work.start(compute, lambda volume: _show_made(panel, show_preview(node, volume)))


def reconstruct_sweep(panel: Any) -> None:
    """Reconstruct the chosen sweep with the parameters of the case."""
    node = _required(panel)
    parameters = stored_parameters(_scene(), "reconstruction")
    start_stage(
        panel.work, reconstruction_stage(), node, parameters, lambda nodes: _show_made(panel, nodes[0])
    )


def _show_made(panel: Any, node: Node) -> None:
    """Show a volume in the slices, and say what was corrected in it."""
    panel.work.say(node.GetDescription() or "")
    _show_in_slices(node)


def _show_in_slices(node: Node) -> None:
    import slicer

    slicer.util.setSliceViewerLayers(background=node, fit=True)


def toggle_browsing(panel: Any) -> None:
    """Put the frames of the chosen sweep and the C-arm into the scene, or take them away."""
    node = _required(panel)
    if playback_of(node) is None:
        add_playback(_scene(), node)
    else:
        remove_playback(node)
    panel.refresh()


def show_frame(panel: Any) -> None:
    """Turn the C-arm to the frame of the slider."""
    browser = playback_of(_required(panel))
    if browser is not None:
        browser.SetSelectedItemNumber(int(panel.ui.frameSlider.value) - 1)
        _show_browsing(panel, _sweep_node(panel))


def _show_browsing(panel: Any, node: Node) -> None:
    from slicer.i18n import tr as _

    ui, browser = panel.ui, playback_of(node) if node is not None else None
    ui.browseButton.checked = browser is not None
    ui.browseButton.text = _("Hide the C-arm") if browser is not None else _("Show the C-arm")
    offer(ui.frameSlider, "" if browser is not None else _("Show the C-arm first."))
    ui.frameLabel.text = ""
    if browser is None:
        return
    show_frame_on_panel(browser)
    ui.frameSlider.maximum = float(browser.GetNumberOfItems())
    ui.frameSlider.value = float(browser.GetSelectedItemNumber() + 1)
    ui.frameLabel.text = frame_words(node, browser.GetSelectedItemNumber())


def frame_words(node: Node, number: int) -> str:
    """Return where the arm stood at a frame: "Frame 3 of 120: LAO 24.5°, cranial 0.0°"."""
    from slicer.i18n import tr as _

    geometry = sweep_geometry_from_node(node.GetNodeReference("FluoroPrint.Geometry"))
    words = str(_("Frame {number} of {count}").format(number=number + 1, count=geometry.count))
    if geometry.primary_deg is None or geometry.secondary_deg is None:
        return words
    primary, secondary = float(geometry.primary_deg[number]), float(geometry.secondary_deg[number])
    side, tilt = ("LAO" if primary >= 0 else "RAO"), (_("cranial") if secondary >= 0 else _("caudal"))
    return f"{words}: {side} {abs(primary):.1f}°, {tilt} {abs(secondary):.1f}°"


def _scene() -> Any:
    import slicer

    return slicer.mrmlScene
