"""What the folder of a trained model holds: labels, licence, and the hash of its weights."""

from __future__ import annotations

from pathlib import Path

from ..learned.licences import UNTOLD
from ..learned.model_folder import ModelFolder, read_model_folder
from ..learned.terminology import segment_of_label
from ..learned.weights import RECORD, recorded_sha256, weights_sha256

LONGEST_LICENCE = 400


def model_facts(path: Path) -> list[tuple[str, str]]:
    """Return labels, pictures, folds, licence and hash of a trained nnU-Net model.

    Raises
    ------
    FluoroPrintError
        The folder is not whole, or cannot be read.
    """
    model = read_model_folder(path)
    digest, recorded = weights_sha256(model.weights, model.folder), recorded_sha256(model.folder / RECORD)
    return [
        ("kind", "trained nnU-Net v2 model"),
        ("folder", str(model.folder)),
        *(("label", _label(model, value)) for value in model.labels),
        ("picture", ", ".join(model.channels)),
        ("folds", ", ".join(model.folds)),
        *(("licence", line) for line in _licence_lines(model)),
        ("sha256", digest),
        *_recorded(digest, recorded),
        ("note", "A checkpoint can hold program code: run only models whose makers you trust."),
    ]


def _label(model: ModelFolder, value: int) -> str:
    name, segment = model.labels[value], segment_of_label(value, model.labels[value])
    meaning = "" if segment.name == name else f" ({segment.name})"
    region = ", but for what later regions cover" if model.regions else ""
    return f"{value}: {name}{meaning}{region}"


def _licence_lines(model: ModelFolder) -> list[str]:
    if not model.licence:
        return [UNTOLD]
    cut = len(model.licence) > LONGEST_LICENCE
    lines = [line.strip() for line in model.licence[:LONGEST_LICENCE].splitlines() if line.strip()]
    return [*lines, "… (read the whole of it in its file)"] if cut else lines


def _recorded(digest: str, recorded: str | None) -> list[tuple[str, str]]:
    if recorded is None:
        return [("recorded", "no hash: --record-hash records it")]
    if recorded == digest:
        return [("recorded", "the same hash")]
    return [("fault", f"The recorded hash is {recorded}: the weights were changed or damaged.")]
