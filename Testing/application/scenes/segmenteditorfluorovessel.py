"""The effect's options with the vessel that a point is in previewed."""

import numpy as np
from scene_editor import AT_I, AT_J, AT_K, add_points, edit, made, preview


def populate(editor, scene):
    """Find one of two vessels in soft tissue, by a point in it."""
    vessels = [
        ((AT_K - 10) ** 2 + (AT_J - 8) ** 2 <= 5**2, 700.0),
        (((AT_I - 10) ** 2 + (AT_J + 12) ** 2 <= 3**2) & (np.abs(AT_K) < 15), 700.0),
    ]
    options = edit(editor, scene, made(vessels), "Vessel", "Lumen", (0.85, 0.3, 0.3))
    options.seeds.chooser.setCurrentNode(add_points(scene, "Vessel seeds", [(-10, 12, 0)]))
    preview(options)
