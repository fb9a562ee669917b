"""The effect's options with two bones that touch previewed as parts."""

import numpy as np
from scene_editor import AT_I, AT_J, AT_K, add_points, edit, made, preview, write


def populate(editor, scene):
    """Split two blocks of bone beside a joint space, at a point in each."""
    both = (np.abs(AT_I) < 19) & (np.abs(AT_J) < 8) & (np.abs(AT_K) < 8)
    bones = both & (np.abs(AT_I) > 1)
    options = edit(editor, scene, made([(bones, 800.0)]), "Joint split")
    write(editor, both)
    options.pointsChooser.setCurrentNode(add_points(scene, "Parts", [(11, 0, 0), (-11, 1, 0)]))
    preview(options)
