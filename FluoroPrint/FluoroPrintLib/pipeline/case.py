"""A whole case without a window: sweep in; volume, segmentation, models, files, scene and report out."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ..files.mesh_formats import write_mesh
from ..files.sweep import read_sweep
from ..files.sweep_parameters import SweepParameters
from ..files.volumes import write_volume
from ..geometry.sweep import Sweep
from ..geometry.volume import Volume
from ..mesh.model import Model, ModelParameters
from ..mrml.files import write_case, write_segmentation
from ..mrml.nodes import Node, Scene
from ..mrml.scene import headless_scene, unchanged_on_failure
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
from ..progress import Progress, part_of, silent
from ..reconstruction.fdk import ReconstructionParameters
from ..report.case import CaseRecord, StageRecord, file_record, geometry_summary, write_record
from ..report.html import write_report
from ..segmentation.bone import BoneParameters
from .faults import naming
from .figures import figures_of
from .output_folder import filled_whole

SHARES = {"read": (0.0, 0.08), "Reconstruct": (0.08, 0.4), "Segment": (0.4, 0.5), "Model": (0.5, 0.8)}
CASE_FILES = (
    "volume.nrrd",
    "segmentation.seg.nrrd",
    "model.stl",
    "model.3mf",
    "case.mrb",
    "report.html",
    "case.json",
)


@dataclass(frozen=True)
class CaseParameters:
    """The parameters of every stage of a case."""

    sweep: SweepParameters = field(default_factory=SweepParameters)
    reconstruction: ReconstructionParameters = field(default_factory=ReconstructionParameters)
    bone: BoneParameters = field(default_factory=BoneParameters)
    model: ModelParameters = field(default_factory=ModelParameters)

    @classmethod
    def stages(cls) -> dict[str, type[Parameters]]:
        """Return the parameter dataclass of each stage by the name of its field."""
        return {
            stage.name: cast(type[Parameters], stage.default_factory) for stage in dataclasses.fields(cls)
        }


def run_case(
    sweep_path: Path,
    folder: Path,
    *,
    parameters: CaseParameters | None = None,
    geometry: Path | None = None,
    title: str = "",
    scene: Scene | None = None,
    progress: Progress = silent,
) -> CaseRecord:
    """Run all stages on a sweep and fill a folder with `CASE_FILES`; all of them, or none.

    Parameters
    ----------
    sweep_path : XA DICOM file, folder or stack (see `read_sweep`)
    folder : where the files go; made where it is missing; files of an earlier run are replaced
    parameters : of the stages
    geometry : geometry file, where the sweep's own header does not tell enough
    title : of the case; the sweep's file name by default
    scene : the scene to add the nodes to; a new one without an application by default
    progress : told what is being done; may cancel

    Returns
    -------
    What is in case.json too.

    Raises
    ------
    FluoroPrintError
        The input cannot be used, a stage fails, or the folder cannot be written.
    Cancelled
        `progress` stopped the work; the folder is as it was.
    """
    parameters = parameters or CaseParameters()
    with (
        naming(sweep_path, folder, geometry),
        filled_whole(folder, CASE_FILES) as staging,
        _scene_for(scene) as used,
    ):
        case = _Case(used, parameters, title or sweep_path.stem, progress)
        return case.run(sweep_path, geometry, staging)


@contextmanager
def _scene_for(scene: Scene | None) -> Iterator[Scene]:
    """Yield the scene given, taking back what a failed block added to it; or one that is gone afterwards."""
    if scene is not None:
        with unchanged_on_failure(scene):
            yield scene
        return
    with headless_scene() as headless:
        yield headless.scene


class _Case:
    """A case on its way: what was made, how long each stage took."""

    def __init__(self, scene: Scene, parameters: CaseParameters, title: str, progress: Progress) -> None:
        self.scene = scene
        self.parameters = parameters
        self.title = title
        self.progress = progress
        self.stages: list[StageRecord] = []

    def run(self, sweep_path: Path, geometry: Path | None, folder: Path) -> CaseRecord:
        """Run the stages, write the files into `folder`."""
        sweep, sweep_node = self._acquire(sweep_path, geometry)
        chosen = self.parameters
        volume, volume_nodes = self._stage(
            "Reconstruct", reconstruction_stage(), sweep, sweep_node, chosen.reconstruction
        )
        bone, bone_nodes = self._stage("Segment", segmentation_stage(), volume, volume_nodes[0], chosen.bone)
        models, _ = self._stage("Model", model_stage(), bone, bone_nodes[0], chosen.model)
        files = self._export(folder, volume, bone_nodes[0], models)
        record = CaseRecord(
            self.title,
            input=sweep.provenance,
            geometry=geometry_summary(sweep.geometry),
            stages=tuple(self.stages),
            files=tuple(file_record(path) for path in files),
        )
        write_report(
            folder / "report.html", record, sweep, volume, bone, models, part_of(self.progress, 0.9, 0.99)
        )
        write_record(record, folder / "case.json")
        self.progress(1.0, "Done")
        return record

    def _acquire(self, path: Path, geometry: Path | None) -> tuple[Sweep, Node]:
        start = time.perf_counter()
        reading = part_of(self.progress, *SHARES["read"])
        reading(0.0, "Reading the sweep")
        sweep = read_sweep(path, self.parameters.sweep, geometry=geometry, progress=reading)
        node = add_sweep(self.scene, sweep, "Sweep")
        register_result(self.scene, node, None, "Acquire", self.parameters.sweep, case=self.title)
        seconds = time.perf_counter() - start
        self._note("Read the sweep", seconds, self.parameters.sweep, figures_of(sweep), sweep.warnings)
        return sweep, node

    def _stage(
        self, name: str, stage: Stage, data: Any, node: Node, parameters: Parameters
    ) -> tuple[Any, tuple[Node, ...]]:
        start = time.perf_counter()
        result = stage.function(data, parameters, part_of(self.progress, *SHARES[name]))
        nodes = add_result(self.scene, stage, result, node, parameters, case=self.title)
        figures = figures_of(result)
        register_figures(self.scene, nodes[0], figures, stage.name, case=self.title)
        self._note(name, time.perf_counter() - start, parameters, figures)
        return result, nodes

    def _export(self, folder: Path, volume: Volume, bone_node: Node, models: tuple[Model, ...]) -> list[Path]:
        start = time.perf_counter()
        writers: list[Callable[[Path], None]] = [
            lambda path: write_volume(path, volume),
            lambda path: write_segmentation(bone_node, path),
            lambda path: write_mesh(path, models),
            lambda path: write_mesh(path, models),
            lambda path: write_case(self.scene, path),
        ]
        paths = [folder / name for name in CASE_FILES[: len(writers)]]
        for done, (path, write) in enumerate(zip(paths, writers, strict=True)):
            self.progress(0.8 + 0.1 * done / len(paths), f"Writing {path.name}")
            write(path)
        self._note("Write the files", time.perf_counter() - start)
        return paths

    def _note(
        self,
        name: str,
        seconds: float,
        parameters: Parameters | None = None,
        figures: Mapping[str, Any] | None = None,
        warnings: tuple[str, ...] = (),
    ) -> None:
        chosen = dataclasses.asdict(parameters) if dataclasses.is_dataclass(parameters) else {}
        self.stages.append(StageRecord(name, round(seconds, 2), chosen, dict(figures or {}), warnings))
