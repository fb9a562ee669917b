"""Something to stand on: a plinth that the model is sunk into, or a plate with pillars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..parameters import Bounds, Choices, Help, Parameters, Unit
from ..progress import Progress, silent
from .probing import CLEAR_MM, Probe
from .regions import farthest_points, samples_within
from .shaped import Shaped, whole
from .solids import Outline, Solid, disc, engine, frame_along, placed, solid_of, surface_of, unit, unplaced

AREA_A_PILLAR_MM2 = 400.0
FEWEST_PILLARS, MOST_PILLARS = 3, 16
STEEPEST_COSINE = 0.35
"""Pillars end where the underside is not steeper than this against the way down."""


@dataclass(frozen=True)
class BaseParameters(Parameters):
    """What a model stands on."""

    kind: Annotated[
        str,
        Choices(("plinth", "pillars")),
        Help("A plinth about the lowest part, or a plate with pillars under the model."),
    ] = "plinth"
    down: Annotated[tuple[float, float, float], Help("Which way is down where it stands: R, A, S.")] = (
        0.0,
        0.0,
        -1.0,
    )
    thickness_mm: Annotated[
        float,
        Bounds(0.5, 50.0),
        Unit("mm"),
        Help("Thickness of the plate, or of the plinth below the model."),
    ] = 3.0
    margin_mm: Annotated[
        float, Bounds(0.0, 50.0), Unit("mm"), Help("How far plate or plinth stand out about the model.")
    ] = 3.0
    sink_mm: Annotated[
        float, Bounds(0.2, 100.0), Unit("mm"), Help("How deep the model is sunk into a plinth.")
    ] = 3.0
    lift_mm: Annotated[
        float, Bounds(0.5, 200.0), Unit("mm"), Help("How high the lowest place is above a plate.")
    ] = 5.0
    pillar_mm: Annotated[float, Bounds(0.8, 30.0), Unit("mm"), Help("Diameter of the pillars.")] = 4.0
    pillars: Annotated[int, Bounds(0, 40), Help("How many pillars; 0 chooses by the area.")] = 0


def stand(surface: vtkPolyData, parameters: BaseParameters, progress: Progress = silent) -> Shaped:
    """Put a model on a base.

    Raises
    ------
    FluoroPrintError
        The model is not closed, or there is no place for a pillar under it.
    """
    axes = frame_along(-unit(parameters.down, "direction down"))
    model = unplaced(solid_of(surface), np.zeros(3), axes)
    progress(0.3, "Building the base")
    build = _on_plinth if parameters.kind == "plinth" else _on_pillars
    made, note = build(model, parameters)
    pieces = sum(piece.volume() > 0 for piece in made.decompose())
    notes = (
        [note] if pieces == 1 else [note, f"It is in {pieces} pieces: some are not on the base; bridge them."]
    )
    return whole("on base", surface_of(placed(made, np.zeros(3), axes)), *notes)


def _lowest(model: Solid) -> float:
    return float(model.bounding_box()[2])


def _footprint(model: Solid, margin_mm: float) -> Outline:
    return model.project().hull().offset(margin_mm, engine().JoinType.Round, 2.0, 64)


def _on_plinth(model: Solid, parameters: BaseParameters) -> tuple[Solid, str]:
    ground = _lowest(model)
    foot = model.trim_by_plane((0.0, 0.0, -1.0), -(ground + parameters.sink_mm))
    plinth = _footprint(foot, parameters.margin_mm).extrude(parameters.thickness_mm + parameters.sink_mm)
    made = model + plinth.translate((0.0, 0.0, ground - parameters.thickness_mm))
    return made, f"A plinth, the model sunk {parameters.sink_mm:g} mm into it."


def _on_pillars(model: Solid, parameters: BaseParameters) -> tuple[Solid, str]:
    top = _lowest(model) - parameters.lift_mm
    plate = _footprint(model, parameters.margin_mm).extrude(parameters.thickness_mm)
    places, ends = _pillar_ends(model, parameters)
    if len(places) == 0:
        raise FluoroPrintError(
            f"There is no place under the model for a pillar of {parameters.pillar_mm:g} mm: "
            "choose thinner pillars, a plinth, or another way down."
        )
    start = top - parameters.thickness_mm / 2
    pillars = [
        disc(parameters.pillar_mm / 2).extrude(end - start).translate((*place, start))
        for place, end in zip(places.tolist(), ends.tolist(), strict=True)
    ]
    library = engine()
    base = plate.translate((0.0, 0.0, top - parameters.thickness_mm))
    made = library.Manifold.batch_boolean([model, base, *pillars], library.OpType.Add)
    return made, f"A plate with {len(pillars)} pillars."


def _pillar_ends(model: Solid, parameters: BaseParameters) -> tuple[Float64Array, Float64Array]:
    """Return where pillars stand (N, 2), and the height at which each ends within the model (N,)."""
    library, radius = engine(), parameters.pillar_mm / 2
    shadow = library.CrossSection(model.project().to_polygons(), library.FillRule.Positive)
    area = shadow.area()
    count = parameters.pillars or int(np.clip(area / AREA_A_PILLAR_MM2, FEWEST_PILLARS, MOST_PILLARS))
    places = samples_within(shadow.offset(-radius), radius)
    probe, up = Probe(surface_of(model)), np.array([0.0, 0.0, 1.0])
    ground, height = _lowest(model) - 1.0, float(model.bounding_box()[5]) - _lowest(model) + 2.0
    starts = np.column_stack([places, np.full(len(places), ground)])
    hits = probe.first_hits(starts, up, height)
    flat = np.isfinite(hits.along_mm) & (-hits.normals[:, 2] > STEEPEST_COSINE)
    chosen = farthest_points(places[flat], count, 2 * parameters.pillar_mm)
    starts = np.column_stack([chosen, np.full(len(chosen), ground)])
    under = probe.first_hits(starts, up, height).along_mm
    behind = starts + (under + CLEAR_MM)[:, None] * up
    thick = probe.first_hits(behind, up, height).along_mm
    ends: Float64Array = ground + under + np.minimum(parameters.pillar_mm / 2, thick / 2)
    return chosen, ends
