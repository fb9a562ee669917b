"""FluoroPrint's entries in Slicer's Sample Data module: made on this machine, nothing is downloaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..geometry.sweep import Sweep
from ..progress import Progress, part_of

CATEGORY = "FluoroPrint"
SHIPPED, SIMULATED = "FluoroPrintSkullSweep", "FluoroPrintLumbarSweep"


def register_sample_data(resources: Path) -> None:
    """Register the shipped sweep and the simulated one.

    Parameters
    ----------
    resources : folder that holds SampleData/ and Icons/
    """
    from slicer.i18n import tr as _

    shipped = resources / "SampleData" / "head-small-xa.dcm"
    _register(SHIPPED, _("Skull sweep"), resources, lambda progress: _shipped_sweep(shipped, progress))
    _register(SIMULATED, _("Lumbar sweep"), resources, simulated_sweep)


def _register(name: str, title: str, resources: Path, make: Callable[[Progress], Sweep]) -> None:
    import SampleData

    SampleData.SampleDataLogic.registerCustomSampleDataSource(
        category=CATEGORY,
        sampleName=title,
        uris="",
        fileNames=None,
        nodeNames=title,
        customDownloader=lambda _source: load_sample(title, make),
        thumbnailFileName=str(resources / "Icons" / f"{name}.png"),
    )


def load_sample(title: str, make: Callable[[Progress], Sweep]) -> list[Any]:
    """Make a sweep and add it to the scene, in a case of its own.

    Returns
    -------
    Its node; none where it was cancelled or failed, which the user was told.
    """
    import slicer

    from ..mrml.stages import register_result
    from ..mrml.sweeps import add_sweep
    from .dialog import computed_in_dialog
    from .faults import faults_shown

    nodes: list[Any] = []
    with faults_shown(title):
        sweep = computed_in_dialog(title, make)
        node = add_sweep(slicer.mrmlScene, sweep, title)
        register_result(slicer.mrmlScene, node, None, "Acquire", case=node.GetName())
        slicer.util.setSliceViewerLayers(background=node, fit=True)
        nodes.append(node)
    return nodes


def _shipped_sweep(path: Path, progress: Progress) -> Sweep:
    from ..files.sweep import read_sweep

    return read_sweep(path, progress=progress)


def simulated_sweep(progress: Progress) -> Sweep:
    """Return a run of 120 frames over 204 degrees about the lumbar phantom, with quantum noise.

    `simulation.phantom` tells the sizes of what is in it.
    """
    from ..simulation.phantom import lumbar_phantom
    from ..simulation.sweeps import SimulationParameters, simulate_sweep, sweep_of_simulated

    progress(0.0, "Making the phantom")
    parameters = SimulationParameters(frames=120, arc_deg=204.0, panel_mm=(300.0, 400.0), pixel_mm=2.0)
    return sweep_of_simulated(simulate_sweep(lumbar_phantom(1.25), parameters, part_of(progress, 0.1, 1.0)))
