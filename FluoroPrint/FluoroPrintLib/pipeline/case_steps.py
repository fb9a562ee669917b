"""The steps of a case: each computes beside the scene, then keeps its result in the scene and the folder.

A window computes each step in a thread and keeps the result itself; without a window one follows the other.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import FluoroPrintError
from ..files.mesh_formats import write_mesh
from ..files.volumes import write_volume
from ..geometry.sweep import Sweep
from ..geometry.volume import Volume
from ..mrml.files import write_case, write_segmentation
from ..mrml.nodes import Node, Scene
from ..mrml.print_files import register_print_files
from ..mrml.provenance import parameters_of, seconds_of
from ..mrml.stages import (
    Stage,
    add_result,
    model_stage,
    reconstruction_stage,
    register_figures,
    register_result,
    segmentation_stage,
)
from ..mrml.sweeps import add_sweep
from ..parameters import Parameters
from ..progress import Progress
from ..report.case import CaseRecord, StageRecord, file_record, geometry_summary, write_record
from ..report.html import write_report
from .case_parameters import CaseParameters
from .figures import figures_of

RESULT_FILES = ("volume.nrrd", "segmentation.seg.nrrd", "model.stl", "model.3mf")
SCENE_FILE, REPORT_FILE, RECORD_FILE = "case.mrb", "report.html", "case.json"


def case_files(*, with_scene: bool) -> tuple[str, ...]:
    """Return the names of the files that a case writes, in their order."""
    return (*RESULT_FILES, *([SCENE_FILE] if with_scene else []), REPORT_FILE, RECORD_FILE)


@dataclass(frozen=True)
class Step:
    """A part of a case.

    Attributes
    ----------
    name : such as "Reconstruct"
    stage : the one of `cases.STAGES` that it belongs to
    share : where it begins and ends in the whole, 0 to 1
    compute : given a progress; it touches neither scene nor window, so a thread may run it
    keep : given what `compute` returned and how many seconds it took; it changes the scene
    """

    name: str
    stage: str
    share: tuple[float, float]
    compute: Callable[[Progress], Any]
    keep: Callable[[Any, float], None]

    def timed(self, progress: Progress) -> tuple[Any, float]:
        """Compute; return the result and how many seconds it took."""
        start = time.perf_counter()
        result = self.compute(progress)
        return result, time.perf_counter() - start


class CaseRun:
    """A case on its way: go through `steps` in their order; then `record` tells of it.

    Parameters
    ----------
    scene : gets the nodes
    folder : gets the files; it is there and empty
    read : returns the sweep, given a progress; runs in the thread
    title : of the case
    parameters : of the stages
    sweep_node : where the sweep is in the scene already
    with_scene : also write the whole scene as `SCENE_FILE`
    print_folder : where the print files will be found in the end, if that shall be kept in the scene
    """

    record: CaseRecord
    """All that is known about the case, after the last step."""

    def __init__(
        self,
        scene: Scene,
        folder: Path,
        read: Callable[[Progress], Sweep],
        title: str,
        parameters: CaseParameters,
        *,
        sweep_node: Node = None,
        with_scene: bool = True,
        print_folder: Path | None = None,
    ) -> None:
        self._scene, self._folder, self._read = scene, folder, read
        self._title, self._parameters, self._sweep_node = title, parameters, sweep_node
        self._with_scene, self._print_folder = with_scene, print_folder
        self._stages: list[StageRecord] = []
        self._results: dict[str, Any] = {}
        self._nodes: dict[str, Node] = {}
        self._writing_s = 0.0

    def steps(self) -> tuple[Step, ...]:
        """Return the steps; each needs those before it."""
        chosen = self._parameters
        scene_step = Step(
            "Write the scene", "Print", (0.88, 0.9), self._announce_scene, lambda _, __: self._write_scene()
        )
        return (
            Step("Read the sweep", "Acquire", (0.0, 0.08), self._read, self._keep_sweep),
            self._stage_step(
                "Reconstruct", (0.08, 0.4), reconstruction_stage, "sweep", chosen.reconstruction
            ),
            self._stage_step("Segment", (0.4, 0.5), segmentation_stage, "Reconstruct", chosen.bone),
            self._stage_step("Model", (0.5, 0.8), model_stage, "Segment", chosen.model),
            Step("Write the files", "Print", (0.8, 0.88), self._write_files, self._keep_files),
            *([scene_step] if self._with_scene else []),
            Step("Write the report", "Print", (0.9, 0.99), self._write_report, self._keep_record),
        )

    def _stage_step(
        self,
        name: str,
        share: tuple[float, float],
        make_stage: Callable[[], Stage],
        source: str,
        parameters: Parameters,
    ) -> Step:
        stage = make_stage()

        def compute(progress: Progress) -> tuple[Any, dict[str, Any]]:
            result = stage.function(self._results[source], parameters, progress)
            return result, figures_of(result)

        def keep(made: tuple[Any, dict[str, Any]], seconds: float) -> None:
            self._keep_stage(name, stage, made, source, parameters, seconds)

        return Step(name, stage.name, share, compute, keep)

    def _keep_sweep(self, sweep: Sweep, seconds: float) -> None:
        if self._sweep_node is None:
            chosen = self._parameters.sweep
            self._sweep_node = add_sweep(self._scene, sweep, "Sweep")
            register_result(
                self._scene, self._sweep_node, None, "Acquire", chosen, case=self._title, seconds=seconds
            )
        node = self._sweep_node
        took = seconds_of(node) or 0.0  # a sweep that was there was read earlier
        self._results["sweep"], self._nodes["sweep"] = sweep, node
        self._note("Read the sweep", took, parameters_of(node), figures_of(sweep), sweep.warnings)

    def _keep_stage(
        self,
        name: str,
        stage: Stage,
        made: tuple[Any, dict[str, Any]],
        source: str,
        parameters: Parameters,
        seconds: float,
    ) -> None:
        result, figures = made
        nodes = add_result(
            self._scene,
            stage,
            result,
            self._present(source),
            parameters,
            case=self._title,
            seconds=seconds,
        )
        register_figures(self._scene, nodes[0], figures, stage.name, case=self._title)
        self._results[name], self._nodes[name] = result, nodes[0]
        notes = result.notes if isinstance(result, Volume) else ()
        self._note(name, seconds, dataclasses.asdict(parameters), figures, notes)
        if name == "Segment":
            self._write_segmentation(nodes[0])

    def _present(self, name: str) -> Node:
        """Return the node that a step made, as long as the user has not removed it."""
        node = self._nodes[name]
        if node.GetScene() is None:
            raise FluoroPrintError(
                f"{node.GetName()!r} was removed from the scene meanwhile: the run was ended, run it again."
            )
        return node

    def _write_segmentation(self, node: Node) -> None:
        """Write it at once, before a user can edit the node, so that the model fits the file."""
        start = time.perf_counter()
        write_segmentation(node, self._folder / RESULT_FILES[1])
        self._writing_s += time.perf_counter() - start

    def _write_files(self, progress: Progress) -> list[Path]:
        models = self._results["Model"]
        volume_path, stl_path, threemf_path = (self._folder / RESULT_FILES[index] for index in (0, 2, 3))
        progress(0.0, f"Writing {volume_path.name}")
        write_volume(volume_path, self._results["Reconstruct"])
        for done, path in enumerate((stl_path, threemf_path), start=1):
            progress(done / 3, f"Writing {path.name}")
            write_mesh(path, models)
        return [stl_path, threemf_path]

    def _keep_files(self, paths: list[Path], seconds: float) -> None:
        self._writing_s += seconds
        register_print_files(
            self._scene,
            self._present("Model"),
            paths,
            case=self._title,
            seconds=seconds,
            folder=self._print_folder,
        )

    @staticmethod
    def _announce_scene(progress: Progress) -> None:
        progress(0.0, f"Writing {SCENE_FILE}")

    def _write_scene(self) -> None:
        start = time.perf_counter()
        write_case(self._scene, self._folder / SCENE_FILE)
        self._writing_s += time.perf_counter() - start

    def _write_report(self, progress: Progress) -> CaseRecord:
        names = (*RESULT_FILES, *([SCENE_FILE] if self._with_scene else []))
        sweep = self._results["sweep"]
        record = CaseRecord(
            self._title,
            input=sweep.provenance,
            geometry=geometry_summary(sweep.geometry),
            stages=(*self._stages, StageRecord("Write the files", round(self._writing_s, 2))),
            files=tuple(file_record(self._folder / name) for name in names),
        )
        volume, bone, models = (self._results[name] for name in ("Reconstruct", "Segment", "Model"))
        write_report(self._folder / REPORT_FILE, record, sweep, volume, bone, models, progress)
        write_record(record, self._folder / RECORD_FILE)
        return record

    def _keep_record(self, record: CaseRecord, _seconds: float) -> None:
        self.record = record

    def _note(
        self,
        name: str,
        seconds: float,
        parameters: Mapping[str, Any],
        figures: Mapping[str, Any],
        warnings: tuple[str, ...] = (),
    ) -> None:
        self._stages.append(StageRecord(name, round(seconds, 2), dict(parameters), dict(figures), warnings))
