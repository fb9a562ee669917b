"""The effect's options after a click into the bone of the shipped sweep."""

import numpy as np
import stand_in
from scene_editor import axial_view, click, edit, shipped_head


def populate(editor, scene):
    """Click into the brightest place of the head."""
    head = shipped_head()
    options = edit(editor, scene, head, "Fluoro grow")
    k, j, i = np.unravel_index(head.array_kji.argmax(), head.array_kji.shape)
    options.previewBox.setFocus()
    place = (head.ijk_to_ras @ [i, j, k, 1.0])[:3]
    click(editor, axial_view(scene, place), place)
    stand_in.wait_until(lambda: not options.work.busy)
