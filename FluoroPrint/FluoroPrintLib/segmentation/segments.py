"""A segmentation as data: one labelmap and what its labels mean."""

from __future__ import annotations

from dataclasses import dataclass

from ..geometry.volume import Volume

GENERAL_LIST = "Segmentation category and type - 3D Slicer General Anatomy list"
NO_REGION = "~Anatomic codes - DICOM master list~^^~^^"
"""Begin and end of a serialised terminology entry that names no region."""


@dataclass(frozen=True)
class Segment:
    """One label of a labelmap.

    Attributes
    ----------
    name : what the user reads
    label : its value in the labelmap, 1 to 255
    colour : red, green, blue, 0 to 1
    terminology : Slicer's serialised terminology entry
        ("context~category^type^modifier~anatomic context~region^modifier"), empty where unknown
    """

    name: str
    label: int
    colour: tuple[float, float, float]
    terminology: str = ""


@dataclass(frozen=True)
class Segmentation:
    """A labelmap (uint8, 0 is background) and its segments."""

    labelmap: Volume
    segments: tuple[Segment, ...]
