"""Segment Editor effect "Fluoro contour": the hooks that Slicer calls; the rest is in FluoroPrintLib."""

from FluoroPrintLib.slicer_app.effect import FluoroEffect
from slicer.i18n import tr as _


class SegmentEditorFluoroContourEffect(FluoroEffect):
    """Puts what lies within outlines drawn over frames of the sweep into the selected segment."""

    file = __file__
    name = "Fluoro contour"

    def title(self):
        """Return what the user reads."""
        return _("Fluoro contour")

    def make_options(self):
        """Return sweep, frame, curve, the outlines taken and Apply."""
        from FluoroPrintLib.slicer_app.contour_options import ContourOptions

        return ContourOptions(self.scriptedEffect)

    def help_words(self):
        """Say what the effect does."""
        return _(
            "Contours a bone on the frames of the sweep.<br>Draw a closed curve of Markups around the bone, "
            "over a frame in the green slice view; take it; do so in two frames or more, far from each other."
            "<ul style='margin: 0'><li><b>Take the outline:</b> keep the curve as the outline of its frame; "
            "between its points it follows the edges."
            "<li><b>Apply:</b> replace the selected segment by what lies within all outlines: the bone, and "
            "what no frame tells apart from it. Use it as a mask for other effects.</ul>"
        )
