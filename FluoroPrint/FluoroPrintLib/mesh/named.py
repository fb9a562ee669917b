"""A surface with a name and a colour: all that a scene or a file needs of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from vtkmodules.vtkCommonDataModel import vtkPolyData

Colour = tuple[float, float, float]
"""Red, green, blue, 0 to 1."""


class NamedSurface(Protocol):
    """What can be added to a scene or written to a file.

    A scene also keeps `check` (MeshCheck) and `deviation` (Deviation) where there are such attributes.
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


@dataclass(frozen=True)
class NamedModel:
    """The least that is a `NamedSurface`.

    Attributes
    ----------
    name, colour, surface : as `NamedSurface` says
    """

    name: str
    colour: Colour
    surface: vtkPolyData
