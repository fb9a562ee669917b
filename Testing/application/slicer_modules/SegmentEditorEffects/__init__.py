"""Stand-in for the base of scripted Segment Editor effects; or Slicer's own where its scripts are named.

Of Slicer's own package only the base class is taken: its effects need vtkITK, which is in Slicer alone.
"""

import os
from pathlib import Path

import slicer

IN_CHECKOUT = "../../Modules/Loadable/Segmentations/EditorEffects/Python/SegmentEditorEffects"


class AbstractScriptedSegmentEditorEffect:
    """Keeps the C++ side that it is given, and registers it."""

    def __init__(self, scriptedEffect):
        self.scriptedEffect = scriptedEffect

    def register(self):
        """Give the effect to the Segment Editor."""
        slicer.qSlicerSegmentEditorEffectFactory.instance().registerEffect(self.scriptedEffect)

    def cleanup(self):
        """To be overridden: disconnect what was connected."""


own = Path(os.environ.get("FLUOROPRINT_SLICER_PYTHON", "/nowhere"), IN_CHECKOUT)
if own.is_dir():
    __path__ = [str(own)]
    from .AbstractScriptedSegmentEditorEffect import AbstractScriptedSegmentEditorEffect  # noqa: F401
