"""The effect's options with two screws previewed."""

import numpy as np
from scene_editor import AT_I, AT_J, AT_K, edit, made, preview


def populate(editor, scene):
    """Find two rods of metal in soft tissue."""
    rods = [
        ((AT_K - 10) ** 2 + (AT_J - 8) ** 2 <= 5**2, 9000.0),
        (((AT_I - 10) ** 2 + (AT_J + 12) ** 2 <= 3**2) & (np.abs(AT_K) < 15), 9000.0),
    ]
    preview(edit(editor, scene, made(rods), "Metal", "Screws", (0.6, 0.65, 0.75)))
