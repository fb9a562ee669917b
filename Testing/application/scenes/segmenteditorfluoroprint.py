"""The effect's options with the bone of the shipped sweep previewed."""

import stand_in
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.mrml.volumes import add_volume
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct
from FluoroPrintLib.segmentation.bone import BONE_COLOUR


def populate(editor, scene):
    """Reconstruct the shipped sweep coarsely; preview its bone in an empty segment."""
    run = stand_in.REPOSITORY / "FluoroPrint" / "Resources" / "SampleData" / "head-small-xa.dcm"
    volume = add_volume(scene, reconstruct(read_sweep(run), ReconstructionParameters(voxel_mm=1.6)), "Head")
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Segmentation")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    editor.setSegmentationNode(node)
    editor.setSourceVolumeNode(volume)
    editor.setCurrentSegmentID(node.GetSegmentation().AddEmptySegment("Bone", "Bone", BONE_COLOUR))
    editor.setActiveEffectByName("Fluoro bone")
    options = editor.activeEffect().self().options
    options.previewButton.setFocus()  # as a user's click does
    stand_in.click(options.previewButton)
    stand_in.wait_until(lambda: not options.work.busy, 60)
