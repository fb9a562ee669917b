"""What the panel of FluoroPrint Plan does: silhouettes over frames, the source's view, figures."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import FluoroPrintError
from ..mrml.agreements import add_agreement, measured_agreement
from ..mrml.models import is_model, surface_from_node
from ..mrml.nodes import Node
from ..mrml.silhouettes import (
    camera_place,
    first_camera,
    move_camera,
    place_at_source,
    remove_shown,
    show_backdrop,
    show_frame_in_slice,
    show_silhouette,
)
from ..mrml.sweeps import is_sweep_node, sweep_from_nodes
from ..registration.agreement import Agreement, agreement
from ..registration.outline_distance import outline_distance
from ..registration.silhouette import Silhouette, SurfaceContours
from ..report.agreement_plot import agreement_svg
from .offers import first_lacking, idle, offer
from .reconstruct import frame_words
from .svg_pictures import picture_of_svg


class Comparison:
    """Keeps what all frames share: the surface's contours and the sweep, as long as the nodes stay."""

    def __init__(self) -> None:
        self.camera_before: dict[str, Any] | None = None
        self.observed: list[Node] = []
        self.shown_model: Node = None
        self._contours: tuple[Any, SurfaceContours] | None = None
        self._sweep: tuple[Any, Any] | None = None

    def sweep(self, node: Node) -> Any:
        """Return the sweep of a node."""
        mark = (node.GetID(), node.GetImageData().GetMTime())
        if self._sweep is None or self._sweep[0] != mark:
            self._sweep = (mark, sweep_from_nodes(node))
        return self._sweep[1]

    def contours(self, node: Node) -> SurfaceContours:
        """Return the contours of a model where it stands."""
        transform = node.GetParentTransformNode()
        moved = transform.GetTransformToWorldMTime() if transform is not None else 0
        mark = (node.GetID(), node.GetPolyData().GetMTime() if node.GetPolyData() else 0, moved)
        if self._contours is None or self._contours[0] != mark:
            self._contours = (mark, SurfaceContours(surface_from_node(node)))
        return self._contours[1]

    def draw(self, model: Node, sweep_node: Node, view: int, *, inside: bool) -> Silhouette:
        """Show the silhouette of a model over a frame; return it."""
        contours, geometry = self.contours(model), self.sweep(sweep_node).geometry
        seen = contours.silhouette(geometry, view) if inside else contours.outline(geometry, view)
        if self.shown_model is not model:
            self.take_away()
            self.shown_model = model
        show_silhouette(sweep_node, model, seen, geometry, view)
        show_frame_in_slice(sweep_node, view)
        return seen

    def take_away(self) -> None:
        """Take away what is shown of the model that was drawn last."""
        model, self.shown_model = self.shown_model, None
        if model is not None and model.GetScene() is not None:
            remove_shown(model)


def show_panel(panel: Any) -> None:
    """Show what can be done with what is chosen, and draw anew what is shown."""
    from slicer.i18n import tr as _

    panel.showing = True
    try:
        panel.planning.show()
        ui, sweep, model = panel.ui, _sweep(panel), _model(panel)
        ready, free = sweep is not None and model is not None, idle(panel.work)
        ui.hintLabel.text = _("Choose a model and the sweep whose frames it shall be held against.")
        ui.hintLabel.visible = not ready
        both = ready, _("Choose a model and a sweep first.")
        for button in (ui.showButton, ui.lookButton):
            offer(button, first_lacking(both))
        offer(ui.allButton, first_lacking(free, both))
        offer(ui.frameSlider, first_lacking((sweep is not None, _("Choose a sweep first."))))
        _offer_back(panel)
        shown = panel.chosen.shown and ready
        ui.showButton.checked = shown
        ui.showButton.text = _("Hide the silhouette") if shown else _("Show the silhouette")
        _show_frame_number(panel, sweep)
        _follow(panel, model)
    finally:
        panel.showing = False
    panel._do("draw" if panel.chosen.shown and ready else "take_away")


def _offer_back(panel: Any) -> None:
    from slicer.i18n import tr as _

    moved = panel.comparison.camera_before is not None
    offer(panel.ui.backButton, "" if moved else _("The camera was not moved: look from the source first."))


def _sweep(panel: Any) -> Node:
    node = panel.chosen.sweep
    return node if is_sweep_node(node) else None


def _model(panel: Any) -> Node:
    node = panel.chosen.model
    return node if is_model(node) and node.GetPolyData() is not None else None


def _both(panel: Any) -> tuple[Node, Node]:
    model, sweep = _model(panel), _sweep(panel)
    if model is None or sweep is None:
        raise FluoroPrintError("There is no model or no sweep yet: choose both.")
    return model, sweep


def _view(panel: Any, sweep: Node) -> int:
    """Return the index of the chosen frame; the first where none was chosen."""
    count = int(panel.comparison.sweep(sweep).geometry.count)
    return min(max(int(panel.chosen.frame) - 1, 0), count - 1)


def _show_frame_number(panel: Any, sweep: Node) -> None:
    if sweep is None:
        panel.ui.frameLabel.text = ""
        return
    view = _view(panel, sweep)
    panel.ui.frameSlider.maximum = float(panel.comparison.sweep(sweep).geometry.count)
    panel.ui.frameSlider.value = float(view + 1)
    panel.ui.frameLabel.text = frame_words(sweep, view)


def _follow(panel: Any, model: Node) -> None:
    """Observe the model and its transforms, so that the silhouette follows them; no other any more."""
    import slicer

    for node, event in panel.comparison.observed:
        if panel.hasObserver(node, event, panel.onMoved):
            panel.removeObserver(node, event, panel.onMoved)
    panel.comparison.observed = []
    if model is not None:
        events = (
            slicer.vtkMRMLTransformableNode.TransformModifiedEvent,
            slicer.vtkMRMLModelNode.MeshModifiedEvent,
        )
        for event in events:
            panel.addObserver(model, event, panel.onMoved)
            panel.comparison.observed.append((model, event))


def toggle(panel: Any) -> None:
    """Show the silhouette, or take it away."""
    _both(panel)
    panel.chosen.shown = bool(panel.ui.showButton.checked)


def choose_frame(panel: Any) -> None:
    """Compare with the frame of the slider."""
    panel.chosen.frame = int(panel.ui.frameSlider.value)


def draw(panel: Any) -> None:
    """Draw the silhouette over the chosen frame, and say how well they agree, or why there is none."""
    if not panel.chosen.shown:
        return
    try:
        _draw(panel, *_both(panel))
    except FluoroPrintError as error:  # no dialog at every step of the slider
        panel.comparison.take_away()
        panel.ui.agreementLabel.text = str(error)


def _draw(panel: Any, model: Node, sweep_node: Node) -> None:
    view = _view(panel, sweep_node)
    seen = panel.comparison.draw(model, sweep_node, view, inside=panel.chosen.inside)
    sweep = panel.comparison.sweep(sweep_node)
    found = agreement(outline_distance(seen, sweep.frames[view], sweep.geometry, view), view)
    panel.ui.agreementLabel.text = agreement_words(found)
    if panel.comparison.camera_before is not None:
        _look(panel, model, sweep, view)


def agreement_words(found: Agreement) -> str:
    """Return how well a model agrees with a frame, in a sentence."""
    from slicer.i18n import tr as _

    if not np.isfinite(found.mean_mm):
        return str(_("No edge of the frame lies beside the outline: the model is outside, or does not fit."))
    words = _(
        "Edges beside {share} % of the outline: {mean} mm away on average ({pixels} pixels), "
        "95 % within {p95} mm."
    )
    return str(
        words.format(
            share=round(100 * found.found),
            mean=f"{found.mean_mm:.2f}",
            pixels=f"{found.mean_px:.1f}",
            p95=f"{found.p95_mm:.2f}",
        )
    )


def take_away(panel: Any) -> None:
    """Take the silhouettes away and put the camera back."""
    if panel.comparison.camera_before is not None:
        look_back(panel)
    panel.comparison.take_away()
    panel.ui.agreementLabel.text = ""


def look_from_source(panel: Any) -> None:
    """Put the camera of the 3D view at the source of the chosen frame."""
    model, sweep_node = _both(panel)
    sweep, view = panel.comparison.sweep(sweep_node), _view(panel, sweep_node)
    camera = first_camera(model.GetScene())
    if camera is None:
        raise FluoroPrintError("There is no 3D view: choose a layout with one.")
    if panel.comparison.camera_before is None:
        panel.comparison.camera_before = camera_place(camera)
    _look(panel, model, sweep, view)
    panel.chosen.shown = True
    panel.refresh()


def _look(panel: Any, model: Node, sweep: Any, view: int) -> None:
    camera = first_camera(model.GetScene())
    if camera is not None:
        move_camera(camera, place_at_source(sweep.geometry, view))
        show_backdrop(model, sweep.frames[view], sweep.geometry, view)


def look_back(panel: Any) -> None:
    """Put the camera back to where it was."""
    import slicer

    place, panel.comparison.camera_before = panel.comparison.camera_before, None
    camera = first_camera(slicer.mrmlScene)
    if camera is not None and place is not None:
        move_camera(camera, place)
    _offer_back(panel)


def compare_all(panel: Any) -> None:
    """Measure the agreement with every frame; show the curve, add a table to the case."""
    model, sweep = _both(panel)

    def done(figures: tuple[Agreement, ...]) -> None:
        add_agreement(model, sweep, figures)
        panel.ui.plotLabel.setPixmap(picture_of_svg(agreement_svg(figures), "Agreement"))
        panel.work.say(_summary(figures))

    panel.work.start(measured_agreement(model, sweep), done)


def _summary(figures: tuple[Agreement, ...]) -> str:
    from slicer.i18n import tr as _

    means = np.array([figure.mean_mm for figure in figures])
    words = _("In {count} frames: mean distance {mean} mm, worst frame {worst} mm.")
    known = means[np.isfinite(means)]
    return str(words.format(count=len(known), mean=f"{known.mean():.2f}", worst=f"{known.max():.2f}"))
