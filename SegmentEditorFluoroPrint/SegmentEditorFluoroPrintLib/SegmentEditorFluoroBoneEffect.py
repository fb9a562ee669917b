"""Segment Editor effect "Fluoro bone": the hooks that Slicer calls; the rest is in FluoroPrintLib."""

from FluoroPrintLib.slicer_app.effect import FluoroEffect
from slicer.i18n import tr as _


class SegmentEditorFluoroBoneEffect(FluoroEffect):
    """Puts the bone of the source volume into the selected segment, previewed before it is written."""

    file = __file__
    name = "Fluoro bone"

    def title(self):
        """Return what the user reads."""
        return _("Fluoro bone")

    def make_options(self):
        """Return the parameters, a preview and Apply."""
        from FluoroPrintLib.slicer_app.method_options import MethodOptions

        return MethodOptions(self.scriptedEffect, "fluoro-bone")

    def help_words(self):
        """Say what the effect does."""
        return _(
            "Puts the bone of a cone-beam volume into the selected segment.<br>Volumes from C-arms are noisy "
            "and their scale is bent, so a fixed threshold seldom fits. This effect flattens the scale, "
            "smooths the noise, restores blurred edges as far as the noise allows, finds the threshold "
            "between soft tissue and bone, and leaves out small pieces."
            "<ul style='margin: 0'><li><b>Preview:</b> show the bone over the slices; no segment is changed."
            "<li><b>Apply:</b> replace the selected segment. Masks and undo work as with every effect.</ul>"
        )
