"""What the options of all effects share: they follow the scene, and know the segment that is selected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
from slicer.util import VTKObservationMixin

from ..errors import FluoroPrintError


class SceneFollower(VTKObservationMixin):  # type: ignore[misc]
    """The options of one editor's effect, as far as they follow the scene while the effect is chosen.

    Derive and override `_bind` and `_let_go`.

    Parameters
    ----------
    effect : qSlicerSegmentEditorScriptedEffect
    """

    def __init__(self, effect: Any) -> None:
        super().__init__()
        self.title = effect.title
        self._effect = effect

    def _bind(self) -> None:
        """Bind to the parameters of the scene's case."""
        raise AssertionError(f"{type(self).__name__} binds to nothing")

    def _let_go(self) -> None:
        """Drop work, what is shown, and the parameters of the scene."""
        raise AssertionError(f"{type(self).__name__} lets nothing go")

    def begin(self) -> None:
        """Be shown: bind to the parameters of the case and follow the scene."""
        scene = slicer.mrmlScene
        for event in (scene.StartCloseEvent, scene.StartImportEvent):
            self.addObserver(scene, event, self._on_scene_going)
        for event in (scene.EndCloseEvent, scene.EndImportEvent):
            self.addObserver(scene, event, self._on_scene_come)
        self._bind()

    def end(self) -> None:
        """Be left: no work, preview, timer or observer stays."""
        self._let_go()
        self.removeObservers()

    def dispose(self) -> None:
        """Be deleted: as `end`, and nothing holds these options any more."""
        self.end()

    def _on_scene_going(self, _scene: Any, _event: str) -> None:
        self._let_go()

    def _on_scene_come(self, _scene: Any, _event: str) -> None:
        if self._effect.active():
            self._bind()

    def _target(self) -> tuple[str, str]:
        """Return the IDs of the segmentation and of the segment that is selected in it."""
        node = self._effect.parameterSetNode()
        segmentation, segment_id = node.GetSegmentationNode(), node.GetSelectedSegmentID()
        if segmentation is None or segmentation.GetSegmentation().GetSegment(segment_id or "") is None:
            raise FluoroPrintError("No segment is selected: add one, or select the one to write into.")
        return segmentation.GetID(), segment_id


def one_shot(parent: Any, interval_ms: int, call: Callable[[], None]) -> Any:
    """Return a QTimer that calls once, so long after its last start; disconnect it when its owner ends."""
    import qt

    timer = qt.QTimer(parent)
    timer.singleShot = True
    timer.interval = interval_ms
    timer.connect("timeout()", call)
    return timer
