"""What fills the Segment Editor for pictures of its effects: the shipped head, or a volume made for it."""

import numpy as np
import slicer
import stand_in
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.mrml.volumes import add_volume
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct
from FluoroPrintLib.segmentation.bone import BONE_COLOUR

SIZE = 48
AT_K, AT_J, AT_I = np.indices((SIZE, SIZE, SIZE)) - (SIZE - 1) / 2
VIEW_PIXELS, VIEW_MM = 400, 200.0


def shipped_sweep():
    """Return the sweep that is shipped."""
    return read_sweep(stand_in.REPOSITORY / "FluoroPrint" / "Resources" / "SampleData" / "head-small-xa.dcm")


def shipped_head():
    """Return the shipped sweep, coarsely reconstructed."""
    return reconstruct(shipped_sweep(), ReconstructionParameters(voxel_mm=1.6))


def made(values_of):
    """Return a volume of voxels of 1 mm: soft tissue with noise, and in it each mask's value in HU."""
    voxels = np.random.default_rng(1).normal(40.0, 20.0, (SIZE, SIZE, SIZE))
    for mask, value in values_of:
        voxels[mask] = value
    return Volume(voxels.astype(np.float32), grid_centred_at((0, 0, 0), (SIZE, SIZE, SIZE), 1.0))


def edit(editor, scene, volume, name, segment="Bone", colour=BONE_COLOUR):
    """Put a volume into the editor with an empty segment; choose an effect; return its options."""
    source = add_volume(scene, volume, "Volume")
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Segmentation")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(source)
    editor.setSegmentationNode(node)
    editor.setSourceVolumeNode(source)
    editor.setCurrentSegmentID(node.GetSegmentation().AddEmptySegment(segment, segment, colour))
    editor.setActiveEffectByName(name)
    return editor.activeEffect().self().options


def write(editor, mask):
    """Put a mask into the selected segment."""
    from FluoroPrintLib.mrml.oriented_images import image_from_mask, place_of_image

    effect = editor.activeEffect()
    image = image_from_mask(mask, place_of_image(effect.sourceVolumeImageData()))
    effect.modifySelectedSegmentByLabelmap(
        image, slicer.qSlicerSegmentEditorAbstractEffect.ModificationModeSet
    )


def add_points(scene, name, places):
    """Add a point list."""
    node = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", name)
    for place in places:
        node.AddControlPoint(list(place))
    return node


def preview(options):
    """Press Preview, as a user does, and wait for the result."""
    options.previewButton.setFocus()
    stand_in.click(options.previewButton)
    stand_in.wait_until(lambda: not options.work.busy)


def axial_view(scene, middle_ras):
    """Return a slice view through a place, 200 mm wide with 2 pixels a mm."""
    from qt_side.slice_widgets import slice_widget_of

    node = scene.AddNewNodeByClass("vtkMRMLSliceNode", "Red")
    node.SetOrientationToAxial()
    node.SetDimensions(VIEW_PIXELS, VIEW_PIXELS, 1)
    node.SetFieldOfView(VIEW_MM, VIEW_MM, 1.0)
    node.JumpSliceByCentering(*middle_ras)
    node.UpdateMatrices()
    return slice_widget_of(node)


def click(editor, view, place_ras, event="LeftButtonPressEvent"):
    """Click at a place in a slice view."""
    from FluoroPrintLib.mrml.slice_views import pixels_in_view

    pixel = pixels_in_view(view.mrmlSliceNode(), np.asarray(place_ras)[None])[0]
    stand_in.interact(editor, view, event, tuple(int(x) for x in np.rint(pixel)))
