"""The licence of a model as far as it is told: in a file beside the weights, or by those who publish them."""

from __future__ import annotations

import textwrap
from pathlib import Path

NAMES = ("LICENSE*", "LICENCE*", "License*", "Licence*", "license*", "licence*", "COPYING*")
LEVELS_UP = 3
"""A licence may lie beside the data set's folder, two above the model's."""
LONGEST_READ, LONGEST_SHORT = 65536, 120
UNTOLD = "The folder tells no licence: ask those who made the model before you use it."


def licence_beside(folder: Path) -> str:
    """Return the text of the licence file in a folder or in those above it; empty where there is none."""
    for place in (folder, *folder.parents[: LEVELS_UP - 1]):
        files = sorted(file for name in NAMES for file in place.glob(name) if file.is_file())
        if files:
            with files[0].open(encoding="utf-8", errors="replace") as text:
                return text.read(LONGEST_READ).strip()
    return ""


def short(licence: str) -> str:
    """Return the first words of a licence: of its first line that says anything, for a sentence."""
    line = next((line.strip(" #*=-") for line in licence.splitlines() if line.strip(" #*=-")), "")
    return textwrap.shorten(line.rstrip("."), LONGEST_SHORT, placeholder=" …") or "no licence told"
