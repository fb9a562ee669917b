"""The effect's options with two bones that touch previewed as parts, by two points in each."""

import numpy as np
from scene_editor import AT_I, AT_J, AT_K, add_points, edit, made, preview, write

PLACES = ((15, 0, 0), (6, 1, 0), (-15, 1, 0), (-6, 0, 0))
PARTS = ("L4", "L4", "L5", "L5")


def populate(editor, scene):
    """Split two blocks of bone beside a joint space, at points in each."""
    both = (np.abs(AT_I) < 19) & (np.abs(AT_J) < 8) & (np.abs(AT_K) < 8)
    bones = both & (np.abs(AT_I) > 1)
    options = edit(editor, scene, made([(bones, 800.0)]), "Joint split")
    write(editor, both)
    points = add_points(scene, "Parts", PLACES)
    for index, part in enumerate(PARTS):
        points.SetNthControlPointDescription(index, part)
    options.points.chooser.setCurrentNode(points)
    preview(options)
