"""nnU-Net v2 on a volume: its own entry for the folder of a model, in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..programs import run_program
from ..progress import Progress
from .model_folder import CHECKPOINT, ModelFolder
from .pythons import Interpreter, surroundings

CASE = "case"
FIRST_CHANNEL = "_0000"
RUN = "from nnunetv2.inference.predict_from_raw_data import predict_entry_point_modelfolder as run; run()"
"""The entry point of the command nnUNetv2_predict_from_modelfolder, without the need to find that file."""


def input_file(model: ModelFolder, folder: Path) -> Path:
    """Return where nnU-Net looks for the first picture of a case."""
    return folder / f"{CASE}{FIRST_CHANNEL}{model.file_ending}"


def options(
    model: ModelFolder, folds: tuple[str, ...], device: str, mirroring: bool, read: Path, written: Path
) -> list[str]:
    """Return the command line after the name of the command; one worker each, which cancels best."""
    words = ["-i", str(read), "-o", str(written), "-m", str(model.folder), "-f", *folds]
    words += ["-chk", CHECKPOINT, "-device", device, "-npp", "1", "-nps", "1"]
    return words if mirroring else [*words, "--disable_tta"]


def run_nnunet(
    interpreter: Interpreter, words: list[str], folder: Path, log: Path, progress: Progress
) -> None:
    """Run nnU-Net in a folder; the variables for its training data, which it asks for, point there too.

    Raises
    ------
    FluoroPrintError
        It fails.
    Cancelled
        `progress` stopped it.
    """
    unused: Mapping[str, Any] = dict.fromkeys(
        ("nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results"), str(folder)
    )
    environment = surroundings(interpreter, folder, **unused)
    run_program([interpreter.path, "-c", RUN, *words], folder, environment, log, "nnU-Net", progress)
