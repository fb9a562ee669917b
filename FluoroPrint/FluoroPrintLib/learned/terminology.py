"""What the labels of models mean: SNOMED CT terms, names for people and colours (terminology.json)."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..segmentation.segments import NO_REGION, Segment

TERMS = "terminology.json"
GENERIC = "~SCT^85756007^Tissue~SCT^85756007^Tissue~^^"
SIDE_WORDS = {"left": "left", "right": "right", "l": "left", "r": "right"}
PAIR_SHADE = 0.85
"""The left one of a pair is drawn darker, so that the two can be told apart."""
_TOOTH = re.compile(r"(?:^|.*\b)(?:fdi|tooth|teeth) ?([1-4][1-8])$")
_NOT_WORDS = re.compile(r"[^0-9a-z]+")


def segment_of_label(label: int, name: str) -> Segment:
    """Return the segment of a label of a model: its meaning where it is known, else its own name as tissue.

    Examples
    --------
    "vertebrae_L5" is "L5 vertebra"; "femur_left" is "Left femur"; "Mandibular canal" stays as it is.
    """
    words, side = _without_side(name)
    tooth = _TOOTH.match(words)
    term = _terms().get("tooth" if tooth else words)
    if term is None:
        return Segment(name, label, _rest_colour(label), _lists()["general"] + GENERIC + NO_REGION)
    title = f"Tooth {tooth.group(1)}" if tooth else _title(term, side)
    shade = PAIR_SHADE if side == "left" else 1.0
    red, green, blue = (shade * value / 255 for value in term["colour"])
    return Segment(title, label, (red, green, blue), _entry(term, side))


def _without_side(name: str) -> tuple[str, str]:
    """Return a label in small words, and which side of the body it names, if any."""
    words = [word for word in _NOT_WORDS.split(name.lower()) if word]
    sides = [SIDE_WORDS[word] for word in words if word in SIDE_WORDS]
    if len(sides) != 1:
        return " ".join(words), ""
    return " ".join(word for word in words if word not in SIDE_WORDS), sides[0]


def _title(term: Mapping[str, Any], side: str) -> str:
    title = str(term.get("title", term["meaning"]))
    return f"{side.capitalize()} {title[0].lower()}{title[1:]}" if side else title


def _entry(term: Mapping[str, Any], side: str) -> str:
    """Return Slicer's serialised terminology entry."""
    data = _data()
    modifier = data["sides"][side] if side else "^^"
    kind = f"SCT^{term['code']}^{term['meaning']}"
    return (
        f"{data['lists'][term['list']]}~{data['categories'][term['category']]}~{kind}~{modifier}{NO_REGION}"
    )


def _rest_colour(label: int) -> tuple[float, float, float]:
    colours = _data()["colours"]
    red, green, blue = (value / 255 for value in colours[(label - 1) % len(colours)])
    return red, green, blue


def _lists() -> dict[str, str]:
    lists: dict[str, str] = _data()["lists"]
    return lists


@functools.cache
def _terms() -> dict[str, Mapping[str, Any]]:
    return {name: term for term in _data()["terms"] for name in term["names"]}


@functools.cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((Path(__file__).parent / TERMS).read_text(encoding="utf-8"))
    return data
