"""Segment Editor effect "Vessel": the hooks that Slicer calls; the rest is in FluoroPrintLib."""

from FluoroPrintLib.slicer_app.effect import FluoroEffect
from slicer.i18n import tr as _


class SegmentEditorFluoroVesselEffect(FluoroEffect):
    """Puts the contrast-filled vessels of the source volume into the selected segment, and adds a wall."""

    file = __file__
    name = "Vessel"

    def title(self):
        """Return what the user reads."""
        return _("Vessel")

    def make_options(self):
        """Return the parameters, the points, a preview and Apply."""
        from FluoroPrintLib.slicer_app.vessel_options import VesselOptions

        return VesselOptions(self.scriptedEffect)

    def help_words(self):
        """Say what the effect does."""
        return _(
            "Finds vessels filled with contrast in a rotational angiography, thin and wide ones, beside bone "
            "that is as bright.<br>Bone is told apart by its shape: it is no tube. Where bone touches a "
            "vessel a rest of it may come along: cut it away with Scissors."
            "<ul style='margin: 0'><li><b>Connected to:</b> points in the wanted vessels; others "
            "are left out. Without points the parameters decide."
            "<li><b>Wall:</b> thickness of a wall around the lumen, a segment of its "
            "own for printing."
            "<li><b>Apply:</b> the lumen replaces the selected segment; the wall becomes a new one. One undo "
            "takes both back.</ul>"
        )
