"""Materials and colours of single models, as words of the command line give them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import FluoroPrintError

if TYPE_CHECKING:
    from ..catalog.machines import Catalogue
    from ..mesh.named import Colour
    from ..printing.machines import Material

KIND_COLOURS: Mapping[str, Colour] = {
    "rigid": (0.89, 0.85, 0.75),
    "flexible": (0.78, 0.25, 0.22),
    "clear": (0.70, 0.85, 0.95),
    "biocompatible": (0.55, 0.75, 0.60),
}
"""Colours of models that have none, by the kind of their material."""


def dressed(
    models: Sequence[Any], materials: Sequence[str], catalogue: Catalogue, colours: Sequence[str] = ()
) -> list[Any]:
    """Return models with the materials and colours that were given for them by name.

    A model of a file without colours gets that of its material's kind.

    Parameters
    ----------
    models : dataclasses with the fields of `NamedModel`, of different names
    materials : words such as "bone=pla": a model's name and the id or title of a material
    catalogue : holds the materials
    colours : words such as "bone=#E3D9BF"

    Raises
    ------
    FluoroPrintError
        There is no such model or material, or a word is no such pair.
    """
    names = [model.name for model in models]
    chosen = {name: _material(word, catalogue) for name, word in _pairs(materials, names).items()}
    given = {name: _colour(word) for name, word in _pairs(colours, names).items()}
    return [_dressed(model, chosen.get(model.name), given.get(model.name), catalogue) for model in models]


def _dressed(model: Any, material: Material | None, colour: Colour | None, catalogue: Catalogue) -> Any:
    from ..files.plates import GREY
    from ..printing.machines import material_called

    found = material or material_called(model.material, catalogue.materials)
    kind = found.kind if found is not None else ""
    shown = colour or (KIND_COLOURS.get(kind, GREY) if model.colour == GREY else model.colour)
    return replace(model, material=found.title if found is not None else model.material, colour=shown)


def _pairs(words: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Return what is given for each model by its name; names may hold the sign between both."""
    found: dict[str, str] = {}
    for word in words:
        name, sign, value = word.rpartition("=")
        if not sign:
            raise FluoroPrintError(f'"{word}" gives nothing to a model: write NAME=..., such as bone=pla.')
        if name not in names:
            raise FluoroPrintError(f'There is no model "{name}": choose one of {", ".join(names)}.')
        found[name] = value
    return found


def _material(word: str, catalogue: Catalogue) -> Material:
    from ..printing.machines import material_called

    return material_called(word, catalogue.materials) or catalogue.material(word)


def _colour(word: str) -> Colour:
    if not re.fullmatch("#?[0-9A-Fa-f]{6}", word):
        raise FluoroPrintError(f'"{word}" is no colour: write it as #RRGGBB, such as #E3D9BF.')
    red, green, blue = (int(word[-6:][first : first + 2], 16) / 255 for first in (0, 2, 4))
    return red, green, blue
