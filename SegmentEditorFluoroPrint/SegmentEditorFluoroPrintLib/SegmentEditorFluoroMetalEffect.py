"""Segment Editor effect "Metal": the hooks that Slicer calls; the rest is in FluoroPrintLib."""

from FluoroPrintLib.slicer_app.effect import FluoroEffect
from slicer.i18n import tr as _


class SegmentEditorFluoroMetalEffect(FluoroEffect):
    """Puts each piece of metal of the source volume into a segment of its own."""

    file = __file__
    name = "Metal"

    def title(self):
        """Return what the user reads."""
        return _("Metal")

    def make_options(self):
        """Return the parameters, a preview and Apply."""
        from FluoroPrintLib.slicer_app.method_options import MethodOptions

        return MethodOptions(self.scriptedEffect, "metal")

    def help_words(self):
        """Say what the effect does."""
        return _(
            "Finds implants, screws and wires in a cone-beam volume, each piece a segment of its own.<br>"
            "Metal blooms: it looks thicker than it is. The blur of its edge is measured, and tells where "
            "the true border lies and how far the metal brightens its surroundings."
            "<ul style='margin: 0'><li><b>Border:</b> <i>true</i> for the metal itself; <i>bloomed</i> for "
            "all that should not count as bone."
            "<li><b>Apply:</b> the largest piece replaces the selected segment; the others become new ones. "
            "One undo takes all back.</ul>"
        )
