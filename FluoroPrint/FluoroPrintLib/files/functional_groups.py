"""Functional groups of enhanced multi-frame DICOM: what holds for all frames, or for each its own.

DICOM PS3.3, C.7.6.16: a macro stands either in the shared groups or in the groups of every frame.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import Float64Array
from .dicom_quiet import quiet_pydicom


def group_items(dataset: Any, sequence: str, count: int) -> list[Any | None]:
    """Return the item of a macro that holds for each frame, None where there is none.

    Parameters
    ----------
    dataset : enhanced multi-frame dataset
    sequence : keyword of the macro's sequence, such as "XRayGeometrySequence"
    count : number of frames
    """
    shared = _item(_first(dataset.get("SharedFunctionalGroupsSequence")), sequence)
    own = list(dataset.get("PerFrameFunctionalGroupsSequence") or [])
    frames = [_item(group, sequence) for group in own[:count]] + [None] * (count - len(own))
    return [shared if item is None else item for item in frames]


def group_numbers(items: list[Any | None], keyword: str, length: int = 1) -> Float64Array | None:
    """Return the numbers of an attribute in every frame: (N, length), None unless all frames have them."""
    rows = [_numbers(item, keyword) for item in items]
    if not rows or any(len(row) != length for row in rows):
        return None
    return np.array(rows)


def group_text(items: list[Any | None], keyword: str) -> str:
    """Return the text of an attribute in the first frame, empty where there is none."""
    return str((items[0].get(keyword) if items and items[0] is not None else "") or "")


def _first(sequence: Any) -> Any | None:
    return sequence[0] if sequence else None


def _item(group: Any | None, sequence: str) -> Any | None:
    return None if group is None else _first(group.get(sequence))


def _numbers(item: Any | None, keyword: str) -> Float64Array:
    if item is None:
        return np.array([])
    with quiet_pydicom():
        try:
            value = item.get(keyword)
            values = np.atleast_1d(np.array([] if value is None or value == "" else value, dtype=float))
        except (ValueError, TypeError):
            return np.array([])
    return values if np.isfinite(values).all() else np.array([])
