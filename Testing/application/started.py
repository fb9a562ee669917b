"""What FluoroPrint shows once Slicer has started, looked at through what Slicer and the stand-in share."""

import sys
from pathlib import Path

import slicer

OWN = ("FluoroPrint", "SegmentEditorFluoroPrint")
EFFECT, PLUGIN, SAMPLES = "Fluoro bone", "FluoroPrintConeBeamPlugin", "FluoroPrint"


def faults_of_start(modules):
    """Return what is missing of the modules, the effect, the DICOM plugin, the samples and the catalogue."""
    found = [fault for name in modules for fault in faults_of_module(name)]
    return found + faults_of_effect() + faults_of_plugin() + faults_of_samples() + faults_of_catalogue()


def faults_of_module(name):
    """Return what is missing of a module: itself, its icon, its panel."""
    import qt

    module = getattr(slicer.modules, name.lower(), None)
    if module is None:
        return [f"module {name} is not loaded"]
    faults = [] if has_picture(module.icon) else [f"module {name} has no icon"]
    if not module.hidden:
        panel = slicer.util.getModuleWidget(name)
        faults += [] if panel.parent.findChildren(qt.QPushButton) else [f"panel {name} has no button"]
    return faults


def has_picture(icon):
    """Say whether an icon can be drawn; one made of a missing file is no null icon."""
    return not icon.pixmap(32, 32).isNull()


def faults_of_effect():
    """Return what is missing of the effect in a new Segment Editor."""
    editor = slicer.qMRMLSegmentEditorWidget()
    editor.setMRMLScene(slicer.mrmlScene)
    effect = editor.effectByName(EFFECT)
    if effect is None:
        return [f"effect {EFFECT} is not registered"]
    return [] if has_picture(effect.self().icon()) else [f"effect {EFFECT} has no icon"]


def faults_of_plugin():
    """Return what is missing of the DICOM plugin: it shall find the sweep that is shipped."""
    plugin = getattr(slicer.modules, "dicomPlugins", {}).get(PLUGIN)
    if plugin is None:
        return [f"DICOM plugin {PLUGIN} is not registered"]
    (sweep,) = (resources() / "SampleData").glob("*.dcm")
    return [] if plugin().examineForImport([[str(sweep)]]) else [f"DICOM plugin {PLUGIN} knows no sweep"]


def faults_of_samples():
    """Return what is missing of the sample data: pictures, and the first sample as a node."""
    sources = getattr(slicer.modules, "sampleDataSources", {}).get(SAMPLES, [])
    if not sources:
        return ["no sample data is registered"]
    without = [s.sampleName for s in sources if not Path(s.thumbnailFileName).is_file()]
    faults = [f"sample {name} has no picture" for name in without]
    return faults if sources[0].customDownloader(sources[0]) else [*faults, "the first sample is not loaded"]


def faults_of_catalogue():
    """Return what is missing of the catalogue of anatomies."""
    from FluoroPrintLib.catalog.anatomy import anatomies

    return [] if anatomies() else ["the catalogue of anatomies is empty"]


def resources():
    """Return the folder Resources of the loaded home module."""
    return Path(slicer.modules.fluoroprint.path).parent / "Resources"


def files_outside(folder):
    """Return the files of FluoroPrint that were imported from elsewhere than a folder."""
    own = [module for name, module in list(sys.modules.items()) if name.startswith(OWN)]
    files = [Path(module.__file__).resolve() for module in own if getattr(module, "__file__", None)]
    return [file for file in files if not file.is_relative_to(folder.resolve())]
