"""The sheet's sections to be filled in by hand, and what is told of cleaning."""

from __future__ import annotations

from ..printing.machines import STERILISATIONS, Material
from .markup import Markup, element, facts, joined, section, table
from .print_record import NOT_GIVEN, PrintRecord

_LINE = Markup("&nbsp;")
_STEPS = (
    "Segmentation",
    "Model preparation",
    "Print set-up and printing",
    "Post-processing",
    "Quality check",
)
_ROLES = ("Radiologist", "Surgeon", "Engineer", "Technologist")
_SIGNED = ("Segmentation", "Model against images", "Print against model", "Release")


def cleaning_section(material: Material) -> Markup:
    """Return what the catalogue tells of a material's cleaning and sterilisation, with the source."""
    source = next((text for name, text in material.sources.items() if "sterilisation" in name), None)
    rows = {words: _stands(material.sterilisation.get(key)) for key, words in STERILISATIONS.items()}
    told = facts({**rows, "Source": source or "none in the catalogue"})
    note = (
        "Cleaning is not told in the catalogue: follow the makers of material and steriliser. That a "
        "material stands a method says nothing of whether this part becomes sterile by it, or may touch "
        "a patient."
    )
    title = f"Cleaning and sterilisation: {material.title}"
    return _kept(section(title, told, element("p", note, class_="note")))


def _stands(answer: bool | None) -> str:
    return "not known" if answer is None else "stands it" if answer else "does not stand it"


def registry_section(record: PrintRecord) -> Markup:
    """Return the facts that the ACR-RSNA registry of 3D printing asks for, and its blanks."""
    wanted = record.wanted
    side = _LINE if wanted.laterality == NOT_GIVEN else wanted.laterality
    asked = {
        "Region": wanted.region or _LINE,
        "Structure": wanted.structure or _LINE,
        "Laterality": side,
        "Scale": record.scale_words,
    }
    made = {
        "Printer": record.printer.title,
        "Technology": f"{record.printer.technology} (ISO/ASTM 52900)",
        "Material": ", ".join(material.title for material in record.materials),
    }
    known = element("div", joined([facts(asked), facts(made)]), class_="pair")
    effort = [(step, *[_LINE] * len(_ROLES)) for step in _STEPS]
    return _kept(
        section(
            "Registry (ACR-RSNA 3D printing)",
            known,
            element("h3", "Effort in minutes"),
            table(("Step", *_ROLES), effort, "blanks"),
        )
    )


def signing_section() -> Markup:
    """Return lines to sign: who checked what, and when."""
    heads = ("Checked", "Role", "Name", "Date", "Signature")
    rows = [(what, *[_LINE] * 4) for what in _SIGNED] + [[_LINE] * 5]
    return _kept(section("Checked by", table(heads, rows, "blanks")))


def files_section(record: PrintRecord) -> Markup:
    """Return the package's files with their SHA-256."""
    rows = [(file.name, f"{file.bytes:,}", file.sha256) for file in record.files]
    note = "SHA256SUMS beside this sheet holds these and the sheet's own: sha256sum -c SHA256SUMS checks all."
    return section(
        "Files", table(("File", "Bytes", "SHA-256"), rows, "hash"), element("p", note, class_="note")
    )


def _kept(content: Markup) -> Markup:
    """Keep a section on one page."""
    return Markup(content.replace("<section>", '<section class="keep">', 1))


def footer(record: PrintRecord) -> Markup:
    """Return the last line: what made the sheet."""
    known = [(name, version) for name, version in record.software.items() if name != "platform"]
    software = ", ".join(f"{name} {version}" for name, version in known)
    return joined([element("footer", f"Made {record.created.replace('T', ' ')}. {software}")])
