"""The effect's options in slices: two are contoured, a third is being drawn."""

import numpy as np
import stand_in
from scene_editor import AT_I, AT_J, AT_K, axial_view, click, edit, made

RADIUS = 16.0


def populate(editor, scene):
    """Contour a ball of bone by six clicks in each slice."""
    ball = made([(AT_I**2 + AT_J**2 + AT_K**2 <= RADIUS**2, 900.0)])
    edit(editor, scene, ball, "Fluoro contour")
    for off_mm in (-8.0, 0.0, 8.0):
        view = axial_view(scene, (0.0, 0.0, off_mm))
        turn, reach = np.arange(6) * np.pi / 3, np.sqrt(RADIUS**2 - off_mm**2)
        for angle in turn:
            click(editor, view, (reach * np.cos(angle), reach * np.sin(angle), off_mm))
        if off_mm < 8.0:
            stand_in.interact(editor, view, "KeyPressEvent", key="Return")
