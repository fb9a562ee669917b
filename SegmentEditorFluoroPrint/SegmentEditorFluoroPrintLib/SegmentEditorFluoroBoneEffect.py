"""Segment Editor effect "Fluoro bone": the hooks that Slicer calls; the rest is in FluoroPrintLib."""

from pathlib import Path

import qt
from SegmentEditorEffects import AbstractScriptedSegmentEditorEffect
from slicer.i18n import tr as _

ICON = Path(__file__).parent.parent / "Resources" / "Icons" / "SegmentEditorFluoroPrint.png"


class SegmentEditorFluoroBoneEffect(AbstractScriptedSegmentEditorEffect):
    """Puts the bone of the source volume into the selected segment, previewed before it is written."""

    def __init__(self, scriptedEffect):
        scriptedEffect.name = "Fluoro bone"  # not translated: modules find effects by it
        scriptedEffect.title = _("Fluoro bone")
        scriptedEffect.perSegment = True
        scriptedEffect.requireSegments = True
        scriptedEffect.showEffectCursorInSliceView = False
        AbstractScriptedSegmentEditorEffect.__init__(self, scriptedEffect)
        self.options = None

    def clone(self):
        """Make the effect of another editor."""
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        effect = effects.qSlicerSegmentEditorScriptedEffect(None)
        effect.setPythonSource(Path(__file__).as_posix())
        return effect

    def icon(self):
        """Return the picture on the effect's button."""
        return qt.QIcon(str(ICON))

    def helpText(self):
        """Return what the editor shows beside the effect."""
        return _(
            "<html>Puts the bone of a cone-beam volume into the selected segment.<br>Volumes from C-arms "
            "are noisy and their scale is shifted, so a fixed threshold seldom fits. This effect smooths "
            "the noise, finds the threshold between soft tissue and bone, follows thin walls, and leaves "
            "out small pieces."
            "<ul style='margin: 0'><li><b>Preview:</b> show the bone over the slices; no segment is changed."
            "<li><b>Apply:</b> replace the selected segment. Masks and undo work as with every effect.</ul>"
            '<a href="https://github.com/FluoroPrint/SlicerFluoroPrint/blob/main/docs/modules/'
            'SegmentEditorFluoroPrint.md">More</a></html>'
        )

    def activate(self):
        """Be chosen; the options are built the first time, since that loads the library."""
        from FluoroPrintLib.slicer_app.bone_options import BoneOptions

        self.options = self.options or BoneOptions(self.scriptedEffect)
        self.options.begin()

    def deactivate(self):
        """Be left: preview and work are dropped."""
        if self.options:
            self.options.end()

    def sourceVolumeNodeChanged(self):
        """Find bone in another volume from now on."""
        if self.options and self.scriptedEffect.active():
            self.options.source_changed()

    def cleanup(self):
        """Be deleted with the editor."""
        if self.options:
            self.options.dispose()
            self.options = None
