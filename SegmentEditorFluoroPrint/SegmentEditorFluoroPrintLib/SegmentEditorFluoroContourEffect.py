"""Segment Editor effect "Fluoro contour": the hooks that Slicer calls; the rest is in FluoroPrintLib."""

from FluoroPrintLib.slicer_app.effect import FluoroEffect
from slicer.i18n import tr as _

CLOSING_KEYS = ("Return", "KP_Enter")
TAKING_BACK_KEYS = ("BackSpace", "Delete")


class SegmentEditorFluoroContourEffect(FluoroEffect):
    """Contours slices with the help of edges, or outlines the bone over frames of the sweep."""

    file = __file__
    name = "Fluoro contour"

    def title(self):
        """Return what the user reads."""
        return _("Fluoro contour")

    def make_options(self):
        """Return the choice of slices or frames, and the options of each."""
        from FluoroPrintLib.slicer_app.contour_options import ContourOptions

        return ContourOptions(self.scriptedEffect)

    def help_words(self):
        """Say what the effect does."""
        return _(
            "Contours a bone in slices, or on the frames of the sweep."
            "<ul style='margin: 0'><li><b>In slices:</b> click along the edge; the line follows it to the "
            "pointer. Double click, Enter or a click on the first point closes and fills; Backspace takes a "
            "point back. <b>Fill between slices</b> does the slices that you left out."
            "<li><b>In frames:</b> draw a closed curve of Markups around the bone, over a frame in the green "
            "slice view; take it; do so in two frames or more, far from each other. <b>Apply</b> replaces "
            "the segment by what lies within all outlines: the bone, and what no frame tells apart from it."
            "</ul>"
        )

    def processInteractionEvents(self, callerInteractor, eventId, viewWidget):
        """Follow the pointer, clicks and keys in slices; clicks with other keys are left to Slicer."""
        import vtk

        drawing = self.options.drawing if self.options else None
        if drawing is None or viewWidget.className() != "qMRMLSliceWidget":
            return False
        if eventId == vtk.vtkCommand.MouseMoveEvent:
            drawing.move(viewWidget, callerInteractor.GetEventPosition())
        elif eventId == vtk.vtkCommand.LeaveEvent:
            drawing.leave()
        elif eventId == vtk.vtkCommand.KeyPressEvent:
            return _on_key(drawing, callerInteractor.GetKeySym())
        elif not _is_with_key(callerInteractor):
            return _on_button(drawing, eventId, viewWidget, callerInteractor.GetEventPosition())
        return False

    def processViewNodeEvents(self, callerViewNode, eventId, viewWidget):
        """Keep the line in its place as its view is moved."""
        if self.options and self.options.drawing and viewWidget.className() == "qMRMLSliceWidget":
            self.options.drawing.view_changed(viewWidget)


def _is_with_key(interactor):
    return bool(interactor.GetShiftKey() or interactor.GetControlKey() or interactor.GetAltKey())


def _on_button(drawing, event_id, view, xy):
    import vtk

    if event_id == vtk.vtkCommand.LeftButtonPressEvent:
        drawing.click(view, xy)
        return True
    if event_id == vtk.vtkCommand.LeftButtonDoubleClickEvent:
        drawing.close()
        return True
    return False


def _on_key(drawing, key):
    """Do what a key says while a contour is drawn; other keys are Slicer's."""
    if not drawing.is_drawing:
        return False
    if key in CLOSING_KEYS:
        drawing.close()
    elif key in TAKING_BACK_KEYS:
        drawing.take_back()
    elif key == "Escape":
        drawing.drop()
    else:
        return False
    return True
