"""Frames in picture files: a stack in one TIFF, MHA or NRRD file, or a folder of single pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Float32Array
from ..errors import FluoroPrintError
from ..progress import Progress
from .frame_source import Acquisition, FrameSource, PixelScale, sha256_of
from .image_io import image_header, read_image

STACK_SUFFIXES = (".tif", ".tiff", ".mha", ".mhd", ".nrrd", ".nhdr", ".png")
_MEASURED_SUFFIXES = (
    ".mha",
    ".mhd",
    ".nrrd",
    ".nhdr",
)  # a TIFF's resolution is for printing, not of the panel


def stack_source(path: Path) -> FrameSource:
    """Return the frames of a stack; the last axis of the file counts them.

    Raises
    ------
    FluoroPrintError
        The file cannot be read or is no stack of grey frames.
    """
    header = image_header(path)
    size = header.GetSize()
    if len(size) not in (2, 3):
        raise FluoroPrintError(f"{path} has {len(size)} dimensions: a stack has columns, rows and frames.")
    count = size[2] if len(size) == 3 else 1

    def load(progress: Progress) -> Float32Array:
        progress(0.0, "Reading frames")
        return _pixels(path).reshape(count, size[1], size[0])

    return _source([path], count, (size[1], size[0]), header, load, "image stack")


def pictures_source(folder: Path, paths: list[Path]) -> FrameSource:
    """Return the frames of single pictures, in the order given.

    Raises
    ------
    FluoroPrintError
        A picture cannot be read or is of another size than the first.
    """
    header = image_header(paths[0])
    columns, rows = header.GetSize()[:2]
    for path in paths[1:]:
        _refuse_other_size(path, image_header(path).GetSize(), (columns, rows), paths[0])

    def load(progress: Progress) -> Float32Array:
        frames = np.empty((len(paths), rows, columns), np.float32)
        for index, path in enumerate(paths):
            progress(index / len(paths), "Reading frames")
            frames[index] = _pixels(path).reshape(rows, columns)
        return frames

    source = _source(paths, len(paths), (rows, columns), header, load, "folder of pictures")
    return FrameSource(
        **{
            **vars(source),
            "provenance": dict(source.provenance) | {"source": folder.name, "files": len(paths)},
        }
    )


def _refuse_other_size(path: Path, size: tuple[int, ...], expected: tuple[int, int], first: Path) -> None:
    if tuple(size[:2]) != expected or any(edge != 1 for edge in size[2:]):
        raise FluoroPrintError(
            f"{path} is {' x '.join(map(str, size))} pixels but {first.name} is {expected[0]} x "
            f"{expected[1]}: "
            "keep the frames of one run alone in the folder."
        )


def _pixels(path: Path) -> Float32Array:
    import SimpleITK

    pixels: Float32Array = SimpleITK.GetArrayFromImage(read_image(path)).astype(np.float32)
    return pixels


def _source(
    paths: list[Path],
    count: int,
    size: tuple[int, int],
    header: Any,
    load: Callable[[Progress], Float32Array],
    reader: str,
) -> FrameSource:
    return FrameSource(
        count,
        *size,
        _scale(header),
        _acquisition(header, paths[0]),
        load,
        {"source": paths[0].name, "sha256": sha256_of(paths), "reader": reader},
    )


def _scale(header: Any) -> PixelScale:
    import SimpleITK

    kind = header.GetPixelID()
    is_float = kind in (SimpleITK.sitkFloat32, SimpleITK.sitkFloat64)
    return PixelScale(
        "unknown", 255.0 if kind == SimpleITK.sitkUInt8 else None, step=0.0 if is_float else 1.0
    )


def _acquisition(header: Any, path: Path) -> Acquisition:
    if path.suffix.lower() not in _MEASURED_SUFFIXES:
        return Acquisition()
    across, down = header.GetSpacing()[:2]
    return Acquisition(
        pixel_mm=None if across == down == 1.0 else (down, across), origin_mm=tuple(header.GetOrigin()[:2])
    )
