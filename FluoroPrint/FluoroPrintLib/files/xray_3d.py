"""X-Ray 3D volumes that a console reconstructed: enhanced multi-frame DICOM, one frame a slice.

DICOM PS3.3, C.8.21: X-Ray 3D Angiographic and Craniofacial images.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Float32Array, Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from .functional_groups import group_items, group_numbers
from .xa import XRAY_3D_CLASSES, frame_count, open_dicom, refuse_missing_pixels, sop_class
from .xa_pixels import load_pixels

UNEVEN = 0.01
"""Gaps between slices may differ by this share of a gap: headers round."""

_LPS_TO_RAS = np.array([-1.0, -1.0, 1.0])


def is_xray_3d(dataset: Any) -> bool:
    """Tell whether a dataset is a volume that a console reconstructed from a rotational run."""
    return sop_class(dataset) in XRAY_3D_CLASSES


def read_xray_3d(path: Path) -> Volume:
    """Read an X-Ray 3D Angiographic or Craniofacial image; its slices are put in the order of their places.

    Values are rescaled as the file says (C.7.6.16.2.9); a C-arm's are grey values near Hounsfield units at
    best.

    Raises
    ------
    FluoroPrintError
        The file is of another kind, has no places for its slices, or they are not evenly stacked.
    """
    path = Path(path)
    dataset = open_dicom(path)
    if not is_xray_3d(dataset):
        raise FluoroPrintError(
            f"{path} is no X-Ray 3D volume (class {sop_class(dataset) or 'none'}): open a sweep as a sweep."
        )
    refuse_missing_pixels(dataset, path)
    count = frame_count(dataset)
    places, axes, spacing = _planes(dataset, count, path)
    normal = np.cross(axes[0], axes[1])
    order = np.argsort(places @ normal, kind="stable")
    step = _step(places[order], normal, path)
    frames = load_pixels([dataset], count, path, lambda fraction, message: None)
    _rescale(frames, group_items(dataset, "PixelValueTransformationSequence", count))
    matrix = np.eye(4)
    columns = (axes[0] * spacing[1], axes[1] * spacing[0], step)
    matrix[:3, :3] = _LPS_TO_RAS[:, None] * np.stack(columns, 1)
    matrix[:3, 3] = _LPS_TO_RAS * places[order[0]]
    return Volume(frames[order], matrix)


def _planes(dataset: Any, count: int, path: Path) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Return first pixels (N, 3) in LPS mm, axes (2, 3) along rows and columns, spacing (2,)."""
    places = group_numbers(group_items(dataset, "PlanePositionSequence", count), "ImagePositionPatient", 3)
    axes = group_numbers(
        group_items(dataset, "PlaneOrientationSequence", count), "ImageOrientationPatient", 6
    )
    spacing = group_numbers(group_items(dataset, "PixelMeasuresSequence", count), "PixelSpacing", 2)
    if places is None or axes is None or spacing is None or spacing.min() <= 0:
        raise FluoroPrintError(
            f"{path} does not tell place, direction and pixel size of every slice: export the volume again."
        )
    if np.ptp(axes, axis=0).max() > 1e-3 or np.ptp(spacing, axis=0).max() > 1e-3 * spacing.max():
        raise FluoroPrintError(
            f"{path} holds slices of several directions or pixel sizes: export one volume alone."
        )
    return places, axes[0].reshape(2, 3), spacing[0]


def _step(places: Float64Array, normal: Float64Array, path: Path) -> Float64Array:
    """Return the vector from one slice to the next: (3,) in LPS mm."""
    if len(places) < 2:
        raise FluoroPrintError(f"{path} holds one slice: choose a volume of many.")
    steps = np.diff(places, axis=0)
    mean = (places[-1] - places[0]) / (len(places) - 1)
    gap = float(np.linalg.norm(mean))
    if gap < 1e-6 or np.linalg.norm(steps - mean, axis=1).max() > UNEVEN * gap:
        raise FluoroPrintError(
            f"{path} holds slices that are not evenly stacked ({np.abs(steps @ normal).min():.3g} to "
            f"{np.abs(steps @ normal).max():.3g} mm apart): export one phase of the volume alone."
        )
    step: Float64Array = mean
    return step


def _rescale(frames: Float32Array, items: list[Any | None]) -> None:
    """Apply slope and intercept of every frame in place, where the file has them."""
    slope = group_numbers(items, "RescaleSlope")
    intercept = group_numbers(items, "RescaleIntercept")
    if slope is None or intercept is None:
        return
    frames *= slope[:, :, None].astype(np.float32)
    frames += intercept[:, :, None].astype(np.float32)
