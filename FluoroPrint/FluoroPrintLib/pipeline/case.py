"""A whole case without a window: sweep in; volume, segmentation, models, files, scene and report out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..files.sweep import read_sweep
from ..geometry.sweep import Sweep
from ..mrml.cases import case_of
from ..mrml.nodes import Node, Scene
from ..mrml.scene import headless_scene, unchanged_on_failure
from ..mrml.sweeps import sweep_from_nodes
from ..progress import Progress, part_of, silent
from ..report.case import CaseRecord
from .case_parameters import CaseParameters
from .case_steps import CaseRun, case_files
from .faults import naming
from .output_folder import filled_whole

__all__ = ["CASE_FILES", "CaseParameters", "case_run", "run_case", "title_of"]

CASE_FILES = case_files(with_scene=True)


def run_case(
    sweep: Path | Node,
    folder: Path,
    *,
    parameters: CaseParameters | None = None,
    geometry: Path | None = None,
    title: str = "",
    scene: Scene | None = None,
    with_scene: bool = True,
    progress: Progress = silent,
) -> CaseRecord:
    """Run all stages on a sweep and fill a folder with `case_files`; all of them, or none.

    Parameters
    ----------
    sweep : XA DICOM file, folder or stack (see `read_sweep`); or the node of a sweep in `scene`
    folder : where the files go; made where it is missing; files of an earlier run are replaced
    parameters : of the stages
    geometry : geometry file, where the sweep's own header does not tell enough
    title : of the case; see `title_of`
    scene : the scene to add the nodes to; a new one without an application by default
    with_scene : also write the whole scene, other nodes in it included, as case.mrb
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
    with (
        naming(*([sweep] if isinstance(sweep, Path) else []), folder, geometry),
        filled_whole(folder, case_files(with_scene=with_scene)) as staging,
        _scene_for(scene) as used,
    ):
        run = case_run(
            used, sweep, staging, parameters, geometry=geometry, title=title, with_scene=with_scene
        )
        for step in run.steps():
            step.keep(*step.timed(part_of(progress, *step.share)))
        progress(1.0, "Done")
        return run.record


def case_run(
    scene: Scene,
    sweep: Path | Node,
    folder: Path,
    parameters: CaseParameters | None = None,
    *,
    geometry: Path | None = None,
    title: str = "",
    with_scene: bool = True,
    print_folder: Path | None = None,
) -> CaseRun:
    """Return the run of a case, whose steps are to be gone through.

    Parameters
    ----------
    folder : empty; gets the files
    print_folder : see `CaseRun`; the others are those of `run_case`

    Raises
    ------
    FluoroPrintError
        The node is no sweep.
    """
    parameters = parameters or CaseParameters()
    is_file = isinstance(sweep, Path)
    return CaseRun(
        scene,
        folder,
        _reading(Path(sweep), parameters, geometry) if is_file else _read_before(sweep),
        title or title_of(sweep),
        parameters,
        sweep_node=None if is_file else sweep,
        with_scene=with_scene,
        print_folder=print_folder,
    )


def title_of(sweep: Path | Node) -> str:
    """Return what a case is called without a title: the file's name; the node's case, or its own name."""
    if isinstance(sweep, Path):
        return sweep.stem
    return case_of(sweep) or str(sweep.GetName())


def _reading(path: Path, parameters: CaseParameters, geometry: Path | None) -> Callable[[Progress], Sweep]:
    def read(progress: Progress) -> Sweep:
        progress(0.0, "Reading the sweep")
        return read_sweep(path, parameters.sweep, geometry=geometry, progress=progress)

    return read


def _read_before(node: Node) -> Callable[[Progress], Sweep]:
    sweep = sweep_from_nodes(node)

    def read(progress: Progress) -> Sweep:
        progress(0.0, "Taking the sweep from the scene")
        return sweep

    return read


@contextmanager
def _scene_for(scene: Scene | None) -> Iterator[Scene]:
    """Yield the scene given, taking back what a failed block added to it; or one that is gone afterwards."""
    if scene is not None:
        with unchanged_on_failure(scene):
            yield scene
        return
    with headless_scene() as headless:
        yield headless.scene
