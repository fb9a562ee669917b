"""What the tests of FluoroPrint Prepare's panel share."""

import slicer
import stand_in
from FluoroPrintLib.mesh.model import ModelParameters
from FluoroPrintLib.mrml.case_parameters import store_parameters
from vtkmodules.vtkFiltersSources import vtkSphereSource

QUICK = ModelParameters(smoothing_iterations=5, min_island_mm3=1.0)
FALSE_SLICER = """#!/bin/sh
while [ $# -gt 1 ]; do [ "$1" = -o ] && out="$2"; shift; done
printf '; filament used [cm3] = 4.2\\n; estimated printing time (normal mode) = 1h 5m 3s\\n' > "$out"
"""


def open_prepare(monkeypatch, scene):
    """The panel, entered, with quick parameters."""
    module, _ = stand_in.start_module(monkeypatch, "FluoroPrintPrepare")
    widget = stand_in.open_panel(module)
    widget.parent.enter()
    store_parameters(scene, "model", QUICK)
    return widget


def false_slicer(folder):
    """The path of a program that answers as PrusaSlicer does."""
    path = folder / "false-slicer"
    path.write_text(FALSE_SLICER)
    path.chmod(0o755)
    return str(path)


def ball(scene, name="Ball", radius=10.0, open_faces=0, middle=(0.0, 0.0, 0.0)):
    """A model of a ball, with holes."""
    source = vtkSphereSource()
    source.SetRadius(radius)
    source.SetCenter(*middle)
    source.SetThetaResolution(24)
    source.SetPhiResolution(24)
    source.Update()
    surface = source.GetOutput()
    for face in range(0, open_faces * 40, 40):
        surface.BuildLinks()
        surface.DeleteCell(face + 60)
    surface.RemoveDeletedCells()
    node = scene.AddNewNodeByClass("vtkMRMLModelNode", name)
    node.SetAndObservePolyData(surface)
    node.CreateDefaultDisplayNodes()
    return node


def press(widget, button):
    stand_in.click(button)
    stand_in.wait_until(lambda: not widget.work.busy)


def models_of(scene):
    nodes = slicer.util.getNodesByClass("vtkMRMLModelNode", scene)
    return [node for node in nodes if not node.GetHideFromEditors()]
