"""The scene's own files, as Slicer reads and writes them: segmentations (.seg.nrrd), whole cases (.mrb)."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from ..errors import FluoroPrintError
from ..files.atomic import written_whole
from ..files.image_io import image_header, read_pixels
from ..files.volumes import refuse_dicom
from .nodes import Node, Scene, new_node, quiet_vtk

HIGHEST_LABEL = 255
_UNWRITTEN = "{path} could not be written: check the room on the disk and the folder's rights."


def write_segmentation(node: Node, path: Path) -> None:
    """Write a segmentation as .seg.nrrd, with names, colours and terminology, whole or not at all.

    Parameters
    ----------
    node : vtkMRMLSegmentationNode
    path : ends in .seg.nrrd

    Raises
    ------
    FluoroPrintError
        The name ends in something else, or the file cannot be written.
    """
    import slicer

    check_segmentation_name(path)
    storage = slicer.vtkMRMLSegmentationStorageNode()
    with written_whole(path) as temporary:
        storage.SetFileName(str(temporary))
        with quiet_vtk():
            written = storage.WriteData(node)
        if not written:
            raise FluoroPrintError(_UNWRITTEN.format(path=path))


def check_segmentation_name(path: Path) -> None:
    """Refuse a name that does not end in .seg.nrrd, before the work for it.

    Raises
    ------
    FluoroPrintError
        The name ends in something else.
    """
    _refuse_suffix(path, ".seg.nrrd")


def read_segmentation(scene: Scene, path: Path, name: str = "") -> Node:
    """Add the segmentation of a .seg.nrrd file, or of a plain labelmap (NRRD, NIfTI), to the scene.

    Parameters
    ----------
    scene : vtkMRMLScene
    path : the file; in a plain labelmap each value above 0 is a segment
    name : what the user reads; the file's name by default

    Returns
    -------
    vtkMRMLSegmentationNode

    Raises
    ------
    FluoroPrintError
        The file is missing, is no segmentation, or holds no segments.
    """
    import slicer

    if not path.is_file():
        raise FluoroPrintError(
            f"{path} is not there: choose a segmentation file (.seg.nrrd, .nrrd, .nii.gz)."
        )
    _refuse_no_labels(path)
    storage = slicer.vtkMRMLSegmentationStorageNode()
    storage.SetFileName(str(path))
    node = new_node(scene, "vtkMRMLSegmentationNode", name or path.name.split(".")[0])
    with quiet_vtk():
        was_read = storage.ReadData(node)
    if not was_read or node.GetSegmentation().GetNumberOfSegments() == 0:
        scene.RemoveNode(node)
        raise FluoroPrintError(f"{path} holds no segments: choose a segmentation or labelmap file.")
    node.CreateDefaultDisplayNodes()
    return node


def _refuse_no_labels(path: Path) -> None:
    """Refuse what Slicer's reader ends the program on (damaged files) or takes for thousands of segments."""
    import SimpleITK

    refuse_dicom(path)
    image = read_pixels(image_header(path))  # named: a view does not keep its image alive
    values = SimpleITK.GetArrayViewFromImage(image)
    if values.dtype.kind not in "iu" or values.min() < 0 or values.max() > HIGHEST_LABEL:
        raise FluoroPrintError(f"{path} holds grey values, no labels: segment it first.")


def write_case(scene: Scene, path: Path) -> None:
    """Write the whole scene as one .mrb file, whole or not at all.

    Parameters
    ----------
    scene : vtkMRMLScene
    path : ends in .mrb; the folder inside the file is named after it, as Slicer does

    Raises
    ------
    FluoroPrintError
        The name ends in something else, or the file cannot be written (full disk, read-only folder).
    """
    import slicer

    _refuse_suffix(path, ".mrb")
    messages = slicer.vtkMRMLMessageCollection()
    with (
        written_whole(path) as temporary,
        tempfile.TemporaryDirectory(dir=temporary.parent, prefix=".fluoroprint-") as folder,
    ):
        bundle = Path(folder) / path.name
        with quiet_vtk():
            written = scene.WriteToMRB(str(bundle), None, messages)
        if not written or not _is_whole_bundle(bundle):
            raise FluoroPrintError(_UNWRITTEN.format(path=path))
        os.replace(bundle, temporary)


def _is_whole_bundle(bundle: Path) -> bool:
    try:
        with zipfile.ZipFile(bundle) as archive:
            return any(name.endswith(".mrml") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def open_case(scene: Scene, path: Path, *, clear: bool = True) -> None:
    """Read a .mrb file into a scene.

    Parameters
    ----------
    scene : vtkMRMLScene
    path : a case or any other scene of Slicer
    clear : empty the scene first, else add to it

    Raises
    ------
    FluoroPrintError
        The file is missing, is no .mrb, or was cut short; the scene then stays as it was.
    """
    import slicer

    if not path.is_file():
        raise FluoroPrintError(f"{path} is not there: choose a case (.mrb).")
    if not _is_whole_bundle(path):
        raise FluoroPrintError(
            f"{path} is not a whole .mrb file: choose another one, or save the case again."
        )
    messages = slicer.vtkMRMLMessageCollection()
    with quiet_vtk():
        was_read = scene.ReadFromMRB(str(path), clear, messages)
    if not was_read:
        raise FluoroPrintError(f"{path} could not be read: {_last_message(messages)}.")


def _refuse_suffix(path: Path, suffix: str) -> None:
    if not path.name.lower().endswith(suffix):
        raise FluoroPrintError(f"{path} does not end in {suffix}: give the file that ending.")


def _last_message(messages: Any) -> str:
    count = messages.GetNumberOfMessages()
    return messages.GetNthMessageText(count - 1).strip().rstrip(".") if count else "Slicer gave no reason"
