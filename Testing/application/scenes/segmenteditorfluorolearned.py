"""The effect's options with the folder of a model chosen; its licence is shown, what lacks is told."""

import json
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import stand_in
from scene_editor import edit, made

LICENCE = "Creative Commons Attribution 4.0 International (CC BY 4.0)"
DATASET = {
    "channel_names": {"0": "CT"},
    "labels": {"background": 0, "vertebrae_L5": 1},
    "file_ending": ".nii.gz",
}
PLANS = {"plans_name": "nnUNetPlans", "configurations": {"3d_fullres": {"spacing": [1, 1, 1]}}}


FOLDER = Path("models") / "Dataset501_Spine"


def make_model(folder):
    """Make what the folder of a trained model holds, with a checkpoint that holds no weights."""
    (folder / "fold_0").mkdir(parents=True)
    (folder / "dataset.json").write_text(json.dumps(DATASET))
    (folder / "plans.json").write_text(json.dumps(PLANS))
    (folder / "LICENSE").write_text(LICENCE)
    with zipfile.ZipFile(folder / "fold_0" / "checkpoint_final.pth", "w") as checkpoint:
        checkpoint.writestr("archive/data.pkl", "")


def populate(editor, scene):
    """Choose the folder of a model below the home folder, whose licence is then shown."""
    options = edit(editor, scene, made([]), "Learned models")
    with TemporaryDirectory() as made_home, pytest.MonkeyPatch.context() as monkeypatch:
        home = Path(made_home)
        for name in ("HOME", "USERPROFILE"):
            monkeypatch.setenv(name, made_home)
        make_model(home / FOLDER / "nnUNetTrainer__nnUNetPlans__3d_fullres")
        options.rows["learned_model"].text = f"~/{FOLDER.as_posix()}"
        options.rows["learned_licence_read"].checked = True
        stand_in.wait_until(lambda: not options._delay.active)
