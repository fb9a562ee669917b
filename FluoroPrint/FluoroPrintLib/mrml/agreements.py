"""The agreement of a model with the frames of a sweep, measured on nodes and kept as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..progress import Progress
from ..registration.agreement import Agreement, agreement_in_frames
from ..registration.silhouette import SurfaceContours
from .cases import case_of
from .models import surface_from_node
from .nodes import Node, new_node
from .stages import register_result
from .sweeps import sweep_from_nodes
from .tables import add_number_column

_COLUMNS = (("Mean", "mean_mm", "mm"), ("P95", "p95_mm", "mm"), ("Bias", "bias_mm", "mm"))


def measured_agreement(model_node: Node, sweep_node: Node) -> Callable[[Progress], tuple[Agreement, ...]]:
    """Return what measures a model against every frame; it touches the nodes no more.

    Raises
    ------
    FluoroPrintError
        There is no surface, or no sweep.
    """
    sweep = sweep_from_nodes(sweep_node)
    surface = surface_from_node(model_node)

    def measure(progress: Progress) -> tuple[Agreement, ...]:
        contours = SurfaceContours(surface)
        views = range(sweep.geometry.count)
        return agreement_in_frames(contours, sweep.frames, sweep.geometry, views, progress=progress)

    return measure


def add_agreement(model_node: Node, sweep_node: Node, figures: Sequence[Agreement]) -> Node:
    """Add a table of agreement, a row a frame, to the model's case.

    Returns
    -------
    vtkMRMLTableNode with columns Frame, Found, Mean, P95, Bias (mm), MeanPx
    """
    table = new_node(model_node.GetScene(), "vtkMRMLTableNode", f"{model_node.GetName()} agreement")
    add_number_column(table, "Frame", np.array([figure.view + 1 for figure in figures]))
    add_number_column(table, "Found", np.array([figure.found for figure in figures]))
    for name, field, unit in _COLUMNS:
        add_number_column(table, name, np.array([getattr(figure, field) for figure in figures]), unit)
    add_number_column(table, "MeanPx", np.array([figure.mean_px for figure in figures]), "px")
    case = case_of(model_node) or str(model_node.GetName())
    register_result(model_node.GetScene(), table, model_node, "Plan", case=case)
    return table
