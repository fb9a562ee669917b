"""Segment Editor effect "Learned models": the hooks that Slicer calls; the rest is in FluoroPrintLib."""

from FluoroPrintLib.slicer_app.effect import FluoroEffect
from slicer.i18n import tr as _


class SegmentEditorFluoroLearnedEffect(FluoroEffect):
    """Runs a trained model of the user's on the source volume: a segment for each structure that it finds."""

    file = __file__
    name = "Learned models"

    def title(self):
        """Return what the user reads."""
        return _("Learned models")

    def make_options(self):
        """Return the parameters, the licence, a preview and Apply."""
        from FluoroPrintLib.slicer_app.learned_options import LearnedOptions

        return LearnedOptions(self.scriptedEffect)

    def help_words(self):
        """Say what the effect does."""
        return _(
            "Runs a trained model on the source volume: an nnU-Net v2 folder of yours, TotalSegmentator, or "
            "the weights of DentalSegmentator, where they are installed.<br>No weights come with this "
            "extension, and none are fetched: the model runs without a network."
            "<ul style='margin: 0'><li><b>Licence read:</b> read the licence of the model, then tick it; "
            "nothing runs before."
            "<li><b>Preview:</b> run the model and show what it finds; it takes minutes."
            "<li><b>Apply:</b> the first structure replaces the selected segment; the others become new "
            "ones. One undo takes all back.</ul>"
        )
