"""A surface with a name and a colour: all that a scene or a file needs of a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from vtkmodules.vtkCommonDataModel import vtkPolyData

Colour = tuple[float, float, float]
"""Red, green, blue, 0 to 1."""


class NamedSurface(Protocol):
    """What can be added to a scene or written to a file.

    A scene also keeps `check` (MeshCheck) and `deviation` (Deviation) where there are such attributes; files
    and scenes keep `warnings`, sentences by a word each; 3MF and scenes `material`, its name.
    """

    @property
    def name(self) -> str:
        """What the user reads."""

    @property
    def colour(self) -> Colour:
        """Red, green, blue, 0 to 1."""

    @property
    def surface(self) -> vtkPolyData:
        """Triangles in RAS mm, facing outward."""


def warnings_of(models: Iterable[NamedSurface]) -> tuple[str, ...]:
    """Return the sentences that must stay with models, "MIRRORED ...", each once; `warnings` holds them."""
    found = [sentence for model in models for sentence in getattr(model, "warnings", {}).values()]
    return tuple(dict.fromkeys(found))


def material_of(model: NamedSurface) -> str:
    """Return the name of a model's own material; empty where it has none."""
    return str(getattr(model, "material", ""))


@dataclass(frozen=True)
class NamedModel:
    """The least that is a `NamedSurface`.

    Attributes
    ----------
    name, colour, surface : as `NamedSurface` says
    warnings : sentences that must stay with it, by a word each
    material : name of its own material, "Flexible resin"; empty for none
    """

    name: str
    colour: Colour
    surface: vtkPolyData
    warnings: Mapping[str, str] = field(default_factory=dict)
    material: str = ""
