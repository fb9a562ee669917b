"""A trained nnU-Net v2 folder: dataset.json, plans.json, fold_*/checkpoint_final.pth; read and checked."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import FluoroPrintError
from .licences import licence_beside

DATASET, PLANS, CHECKPOINT = "dataset.json", "plans.json", "checkpoint_final.pth"
FILE_ENDINGS = (".nii.gz", ".nii", ".nrrd", ".mha")
"""Those that SimpleITK writes and nnU-Net's readers of volumes take."""
SEARCHED = ("", "*/", "*/*/")
"""A model's folder lies in that of its data set, which users choose too."""
BACKGROUND = ("background", "ignore")
LICENCE_KEYS = ("licence", "license")


@dataclass(frozen=True)
class ModelFolder:
    """What the folder of a trained model says.

    Attributes
    ----------
    folder : the one that holds dataset.json and plans.json
    labels : the name of each value of its results
    regions : whether these are regions, the later painted over the earlier
    channels : what each picture that it needs is
    file_ending : of the pictures that it reads
    folds : the trained ones, as nnU-Net names them: "0", "all"
    licence : as told by the folder; empty where it tells none
    """

    folder: Path
    labels: Mapping[int, str]
    regions: bool
    channels: tuple[str, ...]
    file_ending: str
    folds: tuple[str, ...]
    licence: str

    @property
    def title(self) -> str:
        """What the model is called: its data set's folder, else its own."""
        above = self.folder.parent.name
        return above if above.startswith("Dataset") else self.folder.name

    @property
    def weights(self) -> tuple[Path, ...]:
        """The files that make a result: both JSON files and the checkpoints of all folds."""
        checkpoints = (self.folder / f"fold_{fold}" / CHECKPOINT for fold in self.folds)
        return (self.folder / DATASET, self.folder / PLANS, *checkpoints)


def read_model_folder(path: Path) -> ModelFolder:
    """Read the folder of a trained model, or the only one below it, and check that it is whole.

    Raises
    ------
    FluoroPrintError
        There is none, or more than one; a file is missing or damaged; the model needs what is not given.
    """
    folder = _folder_of(Path(path))
    dataset, plans = _json_of(folder / DATASET), _json_of(folder / PLANS)
    folds = _trained_folds(folder)
    _refuse_cascade(folder, plans)
    ending = str(dataset.get("file_ending", ".nii.gz"))
    if ending not in FILE_ENDINGS:
        raise FluoroPrintError(
            f"{folder} reads {ending} pictures: choose a model of volumes (.nii.gz, .nrrd)."
        )
    channels = tuple(map(str, dict(dataset.get("channel_names") or dataset.get("modality") or {}).values()))
    if len(channels) != 1:
        raise FluoroPrintError(
            f"{folder} needs {len(channels)} pictures ({', '.join(channels) or 'none named'}): "
            "choose a model that needs one."
        )
    labels, regions = labels_of(folder, dataset)
    licence = licence_beside(folder) or next((str(dataset[k]) for k in LICENCE_KEYS if dataset.get(k)), "")
    return ModelFolder(folder, labels, regions, channels, ending, folds, licence)


def holds_model(path: Path) -> bool:
    """Tell whether a folder, or one right below it, is that of a trained model, damaged or not."""
    return path.is_dir() and any(any(path.glob(d + n)) for d in SEARCHED[:2] for n in (DATASET, PLANS))


def labels_of(folder: Path, dataset: Mapping[str, Any]) -> tuple[dict[int, str], bool]:
    """Return the name of each value of the results, and whether the model knows regions.

    A region is a list of values: nnU-Net paints the regions over each other in the order of
    regions_class_order, whose values the result holds. So a value is called after the region that is painted
    with it, of which it shows what no later region covers.

    Raises
    ------
    FluoroPrintError
        There is no label, or the order of the regions is missing.
    """
    given = dataset.get("labels")
    named = {n: v for n, v in given.items() if n not in BACKGROUND} if isinstance(given, dict) else {}
    regions = any(isinstance(value, list) and len(value) > 1 for value in named.values())
    values = list(named.values())
    if regions:
        values = dataset.get("regions_class_order") or []
    try:
        labels = {_single(v): str(n) for n, v in zip(named, values, strict=True)}
    except (TypeError, ValueError):
        labels = {}
    if not labels or len(labels) < len(named):
        raise FluoroPrintError(f"{folder / DATASET} names no labels that can be told apart: get it anew.")
    return labels, regions


def _single(value: Any) -> int:
    return int(value[0]) if isinstance(value, list) else int(value)


def chosen_folds(model: ModelFolder, words: str | None) -> tuple[str, ...]:
    """Return the folds that are named ("0 1", "all"), or all that were trained.

    Raises
    ------
    FluoroPrintError
        One of them was not trained.
    """
    folds = tuple(words.replace(",", " ").split()) if words else model.folds
    for fold in folds:
        if fold not in model.folds:
            raise FluoroPrintError(
                f"{model.folder} has no trained fold {fold}: choose among {', '.join(model.folds)}."
            )
    return folds


def _folder_of(path: Path) -> Path:
    if not path.is_dir():
        raise FluoroPrintError(f"{path} is no folder: choose the folder of a trained nnU-Net model.")
    for depth in SEARCHED:
        found = sorted({file.parent for name in (DATASET, PLANS) for file in path.glob(depth + name)})
        if len(found) > 1:
            names = ", ".join(folder.name for folder in found)
            raise FluoroPrintError(f"{path} holds several models ({names}): choose one of these folders.")
        if found:
            return found[0]
    raise FluoroPrintError(
        f"{path} holds no nnU-Net v2 model: choose the folder that holds {DATASET} and {PLANS}."
    )


def _json_of(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise FluoroPrintError(f"{path} is missing: get the model's folder anew, whole.")
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FluoroPrintError(f"{path} is damaged: get the model's folder anew.") from error
    if not isinstance(read, dict):
        raise FluoroPrintError(f"{path} is damaged: get the model's folder anew.")
    return read


def _trained_folds(folder: Path) -> tuple[str, ...]:
    """Return the folds that have weights; a checkpoint that is cut short is no whole zip file."""
    checkpoints = sorted(folder.glob(f"fold_*/{CHECKPOINT}"))
    if not checkpoints:
        raise FluoroPrintError(
            f"{folder} has no weights: fold_0/{CHECKPOINT} is missing; get it anew, whole."
        )
    for checkpoint in checkpoints:
        if not zipfile.is_zipfile(checkpoint):
            raise FluoroPrintError(f"{checkpoint} is damaged or cut short: get the model's folder anew.")
    return tuple(checkpoint.parent.name.removeprefix("fold_") for checkpoint in checkpoints)


def _refuse_cascade(folder: Path, plans: Mapping[str, Any]) -> None:
    configurations = plans.get("configurations")
    if not isinstance(configurations, dict) or not configurations:
        raise FluoroPrintError(f"{folder / PLANS} tells no configuration: get the model's folder anew.")
    configuration = configurations.get(folder.name.rpartition("__")[2], {})
    if isinstance(configuration, dict) and configuration.get("previous_stage"):
        first = configuration["previous_stage"]
        raise FluoroPrintError(f"{folder} refines the results of another model ({first}): choose that one.")
