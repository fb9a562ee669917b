"""A case in the subject hierarchy: a folder, with a sub-folder for each stage."""

from __future__ import annotations

from .nodes import Node, Scene

STAGES = ("Acquire", "Segment", "Model", "Print", "Plan")


def case_folder(scene: Scene, case: str) -> int:
    """Return the subject hierarchy item of a case's folder; it is made where it is missing."""
    hierarchy = _hierarchy(scene)
    return _folder(hierarchy, hierarchy.GetSceneItemID(), case)


def stage_folder(scene: Scene, case: str, stage: str) -> int:
    """Return the item of a stage's folder in a case's folder; both are made where they are missing.

    Parameters
    ----------
    scene : vtkMRMLScene
    case : the case's title
    stage : one of `STAGES`, or another word
    """
    return _folder(_hierarchy(scene), case_folder(scene, case), stage)


def place_in_case(scene: Scene, node: Node, case: str, stage: str) -> None:
    """Put a node into the folder of its stage."""
    _hierarchy(scene).CreateItem(stage_folder(scene, case, stage), node)


def place_in_folder(scene: Scene, node: Node, case: str, stage: str, folder: str) -> None:
    """Put a node into a folder within that of its stage, made where it is missing."""
    hierarchy = _hierarchy(scene)
    hierarchy.CreateItem(_folder(hierarchy, stage_folder(scene, case, stage), folder), node)


def remove_folder(scene: Scene, case: str, stage: str, folder: str) -> None:
    """Remove a folder within that of a stage, where it is empty."""
    hierarchy = _hierarchy(scene)
    item = _folder(hierarchy, stage_folder(scene, case, stage), folder)
    if not _children(hierarchy, item):
        hierarchy.RemoveItem(item, False, False)


def leave_case(node: Node) -> None:
    """Take a node out of the subject hierarchy, before it is removed from the scene."""
    hierarchy = _hierarchy(node.GetScene())
    item = hierarchy.GetItemByDataNode(node)
    if item:
        hierarchy.RemoveItem(item, False, False)


def remove_from_case(node: Node) -> None:
    """Take a node out of its scene with its displays and its item in the subject hierarchy."""
    scene = node.GetScene()
    for number in reversed(range(node.GetNumberOfDisplayNodes())):
        scene.RemoveNode(node.GetNthDisplayNode(number))
    leave_case(node)
    scene.RemoveNode(node)


def case_of(node: Node) -> str:
    """Return the title of the case that a node belongs to; empty where it belongs to none."""
    hierarchy = _hierarchy(node.GetScene())
    item = hierarchy.GetItemByDataNode(node)
    titles = []
    while item not in (0, hierarchy.GetSceneItemID()):
        item = hierarchy.GetItemParent(item)
        titles.append(hierarchy.GetItemName(item))
    return titles[-2] if len(titles) > 2 and titles[0] in STAGES else ""


def nodes_of_stage(scene: Scene, case: str, stage: str) -> tuple[Node, ...]:
    """Return the nodes in the folder of a stage, in their order."""
    hierarchy = _hierarchy(scene)
    nodes = (
        hierarchy.GetItemDataNode(item) for item in _children(hierarchy, stage_folder(scene, case, stage))
    )
    return tuple(node for node in nodes if node is not None)


def _hierarchy(scene: Scene) -> Node:
    import slicer

    return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)


def _folder(hierarchy: Node, parent: int, name: str) -> int:
    for item in _children(hierarchy, parent):
        if hierarchy.GetItemName(item) == name and hierarchy.GetItemDataNode(item) is None:
            return item
    return int(hierarchy.CreateFolderItem(parent, name))


def _children(hierarchy: Node, parent: int) -> list[int]:
    from vtkmodules.vtkCommonCore import vtkIdList

    items = vtkIdList()
    hierarchy.GetItemChildren(parent, items, False)
    return [int(items.GetId(index)) for index in range(items.GetNumberOfIds())]
