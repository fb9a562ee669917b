"""Fragments of a broken bone as objects of a plan: where each belongs; and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import transformed
from ..mesh.polydata import points_of
from ..shape.solids import engine, surface_of
from .kind import BAD, DOUBTFUL, GOOD, ORIGIN, UNKNOWN, Kind, Surroundings
from .moved_bone import (
    FRAME,
    FRAME_AXES,
    frame_axes,
    frame_point,
    movement_of,
    refuse_mirrored,
    turned_deg,
)
from .plan import AUTOMATIC, Decision, Figure, Places, Planned, place_of
from .reduction import FragmentPose

FRAGMENT = "fragment"
OUTLINE = "outline"
MOVED, TURNED, RESIDUAL, RESIDUAL_P95 = "moved", "turned", "residual", "residual, P95"
STILL = 1e-3
DRAWN_POINTS = 80
GOOD_MM, BAD_MM = 1.0, 3.0
"""Residuals that are called good and bad: a bone's two sides differ by about a millimetre."""


def planned_fragment(
    name: str, label: str, fragment: vtkPolyData, pose: FragmentPose, *, side: str = "", note: str = ""
) -> Planned:
    """Return a fragment, in its place, as an object of a plan.

    Points: `origin` (its middle), `outline` (corners of a hull about it, to be drawn), `frame`; directions:
    `frame axes`. Figures: how far it is moved and turned, and the residual on the template.
    """
    corners = transformed(_hull_points(points_of(fragment)), pose.to_place)
    middle = transformed(points_of(fragment).mean(axis=0), pose.to_place)
    figures = {
        RESIDUAL: Figure(round(pose.residual_mm, 3), "mm"),
        RESIDUAL_P95: Figure(round(pose.residual_p95_mm, 3), "mm"),
    }
    planned = Planned(
        name,
        label,
        FRAGMENT,
        side,
        {
            ORIGIN: (place_of(middle),),
            OUTLINE: tuple(place_of(corner) for corner in corners),
            FRAME: frame_point(pose.to_place),
        },
        {FRAME_AXES: frame_axes(pose.to_place)},
        decisions=(Decision("place of the fragment", AUTOMATIC, figures=figures, note=note),),
    )
    return replace(planned, figures=_moves(planned) | figures)


def _moves(planned: Planned) -> dict[str, Figure]:
    """Return how far the middle of a fragment is moved, and how far it is turned."""
    matrix, middle = movement_of(planned), np.asarray(planned.points[ORIGIN][0])
    before = transformed(middle, np.linalg.inv(matrix))
    return {
        MOVED: Figure(round(float(np.linalg.norm(middle - before)), 3), "mm"),
        TURNED: Figure(round(turned_deg(matrix), 3), "°"),
    }


def _hull_points(points: Float64Array) -> Float64Array:
    """Return some corners of the hull of places (N, 3): those that lie farthest out in even directions."""
    number = np.arange(DRAWN_POINTS) + 0.5
    height, turn = 1 - 2 * number / DRAWN_POINTS, np.pi * (1 + np.sqrt(5)) * number
    flat = np.sqrt(1 - height**2)
    ways = np.stack([flat * np.cos(turn), flat * np.sin(turn), height], -1)
    farthest = np.unique((points @ ways.T).argmax(axis=0))
    corners: Float64Array = points[farthest]
    return corners


def fragment_kind() -> Kind:
    """Return what a fragment can do."""
    return Kind(
        FRAGMENT,
        "Fragment",
        surface_of_fragment,
        _refreshed,
        columns=(MOVED, TURNED, RESIDUAL, RESIDUAL_P95),
        mirrored=refuse_mirrored,
        verdict=_verdict,
        drawn_by=(OUTLINE,),
    )


def surface_of_fragment(planned: Planned) -> vtkPolyData:
    """Draw a fragment as a hull about it, in its place, RAS mm.

    Raises
    ------
    FluoroPrintError
        The object is no fragment.
    """
    corners: Places = planned.points.get(OUTLINE, ())
    if planned.kind != FRAGMENT or len(corners) < 4:
        raise FluoroPrintError(f"{planned.id} is no fragment with an outline: plan it again.")
    return surface_of(engine().Manifold.hull_points(np.array(corners)))


def _refreshed(planned: Planned, _around: Surroundings) -> Planned:
    """Return a fragment with its movement measured; one that was moved by hand lacks its residuals."""
    found = _moves(planned)
    same = all(
        name in planned.figures and abs(float(planned.figures[name].value) - float(figure.value)) <= STILL  # type: ignore[arg-type]
        for name, figure in found.items()
    )
    kept = {
        name: figure
        for name, figure in planned.figures.items()
        if same or name not in (RESIDUAL, RESIDUAL_P95)
    }
    return replace(planned, figures={**kept, **found})


def _verdict(planned: Planned) -> str:
    """Judge a fragment by its residual."""
    residual = planned.figures.get(RESIDUAL)
    if residual is None or not isinstance(residual.value, int | float):
        return UNKNOWN
    return GOOD if residual.value <= GOOD_MM else DOUBTFUL if residual.value <= BAD_MM else BAD
