"""A stage run beside the window: the node is read and the result added in the window's thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ..errors import FluoroPrintError
from ..mrml.cases import case_of
from ..mrml.nodes import Node
from ..mrml.stages import Stage, add_result, data_of
from ..parameters import Parameters
from ..progress import Progress
from .work import Work


def start_stage(
    work: Work,
    stage: Stage,
    node: Node,
    parameters: Parameters,
    done: Callable[[tuple[Node, ...]], None],
) -> None:
    """Run a stage on a node; its results join the node's case, with provenance and the time it took.

    Parameters
    ----------
    work : of the panel
    stage : what to run
    node : sweep stack, volume, segmentation or model
    parameters : of the stage
    done : given the new nodes

    Raises
    ------
    FluoroPrintError
        The node is of no use to the stage. What fails later is told by `work`.
    """
    data = data_of(node)

    def compute(progress: Progress) -> tuple[Any, float]:
        start = time.perf_counter()
        return stage.function(data, parameters, progress), time.perf_counter() - start

    def add(outcome: tuple[Any, float]) -> None:
        result, seconds = outcome
        scene = node.GetScene()
        if scene is None:
            raise FluoroPrintError(f"{node.GetName()!r} was removed meanwhile: the result was dropped.")
        case = case_of(node) or node.GetName()
        done(add_result(scene, stage, result, node, parameters, case=case, seconds=seconds))

    work.start(compute, add)
