"""The sheet's sections to be filled in by hand, and what is told of cleaning."""

from __future__ import annotations

from ..printing.machines import STERILISATIONS, Material
from ..printing.sheet_parameters import NOT_GIVEN
from .markup import Markup, element, facts, joined, section, table
from .print_record import PrintRecord

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
    rows = {words: _stands(material, key) for key, words in STERILISATIONS.items()}
    heat = material.heat_deflection_c
    told = facts(
        {
            "After the print": material.cleaning or "not told in the catalogue",
            "Bends under load from": "not known" if heat is None else f"{heat:g} °C (0.45 MPa)",
            **rows,
            **_sources(material),
        }
    )
    note = (
        "Follow the makers of printer, material and steriliser above all. That a material stands a method "
        "says nothing of whether this part becomes sterile by it, keeps its size, or may touch a patient."
    )
    title = f"Cleaning and sterilisation: {material.title}"
    return _kept(section(title, told, element("p", note, class_="note")))


def _stands(material: Material, method: str) -> str:
    answer, heat = material.sterilisation.get(method), material.heat_words(method)
    told = "not known" if answer is None else "stands it" if answer else "does not stand it"
    return f"{told}; {heat}" if heat else told


def _sources(material: Material) -> dict[str, str]:
    """Return where cleaning, heat and sterilisation come from."""
    named = {"Cleaning": "cleaning", "Heat": "heat_deflection_c", "Sterilisation": "sterilisation"}
    found = {f"{title}: source": material.source_of(name) for title, name in named.items()}
    return {title: text for title, text in found.items() if text} or {"Source": "none in the catalogue"}


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
