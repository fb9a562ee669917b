"""A whole case without a window: sweep in; volume, segmentation, models, files, scene and report out."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ..files.mesh_formats import write_mesh
from ..files.sweep import read_sweep
from ..files.sweep_parameters import SweepParameters
from ..files.volumes import write_volume
from ..geometry.sweep import Sweep
from ..geometry.volume import Volume
from ..mesh.model import Model, ModelParameters
from ..mrml.files import write_case, write_segmentation
from ..mrml.nodes import Node, Scene
from ..mrml.scene import headless_scene
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
from ..segmentation.segments import Segmentation
from .output_folder import filled_whole

Result = TypeVar("Result")

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
    with filled_whole(folder) as staging:
        if scene is not None:
            return _Case(scene, parameters, title or sweep_path.stem, progress).run(
                sweep_path, geometry, staging
            )
        with headless_scene() as headless:
            case = _Case(headless.scene, parameters, title or sweep_path.stem, progress)
            return case.run(sweep_path, geometry, staging)


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
        sweep = read_sweep(path, self.parameters.sweep, geometry=geometry, progress=reading)
        node = add_sweep(self.scene, sweep, "Sweep")
        register_result(self.scene, node, None, "Acquire", self.parameters.sweep, case=self.title)
        seconds = time.perf_counter() - start
        self._note("Read the sweep", seconds, self.parameters.sweep, sweep_figures(sweep), sweep.warnings)
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


def figures_of(result: Any) -> dict[str, Any]:
    """Return the quality figures of what a stage made; the names end in the unit."""
    if isinstance(result, Volume):
        return volume_figures(result)
    if isinstance(result, Segmentation):
        return segmentation_figures(result)
    figures: dict[str, Any] = {}
    for model in result:
        prefix = f"{model.name.lower()}_" if len(result) > 1 else ""
        figures.update({prefix + name: value for name, value in model_figures(model).items()})
    return figures


def sweep_figures(sweep: Sweep) -> dict[str, Any]:
    """Return frames, their size, the value of air and the largest line integral."""
    return {
        "frames": sweep.geometry.count,
        "size_px": f"{sweep.geometry.columns} x {sweep.geometry.rows}",
        "air_value": round(sweep.i0, 2),
        "largest_line_integral": round(float(sweep.frames.max()), 3),
    }


def volume_figures(volume: Volume) -> dict[str, Any]:
    """Return size, voxel and range of a volume in HU."""
    low, high = (round(float(edge)) for edge in np.percentile(volume.array_kji[::2, ::2, ::2], (0.1, 99.9)))
    return {
        "size_voxels": " x ".join(str(count) for count in volume.size_ijk),
        "voxel_mm": round(float(volume.spacing_mm[0]), 4),
        "darkest_hu": low,
        "brightest_hu": high,
    }


def segmentation_figures(segmentation: Segmentation) -> dict[str, Any]:
    """Return the volume of each segment."""
    labelmap = segmentation.labelmap
    voxel_ml = abs(float(np.linalg.det(labelmap.ijk_to_ras[:3, :3]))) / 1000
    counts = np.bincount(labelmap.array_kji.ravel(), minlength=256)
    return {
        f"{s.name.lower()}_ml": round(float(counts[s.label]) * voxel_ml, 2) for s in segmentation.segments
    }


def model_figures(model: Model) -> dict[str, Any]:
    """Return what a print lab asks of a model: faults, size, volume, deviation from the segmentation."""
    checked, apart = model.check, model.deviation
    edges = np.subtract(checked.high_ras_mm, checked.low_ras_mm)
    return {
        "triangles": checked.triangles,
        "watertight": checked.is_watertight,
        "shells": checked.shells,
        "faults": len(checked.faults),
        "volume_ml": round(checked.volume_mm3 / 1000, 2),
        "volume_change_percent": round(100 * model.volume_change, 3),
        "dimensions_mm": " x ".join(f"{edge:.1f}" for edge in edges),
        "deviation_mean_mm": round(apart.mean_mm, 3),
        "deviation_p95_mm": round(apart.p95_mm, 3),
        "deviation_max_mm": round(apart.max_mm, 3),
    }
