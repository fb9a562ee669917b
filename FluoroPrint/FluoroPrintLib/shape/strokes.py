"""Letters as strokes of one width, so that a nozzle or a laser can draw each: capitals, digits, some signs.

A letter stands in a box 4 wide and 6 high; its strokes are runs of points "xy", a digit each, in that box.
Drawn for this program; letters of one width have no parts too fine to print.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from .solids import Outline, engine

WIDTH, HEIGHT = 4.0, 6.0
SPACE_WIDTH, GAP = 2.5, 2.0
ROUND_SIDES = 24
LONGEST_TEXT = 40

_STROKES = {
    "A": "00 26 40|12 32",
    "B": "00 06 26 35 44 33 03|33 42 41 30 00",
    "C": "45 36 16 05 01 10 30 41",
    "D": "00 06 26 35 44 42 31 20 00",
    "E": "46 06 00 40|03 33",
    "F": "46 06 00|03 33",
    "G": "45 36 16 05 01 10 30 41 43 23",
    "H": "00 06|40 46|03 43",
    "I": "16 36|26 20|10 30",
    "J": "46 41 30 10 01",
    "K": "06 00|46 02|13 40",
    "L": "06 00 40",
    "M": "00 06 22 46 40",
    "N": "00 06 40 46",
    "O": "10 01 05 16 36 45 41 30 10",
    "P": "00 06 36 45 44 33 03",
    "Q": "10 01 05 16 36 45 41 30 10|22 40",
    "R": "00 06 36 45 44 33 03|23 40",
    "S": "45 36 16 05 04 13 33 42 41 30 10 01",
    "T": "06 46|26 20",
    "U": "06 01 10 30 41 46",
    "V": "06 20 46",
    "W": "06 10 24 30 46",
    "X": "00 46|06 40",
    "Y": "06 23 46|23 20",
    "Z": "06 46 00 40",
    "0": "10 01 05 16 36 45 41 30 10|14 32",
    "1": "05 26 20|00 40",
    "2": "05 16 36 45 44 00 40",
    "3": "05 16 36 45 44 33 23|33 42 41 30 10 01",
    "4": "30 36 02 42",
    "5": "46 06 03 33 42 41 30 10 01",
    "6": "45 36 16 05 01 10 30 41 42 33 03",
    "7": "06 46 10",
    "8": "13 04 05 16 36 45 44 33 13 02 01 10 30 41 42 33",
    "9": "01 10 30 41 45 36 16 05 04 13 43",
    "-": "03 43",
    "_": "00 40",
    "+": "03 43|21 25",
    ".": "20 20",
    ",": "20 10",
    ":": "21 21|24 24",
    "/": "00 46",
    "(": "36 25 21 30",
    ")": "16 25 21 10",
    "%": "00 46|05 05|41 41",
    "=": "02 42|04 44",
    "#": "10 16|30 36|02 42|04 44",
}


def text_outline(text: str, height_mm: float, stroke_mm: float) -> Outline:
    """Return a text as clean outlines in the plane, its middle at the origin.

    Parameters
    ----------
    text : small letters become capitals
    height_mm : of the capitals, the stroke's width counted
    stroke_mm : width of the strokes

    Raises
    ------
    FluoroPrintError
        There is no text, it is too long, it holds a letter that is not known, or strokes run together.
    """
    letters = " ".join(text.split()).upper()
    _refuse_unknown(letters)
    if stroke_mm > height_mm / 5:
        raise FluoroPrintError(
            f"Strokes of {stroke_mm:g} mm fill letters of {height_mm:g} mm: "
            f"choose at least {5 * stroke_mm:g} mm of height."
        )
    unit_mm = (height_mm - stroke_mm) / HEIGHT
    library, parts, left = engine(), [], 0.0
    for letter in letters:
        if letter != " ":
            parts += [_drawn(run * unit_mm, stroke_mm / 2) for run in _runs(letter, left)]
        left += (
            (SPACE_WIDTH if letter == " " else WIDTH) + GAP + (0.0 if letter == " " else stroke_mm / unit_mm)
        )
    drawn = library.CrossSection.batch_boolean(parts, library.OpType.Add)
    low_high = np.reshape(drawn.bounds(), (2, 2))
    return drawn.translate(tuple(-low_high.mean(0)))


def _refuse_unknown(letters: str) -> None:
    if not letters:
        raise FluoroPrintError("There is no text for the label: give a case number, a side or a word.")
    if len(letters) > LONGEST_TEXT:
        raise FluoroPrintError(f"The label has {len(letters)} letters: {LONGEST_TEXT} at most.")
    unknown = sorted({letter for letter in letters if letter != " " and letter not in _STROKES})
    if unknown:
        raise FluoroPrintError(
            f"The label holds {' '.join(unknown)}, which cannot be drawn: "
            "use A to Z, 0 to 9 and - _ + . , : / ( ) % = #."
        )


def _runs(letter: str, left: float) -> list[Float64Array]:
    """Return the strokes of a letter: runs of points (N, 2), `left` units from the first letter."""
    return [
        np.array([_point(word) for word in run.split()]) + (left, 0.0) for run in _STROKES[letter].split("|")
    ]


def _point(word: str) -> tuple[float, float]:
    return float(word[0]), float(word[1])


def _drawn(run: Float64Array, radius_mm: float) -> Outline:
    """Return a run drawn with a round pen."""
    library = engine()
    angles = 2 * np.pi * np.arange(ROUND_SIDES) / ROUND_SIDES
    pen = radius_mm * np.stack([np.cos(angles), np.sin(angles)], -1)
    hulls = [
        library.CrossSection.hull_points(np.concatenate([start + pen, end + pen]))
        for start, end in zip(run[:-1], run[1:], strict=True)
    ]
    return library.CrossSection.batch_boolean(hulls, library.OpType.Add)
