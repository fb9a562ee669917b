"""A slice view as an effect of the Segment Editor meets it: its node, and the events of its interactor."""

import vtk

from .facade import wrap
from .generated import behaviour, real_class


@behaviour
class qMRMLSliceWidget:
    """A slice view that knows its node and keeps what effects draw over it; nothing is rendered."""

    def build(self):
        """No node at first."""
        super().build()
        self.slice_node = None
        self.renderer = vtk.vtkRenderer()
        self.renders = 0

    def setMRMLSliceNode(self, node):
        """Show what a node says."""
        self.slice_node = node

    def mrmlSliceNode(self):
        """Return the node."""
        return self.slice_node


def slice_widget_of(node):
    """Return a slice view of a node, wrapped."""
    widget = real_class("qMRMLSliceWidget")()
    widget.setMRMLSliceNode(node)
    return wrap(widget)


def interact(editor, slice_widget, event, xy=(0, 0), control=False, shift=False, alt=False, key=""):
    """Let an event of the view's interactor reach the active effect, as the editor does; return its answer.

    Slicer prints where the answer is no bool; here it fails.
    """
    interactor = vtk.vtkGenericRenderWindowInteractor()
    interactor.SetEventInformation(*xy, int(control), int(shift))
    interactor.SetAltKey(int(alt))
    interactor.SetKeySym(key)
    effect = editor.real.active_effect
    number = getattr(vtk.vtkCommand, event)
    answer = effect.instance.processInteractionEvents(interactor, number, slice_widget)
    if not isinstance(answer, bool):
        raise TypeError(f"processInteractionEvents returned {answer!r}: Slicer takes a bool")
    return answer


def change_view(editor, slice_widget):
    """Let the active effect know that the view's node was modified, as the editor does."""
    effect = editor.real.active_effect
    node = slice_widget.mrmlSliceNode()
    effect.instance.processViewNodeEvents(node, vtk.vtkCommand.ModifiedEvent, slice_widget)


def drawn_over(slice_widget):
    """Return what effects draw over a view: the actors, in their order."""
    props = slice_widget.real.renderer.GetViewProps()
    return [props.GetItemAsObject(number) for number in range(props.GetNumberOfItems())]
