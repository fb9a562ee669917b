"""TotalSegmentator on a volume: its command in a process of its own, with weights that are there already."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import FluoroPrintError
from ..programs import run_program
from ..progress import Progress
from .model_folder import CHECKPOINT, DATASET, PLANS
from .pythons import Interpreter, ask, surroundings

RUN = "from totalsegmentator.bin.TotalSegmentator import main; main()"
"""The entry point of the command TotalSegmentator, without the need to find that file."""
_CLASSES = """\
import json, sys
from totalsegmentator.map_to_binary import class_map
print("\\n" + json.dumps({int(value): name for value, name in class_map[sys.argv[1]].items()}))
"""
INPUT, OUTPUT = "volume.nii.gz", "labels.nii.gz"
ROUGH = 298
"""The model of 6 mm, by which tasks that crop look for their region first."""
QUALITIES = ("normal", "fast", "fastest")
LICENCE_OPEN = (
    "TotalSegmentator (J. Wasserthal and others, University Hospital Basel): program and weights of this "
    "task under the Apache License 2.0. Cite doi:10.1148/ryai.230024. The weights were trained on CT and are "
    "no medical device."
)
LICENCE_ASKED = (
    "TotalSegmentator (J. Wasserthal and others, University Hospital Basel): the weights of this task need a "
    "licence number, free for non-commercial use "
    "(https://backend.totalsegmentator.com/license-academic/). Cite doi:10.1148/ryai.230024. "
    "The weights were trained on CT and are no medical device."
)


@dataclass(frozen=True)
class Task:
    """One of TotalSegmentator's tasks that finds bone, teeth or implants.

    Attributes
    ----------
    datasets : the numbers of the weights, by quality
    licensed : whether its weights need a licence number
    """

    datasets: Mapping[str, tuple[int, ...]]
    licensed: bool = False


TASKS = {
    "total": Task({"normal": (291, 292, 293, 294, 295), "fast": (297,), "fastest": (298,)}),
    "vertebrae_body": Task({"normal": (305,)}),
    "craniofacial_structures": Task({"normal": (115, ROUGH)}),
    "teeth": Task({"normal": (113, 115, ROUGH)}),
    "headneck_bones_vessels": Task({"normal": (776, ROUGH)}),
    "hip_implant": Task({"normal": (260, ROUGH)}),
    "appendicular_bones": Task({"normal": (304,)}, licensed=True),
}
"""As of TotalSegmentator 2.18; one that wants other weights finds no way to fetch them, and says so."""


@dataclass(frozen=True)
class TaskWeights:
    """The weights of a task as they lie on this machine.

    Attributes
    ----------
    task, quality : which
    folder : holds the folders of all weights
    files : both JSON files and the checkpoint of each model
    licence : in words
    """

    task: str
    quality: str
    folder: Path
    files: tuple[Path, ...]
    licence: str

    @property
    def title(self) -> str:
        """What the task is called: "TotalSegmentator total (fast)"."""
        return f"TotalSegmentator {self.task}" + ("" if self.quality == "normal" else f" ({self.quality})")

    @property
    def record(self) -> Path:
        """Where the hash of these weights is recorded."""
        return self.folder / f"fluoroprint-{self.task}-{self.quality}.sha256"


def home() -> Path:
    """Return the folder that TotalSegmentator keeps its settings in."""
    return Path(os.environ.get("TOTALSEG_HOME_DIR") or Path.home() / ".totalsegmentator")


def weights_folder(chosen: str | None = None) -> Path:
    """Return the folder that TotalSegmentator keeps weights in, or the one chosen."""
    where = chosen or os.environ.get("TOTALSEG_WEIGHTS_PATH")
    return Path(where).expanduser() if where else home() / "nnunet" / "results"


def read_task(task: str, quality: str, chosen: str | None = None) -> TaskWeights:
    """Find the weights of a task.

    Raises
    ------
    FluoroPrintError
        The task has no such quality, or weights are lacking: the sentence says which and how to get them.
    """
    known = TASKS[task]
    if quality not in known.datasets:
        raise FluoroPrintError(f"The task {task} has one quality only: choose normal.")
    folder = weights_folder(chosen)
    found = {number: _weights_of(folder, number) for number in known.datasets[quality]}
    lacking = [str(number) for number, files in found.items() if not files]
    if lacking:
        raise FluoroPrintError(_lacking(task, quality, folder, lacking))
    files = tuple(file for files in found.values() for file in files)
    return TaskWeights(task, quality, folder, files, LICENCE_ASKED if known.licensed else LICENCE_OPEN)


def _weights_of(folder: Path, number: int) -> tuple[Path, ...]:
    """Return the files of one model; none where its folder or one of them is missing."""
    places = sorted(folder.glob(f"Dataset{number:03d}_*"))
    files = [file for place in places for name in (DATASET, PLANS, CHECKPOINT) for file in place.rglob(name)]
    whole = {file.name for file in files} == {DATASET, PLANS, CHECKPOINT}
    return tuple(sorted(files)) if whole else ()


def _lacking(task: str, quality: str, folder: Path, numbers: list[str]) -> str:
    words = task if quality == "normal" else f"{task}_fast"
    more = " and `-t total_fast`" if str(ROUGH) in numbers and task != "total" else ""
    return (
        f"Weights of TotalSegmentator's task {task} are lacking (data set {', '.join(numbers)}): fetch them "
        f"yourself with `totalseg_download_weights -t {words}`{more}, or copy their folders to {folder}."
    )


def licence_number() -> str:
    """Return the licence number that TotalSegmentator was given, empty where there is none."""
    try:
        settings = json.loads((home() / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(settings.get("license_number", "")) if isinstance(settings, dict) else ""


def check_licence_number(task: str) -> None:
    """Refuse a task that needs a licence number where none was set.

    Raises
    ------
    FluoroPrintError
        There is none.
    """
    if TASKS[task].licensed and not licence_number():
        raise FluoroPrintError(
            f"The task {task} needs a licence number: get one, set it with `totalseg_set_license -l NUMBER`."
        )


def options(task: str, quality: str, device: str, folder: Path) -> list[str]:
    """Return the command line after the name of the command."""
    words = ["-i", str(folder / INPUT), "-o", str(folder / OUTPUT), "--ml", "--task", task]
    words += ["--device", {"cuda": "gpu"}.get(device, device), "--nr_thr_resamp", "1", "--nr_thr_saving", "1"]
    return words if quality == "normal" else [*words, f"--{quality}"]


def labels_of_task(interpreter: Interpreter, task: str, folder: Path, log: Path) -> dict[int, str]:
    """Ask TotalSegmentator for the name of each value of a task.

    Raises
    ------
    FluoroPrintError
        It does not know the task.
    """
    said: dict[str, Any] = ask(interpreter, _CLASSES, (task,), folder, log, "TotalSegmentator")
    return {int(value): str(name) for value, name in said.items()}


def run_totalsegmentator(
    interpreter: Interpreter, words: list[str], weights: Path, folder: Path, log: Path, progress: Progress
) -> None:
    """Run TotalSegmentator in a folder that is its home too: there it is told to send no usage statistics.

    Raises
    ------
    FluoroPrintError
        It fails.
    Cancelled
        `progress` stopped it.
    """
    settings = {
        "totalseg_id": "totalseg_none",
        "send_usage_stats": False,
        "prediction_counter": 0,
        "statistics_disclaimer_shown": True,
        "license_number": licence_number(),
    }
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    places = {"TOTALSEG_HOME_DIR": str(folder), "TOTALSEG_WEIGHTS_PATH": str(weights.absolute())}
    environment = surroundings(interpreter, folder, **places)
    line = [interpreter.path, "-c", RUN, *words]
    run_program(line, folder, environment, log, "TotalSegmentator", progress)
