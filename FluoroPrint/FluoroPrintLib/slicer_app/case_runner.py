"""Runs all stages of a case beside the window, keeping each result in the scene as it comes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..mrml.nodes import Node, Scene
from ..mrml.scene import Additions
from ..pipeline.case import case_run
from ..pipeline.case_parameters import CaseParameters
from ..pipeline.case_steps import Step, case_files
from ..pipeline.output_folder import filled_whole
from ..progress import Progress, part_of
from ..report.case import CaseRecord
from .work import Work


class CaseRunner:
    """A case on its way; where it fails or is cancelled, scene and folder are as they were.

    Parameters
    ----------
    work : of the panel
    scene : gets the nodes
    sweep : a file, or the node of a sweep
    folder : gets the files, all or none
    parameters : of the stages
    finished : given the record of the case
    """

    def __init__(
        self,
        work: Work,
        scene: Scene,
        sweep: Path | Node,
        folder: Path,
        parameters: CaseParameters,
        finished: Callable[[CaseRecord], None],
    ) -> None:
        self._work, self._finished = work, finished
        self._added = Additions(scene)
        self._folder = contextlib.ExitStack()
        staging = self._folder.enter_context(filled_whole(folder, case_files(with_scene=False)))
        with self._put_away_on_fault():
            self._run = case_run(scene, sweep, staging, parameters, with_scene=False, print_folder=folder)
            self._steps = list(self._run.steps())

    def start(self) -> None:
        """Begin; the rest follows by itself."""
        self._next()

    def _next(self) -> None:
        if not self._steps:
            self._folder.close()
            self._finished(self._run.record)
            return
        step = self._steps.pop(0)

        def compute(progress: Progress) -> tuple[Any, float]:
            return step.timed(part_of(progress, *step.share))

        self._work.start(compute, lambda outcome: self._keep(step, *outcome), self._put_away)

    def _keep(self, step: Step, result: Any, seconds: float) -> None:
        with self._added.noted():
            step.keep(result, seconds)
        self._next()

    def _put_away(self, error: BaseException) -> None:
        """Take back what was made so far: nodes and files."""
        self._added.take_back()
        with contextlib.suppress(Exception):  # the fault itself comes out again; it was told
            self._folder.__exit__(type(error), error, error.__traceback__)

    @contextlib.contextmanager
    def _put_away_on_fault(self) -> Any:
        try:
            yield
        except BaseException as error:
            self._put_away(error)
            raise
