"""DICOM runs and volumes for Slicer's DICOM browser: what is said of them, and how they are loaded.

The browser loads a file by the plugin that is surest. Slicer's own image-sequence plugin offers every XA and
RF run with a confidence of 0.7, as a loop to watch, and its scalar-volume plugin with 0.5. A run in which the
arm turned is worth more as a sweep; a loop in which it stood still is left to Slicer, and offered unselected.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..files.recognition import LOOP, SWEEP, VOLUME, Recognised
from ..progress import Progress

SURE, LIKELY, UNLIKELY = 0.9, 0.75, 0.3


def described(loadable: Any, recognised: Recognised) -> None:
    """Write into a DICOMLoadable what was recognised: tooltip, warning, confidence, selection."""
    from slicer.i18n import tr as _

    titles = {
        SWEEP: _("C-arm sweep for FluoroPrint"),
        LOOP: _("Fluoroscopic loop: the arm did not turn, it makes no volume"),
        VOLUME: _("X-Ray 3D volume that the console reconstructed"),
    }
    loadable.tooltip = "\n".join([titles[recognised.kind], *recognised.summary])
    loadable.warning = ""
    if recognised.missing and recognised.kind == SWEEP:
        words = _(
            "Not told by the file: {missing}. FluoroPrint Reconstruct takes it in when the file is opened."
        )
        loadable.warning = words.format(missing="; ".join(recognised.missing))
    loadable.confidence = _confidence(recognised)
    loadable.selected = recognised.kind != LOOP


def _confidence(recognised: Recognised) -> float:
    if recognised.kind == LOOP:
        return UNLIKELY
    return LIKELY if recognised.missing else SURE


def load(loadable: Any) -> Any:
    """Add a loadable's run or volume to the scene.

    Returns
    -------
    vtkMRMLScalarVolumeNode, or None where it was cancelled or failed, which the user was told.
    """
    import slicer

    from ..files.recognition import recognise
    from .faults import faults_shown

    nodes = []
    path = Path(loadable.files[0])
    with faults_shown(loadable.name):
        recognised = recognise(path)
        add = _add_volume if recognised is not None and recognised.kind == VOLUME else _add_sweep
        nodes.append(add(slicer.mrmlScene, path, loadable.name))
    return nodes[0] if nodes else None


def _add_sweep(scene: Any, path: Path, name: str) -> Any:
    from ..files.sweep import read_sweep
    from ..mrml.case_parameters import stored_parameters
    from ..mrml.cases import place_in_case
    from ..mrml.sweeps import GEOMETRY_ROLE, add_sweep
    from .dialog import computed_in_dialog

    parameters: Any = stored_parameters(scene, "sweep")

    def read(progress: Progress) -> Any:
        return read_sweep(path, parameters, progress=progress)

    node = add_sweep(scene, computed_in_dialog(name, read), name)
    place_in_case(scene, node.GetNodeReference(GEOMETRY_ROLE), node.GetName(), "Acquire")
    _record(scene, node, parameters)
    return node


def _add_volume(scene: Any, path: Path, name: str) -> Any:
    from ..files.xray_3d import read_xray_3d
    from ..mrml.volumes import add_volume
    from .dialog import computed_in_dialog

    node = add_volume(scene, computed_in_dialog(name, lambda _progress: read_xray_3d(path)), name)
    _record(scene, node)
    return node


def _record(scene: Any, node: Any, parameters: Any = None) -> None:
    """Note that a node was acquired. Its place is under its study, where the browser puts it."""
    from ..mrml.provenance import set_provenance, write_provenance_text

    set_provenance(node, None, "Acquire", parameters)
    write_provenance_text(scene)
