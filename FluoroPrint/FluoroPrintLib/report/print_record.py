"""What is known of a print: the facts behind its sheet, for people in HTML and for programs in JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ..errors import FluoroPrintError
from ..mesh.check import MeshCheck
from ..mesh.fitness import Level
from ..printing.caliper import CaliperDistance
from ..printing.estimates import Estimate, Share
from ..printing.findings import Finding
from ..printing.machines import Material, Printer
from ..printing.settings import PrintSettings, layer_of
from ..printing.sheet_parameters import NOT_GIVEN, SheetParameters
from ..printing.slicers import Sliced
from .case import INTENDED_USE, FileRecord, local_time, software_versions

SCHEMA_VERSION = 1
KIND = "FluoroPrint print sheet"
_LEVELS = {Level.STOP: "fault", Level.LOOK: "note"}


class KnownDeviation(Protocol):
    """How far a model lies from the segmentation that it was made of."""

    @property
    def mean_mm(self) -> float:
        """Mean distance."""

    @property
    def p95_mm(self) -> float:
        """95 % of the distances are at most this."""

    @property
    def max_mm(self) -> float:
        """Largest distance."""


@dataclass(frozen=True)
class PartFacts:
    """A part of a print.

    Attributes
    ----------
    name : of the part
    plate : number of its plate, from 1
    check : of its surface as it lies on the bed
    size_mm : its bounding box in the patient's axes: right-left, front-back, up-down
    findings : what was found in it
    warnings : sentences that must stay with it: mirrored, scaled
    deviation : from the segmentation, None where that is not known
    caliper : distances to measure on the print
    material : what it is printed of
    """

    name: str
    plate: int
    check: MeshCheck
    size_mm: tuple[float, float, float]
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...]
    deviation: KnownDeviation | None
    caliper: tuple[CaliperDistance, ...]
    material: str = ""


@dataclass(frozen=True)
class PlateFacts:
    """A plate: its file, what it takes as estimated, and as a slicing program says."""

    file: str
    estimate: Estimate
    sliced: Sliced | None = None

    @property
    def materials(self) -> tuple[Material, ...]:
        """What its parts are printed of."""
        return tuple(share.material for share in self.estimate.shares)


@dataclass(frozen=True)
class PrintRecord:
    """All that is known of a print.

    Attributes
    ----------
    wanted : what the user said of the case
    printer, material, settings : what it was prepared for; parts may have materials of their own
    parts, plates : in their order
    findings : what holds for all parts
    files : of the package, those that were written before this record
    is_scale_known : the parts come from a segmentation here, so that only their warnings change their scale
    """

    wanted: SheetParameters
    printer: Printer
    material: Material
    settings: PrintSettings
    parts: tuple[PartFacts, ...]
    plates: tuple[PlateFacts, ...]
    findings: tuple[Finding, ...]
    files: tuple[FileRecord, ...]
    is_scale_known: bool
    created: str = field(default_factory=local_time)
    software: Mapping[str, str] = field(default_factory=software_versions)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings of all parts, each once."""
        return tuple(dict.fromkeys(sentence for part in self.parts for sentence in part.warnings))

    @property
    def materials(self) -> tuple[Material, ...]:
        """The materials of all plates, each once."""
        found = {material.id: material for plate in self.plates for material in plate.materials}
        return tuple(found.values())

    @property
    def scale_words(self) -> str:
        """How large the parts are, as far as that is known."""
        scaled = [sentence for sentence in self.warnings if sentence.startswith("Scaled")]
        if scaled:
            return " ".join(scaled)
        if self.is_scale_known:
            return "100 % of the patient's size"
        return "100 % of what was given, which tells of no other scale"


def sliced_mass_g(plate: PlateFacts) -> float | None:
    """Return the mass that slicing tells; None where it was not sliced or the density is not known."""
    if plate.sliced is None or not plate.materials or plate.materials[0].density_g_cm3 is None:
        return None
    return plate.sliced.volume_ml * plate.materials[0].density_g_cm3


def record_facts(record: PrintRecord) -> dict[str, Any]:
    """Return a record as JSON types: what stands in sheet.json; what is not known is null."""
    wanted, settings = record.wanted, dataclasses.asdict(record.settings)
    settings["layer_mm"] = layer_of(record.printer, record.settings)
    return {
        "kind": KIND,
        "schema": SCHEMA_VERSION,
        "created": record.created,
        "software": dict(record.software),
        "intended_use": INTENDED_USE,
        "case": wanted.case,
        "registry": _registry(record),
        "warnings": list(record.warnings),
        "printer": _machine(record.printer),
        "material": _machine(record.material),
        "materials": [_machine(material) for material in record.materials],
        "settings": settings,
        "tolerance_mm": wanted.tolerance_mm,
        "parts": [_part(part) for part in record.parts],
        "plates": [_plate(plate) for plate in record.plates],
        "findings": [_finding(found) for found in record.findings],
        "files": [dataclasses.asdict(file) for file in record.files],
    }


def _registry(record: PrintRecord) -> dict[str, Any]:
    wanted = record.wanted
    return {
        "region": wanted.region or None,
        "structure": wanted.structure or None,
        "laterality": None if wanted.laterality == NOT_GIVEN else wanted.laterality,
        "printer": record.printer.title,
        "technology": record.printer.technology,
        "scale": record.scale_words,
        "material": ", ".join(material.title for material in record.materials),
    }


def _machine(machine: Printer | Material) -> dict[str, Any]:
    facts = {each.name: getattr(machine, each.name) for each in dataclasses.fields(machine)}
    return {name: _plain(value) for name, value in facts.items()}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return dict(value) if isinstance(value, Mapping) else value


def _part(part: PartFacts) -> dict[str, Any]:
    check, apart = part.check, part.deviation
    return {
        "name": part.name,
        "material": part.material,
        "plate": part.plate,
        "size_mm": [round(edge, 3) for edge in part.size_mm],
        "volume_mm3": round(check.volume_mm3, 2),
        "area_mm2": round(check.area_mm2, 2),
        "triangles": check.triangles,
        "pieces": check.pieces,
        "watertight": check.is_watertight,
        "fit_to_print": check.is_printable,
        "warnings": list(part.warnings),
        "findings": [_finding(found) for found in part.findings],
        "deviation": None if apart is None else _deviation(apart),
        "caliper": [dataclasses.asdict(distance) for distance in part.caliper],
    }


def _deviation(apart: KnownDeviation) -> dict[str, float]:
    return {name: round(getattr(apart, name), 4) for name in ("mean_mm", "p95_mm", "max_mm")}


def _finding(found: Finding) -> dict[str, str]:
    return {"level": _LEVELS[found.level], "text": found.text}


def _plate(plate: PlateFacts) -> dict[str, Any]:
    sliced = plate.sliced
    told = None
    if sliced is not None:
        told = {
            "program": sliced.program,
            "file": sliced.path.name,
            "seconds": sliced.seconds,
            "material_ml": sliced.volume_ml,
            "mass_g": sliced_mass_g(plate),
        }
    estimate = dataclasses.asdict(dataclasses.replace(plate.estimate, shares=()))
    shares = [_share(share) for share in plate.estimate.shares]
    return {"file": plate.file, "estimate": {**estimate, "shares": shares}, "sliced": told}


def _share(share: Share) -> dict[str, Any]:
    figures = {name: getattr(share, name) for name in ("material_ml", "mass_g", "cost")}
    return {"material": share.material.id, **figures}


def write_facts(record: PrintRecord, path: Path) -> None:
    """Write a record as JSON."""
    text = json.dumps(record_facts(record), indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def read_facts(path: Path) -> dict[str, Any]:
    """Return what stands in a sheet.json, or in what the sheet's form saved of it.

    Raises
    ------
    FluoroPrintError
        The file cannot be read, is neither, or is of a later version.
    """
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if facts["kind"] != KIND or not all(part["caliper"] and part["name"] for part in facts["parts"]):
            raise ValueError("it holds no distances")
    except OSError as error:
        raise FluoroPrintError(f"{path} could not be read: check the name.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise FluoroPrintError(f"{path} is no print sheet: choose a sheet.json.") from error
    if facts.get("schema") != SCHEMA_VERSION:
        raise FluoroPrintError(f"{path} is of another version of FluoroPrint: update FluoroPrint.")
    return facts
