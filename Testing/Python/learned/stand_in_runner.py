"""Stand-ins for nnU-Net and TotalSegmentator: packages that take the same command lines and only threshold.

They run as the real ones do, in a Python of their own, so all but the network itself is tried. Their options
are those of nnunetv2 2.8 and TotalSegmentator 2.18; an option that those do not know ends the run here too.
"""

import json
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from FluoroPrintLib.geometry.volume import Volume

COMMON = """
import json, os, subprocess, sys, time
from pathlib import Path
ROOT = Path(__file__).parents[DEPTH]

def do(read, written, given):
    (ROOT / "given.json").write_text(json.dumps(given))
    (ROOT / "environment.json").write_text(json.dumps(dict(os.environ)))
    behaviour = (ROOT / "behaviour.txt").read_text()
    for percent in (0, 40, 80):
        print(f"\\r {percent}%|###       | 1/3 [00:00<00:00]", end="", file=sys.stderr, flush=True)
        time.sleep(0.3 if behaviour == "slowly" else 0.0)
    (Path(os.environ["TMPDIR"]) / "left.tmp").write_text("a temporary file that nobody tidied up")
    if behaviour == "fail":
        print("Traceback (most recent call last):\\nRuntimeError: CUDA out of memory.", file=sys.stderr)
        sys.exit(1)
    if behaviour == "killed":
        os.kill(os.getpid(), 9)
    if behaviour == "fetch":
        print("requests.exceptions.ProxyError: HTTPSConnectionPool(host='github.com')\\n", file=sys.stderr)
        sys.exit(1)
    if behaviour == "nothing":
        return
    if behaviour == "hang":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
        (ROOT / "pids.part").write_text(f"{os.getpid()} {child.pid}")
        (ROOT / "pids.part").rename(ROOT / "pids.txt")
        time.sleep(300)
    import numpy as np, SimpleITK
    image = SimpleITK.ReadImage(str(read))
    values = SimpleITK.GetArrayFromImage(image)
    labels = (values > 300).astype(np.int16) + (values > 2000)
    if behaviour == "large":
        labels *= 200
    if behaviour == "empty":
        labels[:] = 0
    if behaviour == "smaller":
        labels = labels[1:]
    found = SimpleITK.GetImageFromArray(labels)
    found.SetSpacing(image.GetSpacing())
    found.SetDirection(image.GetDirection())
    x, y, z = image.GetOrigin()
    found.SetOrigin((x + (1.0 if behaviour == "moved" else 0.0), y, z))
    SimpleITK.WriteImage(found, str(written))
"""
NNUNET = (
    COMMON.replace("DEPTH", "3")
    + """
import argparse

def predict_entry_point_modelfolder():
    parser = argparse.ArgumentParser()
    for name in ("-i", "-o", "-m"):
        parser.add_argument(name, required=True)
    parser.add_argument("-f", nargs="+", default=(0, 1, 2, 3, 4))
    for name in ("-step_size", "-chk", "-device", "-prev_stage_predictions"):
        parser.add_argument(name)
    for name in ("-npp", "-nps"):
        parser.add_argument(name, type=int)
    for name in ("--disable_tta", "--verbose", "--disable_progress_bar", "--not_on_device"):
        parser.add_argument(name, action="store_true")
    given = parser.parse_args()
    os.makedirs(given.o, exist_ok=True)
    dataset = json.loads((Path(given.m) / "dataset.json").read_text())
    for fold in given.f:
        assert (Path(given.m) / f"fold_{fold}" / given.chk).is_file()
    (read,) = Path(given.i).glob("*_0000" + dataset["file_ending"])
    do(read, Path(given.o) / read.name.replace("_0000", ""), vars(given))
"""
)
TOTAL = (
    COMMON.replace("DEPTH", "3")
    + """
import argparse
from totalsegmentator.map_to_binary import class_map

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-i", dest="input")
    parser.add_argument("-o", dest="output")
    parser.add_argument("-ml", "--ml", action="store_true")
    parser.add_argument("-nr", "--nr_thr_resamp", type=int)
    parser.add_argument("-ns", "--nr_thr_saving", type=int)
    parser.add_argument("-f", "--fast", action="store_true")
    parser.add_argument("-ff", "--fastest", action="store_true")
    parser.add_argument("-ta", "--task", choices=class_map)
    parser.add_argument("-d", "--device", choices=("gpu", "cpu", "mps"))
    given = parser.parse_args()
    assert given.ml, "one file of all labels"
    home = json.loads((Path(os.environ["TOTALSEG_HOME_DIR"]) / "config.json").read_text())
    do(given.input, given.output, vars(given) | {"home": home})
"""
)
CLASSES = """
class_map = {
    "total": {1: "vertebrae_L5", 2: "hip_implant"} | {n: f"structure_{n}" for n in range(3, 118)},
    "appendicular_bones": {1: "patella", 2: "tibia"},
}
"""
FILES = {
    "nnunetv2/__init__.py": "",
    "nnunetv2/inference/__init__.py": "",
    "nnunetv2/inference/predict_from_raw_data.py": NNUNET,
    "totalsegmentator/__init__.py": "",
    "totalsegmentator/bin/__init__.py": "",
    "totalsegmentator/bin/TotalSegmentator.py": TOTAL,
    "totalsegmentator/map_to_binary.py": CLASSES,
}
LABELS = {"background": 0, "vertebrae_L5": 1, "mystery": 2}


@dataclass(frozen=True)
class Runner:
    """A Python with the stand-ins, and what was seen of its last run."""

    root: Path

    @property
    def python(self) -> str:
        return str(self.root / "bin" / "python")

    def behave(self, word: str) -> None:
        """Let the next run "fail", "hang", give "nothing" and so on; "" is to work."""
        (self.root / "behaviour.txt").write_text(word)

    def given(self) -> dict:
        return json.loads((self.root / "given.json").read_text())

    def environment(self) -> dict:
        return json.loads((self.root / "environment.json").read_text())


def make_runner(root: Path, files: dict[str, str] = FILES) -> Runner:
    for name, text in files.items():
        path = root / "packages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(".parents[3]", f".parents[{name.count('/') + 1}]"))
    python = root / "bin" / "python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{root / "packages"}" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    made = Runner(root)
    made.behave("")
    return made


def make_model(folder: Path, folds: tuple[str, ...] = ("0",), **dataset: object) -> Path:
    """Make what a trained model's folder holds; its checkpoints are zip files, as torch writes them."""
    folder.mkdir(parents=True)
    told = {"channel_names": {"0": "CT"}, "labels": LABELS, "file_ending": ".nii.gz", "numTraining": 1}
    (folder / "dataset.json").write_text(json.dumps(told | dataset))
    plans = {"plans_name": "nnUNetPlans", "configurations": {"3d_fullres": {"spacing": [1, 1, 1]}}}
    (folder / "plans.json").write_text(json.dumps(plans))
    for fold in folds:
        (folder / f"fold_{fold}").mkdir()
        with zipfile.ZipFile(folder / f"fold_{fold}" / "checkpoint_final.pth", "w") as checkpoint:
            checkpoint.writestr("archive/data.pkl", f"weights of fold {fold}")
    return folder


def make_weights(folder: Path, *numbers: int) -> Path:
    """Make what TotalSegmentator's folder of weights holds."""
    for number in numbers:
        make_model(folder / f"Dataset{number:03d}_Total" / "nnUNetTrainer__nnUNetPlans__3d_fullres")
    return folder


def volume_of_ball() -> Volume:
    """A ball of bone with metal in it, beside the middle, on an oblique grid of uneven voxels, with air."""
    k, j, i = np.indices((24, 28, 32))
    apart_mm2 = (1.5 * (k - 10)) ** 2 + (1.2 * (j - 16)) ** 2 + (0.9 * (i - 12)) ** 2
    values = np.where(apart_mm2 < 100.0, 1000.0, 40.0)
    values[apart_mm2 < 9.0] = 3000.0
    values[:, :2] = -1000.0
    turn, lean = 0.4, 0.3
    about_s = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    about_r = np.array([[1, 0, 0], [0, np.cos(lean), -np.sin(lean)], [0, np.sin(lean), np.cos(lean)]])
    matrix = np.eye(4)
    matrix[:3, :3] = about_s @ about_r @ np.diag([-0.9, -1.2, 1.5])
    matrix[:3, 3] = (17.3, -41.9, 88.2)
    return Volume(values.astype(np.float32), matrix)
