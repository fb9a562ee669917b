"""Sweeps from files: where one came from, so that it can be read again with other parameters."""

from __future__ import annotations

from pathlib import Path

from ..geometry.sweep import Sweep
from ..parameters import Parameters
from .nodes import Node, Scene
from .stages import register_result
from .sweeps import add_sweep, fill_sweep

_FILE, _GEOMETRY = "FluoroPrint.File", "FluoroPrint.GeometryFile"


def files_of_sweep(node: Node) -> tuple[Path | None, Path | None]:
    """Return the file that a sweep was read from and its geometry file; None where there is none any more."""
    texts = (node.GetAttribute(name) for name in (_FILE, _GEOMETRY))
    path, geometry = (Path(text) if text else None for text in texts)
    return (path if path is not None and path.exists() else None), geometry


def keep_sweep(
    scene: Scene,
    sweep: Sweep,
    path: Path,
    geometry: Path | None,
    parameters: Parameters,
    seconds: float | None = None,
) -> Node:
    """Add a sweep that was read from a file, or put it in place of the one read from there before.

    Returns
    -------
    vtkMRMLScalarVolumeNode
    """
    node = _read_before(scene, path)
    if node is None:
        node = add_sweep(scene, sweep, path.stem)
        node.SetAttribute(_FILE, str(path.absolute()))
        register_result(scene, node, None, "Acquire", parameters, case=node.GetName(), seconds=seconds)
    else:
        fill_sweep(node, sweep)
        register_result(scene, node, None, "Acquire", parameters, case=node.GetName(), seconds=seconds)
    node.SetAttribute(_GEOMETRY, str(geometry.absolute()) if geometry else "")
    return node


def _read_before(scene: Scene, path: Path) -> Node:
    nodes = (scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes()))
    return next((node for node in nodes if node.GetAttribute(_FILE) == str(path.absolute())), None)
