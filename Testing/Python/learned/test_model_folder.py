"""The folder of a trained model: what it says, and one sentence for each way in which it is not whole."""

import json

import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.learned.model_folder import chosen_folds, holds_model, read_model_folder
from stand_in_runner import make_model


def change(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_model_is_found_from_any_folder_above_it(folder, tmp_path):
    for place in (folder, folder.parent, tmp_path):
        model = read_model_folder(place)
        assert model.folder == folder
        assert model.title == "Dataset900_Spine"
    assert model.labels == {1: "vertebrae_L5", 2: "mystery"}
    assert (model.channels, model.file_ending, model.folds, model.regions) == (
        ("CT",),
        ".nii.gz",
        ("0",),
        False,
    )


def test_its_weights_are_both_json_files_and_the_checkpoints_of_all_folds(tmp_path):
    model = read_model_folder(make_model(tmp_path / "m", ("0", "3", "all")))
    names = [path.relative_to(model.folder).as_posix() for path in model.weights]
    assert names == [
        *("dataset.json", "plans.json"),
        *(f"fold_{fold}/checkpoint_final.pth" for fold in ("0", "3", "all")),
    ]


@pytest.mark.parametrize("name", ["dataset.json", "plans.json", "fold_0/checkpoint_final.pth"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(FluoroPrintError, match=f"{name}.* is missing"):
        read_model_folder(folder)


@pytest.mark.parametrize("name", ["dataset.json", "plans.json", "fold_0/checkpoint_final.pth"])
def test_a_file_that_is_cut_short_is_named(folder, name):
    path = folder / name
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(FluoroPrintError, match=f"{name} is damaged"):
        read_model_folder(folder)


@pytest.mark.parametrize("text", ["[]", "3", "", "\x00"])
def test_json_of_another_kind_is_damaged(folder, text):
    (folder / "dataset.json").write_text(text)
    with pytest.raises(FluoroPrintError, match=r"dataset\.json is damaged"):
        read_model_folder(folder)


@pytest.mark.parametrize(
    ("change_of", "said"),
    [
        (
            {"channel_names": {"0": "CT", "1": "MR"}},
            r"needs 2 pictures \(CT, MR\): choose a model that needs one",
        ),
        ({"channel_names": {}}, "needs 0 pictures"),
        ({"file_ending": ".png"}, r"reads \.png pictures: choose a model of volumes"),
        ({"labels": {"background": 0}}, "names no labels"),
        ({"labels": {"background": 0, "a": 1, "b": 1}}, "names no labels that can be told apart"),
        ({"labels": {"background": 0, "a": "x"}}, "names no labels"),
        ({"labels": {"background": 0, "whole": [1, 2], "core": [2]}}, "names no labels"),
        ({"labels": {"background": 0, "whole": [1, 2]}, "regions_class_order": [1, 2]}, "names no labels"),
    ],
)
def test_what_the_model_needs_or_lacks_is_one_sentence(folder, change_of, said):
    change(folder / "dataset.json", **change_of)
    with pytest.raises(FluoroPrintError, match=said):
        read_model_folder(folder)


def test_regions_are_called_after_what_is_painted_last(folder):
    labels = {"background": 0, "whole": [1, 2, 3], "core": [2, 3], "seed": 3, "ignore": 4}
    change(folder / "dataset.json", labels=labels, regions_class_order=[1, 2, 3])
    model = read_model_folder(folder)
    assert model.labels == {1: "whole", 2: "core", 3: "seed"}
    assert model.regions


def test_the_order_of_the_regions_is_that_of_their_values(folder):
    labels = {"background": 0, "whole": [1, 2, 3], "core": [2, 3]}
    change(folder / "dataset.json", labels=labels, regions_class_order=[2, 1])
    assert read_model_folder(folder).labels == {2: "whole", 1: "core"}


def test_the_second_stage_of_a_cascade_is_refused(tmp_path):
    folder = make_model(tmp_path / "nnUNetTrainer__nnUNetPlans__3d_cascade_fullres")
    plans = {"3d_cascade_fullres": {"previous_stage": "3d_lowres"}, "3d_lowres": {}}
    change(folder / "plans.json", configurations=plans)
    with pytest.raises(FluoroPrintError, match=r"refines the results of another model \(3d_lowres\)"):
        read_model_folder(folder)


def test_several_models_are_named_and_none_is_told(tmp_path):
    make_model(tmp_path / "a__b__2d")
    make_model(tmp_path / "a__b__3d")
    with pytest.raises(FluoroPrintError, match=r"several models \(a__b__2d, a__b__3d\): choose one"):
        read_model_folder(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(FluoroPrintError, match=r"holds no nnU-Net v2 model"):
        read_model_folder(tmp_path / "empty")
    with pytest.raises(FluoroPrintError, match="is no folder"):
        read_model_folder(tmp_path / "gone")


def test_folds_are_chosen_among_the_trained_ones(tmp_path):
    model = read_model_folder(make_model(tmp_path / "m", ("0", "2")))
    assert chosen_folds(model, None) == ("0", "2")
    assert chosen_folds(model, "2, 0") == ("2", "0")
    with pytest.raises(FluoroPrintError, match="no trained fold 1: choose among 0, 2"):
        chosen_folds(model, "1")


@pytest.mark.parametrize(("up", "name"), [(0, "LICENSE"), (1, "licence.txt"), (2, "LICENSE.md")])
def test_a_licence_is_found_beside_the_model_or_above(folder, up, name):
    place = [folder, *folder.parents][up]
    (place / name).write_text("\n# CC BY 4.0\n\nAttribution.\n")
    assert read_model_folder(folder).licence == "# CC BY 4.0\n\nAttribution."


def test_a_licence_may_be_told_by_the_data_set(folder):
    assert read_model_folder(folder).licence == ""
    change(folder / "dataset.json", licence="CC BY-SA 4.0")
    assert read_model_folder(folder).licence == "CC BY-SA 4.0"


def test_a_folder_of_frames_is_no_model(folder, tmp_path):
    (tmp_path / "frames").mkdir()
    assert not holds_model(tmp_path / "frames")
    assert holds_model(folder)
    assert holds_model(folder.parent)
