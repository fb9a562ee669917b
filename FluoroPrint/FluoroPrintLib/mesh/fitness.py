"""What the check of a mesh means for a print: a row for each check, and one line that sums them up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from .check import LARGEST_MODEL_MM, SMALLEST_MODEL_MM, MeshCheck

MANY_TRIANGLES = 2_000_000
THIN_SPACE = "\u202f"
_SINGULAR = {
    "edges": "edge",
    "shells": "shell",
    "faces": "face",
    "points": "point",
    "pieces": "piece",
    "cavities": "cavity",
    "triangles": "triangle",
}
_REPAIR = "Repair the model, or make it anew from its segmentation."


class Level(IntEnum):
    """How a check came out; the higher, the worse."""

    UNKNOWN = -1
    GOOD = 0
    LOOK = 1
    STOP = 2


@dataclass(frozen=True)
class FitnessRow:
    """One check as a person reads it.

    Attributes
    ----------
    title : what was looked at
    found : the figure, with its unit
    level : good, to be looked at, will not print, or not known yet
    meaning : what it means and what to do, a sentence or two
    """

    title: str
    found: str
    level: Level
    meaning: str


_COUNTED = (
    (
        "open_edges",
        "Open edges",
        Level.STOP,
        f"Borders of holes: inside and outside are not defined there. {_REPAIR}",
    ),
    (
        "non_manifold_edges",
        "Edges of 3 or more faces",
        Level.STOP,
        f"Sheets of surface meet there, so a slicing program guesses what is solid. {_REPAIR}",
    ),
    (
        "mis_oriented_edges",
        "Faces turned apart",
        Level.STOP,
        f"The two faces disagree about which side is out. {_REPAIR}",
    ),
    (
        "inverted_shells",
        "Shells inside out",
        Level.STOP,
        f"A solid faces inward or a cavity outward: it would print as its opposite. {_REPAIR}",
    ),
    (
        "self_intersecting_faces",
        "Faces that cut each other",
        Level.LOOK,
        "Parts of the surface run through each other: gaps or doubled walls may be printed there. "
        "Repair unites pieces that overlap; a piece that cuts itself needs a mesh editor or a new model.",
    ),
    (
        "non_manifold_points",
        "Points that touch",
        Level.LOOK,
        "Two parts hang together by a single point and will break there. Repair takes them apart.",
    ),
    (
        "duplicate_faces",
        "Repeated faces",
        Level.LOOK,
        "The same face is there more than once. Repair removes the others.",
    ),
    (
        "degenerate_faces",
        "Faces without area",
        Level.LOOK,
        "They bound nothing and upset some programs. Repair removes them.",
    ),
)


def fitness_rows(check: MeshCheck) -> tuple[FitnessRow, ...]:
    """Return a row for each check, in the order in which they matter."""
    return (
        _watertight(check),
        *(_counted(check, *told) for told in _COUNTED),
        _pieces(check),
        _cavities(check),
        _volume(check),
        _size(check),
        _triangles(check),
    )


def level_of(check: MeshCheck) -> Level:
    """Return the worst level of all rows."""
    return max(row.level for row in fitness_rows(check))


def verdict_of(check: MeshCheck) -> str:
    """Return one line: whether the mesh prints, and what stands out."""
    rows = fitness_rows(check)
    worst = max(row.level for row in rows)
    if check.triangles == 0:
        return "Will not print: there are no faces."
    said = "; ".join(_said(row) for row in rows[1:] if row.level == worst)
    if worst == Level.STOP:
        return f"Will not print: {said}."
    good = f"Prints: watertight, {_count(check.pieces, 'piece')}"
    return f"{good}." if worst == Level.GOOD else f"{good}. To look at: {said}."


def grouped(count: int) -> str:
    """Return a count in groups of three digits, parted by thin spaces."""
    return f"{count:,}".replace(",", THIN_SPACE)


def _said(row: FitnessRow) -> str:
    """What a row says within a sentence: "84 open edges", "size 2000 × 30.0 × 30.0 mm"."""
    title = row.title[0].lower() + row.title[1:]
    if not row.found.replace(THIN_SPACE, "").isdigit():
        return f"{title} {row.found}"
    return f"1 {_singular(title)}" if row.found == "1" else f"{row.found} {title}"


def _singular(title: str) -> str:
    plural = next(word for word in title.split() if word in _SINGULAR)
    return title.replace(plural, _SINGULAR[plural], 1)


def _count(number: int, thing: str) -> str:
    return f"one {thing}" if number == 1 else f"{grouped(number)} {thing}s"


def _watertight(check: MeshCheck) -> FitnessRow:
    meaning = (
        "Every edge has exactly two faces that agree about the outside: the surface bounds a solid."
        if check.is_watertight
        else f"The surface bounds no solid; the rows below say why. {_REPAIR}"
    )
    level = Level.GOOD if check.is_watertight else Level.STOP
    return FitnessRow("Watertight", "yes" if check.is_watertight else "no", level, meaning)


def _counted(check: MeshCheck, name: str, title: str, level: Level, meaning: str) -> FitnessRow:
    count = int(getattr(check, name))
    return FitnessRow(
        title, grouped(count), level if count else Level.GOOD, meaning if count else "None: good."
    )


def _pieces(check: MeshCheck) -> FitnessRow:
    if check.pieces <= 1:
        return FitnessRow("Pieces", grouped(check.pieces), Level.GOOD, "All hangs together.")
    meaning = (
        "They come off the printer apart, and loose parts may be lost. Remove small ones by Repair, "
        "or join them in the segmentation."
    )
    return FitnessRow("Pieces", grouped(check.pieces), Level.LOOK, meaning)


def _cavities(check: MeshCheck) -> FitnessRow:
    if not check.is_watertight:
        return FitnessRow("Closed cavities", "–", Level.UNKNOWN, "Counted once the surface is closed.")
    if check.cavities == 0:
        return FitnessRow("Closed cavities", "0", Level.GOOD, "None: good.")
    meaning = (
        "Hollows without a way out: resin, powder or support stays in them. Fill them (smallest piece of "
        "Repair, smallest cavity of the model) or drill a drain."
    )
    return FitnessRow("Closed cavities", grouped(check.cavities), Level.LOOK, meaning)


def _volume(check: MeshCheck) -> FitnessRow:
    if not check.is_watertight:
        return FitnessRow("Volume", "–", Level.UNKNOWN, "Known once the surface is closed.")
    found = f"{check.volume_mm3 / 1000:.4g} ml"
    if check.volume_mm3 <= 0:
        return FitnessRow("Volume", found, Level.STOP, f"The surface encloses no volume. {_REPAIR}")
    return FitnessRow("Volume", found, Level.GOOD, "Of solid material, cavities left out.")


def _edge(edge_mm: float) -> str:
    if edge_mm < 10:
        return f"{edge_mm:.3g}"
    return f"{edge_mm:.1f}" if edge_mm < 100 else f"{edge_mm:.0f}"


def _size(check: MeshCheck) -> FitnessRow:
    size, longest = check.size_mm, max(check.size_mm)
    found = " × ".join(_edge(edge) for edge in size) + " mm"
    if 0 < longest < SMALLEST_MODEL_MM:
        meaning = (
            f"Shorter than {SMALLEST_MODEL_MM:g} mm: its numbers are probably metres. "
            "Repair with scale 1000 makes them millimetres."
        )
        return FitnessRow("Size", found, Level.LOOK, meaning)
    if longest > LARGEST_MODEL_MM:
        meaning = (
            f"Longer than {LARGEST_MODEL_MM:g} mm, which no bone is: check the unit (Repair can scale it) "
            "and whether it is one model."
        )
        return FitnessRow("Size", found, Level.LOOK, meaning)
    return FitnessRow("Size", found, Level.GOOD, "Right-left, front-back, up-down, in the patient's axes.")


def _triangles(check: MeshCheck) -> FitnessRow:
    found = grouped(check.triangles)
    if check.triangles == 0:
        return FitnessRow("Triangles", found, Level.STOP, "There is nothing to print: choose another model.")
    if check.triangles > MANY_TRIANGLES:
        meaning = "So many slow down slicing programs. Make the model anew with more under Simplify within."
        return FitnessRow("Triangles", found, Level.LOOK, meaning)
    return FitnessRow("Triangles", found, Level.GOOD, "A number that slicing programs take easily.")
