"""What an operation makes: named parts of the model that was shaped, and what to tell of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vtkmodules.vtkCommonDataModel import vtkPolyData


@dataclass(frozen=True)
class Part:
    """One surface that an operation made.

    Attributes
    ----------
    word : what became of the model or which part it is: "drilled", "part 1"
    surface : triangles in RAS mm, closed, facing outward
    warnings : sentences that must stay with the part wherever it goes, by a word each
    keeps_colour : it is shown in the colour of the model, not in one that tells it from that
    """

    word: str
    surface: vtkPolyData
    warnings: Mapping[str, str] = field(default_factory=dict)
    keeps_colour: bool = False


@dataclass(frozen=True)
class Shaped:
    """What an operation made of one surface.

    Attributes
    ----------
    parts : one, or several where the model was cut
    notes : sentences for the user
    """

    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()


def whole(word: str, surface: vtkPolyData, *notes: str) -> Shaped:
    """Return what an operation made that leaves the model in one part."""
    return Shaped((Part(word, surface),), tuple(notes))
