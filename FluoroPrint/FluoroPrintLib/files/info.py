"""What a file holds, in words: for `fluoroprint info` and for a window's details."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from ..errors import FluoroPrintError
from ..learned.model_folder import holds_model
from .encapsulated_reading import is_encapsulated_model

Facts = list[tuple[str, str]]
MESH_SUFFIXES = (".stl", ".obj", ".ply", ".vtp", ".3mf", ".glb", ".usdz")
GEOMETRY_SUFFIXES = (".json", ".xml", ".txt")
_NODE = re.compile(r'<(Volume|Segmentation|Model|Table|Text|Markups\w+|Sequence\w*)\s[^>]*?\bname="([^"]*)"')


def describe_file(path: Path) -> Facts:
    """Return what a file or folder holds as pairs of a label and a text.

    A sweep: frames, pixel values, angles, distances, what is missing and what to do. A volume: size,
    spacing, values. A segmentation: its segments. A mesh: size, volume, faults. A geometry file: number of
    frames. A scene: its nodes. What is wrong with a file is said in a pair labelled "fault"; where nothing
    at all can be told of it there is only the file's name besides.

    Raises
    ------
    FluoroPrintError
        There is no such file.
    """
    path = Path(path)
    if not path.exists():
        raise FluoroPrintError(f"{path} does not exist: check the name.")
    head: Facts = [("file", path.name)]
    try:
        return head + _describer(path)(path)
    except FluoroPrintError as error:
        return [*head, ("fault", str(error))]


def _describer(path: Path) -> Callable[[Path], Facts]:
    """Return what describes a file; by suffix, so that only what is needed is imported."""
    name = path.name.lower()
    if path.is_dir():
        return _model_facts if holds_model(path) else _sweep_facts
    if name.endswith(".seg.nrrd"):
        return _segmentation_facts
    if name.endswith(MESH_SUFFIXES):
        return _mesh_facts
    if name.endswith(".mrb"):
        return _scene_facts
    if name.endswith(GEOMETRY_SUFFIXES):
        return _geometry_facts
    return _encapsulated_facts if is_encapsulated_model(path) else _image_facts


def _segmentation_facts(path: Path) -> Facts:
    from .info_image import segmentation_facts

    return segmentation_facts(path)


def _model_facts(path: Path) -> Facts:
    from .info_model import model_facts

    return model_facts(path)


def _mesh_facts(path: Path) -> Facts:
    from .info_mesh import mesh_facts

    return mesh_facts(path)


def _encapsulated_facts(path: Path) -> Facts:
    from .info_mesh import encapsulated_facts

    return encapsulated_facts(path)


def _sweep_facts(path: Path) -> Facts:
    from .info_sweep import sweep_facts

    return sweep_facts(path)


def _image_facts(path: Path) -> Facts:
    """Describe a volume, or whatever else may be a sweep."""
    from .info_image import is_flat, volume_facts
    from .volumes import VOLUME_SUFFIXES, is_console_volume

    is_volume = is_console_volume(path) or (path.name.lower().endswith(VOLUME_SUFFIXES) and not is_flat(path))
    return volume_facts(path) if is_volume else _sweep_facts(path)


def _geometry_facts(path: Path) -> Facts:
    from .geometry_files import matrices_in

    try:
        count, size = matrices_in(path)
    except FluoroPrintError:
        if path.suffix.lower() == ".txt":  # any text at all
            raise FluoroPrintError(f"{path} is of no kind that is read here: choose another file.") from None
        raise
    frames = "" if size is None else f" of {size[0]} x {size[1]} pixels"
    return [
        ("kind", "sweep geometry"),
        ("frames", f"{count}{frames}"),
        ("use", "give it with --geometry beside the frames it belongs to"),
    ]


def _scene_facts(path: Path) -> Facts:
    """Describe a scene by the names in its table of contents, without loading it."""
    try:
        with zipfile.ZipFile(path) as bundle:
            names = [name for name in bundle.namelist() if name.endswith(".mrml")]
            text = bundle.read(names[0]).decode("utf-8", "replace") if names else ""
    except (OSError, zipfile.BadZipFile, EOFError) as error:
        raise FluoroPrintError(f"{path} is no whole .mrb file: save the scene again.") from error
    if not names:
        raise FluoroPrintError(f"{path} holds no scene: save it again from Slicer.")
    nodes: Facts = [(kind.lower(), name) for kind, name in _NODE.findall(text)]
    return [("kind", "scene of 3D Slicer"), *nodes]
