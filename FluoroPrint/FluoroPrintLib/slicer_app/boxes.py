"""Combo boxes: filled where they offer something else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def fill_box(box: Any, titles: Sequence[str], index: int) -> None:
    """Offer titles in a QComboBox where it offers others; show the one at a place."""
    if [box.itemText(number) for number in range(box.count)] != list(titles):
        box.clear()
        box.addItems(list(titles))
    box.currentIndex = index
