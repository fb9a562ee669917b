"""The printers and materials to choose from: the shipped ones, and those of a folder of the user's.

The figures are data (printers.json and materials.json, described by the schemas beside them), each with its
source. A user's folder may hold files of the same names: an entry with a new id is added, one with a known id
changes the fields that it gives and keeps the others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import FluoroPrintError
from ..printing.machines import Cost, Material, Printer
from .schema import faults_of

PRINTERS, MATERIALS = "printers", "materials"
Entries = list[dict[str, Any]]
_ID = {"id": {"type": "string"}}


@dataclass(frozen=True)
class Catalogue:
    """What can be chosen, in the order of the files."""

    printers: tuple[Printer, ...]
    materials: tuple[Material, ...]

    def printer(self, name: str) -> Printer:
        """Return the printer with the id `name`; FluoroPrintError where there is none."""
        for printer in self.printers:
            if printer.id == name:
                return printer
        known = ", ".join(printer.id for printer in self.printers)
        raise FluoroPrintError(f"There is no printer {name}: choose one of {known}.")

    def material(self, name: str) -> Material:
        """Return the material with the id `name`; FluoroPrintError where there is none."""
        for material in self.materials:
            if material.id == name:
                return material
        known = ", ".join(material.id for material in self.materials)
        raise FluoroPrintError(f"There is no material {name}: choose one of {known}.")


def read_catalogue(folder: Path | None = None) -> Catalogue:
    """Return the shipped printers and materials, with those of a folder.

    Parameters
    ----------
    folder : holds printers.json, materials.json or both, as the schemas beside this file say

    Raises
    ------
    FluoroPrintError
        The folder holds neither, or a file does not fit its schema.
    """
    if folder is not None and not any((folder / f"{kind}.json").is_file() for kind in (PRINTERS, MATERIALS)):
        raise FluoroPrintError(
            f"{folder} holds no {PRINTERS}.json and no {MATERIALS}.json: choose the folder that does."
        )
    printers, materials = (_merged(kind, folder) for kind in (PRINTERS, MATERIALS))
    return Catalogue(
        tuple(Printer(**_with_tuples(entry)) for entry in printers),
        tuple(_material(entry) for entry in materials),
    )


def _merged(kind: str, folder: Path | None) -> Entries:
    here = Path(__file__).parent
    entries = _entries(here / f"{kind}.json", kind)
    path = folder / f"{kind}.json" if folder is not None else None
    if path is None or not path.is_file():
        return entries
    by_id = {entry["id"]: entry for entry in entries}
    for entry in _entries(path, kind):
        by_id[entry["id"]] = by_id.get(entry["id"], {"sources": {}}) | entry
    merged = list(by_id.values())
    schema = json.loads((here / f"{kind}.schema.json").read_text(encoding="utf-8"))
    _refuse_faulty(path, {kind: merged}, schema, merged)
    return merged


def _entries(path: Path, kind: str) -> Entries:
    """Return the entries of a file, of which nothing but an id each is certain."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise FluoroPrintError(f"{path} cannot be read as JSON: {str(error).rstrip('.')}.") from error
    entries = {"type": "array", "items": {"type": "object", "required": ["id"], "properties": _ID}}
    shape = {"type": "object", "required": [kind], "properties": {kind: entries}}
    _refuse_faulty(path, found, shape, [])
    read: Entries = found[kind]
    return read


def _refuse_faulty(path: Path, found: Any, schema: Mapping[str, Any], entries: Entries) -> None:
    fault = next(faults_of(found, schema), None)
    if fault is not None:
        raise FluoroPrintError(f"{path} cannot be used: {_named(fault, entries)}.")


def _named(fault: str, entries: Entries) -> str:
    """Name an entry by its id: merged files count otherwise than the user's."""
    for index, entry in enumerate(entries):
        for kind in (PRINTERS, MATERIALS):
            fault = fault.replace(f"{kind}[{index}].", f"{entry['id']}: ")
    return fault


def _material(entry: Mapping[str, Any]) -> Material:
    cost = {"cost": Cost(**entry["cost"])} if "cost" in entry else {}
    return Material(**_with_tuples(entry) | cost)


def _with_tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
