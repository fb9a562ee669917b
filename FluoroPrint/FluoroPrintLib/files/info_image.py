"""What a volume or a segmentation file holds, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import AnyArray
from ..geometry.volume import Volume
from .image_io import image_header, read_pixels
from .volumes import read_volume

Facts = list[tuple[str, str]]
SEGMENTATION_SUFFIX = ".seg.nrrd"
AIR_BELOW_HU = -500.0
"""A volume in HU of anything that air surrounds goes lower than this."""


def is_flat(path: Path) -> bool:
    """Tell whether an image file is no volume by its dimensions: a single picture, or a series."""
    return len(image_header(path).GetSize()) != 3


def volume_facts(path: Path) -> Facts:
    """Return size, spacing, place and range of a volume.

    Raises
    ------
    FluoroPrintError
        The file cannot be read as a volume.
    """
    volume = read_volume(path)
    return [("kind", "volume"), *_grid_facts(volume), *_value_facts(volume.array_kji)]


def _grid_facts(volume: Volume) -> Facts:
    return [
        ("size", " x ".join(map(str, volume.size_ijk)) + " voxels"),
        ("spacing", " x ".join(f"{edge:.4g}" for edge in volume.spacing_mm) + " mm"),
        ("centre", ", ".join(f"{x:.1f}" for x in volume.centre_ras) + " mm (R, A, S)"),
    ]


def _value_facts(values: AnyArray) -> Facts:
    finite = values[np.isfinite(values)]
    facts: Facts = [("values", "none")]
    if finite.size:
        low, high = float(finite.min()), float(finite.max())
        facts = [("values", f"{low:.6g} to {high:.6g} HU ({values.dtype})")]
        if low > AIR_BELOW_HU:
            facts = [
                ("values", f"{low:.6g} to {high:.6g} ({values.dtype})"),
                ("note", "No value is as low as air: these may be labels or grey values, not HU."),
            ]
        if low == high:
            facts.append(("fault", "Every voxel has the same value: there is nothing to segment."))
    if finite.size < values.size:
        facts.append(
            ("fault", f"{values.size - finite.size} voxels are not numbers: fill them before going on.")
        )
    return facts


def segmentation_facts(path: Path) -> Facts:
    """Return size, spacing and place of a segmentation, and name and volume of each segment.

    Raises
    ------
    FluoroPrintError
        The file cannot be read.
    """
    reader = image_header(path)
    image = read_pixels(reader)
    spacing = image.GetSpacing()
    segments = _segment_facts(image, reader, float(np.prod(spacing[:3])) / 1000)
    return [
        ("kind", "segmentation"),
        ("size", " x ".join(map(str, image.GetSize())) + " voxels"),
        ("spacing", " x ".join(f"{edge:.4g}" for edge in spacing) + " mm"),
        *(segments or [("fault", "There is no segment in it: segment a volume first.")]),
    ]


def _segment_facts(image: Any, reader: Any, voxel_ml: float) -> Facts:
    import SimpleITK

    array = SimpleITK.GetArrayViewFromImage(image)
    layers = array if array.ndim == 4 else array[..., None]
    facts: Facts = []
    while reader.HasMetaDataKey(f"Segment{len(facts)}_ID"):
        tag = f"Segment{len(facts)}_"
        label, layer = (
            _tagged(reader, tag + word, default) for word, default in (("LabelValue", "1"), ("Layer", "0"))
        )
        voxels = int((layers[..., int(layer)] == int(label)).sum())
        words = f"{voxels * voxel_ml:.2f} ml" if voxels else "empty"
        facts.append(("segment", f"{_tagged(reader, tag + 'Name', 'unnamed')}: {words}"))
    return facts


def _tagged(reader: Any, key: str, default: str) -> str:
    return str(reader.GetMetaData(key)) if reader.HasMetaDataKey(key) else default
