"""Stand-in for the base of scripted Segment Editor effects."""

import slicer


class AbstractScriptedSegmentEditorEffect:
    """Keeps the C++ side that it is given, and registers it."""

    def __init__(self, scriptedEffect):
        self.scriptedEffect = scriptedEffect

    def register(self):
        """Give the effect to the Segment Editor."""
        slicer.qSlicerSegmentEditorEffectFactory.instance().registerEffect(self.scriptedEffect)

    def cleanup(self):
        """To be overridden: disconnect what was connected."""
