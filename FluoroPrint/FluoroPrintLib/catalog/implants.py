"""The implants and tools to choose from: the shipped ones, and those of a file of the user's.

The shipped families are data (implants.json, described by implants.schema.json; the screws' sizes stand in
screws.json). A user's file has the same form. An entry of it may name a `shape`, a closed model beside the
file, with its `units`; it then needs no dimensions. Its axes are the model file's own, as they stand there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import FluoroPrintError
from ..planning.implants import ImplantFamily
from .schema import faults_of
from .screws import screw_families

IN_MM: Mapping[str, float] = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "inch": 25.4}
SMALLEST_MM, LARGEST_MM = 0.5, 600.0
OWN = "own"


def implant_families(path: Path | None = None) -> tuple[ImplantFamily, ...]:
    """Return the shipped families, or those of a user's file and then the shipped ones.

    A family of the file with a shipped id stands in for the shipped one.

    Raises
    ------
    FluoroPrintError
        The file cannot be read, does not fit the schema, or a shape in it is no closed model.
    """
    shipped = (*_families(Path(__file__).parent / "implants.json"), *_screws())
    if path is None:
        return shipped
    own = _families(path)
    taken = {family.id for family in own}
    return (*own, *(family for family in shipped if family.id not in taken))


def implant_family(name: str, families: tuple[ImplantFamily, ...] | None = None) -> ImplantFamily:
    """Return the family with the id `name`; FluoroPrintError where there is none."""
    known = implant_families() if families is None else families
    for family in known:
        if family.id == name:
            return family
    raise FluoroPrintError(
        f"There is no family of implants {name}: choose one of {', '.join(family.id for family in known)}."
    )


def _screws() -> tuple[ImplantFamily, ...]:
    """Return the families of screws.json as implants."""
    return tuple(
        ImplantFamily(
            f"screw-{screws.id}",
            screws.title,
            "screw",
            {"diameter_mm": screws.diameters_mm, "length_mm": screws.lengths_mm},
            screws.sources,
        )
        for screws in screw_families()
    )


def _families(path: Path) -> tuple[ImplantFamily, ...]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise FluoroPrintError(f"{path} cannot be read as JSON: {str(error).rstrip('.')}.") from error
    schema = json.loads((Path(__file__).parent / "implants.schema.json").read_text(encoding="utf-8"))
    fault = next(faults_of(found, schema), None) or _fault_of_ids(found["implants"])
    if fault is not None:
        raise FluoroPrintError(f"{path} cannot be used: {fault}.")
    return tuple(_family(entry, path) for entry in found["implants"])


def _fault_of_ids(entries: list[dict[str, Any]]) -> str | None:
    ids = [entry["id"] for entry in entries]
    twice = next((name for name in ids if ids.count(name) > 1), None)
    return twice and f"two implants are called {twice}"


def _family(entry: Mapping[str, Any], path: Path) -> ImplantFamily:
    dimensions = {
        name: tuple(sorted(map(float, sizes))) for name, sizes in entry.get("dimensions", {}).items()
    }
    shape = _shape(entry, path) if "shape" in entry else None
    if shape is None:
        _refuse_undrawable(entry, path)
    return ImplantFamily(entry["id"], entry["title"], entry["kind"], dimensions, entry["sources"], shape)


def _refuse_undrawable(entry: Mapping[str, Any], path: Path) -> None:
    from ..planning.implant_shapes import kinds

    if entry["kind"] == OWN:
        raise FluoroPrintError(
            f'{path}: {entry["id"]} has no shape: name a model beside the file as "shape".'
        )
    needed, given = kinds()[entry["kind"]].dimensions, entry.get("dimensions", {})
    missing = [name for name in needed if name not in given]
    unknown = [name for name in given if name not in needed]
    if missing or unknown:
        fault = f"lacks {', '.join(missing)}" if missing else f"has {', '.join(unknown)}, which is unknown"
        raise FluoroPrintError(f"{path}: {entry['id']} {fault}: a {entry['kind']} takes {', '.join(needed)}.")


def _shape(entry: Mapping[str, Any], path: Path) -> Any:
    """Return a user's shape in mm, in the axes of its file."""
    from ..files.mesh_formats import LPS_RAS, SPACE, read_mesh_and_words
    from ..mesh.polydata import points_of, with_points

    where = f"{path}: {entry['id']}"
    if "units" not in entry:
        raise FluoroPrintError(f'{where} does not say its units: add "units": "mm", "cm", "m" or "inch".')
    surface, said = read_mesh_and_words(path.parent / entry["shape"])
    own_axes = 1.0 if "SPACE=RAS" in said and SPACE not in said else LPS_RAS
    shape = with_points(surface, points_of(surface) * own_axes * IN_MM[entry["units"]])
    _refuse_unsound(shape, f"{where}, {entry['shape']},")
    return shape


def _refuse_unsound(shape: Any, name: str) -> None:
    """Refuse a shape that is not closed, inside out, or of no implant's size."""
    import numpy as np

    from ..mesh.polydata import points_of, signed_volume_mm3, triangles_of, welded
    from ..mesh.topology import edges_of

    points, faces = welded(points_of(shape), triangles_of(shape))
    edges = edges_of(faces)
    faulty = int(((edges.count != 2) | edges.is_mis_oriented).sum())
    if faulty:
        raise FluoroPrintError(f"{name} is not closed ({faulty} faulty edges): repair it first.")
    if signed_volume_mm3(points, faces) <= 0:
        raise FluoroPrintError(f"{name} is inside out: repair it first.")
    longest = float(np.ptp(points, axis=0).max())
    if not SMALLEST_MM <= longest <= LARGEST_MM:
        raise FluoroPrintError(
            f"{name} is {longest:.3g} mm long, no implant's size: check the units that the file states."
        )
