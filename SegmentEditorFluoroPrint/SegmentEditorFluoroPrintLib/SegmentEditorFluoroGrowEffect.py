"""Segment Editor effect "Fluoro grow": the hooks that Slicer calls; the rest is in FluoroPrintLib."""

from FluoroPrintLib.slicer_app.effect import FluoroEffect
from slicer.i18n import tr as _


class SegmentEditorFluoroGrowEffect(FluoroEffect):
    """Grows the bone about a click in a slice into the selected segment, previewed under the pointer."""

    file = __file__
    name = "Fluoro grow"

    def title(self):
        """Return what the user reads."""
        return _("Fluoro grow")

    def make_options(self):
        """Return the parameters and the preview."""
        from FluoroPrintLib.slicer_app.grow_options import GrowOptions

        return GrowOptions(self.scriptedEffect)

    def help_words(self):
        """Say what the effect does."""
        return _(
            "Adds the bone, or the part of one, about a click, with its marrow, to the selected segment. It "
            "is held back at joint spaces, at walls and at necks, and bounded in size."
            "<ul style='margin: 0'><li><b>Rest the pointer</b> in a slice: see what a click would add."
            "<li><b>Click:</b> add it to the selected segment."
            "<li><b>Ctrl + click:</b> take it away.</ul>"
        )

    def processInteractionEvents(self, callerInteractor, eventId, viewWidget):
        """Follow the pointer and clicks in slices; Shift and Alt are left to Slicer."""
        import slicer
        import vtk

        if self.options is None or viewWidget.className() != "qMRMLSliceWidget":
            return False
        if eventId == vtk.vtkCommand.LeaveEvent:
            self.options.leave()
        elif eventId == vtk.vtkCommand.MouseMoveEvent:
            self.options.point_at(_place_ras(callerInteractor, viewWidget))
        elif eventId == vtk.vtkCommand.LeftButtonPressEvent:
            if callerInteractor.GetShiftKey() or callerInteractor.GetAltKey():
                return False
            modes = slicer.qSlicerSegmentEditorAbstractEffect
            remove = callerInteractor.GetControlKey()
            mode = modes.ModificationModeRemove if remove else modes.ModificationModeAdd
            self.options.click(_place_ras(callerInteractor, viewWidget), mode)
            return True
        return False


def _place_ras(interactor, slice_widget):
    x, y = interactor.GetEventPosition()
    return tuple(slice_widget.mrmlSliceNode().GetXYToRAS().MultiplyPoint((x, y, 0.0, 1.0))[:3])
