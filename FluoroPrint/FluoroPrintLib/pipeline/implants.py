"""The command that lists the implants and tools of the catalogue."""

from __future__ import annotations

import argparse

from ..progress import Progress


def list_implants(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Return the families of implants and tools with their sizes, a user's own before the shipped ones."""
    from ..catalog.implants import implant_families

    progress(0.5, "Reading the catalogue")
    families = implant_families(arguments.input)
    lines = []
    for family in families:
        sizes = "; ".join(f"{name} {_range(values)}" for name, values in family.dimensions.items())
        lines.append(f"{family.id}  {family.title}  ({family.kind})  {sizes or 'a shape of its own'}")
    return lines


def _range(values: tuple[float, ...]) -> str:
    return f"{values[0]:g}" if len(values) == 1 else f"{values[0]:g} to {values[-1]:g}, {len(values)} sizes"
