"""Segment Editor effect "Reprojection check": the hooks that Slicer calls; the rest is in FluoroPrintLib."""

from FluoroPrintLib.slicer_app.effect import FluoroEffect
from slicer.i18n import tr as _


class SegmentEditorFluoroReprojectionEffect(FluoroEffect):
    """Holds the selected segment against the frames of the sweep, and moves its border to agree with them."""

    file = __file__
    name = "Reprojection check"

    def title(self):
        """Return what the user reads."""
        return _("Reprojection check")

    def make_options(self):
        """Return sweep, frame, figures and Snap."""
        from FluoroPrintLib.slicer_app.reprojection_options import ReprojectionOptions

        return ReprojectionOptions(self.scriptedEffect)

    def help_words(self):
        """Say what the effect does."""
        return _(
            "Holds the selected segment against the frames of its sweep.<br>A border that was drawn too wide "
            "or too narrow shows in the frames: the segment's outline does not lie on their edges."
            "<ul style='margin: 0'><li><b>Show the outline:</b> draw it over a frame, in the green slice "
            "view, and tell how far the edges are."
            "<li><b>Measure all frames:</b> a table with the distances in every frame."
            "<li><b>Snap:</b> move the border to the edges of the frames, by at most the distance set. "
            "Masks and undo work as with every effect.</ul>"
        )
