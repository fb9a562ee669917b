"""A MRML scene without the application: what slicer-core needs to save and open a whole case."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from .nodes import Scene

_MODULE_LOGICS = {
    "Volumes": "vtkSlicerVolumesLogic",
    "Models": "vtkSlicerModelsLogic",
    "Segmentations": "vtkSlicerSegmentationsModuleLogic",
    "SubjectHierarchy": "vtkSlicerSubjectHierarchyModuleLogic",
    "Tables": "vtkSlicerTablesLogic",
    "Texts": "vtkSlicerTextsLogic",
    "Sequences": "vtkSlicerSequencesLogic",
    "Transforms": "vtkSlicerTransformLogic",
    "Markups": "vtkSlicerMarkupsLogic",
}


class HeadlessScene:
    """A scene and the logics that serve it; `close` it, or use it in a `with` statement.

    Attributes
    ----------
    scene : vtkMRMLScene
        Give this to every function that takes a scene; it is empty after `close`.
    """

    scene: Scene

    def __init__(self) -> None:
        import slicer

        self._folder = tempfile.mkdtemp(prefix="fluoroprint-scene-")
        self.scene = slicer.vtkMRMLScene()
        self._application: Any = _boot_application(self.scene, self._folder)
        self._file_logics = _boot_file_logics(self.scene, self._application, self._folder)
        self._module_logics = [
            _boot_module(self.scene, self._application, name, getattr(slicer, class_name))
            for name, class_name in _MODULE_LOGICS.items()
        ]

    def module_logic(self, name: str) -> Any:
        """Return the logic of one of Slicer's modules ("Segmentations"), None where it is not here."""
        return self._application.GetModuleLogic(name)

    def close(self) -> None:
        """Empty the scene, let the logics go, remove the temporary folder; a second call does nothing."""
        if not self._folder:
            return
        self.scene.Clear(True)
        self._module_logics, self._file_logics, self._application = [], [], None
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = ""

    def __enter__(self) -> HeadlessScene:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.close()


def headless_scene() -> HeadlessScene:
    """Return a new, empty scene that needs no application.

    Use it as ``with headless_scene() as headless: ... headless.scene ...``.
    """
    return HeadlessScene()


@contextlib.contextmanager
def unchanged_on_failure(scene: Scene) -> Iterator[None]:
    """Take the nodes and subject hierarchy items that the block added out of a scene should it fail.

    Nodes of which a scene has only one (the subject hierarchy's own) stay.
    """
    additions = Additions(scene)
    try:
        with additions.noted():
            yield
    except BaseException:
        additions.take_back()
        raise


class Additions:
    """What was added to a scene piece by piece, while others added to it too; it can be taken back."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._added_nodes: list[Any] = []
        self._added_items: list[int] = []

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """Note the nodes and subject hierarchy items that the block adds, whether it fails or not."""
        nodes, items = set(_nodes(self._scene)), set(_hierarchy_items(self._scene))
        try:
            yield
        finally:
            self._added_nodes += [node for node in _nodes(self._scene) if node not in nodes]
            self._added_items += [item for item in _hierarchy_items(self._scene) if item not in items]

    def take_back(self) -> None:
        """Remove what was noted, as far as it is still there; nodes of which a scene has only one stay."""
        for node in self._added_nodes:
            if node.GetScene() is self._scene and not node.GetSingletonTag():
                self._scene.RemoveNode(node)
        left = set(_hierarchy_items(self._scene))
        _remove_items(self._scene, [item for item in self._added_items if item in left])
        self._added_nodes, self._added_items = [], []


def _nodes(scene: Scene) -> list[Any]:
    return [scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())]


def _hierarchy_items(scene: Scene) -> list[int]:
    import slicer
    from vtkmodules.vtkCommonCore import vtkIdList

    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    items = vtkIdList()
    hierarchy.GetItemChildren(hierarchy.GetSceneItemID(), items, True)
    return [items.GetId(index) for index in range(items.GetNumberOfIds())]


def _remove_items(scene: Scene, items: list[int]) -> None:
    import slicer

    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    for item in reversed(items):
        hierarchy.RemoveItem(item, False, False)


def _boot_application(scene: Scene, folder: str) -> Any:
    import slicer
    from vtkmodules.vtkCommonCore import vtkCollection

    application = slicer.vtkSlicerApplicationLogic()
    application.SetMRMLScene(scene)
    application.SetTemporaryPath(folder)
    application.SetSliceLogics(vtkCollection())
    application.SetViewLogics(vtkCollection())
    application.GetColorLogic().SetMRMLScene(scene)
    application.GetColorLogic().AddDefaultColorNodes()
    scene.RegisterNodeClass(slicer.vtkMRMLColorLegendDisplayNode())
    return application


def _boot_file_logics(scene: Scene, application: Any, folder: str) -> list[Any]:
    import slicer

    remote = slicer.vtkMRMLRemoteIOLogic()
    remote.SetMRMLScene(scene)
    remote.GetCacheManager().SetRemoteCacheDirectory(folder)
    remote.AddDataIOToScene()
    data = slicer.vtkDataIOManagerLogic()
    data.SetMRMLApplicationLogic(application)
    data.SetMRMLScene(scene)
    data.SetAndObserveDataIOManager(remote.GetDataIOManager())
    return [data, remote]


def _boot_module(scene: Scene, application: Any, name: str, logic_class: Any) -> Any:
    logic = logic_class()
    logic.SetMRMLApplicationLogic(application)
    application.SetModuleLogic(name, logic)
    logic.SetMRMLScene(scene)
    return logic
