"""Segment Editor effect "Fluoro bone": a thin shell over FluoroPrintLib.segmentation.bone."""

from pathlib import Path

import qt
import slicer
from SegmentEditorEffects import AbstractScriptedSegmentEditorEffect
from slicer.i18n import tr as _

ICON = Path(__file__).parent.parent / "Resources" / "Icons" / "SegmentEditorFluoroPrint.png"


class SegmentEditorFluoroBoneEffect(AbstractScriptedSegmentEditorEffect):
    """Puts the bone of the source volume into the selected segment."""

    def __init__(self, scriptedEffect):
        scriptedEffect.name = "Fluoro bone"  # not translated: modules find effects by it
        scriptedEffect.title = _("Fluoro bone")
        scriptedEffect.perSegment = True
        scriptedEffect.requireSegments = True
        AbstractScriptedSegmentEditorEffect.__init__(self, scriptedEffect)

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
            "Finds bone in a cone-beam volume and puts it into the selected segment: noise filter, a "
            "threshold found by itself, hysteresis, small pieces removed. "
            "Masks and undo work as with every effect."
        )

    def setupOptionsFrame(self):
        """Build the options: parameters and a button."""
        from FluoroPrintLib.segmentation.bone import BoneParameters
        from FluoroPrintLib.slicer_app.forms import ParameterForm, button

        names = ("denoising", "denoising_iterations", "min_piece_mm3", "cavities")
        self.parameterForm = ParameterForm(BoneParameters, self.scriptedEffect.optionsLayout(), names)
        self.applyButton = button(_("Apply"), _("Find bone in the source volume."), self.onApply)
        self.scriptedEffect.addOptionsWidget(self.applyButton)

    def onApply(self):
        """Segment, then write into the selected segment."""
        from FluoroPrintLib.slicer_app.window import run_in_window

        if not self.scriptedEffect.confirmCurrentSegmentVisible():
            return
        labelmap = run_in_window(_("Fluoro bone"), self._bone)
        if labelmap is not None:
            self.scriptedEffect.saveStateForUndo()
            replace = slicer.qSlicerSegmentEditorAbstractEffect.ModificationModeSet
            self.scriptedEffect.modifySelectedSegmentByLabelmap(labelmap, replace)

    def _bone(self, progress):
        from FluoroPrintLib.mrml.oriented_images import image_from_mask, volume_from_image
        from FluoroPrintLib.segmentation.bone import segment_bone

        volume = volume_from_image(self.scriptedEffect.sourceVolumeImageData(), "The source volume")
        segmentation = segment_bone(volume, self.parameterForm.value(), progress)
        return image_from_mask(segmentation.labelmap.array_kji > 0, segmentation.labelmap)
