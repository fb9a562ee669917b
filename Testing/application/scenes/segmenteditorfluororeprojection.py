"""The effect's options with the bone of the shipped sweep held against one of its frames."""

import stand_in
from FluoroPrintLib.mrml.sweeps import add_sweep
from FluoroPrintLib.segmentation.bone import find_bone
from scene_editor import edit, shipped_head, shipped_sweep, write


def populate(editor, scene):
    """Segment the head's bone and draw its outline over a frame."""
    head = shipped_head()
    options = edit(editor, scene, head, "Reprojection check")
    write(editor, find_bone(head).segmentation.labelmap.array_kji > 0)
    options.sweepChooser.setCurrentNode(add_sweep(scene, shipped_sweep(), "Head sweep"))
    options.frameSlider.value = 24.0
    stand_in.click(options.showButton)
    stand_in.wait_until(lambda: not options.work.busy)
