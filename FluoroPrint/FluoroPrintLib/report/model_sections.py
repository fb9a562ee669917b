"""The report's sections on models: 3D pictures, mesh checks, dimensions, deviations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from ..arrays import AnyArray
from ..mesh.check import MeshCheck
from ..mesh.deviation import rounded_up
from ..progress import Progress, silent
from .colours import hex_colour, mapped_colours
from .markup import Markup, colour_legend, element, figure, joined, row, section, table
from .surfaces import ANTERIOR, LEFT, POSTERIOR, SUPERIOR, mesh_of, scene_extent_mm, surface_picture

VIEWS = (ANTERIOR, LEFT, POSTERIOR, SUPERIOR)
DEVIATION_VIEWS = (ANTERIOR, LEFT, POSTERIOR)
_MAP_PERCENTILE = 99.0
_CHECKS = (
    ("open_edges", "Open edges (holes)"),
    ("non_manifold_edges", "Edges of more than two faces"),
    ("non_manifold_points", "Points where the surface touches itself"),
    ("mis_oriented_edges", "Edges whose faces disagree about outside"),
    ("duplicate_faces", "Repeated faces"),
    ("degenerate_faces", "Faces without area"),
    ("self_intersecting_faces", "Faces that cut another"),
    ("inverted_shells", "Shells turned inside out"),
)


class ReportedDeviation(Protocol):
    """Distances from a model to its segmentation."""

    @property
    def mean_mm(self) -> float:
        """Mean of the distances."""

    @property
    def p95_mm(self) -> float:
        """95 % of the distances are at most this."""

    @property
    def max_mm(self) -> float:
        """Largest distance."""

    @property
    def at_points_mm(self) -> AnyArray | None:
        """Distance at each point of the model, of either sign, where known."""


class ReportedModel(Protocol):
    """What the report needs to know of a model."""

    @property
    def name(self) -> str:
        """What the user reads."""

    @property
    def colour(self) -> tuple[float, float, float]:
        """Red, green, blue, 0 to 1."""

    @property
    def surface(self) -> Any:
        """Closed surface in RAS mm: vtkPolyData."""

    @property
    def check(self) -> MeshCheck | None:
        """What was found in the mesh."""

    @property
    def deviation(self) -> ReportedDeviation | None:
        """Distances to the segmentation."""


def views_section(models: Sequence[ReportedModel], progress: Progress = silent) -> Markup:
    """Return shaded pictures of all models from four sides, on one scale."""
    shown = [mesh_of(model.surface, model.colour) for model in models if _has_faces(model)]
    if not shown:
        return Markup("")
    extent = scene_extent_mm(shown)
    figures = []
    for index, view in enumerate(VIEWS):
        progress(index / len(VIEWS), f"Drawing the {view.name} view")
        figures.append(figure(surface_picture(shown, view, extent_mm=extent), "on-light"))
    key = joined(element("span", name_of(model)) for model in models)
    return section(
        "Models", element("div", joined(figures), class_="row four"), element("p", key, class_="note key")
    )


def _has_faces(model: ReportedModel) -> bool:
    return bool(model.surface.GetNumberOfCells())


def name_of(model: ReportedModel) -> Markup:
    """Return a model's name behind a patch of its colour."""
    patch = element("i", "", class_="swatch", style=f"background:{hex_colour(model.colour)}")
    return joined([patch, model.name])


def checks_section(models: Sequence[ReportedModel]) -> Markup:
    """Return a table of mesh checks: a row each check, a column each model."""
    checked = [(model, model.check) for model in models if model.check is not None]
    if not checked:
        return Markup("")
    head = ["Check", *(name_of(model) for model, _ in checked)]
    rows: list[list[Any]] = [
        [text, *(_verdict(getattr(check, name)) for _, check in checked)] for name, text in _CHECKS
    ]
    rows.insert(0, ["Watertight", *(_yes_no(check.is_watertight) for _, check in checked)])
    rows.append(["Encloses a volume", *(_yes_no(check.volume_mm3 > 0) for _, check in checked)])
    rows.append([element("b", "Fit to print"), *(_yes_no(check.is_printable) for _, check in checked)])
    return section("Mesh checks", table(head, rows))


def _verdict(count: int) -> Markup:
    if count == 0:
        return element("span", "✓ pass: none", class_="pass")
    return element("span", f"✗ fail: {count:,}", class_="fail")


def _yes_no(good: bool) -> Markup:
    return element("span", "✓ pass", class_="pass") if good else element("span", "✗ fail", class_="fail")


def dimensions_section(models: Sequence[ReportedModel]) -> Markup:
    """Return a table of bounding boxes, volumes, areas and sizes of the meshes."""
    rows = [_dimensions(model, model.check) for model in models if model.check is not None]
    head = ("Model", "Left-right", "Front-back", "Up-down", "Volume", "Surface", "Shells", "Triangles")
    note = element("p", "Bounding box in the patient's axes; no printer's scaling.", class_="note")
    return section("Dimensions and volumes", table(head, rows, "numbers"), note) if rows else Markup("")


def _dimensions(model: ReportedModel, check: MeshCheck) -> list[Any]:
    size = np.array(check.high_ras_mm) - np.array(check.low_ras_mm)
    return [
        name_of(model),
        *(f"{length:.1f} mm" for length in size),
        f"{check.volume_mm3 / 1000:.2f} ml",
        f"{check.area_mm2 / 100:.1f} cm²",
        f"{check.shells:,}",
        f"{check.triangles:,}",
    ]


def deviation_section(models: Sequence[ReportedModel], progress: Progress = silent) -> Markup:
    """Return how far the models lie from the segmentation: a table and a colour map."""
    rows = [
        [name_of(model), *(f"{value:.3f} mm" for value in _figures(model.deviation))]
        for model in models
        if model.deviation is not None
    ]
    if not rows:
        return Markup("")
    title = "Deviation of the models from the segmentation"
    head = ("Model", "Mean", "95 % within", "Largest")
    return section(title, table(head, rows), _deviation_map(models, progress))


def _figures(deviation: ReportedDeviation) -> tuple[float, float, float]:
    return deviation.mean_mm, deviation.p95_mm, deviation.max_mm


def _deviation_map(models: Sequence[ReportedModel], progress: Progress) -> Markup:
    mapped = [(model, distances) for model in models if (distances := _point_distances(model)) is not None]
    if not mapped:
        return Markup("")
    top = rounded_up(float(np.percentile(np.concatenate([d for _, d in mapped]), _MAP_PERCENTILE)))
    meshes = [mesh_of(model.surface, mapped_colours(distances, 0.0, top)) for model, distances in mapped]
    extent, figures = scene_extent_mm(meshes), []
    for index, view in enumerate(DEVIATION_VIEWS):
        progress(index / len(DEVIATION_VIEWS), f"Drawing the {view.name} deviation map")
        figures.append(figure(surface_picture(meshes, view, extent_mm=extent), "on-light"))
    whole = joined([row(figures), colour_legend(0.0, top, "mm")])
    return element("div", whole, class_="whole gap")


def _point_distances(model: ReportedModel) -> AnyArray | None:
    """Return the unsigned distance at each point, None where unknown."""
    distances = getattr(model.deviation, "at_points_mm", None)
    if distances is None or not _has_faces(model) or len(distances) != model.surface.GetNumberOfPoints():
        return None
    unsigned: AnyArray = np.abs(np.asarray(distances, float))
    return unsigned
