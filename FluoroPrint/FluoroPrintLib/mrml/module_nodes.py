"""The parameter nodes of modules: one vtkMRMLScriptedModuleNode each, and what is chosen there."""

from __future__ import annotations

from .nodes import Node, Scene


def module_node(scene: Scene, module: str) -> Node:
    """Return a module's parameter node, as ScriptedLoadableModuleLogic finds it; made where there is none.

    Returns
    -------
    vtkMRMLScriptedModuleNode
    """
    node = scene.GetSingletonNode(module, "vtkMRMLScriptedModuleNode")
    if node is None:
        node = scene.CreateNodeByClass("vtkMRMLScriptedModuleNode")
        node.UnRegister(None)
        node.SetSingletonTag(module)
        node.SetName(module)
        node = scene.AddNode(node)
    node.SetAttribute("ModuleName", module)  # closing a scene takes it away
    return node


def choose_nodes(scene: Scene, module: str, **chosen: Node) -> None:
    """Choose nodes in a module's panel, whether it was opened or not.

    Parameters
    ----------
    scene : vtkMRMLScene
    module : such as "FluoroPrintPrepare"
    chosen : a node for each choice, by the name that the panel gives it; None takes a choice back
    """
    parameters = module_node(scene, module)
    previous = parameters.StartModify()
    for name, node in chosen.items():
        parameters.SetParameter(name, "")  # by this parameterNodeWrapper knows that it was written
        parameters.SetNodeReferenceID(name, node.GetID() if node is not None else None)
    parameters.EndModify(previous)
