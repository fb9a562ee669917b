"""The print files of a case: a table in its Print folder says what was written, of which model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .nodes import Node, Scene, new_node
from .stages import register_result
from .tables import add_text_column, column_texts

PRINT_STAGE = "Print"
_NAME = "Print files"
_FILE, _SIZE = "File", "Size"
_FOLDER = "FluoroPrint.Folder"


def register_print_files(
    scene: Scene,
    model_node: Node,
    paths: Sequence[Path],
    *,
    case: str,
    seconds: float | None = None,
    folder: Path | None = None,
) -> Node:
    """Add a table of files that were written for the printer to a case.

    Parameters
    ----------
    scene : vtkMRMLScene
    model_node : what the files show
    paths : of the files, where they are now
    case : title of the case
    seconds : how long the writing took
    folder : where the user finds the files; not kept where it is None

    Returns
    -------
    vtkMRMLTableNode: a row each file, its name and its size in bytes
    """
    table = new_node(scene, "vtkMRMLTableNode", _NAME)
    add_text_column(table, _FILE, [path.name for path in paths])
    add_text_column(table, _SIZE, [path.stat().st_size for path in paths], "bytes")
    if folder is not None:
        table.SetAttribute(_FOLDER, str(folder))
    register_result(scene, table, model_node, PRINT_STAGE, case=case, seconds=seconds)
    return table


def print_files_of(node: Node) -> tuple[str, ...]:
    """Return the names of the files in a table of `register_print_files`; none for another node."""
    if not node.IsA("vtkMRMLTableNode") or node.GetTable().GetColumnByName(_FILE) is None:
        return ()
    return tuple(column_texts(node, _FILE))


def folder_of(node: Node) -> Path | None:
    """Return where the files of a table are, None where that was not kept."""
    folder = node.GetAttribute(_FOLDER)
    return Path(folder) if folder else None
