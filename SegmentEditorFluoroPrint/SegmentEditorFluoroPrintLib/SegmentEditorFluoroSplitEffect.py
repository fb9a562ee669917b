"""Segment Editor effect "Joint split": the hooks that Slicer calls; the rest is in FluoroPrintLib."""

from FluoroPrintLib.slicer_app.effect import FluoroEffect
from slicer.i18n import tr as _


class SegmentEditorFluoroSplitEffect(FluoroEffect):
    """Splits the selected segment along its joints, by points in each part, after a preview."""

    file = __file__
    name = "Joint split"

    def title(self):
        """Return what the user reads."""
        return _("Joint split")

    def make_options(self):
        """Return the parameters, the points, a preview and Apply."""
        from FluoroPrintLib.slicer_app.split_options import SplitOptions

        return SplitOptions(self.scriptedEffect)

    def help_words(self):
        """Say what the effect does."""
        return _(
            "Splits bones that touch, or fragments, along the dark joint space between them.<br>"
            "Select the segment that holds them all, and place one or several points in each bone; "
            "after several in one, press <i>Next part</i>."
            "<ul style='margin: 0'><li><b>Preview:</b> show the parts over the slices; no segment is changed."
            "<li><b>Apply:</b> the selected segment keeps the first part; the others become new segments. "
            "Another Apply splits them all anew. Undo takes all of it back at once.</ul>"
        )
