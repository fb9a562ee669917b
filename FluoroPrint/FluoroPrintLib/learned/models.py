"""A learned model of the user's on a volume: what is asked first, what runs, what comes of it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np

from ..arrays import UInt8Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..parameters import Choices, Help, Parameters
from ..progress import Progress, part_of, silent
from ..segmentation.segments import Segmentation
from . import nnunet, totalsegmentator
from .image_files import doubt_of_scale, read_result, write_for_model
from .licences import UNTOLD, short
from .model_folder import ModelFolder, chosen_folds, read_model_folder
from .pythons import NNUNET, TOTALSEGMENTATOR, Package, device_for, find_interpreter, probe
from .terminology import segment_of_label
from .weights import RECORD, check_sha256, record_sha256, weights_sha256

NNUNET_RUNNER, TOTAL_RUNNER, DENTAL_RUNNER = "nnunet", "totalsegmentator", "dentalsegmentator"
HASHED, WRITTEN, RUN = 0.08, 0.12, 0.95
"""Fractions of the work at which these are done."""


@dataclass(frozen=True)
class LearnedParameters(Parameters):
    """Which model runs, on what, and that its licence was read."""

    runner: Annotated[
        str,
        Choices((NNUNET_RUNNER, TOTAL_RUNNER, DENTAL_RUNNER)),
        Help(
            "What runs: a trained nnU-Net v2 folder, TotalSegmentator, or the weights of DentalSegmentator."
        ),
    ] = NNUNET_RUNNER
    model: Annotated[
        str | None,
        Help(
            "The model's folder (dataset.json, plans.json, fold_*); for TotalSegmentator that of its weights."
        ),
    ] = None
    task: Annotated[
        str,
        Choices(tuple(totalsegmentator.TASKS)),
        Help("What TotalSegmentator looks for; others take no task."),
    ] = "total"
    quality: Annotated[
        str,
        Choices(totalsegmentator.QUALITIES),
        Help("TotalSegmentator's model for the task total: 1.5 mm, 3 mm (fast) or 6 mm (fastest)."),
    ] = "normal"
    folds: Annotated[
        str | None,
        Help("The folds of nnU-Net that are averaged, 0 1 say; left empty, all that were trained."),
    ] = None
    device: Annotated[
        str,
        Choices(("auto", "cpu", "gpu", "mps")),
        Help("Where torch computes; auto takes a GPU where it finds one."),
    ] = "auto"
    mirroring: Annotated[
        bool, Help("nnU-Net averages mirrored results too: slower, a little better where it was trained so.")
    ] = False
    licence_read: Annotated[bool, Help("The licence of the model was read; nothing runs before.")] = False
    sha256: Annotated[
        str | None,
        Help("The SHA-256 that the weights must have; left empty, the recorded one, if any, holds."),
    ] = None
    record_hash: Annotated[
        bool, Help("Record the SHA-256 beside the weights, if none is: others are refused from then on.")
    ] = False
    python: Annotated[
        str | None,
        Help("The Python that holds the runner; left empty, this one, or FLUOROPRINT_LEARNED_PYTHON."),
    ] = None


@dataclass(frozen=True)
class Model:
    """A model that can run, but for what its Python will say.

    Attributes
    ----------
    title : for people
    licence : its text; a sentence where none is told
    package : what runs it
    files : its weights
    root : of these
    record : where their hash is recorded
    folder : nnU-Net's; None for TotalSegmentator
    """

    title: str
    licence: str
    package: Package
    files: tuple[Path, ...]
    root: Path
    record: Path
    folder: ModelFolder | None = None


@dataclass(frozen=True)
class Learned:
    """What a model found.

    Attributes
    ----------
    segmentation : on the volume's grid; a segment for each label that was found
    note : a sentence on how
    """

    segmentation: Segmentation
    note: str


def chosen_model(parameters: LearnedParameters) -> Model:
    """Return the model that is chosen; nothing is started and no weights are read, so that a window may ask.

    Raises
    ------
    FluoroPrintError
        None is chosen, or it is not whole.
    """
    if parameters.runner == TOTAL_RUNNER:
        totalsegmentator.check_licence_number(parameters.task)
        found = totalsegmentator.read_task(parameters.task, parameters.quality, parameters.model)
        return Model(found.title, found.licence, TOTALSEGMENTATOR, found.files, found.folder, found.record)
    if not parameters.model:
        raise FluoroPrintError(_no_folder(parameters.runner))
    folder = read_model_folder(Path(parameters.model).expanduser().absolute())
    chosen_folds(folder, parameters.folds)
    record, licence = folder.folder / RECORD, folder.licence or UNTOLD
    return Model(folder.title, licence, NNUNET, folder.weights, folder.folder, record, folder)


def _no_folder(runner: str) -> str:
    if runner == DENTAL_RUNNER:
        return (
            "No weights are chosen: take the folder Resources/ML of the extension DentalSegmentator, which "
            "fetches them once it is run, or the unzipped weights of its authors."
        )
    return "No model is chosen: take the folder of a trained nnU-Net v2 model."


def check_ready(parameters: LearnedParameters) -> Model:
    """Return the model that is chosen, once it may run and something is there to run it.

    Raises
    ------
    FluoroPrintError
        What is lacking first: the model, its runner, or that its licence was read.
    """
    model = chosen_model(parameters)
    find_interpreter(model.package, parameters.python)
    if not parameters.licence_read:
        raise FluoroPrintError(
            f"The licence of {model.title} ({short(model.licence)}) was not agreed to: read it, then tick "
            "Licence read (--licence-read)."
        )
    return model


def model_key(parameters: LearnedParameters) -> tuple[str | None, ...]:
    """Return what tells one model from another; a licence that was read holds for one of them."""
    if parameters.runner == TOTAL_RUNNER:
        return (parameters.runner, parameters.task)
    return (parameters.runner, parameters.model)


def find_learned(
    volume: Volume,
    parameters: LearnedParameters = LearnedParameters(),
    progress: Progress = silent,  # noqa: B008
) -> Learned:
    """Run a model on a volume, which stays as it is.

    The model runs in a process of its own, which ends with the work, without a network and with all its files
    in a temporary folder.

    Raises
    ------
    FluoroPrintError
        The licence was not read; model, runner or weights are missing; the hash differs; the run fails.
    Cancelled
        `progress` stopped the work.
    """
    model = check_ready(parameters)
    digest = weights_sha256(model.files, model.root, part_of(progress, 0.0, HASHED))
    against = check_sha256(model.title, digest, parameters.sha256, model.record)
    if parameters.record_hash and not model.record.exists():
        record_sha256(model.record, digest)
        against = f"recorded in {model.record.name}"
    labels_kji, names = _run(model, volume, parameters, progress)
    segmentation = _segmentation(volume, labels_kji, names)
    if not segmentation.segments:
        raise FluoroPrintError(
            f"{model.title} found nothing in the volume: look whether it shows what it was trained on."
        )
    told = f"{model.title} found {_count(segmentation)} (weights {digest[:12]}…, {against})."
    return Learned(segmentation, " ".join(filter(None, [told, doubt_of_scale(volume.array_kji)])))


def _count(segmentation: Segmentation) -> str:
    names = [segment.name for segment in segmentation.segments]
    return names[0] if len(names) == 1 else f"{len(names)} structures"


def _run(
    model: Model, volume: Volume, parameters: LearnedParameters, progress: Progress
) -> tuple[UInt8Array, Mapping[int, str]]:
    """Run the model in a temporary folder, of which only the log of a fault is kept."""
    with tempfile.TemporaryDirectory(prefix="fluoroprint-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        log = folder / "log.txt"
        try:
            return _run_in(folder, log, model, volume, parameters, progress)
        except FluoroPrintError as error:
            raise _with_kept_log(error, log) from error


def _with_kept_log(error: FluoroPrintError, log: Path) -> FluoroPrintError:
    """Move the log that a fault names out of the folder that goes."""
    if str(log) not in str(error):
        return error
    handle, kept = tempfile.mkstemp(prefix="fluoroprint-", suffix=".log")
    with os.fdopen(handle, "wb") as written:
        written.write(log.read_bytes())
    return FluoroPrintError(str(error).replace(str(log), kept))


def _run_in(
    folder: Path, log: Path, model: Model, volume: Volume, parameters: LearnedParameters, progress: Progress
) -> tuple[UInt8Array, Mapping[int, str]]:
    interpreter = find_interpreter(model.package, parameters.python)
    said = probe(interpreter, model.package, folder, log, part_of(progress, HASHED, WRITTEN))
    device = device_for(parameters.device, said)
    running, progress_of_run = folder / "run", part_of(progress, WRITTEN, RUN)
    running.mkdir()
    progress(HASHED, "Writing the volume for the model")
    if model.folder is None:
        names = totalsegmentator.labels_of_task(interpreter, parameters.task, folder, log)
        write_for_model(running / totalsegmentator.INPUT, volume)
        words = totalsegmentator.options(parameters.task, parameters.quality, device, running)
        totalsegmentator.run_totalsegmentator(interpreter, words, model.root, running, log, progress_of_run)
        result = running / totalsegmentator.OUTPUT
    else:
        names = dict(model.folder.labels)
        read, written = running / "in", running / "out"
        read.mkdir()
        write_for_model(nnunet.input_file(model.folder, read), volume)
        folds = chosen_folds(model.folder, parameters.folds)
        words = nnunet.options(model.folder, folds, device, parameters.mirroring, read, written)
        nnunet.run_nnunet(interpreter, words, running, log, progress_of_run)
        result = written / f"{nnunet.CASE}{model.folder.file_ending}"
    if not result.is_file():
        raise FluoroPrintError(f"{model.package.title} ended without a result: its log is {log}.")
    progress(RUN, "Reading the result")
    return read_result(result, volume, model.package.title), names


def _segmentation(volume: Volume, labels_kji: UInt8Array, names: Mapping[int, str]) -> Segmentation:
    """Return the labels that were found as segments; a value without a name keeps its number."""
    present = [int(value) for value in np.unique(labels_kji) if value]
    segments = tuple(segment_of_label(value, names.get(value, f"Label {value}")) for value in present)
    return Segmentation(volume.with_array(labels_kji), segments)
