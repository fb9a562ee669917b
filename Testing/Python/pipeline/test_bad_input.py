"""What is wrong with an input is said in one line that names the file; nothing is written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pydicom
import pytest
import SimpleITK
from command_line import RECONSTRUCTION, fluoroprint, nothing_left_in, refused
from FluoroPrintLib.files.volumes import read_volume
from pydicom.dataset import Dataset

SAMPLE = (
    Path(__file__).resolve().parents[3] / "FluoroPrint" / "Resources" / "SampleData" / "head-small-xa.dcm"
)
CLASS = "1.2.840.10008.5.1.4.1.1."
FIRST_HALF = 30


def without(*words: str) -> Callable[[Dataset], None]:
    def change(dataset: Dataset) -> None:
        for word in words:
            if word in dataset:
                delattr(dataset, word)

    return change


def having(**values: object) -> Callable[[Dataset], None]:
    def change(dataset: Dataset) -> None:
        for word, value in values.items():
            setattr(dataset, word, value)

    return change


def intensifier(dataset: Dataset) -> None:
    without("DetectorType")(dataset)
    having(FieldOfViewShape="ROUND", IntensifierSize="300")(dataset)


def only_frames(count: int) -> Callable[[Dataset], None]:
    def change(dataset: Dataset) -> None:
        dataset.PixelData = dataset.PixelData[: count * dataset.Rows * dataset.Columns * 2]
        dataset.NumberOfFrames = count
        for word in ("PositionerPrimaryAngleIncrement", "PositionerSecondaryAngleIncrement"):
            values = dataset.get(word)
            if isinstance(values, pydicom.multival.MultiValue):
                setattr(dataset, word, list(values)[:count])

    return change


def short_arc(dataset: Dataset) -> None:
    only_frames(FIRST_HALF)(dataset)


MISSING = (
    "DistanceSourceToDetector",
    "DistanceSourceToPatient",
    "EstimatedRadiographicMagnificationFactor",
    "ImagerPixelSpacing",
    "PositionerPrimaryAngle",
    "PositionerPrimaryAngleIncrement",
)
FAULTS = [
    ("no frames", without("PixelData"), "no frames"),
    ("one frame", only_frames(1), "1 frame"),
    ("arc too short", short_arc, "arc"),
    ("missing tags", without(*MISSING), "--sid-mm"),
    ("secondary capture", having(SOPClassUID=CLASS + "7", Modality="XA"), "secondary capture"),
    ("a CT", having(SOPClassUID=CLASS + "2", Modality="CT"), "CT"),
    ("image intensifier", intensifier, "intensifier"),
    ("colour", having(SamplesPerPixel=3, PhotometricInterpretation="RGB"), "colour"),
    ("no rows", without("Rows"), "Rows"),
    ("more frames said than held", having(NumberOfFrames=90), ""),
    ("standing arm", having(PositionerPrimaryAngleIncrement=0.0, PositionerMotion="STATIC"), "stood still"),
]


@pytest.fixture
def changed(sweep: Path, tmp_path: Path) -> Callable[[Callable[[Dataset], None]], Path]:
    def make(change: Callable[[Dataset], None]) -> Path:
        dataset = pydicom.dcmread(sweep)
        change(dataset)
        path = tmp_path / "changed.dcm"
        dataset.save_as(path)
        return path

    return make


@pytest.mark.parametrize(
    ("change", "word"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS]
)
@pytest.mark.parametrize("command", ["run", "reconstruct"])
def test_a_run_that_cannot_be_used_is_refused(
    changed: Callable[[Callable[[Dataset], None]], Path],
    tmp_path: Path,
    change: Callable[[Dataset], None],
    word: str,
    command: str,
) -> None:
    path = changed(change)
    out = tmp_path / ("case" if command == "run" else "volume.nrrd")
    said = refused(tmp_path, command, path, "--out", out, *RECONSTRUCTION)
    assert str(path) in said
    assert word in said


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.dcm", None),
        ("empty.dcm", b""),
        ("text.dcm", b"hello\nworld\n"),
        ("noise.dcm", bytes(range(256)) * 99),
    ],
)
@pytest.mark.parametrize("command", ["run", "reconstruct", "info"])
def test_a_file_that_is_none_is_refused(
    tmp_path: Path, name: str, content: bytes | None, command: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    out = () if command == "info" else ("--out", tmp_path / "out.nrrd")
    assert str(path) in refused(tmp_path, command, path, *out)


@pytest.mark.parametrize("command", ["segment", "prepare", "simulate"])
@pytest.mark.parametrize(
    "content", [None, b"", b"hello\n", b"NRRD0004\ntype: float\ndimension: 3\nsizes: 9 9 9\n\n"]
)
def test_an_image_that_is_none_is_refused(tmp_path: Path, command: str, content: bytes | None) -> None:
    path = tmp_path / "image.nrrd"
    if content is not None:
        path.write_bytes(content)
    out = {"segment": "b.seg.nrrd", "prepare": "m.stl", "simulate": "s.dcm"}[command]
    assert str(path) in refused(tmp_path, command, path, "--out", tmp_path / out)


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("which", ["sample", "simulated"])
def test_a_file_cut_short_is_refused(tmp_path: Path, sweep: Path, share: float, which: str) -> None:
    whole = (SAMPLE if which == "sample" else sweep).read_bytes()
    path = tmp_path / "cut.dcm"
    path.write_bytes(whole[: int(len(whole) * share)])
    assert str(path) in refused(tmp_path, "run", path, "--out", tmp_path / "case", *RECONSTRUCTION)


def test_a_run_without_tags_goes_on_when_options_tell_them(
    changed: Callable[[Callable[[Dataset], None]], Path], tmp_path: Path, case: SimpleNamespace
) -> None:
    path = changed(without(*MISSING))
    options = [
        "--sid-mm",
        "1180",
        "--sod-mm",
        "785",
        "--pixel-mm",
        "4",
        "4",
        "--primary-start-deg",
        "-100",
        "--arc-deg",
        "200",
    ]
    out = tmp_path / "v.nrrd"
    assert fluoroprint("reconstruct", path, "--out", out, *options, *RECONSTRUCTION).code == 0
    given, header = (read_volume(p).array_kji for p in (out, case.folder / "volume.nrrd"))
    assert np.abs(given - header).mean() < 1


def test_a_run_without_tags_goes_on_with_a_geometry_file(
    changed: Callable[[Callable[[Dataset], None]], Path],
    tmp_path: Path,
    simulated: SimpleNamespace,
    case: SimpleNamespace,
) -> None:
    path, out = changed(without(*MISSING)), tmp_path / "v.nrrd"
    done = fluoroprint("reconstruct", path, "--out", out, "--geometry", simulated.geometry, *RECONSTRUCTION)
    assert done.code == 0, done.err
    given, header = (read_volume(p) for p in (out, case.folder / "volume.nrrd"))
    assert given.size_ijk == header.size_ijk
    assert np.abs(given.array_kji - header.array_kji).mean() < 1


def test_an_intensifier_goes_on_with_a_geometry_file(
    changed: Callable[[Callable[[Dataset], None]], Path], tmp_path: Path, simulated: SimpleNamespace
) -> None:
    path = changed(intensifier)
    words = ("--out", tmp_path / "v.nrrd", "--geometry", simulated.geometry, "--voxel-mm", "6")
    assert fluoroprint("reconstruct", path, *words).code == 0


@pytest.mark.parametrize(
    "content", [None, "", "{}", "[1, 2", "1 2 3", "<xml/>", '{"projection_matrices": [[[1,2],[3,4]]]}']
)
def test_a_geometry_file_that_is_none_is_refused_and_named(
    tmp_path: Path, sweep: Path, content: str | None
) -> None:
    geometry = tmp_path / "geometry.json"
    if content is not None:
        geometry.write_text(content)
    words = ("run", sweep, "--out", tmp_path / "case", "--geometry", geometry)
    assert str(geometry) in refused(tmp_path, *words)


def test_geometry_for_other_frames_is_refused_and_named(tmp_path: Path, simulated: SimpleNamespace) -> None:
    content = json.loads(simulated.geometry.read_text())
    content["projection_matrices"] = content["projection_matrices"][:20]
    geometry = tmp_path / "few.json"
    geometry.write_text(json.dumps(content))
    words = ("run", simulated.sweep, "--out", tmp_path / "case", "--geometry", geometry)
    said = refused(tmp_path, *words)
    assert str(geometry) in said
    assert "20" in said
    assert "60" in said


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_stack_that_holds_no_numbers_is_refused(
    tmp_path: Path, simulated: SimpleNamespace, bad: float
) -> None:
    frames = pydicom.dcmread(simulated.sweep).pixel_array.astype(np.float32)
    frames[7, 3, 3] = bad
    stack = tmp_path / "stack.mha"
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(frames), str(stack))
    words = ("run", stack, "--out", tmp_path / "case", "--geometry", simulated.geometry)
    assert str(stack) in refused(tmp_path, *words)


def _volume_of(values: float) -> SimpleITK.Image:
    return SimpleITK.GetImageFromArray(np.full((9, 10, 11), values, np.float32))


@pytest.mark.parametrize("value", [0.0, -1000.0, 500.0, np.nan, np.inf])
def test_a_volume_of_nothing_is_not_segmented(tmp_path: Path, value: float) -> None:
    path = tmp_path / "flat.nrrd"
    SimpleITK.WriteImage(_volume_of(value), str(path))
    assert str(path) in refused(tmp_path, "segment", path, "--out", tmp_path / "bone.seg.nrrd")


def test_a_volume_without_bone_is_not_segmented(tmp_path: Path) -> None:
    path = tmp_path / "air.nrrd"
    noise = np.random.default_rng(0).normal(-1000, 5, (20, 20, 20)).astype(np.float32)
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(noise), str(path))
    words = ("segment", path, "--out", tmp_path / "bone.seg.nrrd", "--lower-hu", "300")
    assert str(path) in refused(tmp_path, *words)


@pytest.mark.parametrize("name", ["labels.nrrd", "labels.nii.gz"])
def test_an_empty_labelmap_is_not_prepared(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(np.zeros((9, 10, 11), np.uint8)), str(path))
    assert str(path) in refused(tmp_path, "prepare", path, "--out", tmp_path / "m.stl")


def test_a_segmentation_with_an_empty_segment_is_not_prepared(tmp_path: Path, case: SimpleNamespace) -> None:
    image = SimpleITK.ReadImage(str(case.folder / "segmentation.seg.nrrd"))
    path = tmp_path / "empty.seg.nrrd"
    empty = image * 0
    for key in image.GetMetaDataKeys():
        empty.SetMetaData(key, image.GetMetaData(key))
    SimpleITK.WriteImage(empty, str(path))
    assert str(path) in refused(tmp_path, "prepare", path, "--out", tmp_path / "m.stl")


def test_a_ct_of_air_is_not_simulated(tmp_path: Path) -> None:
    path = tmp_path / "air.nrrd"
    SimpleITK.WriteImage(_volume_of(-1000.0), str(path))
    assert str(path) in refused(tmp_path, "simulate", path, "--out", tmp_path / "run.dcm")


@pytest.mark.parametrize(
    ("command", "given"),
    [
        *(("run", "ct"), ("reconstruct", "ct"), ("segment", "sweep"), ("prepare", "sweep")),
        *(("prepare", "ct"), ("simulate", "sweep")),
    ],
)
def test_the_file_of_another_stage_is_refused(
    tmp_path: Path, simulated: SimpleNamespace, command: str, given: str
) -> None:
    path = Path(shutil.copy(vars(simulated)[given], tmp_path))
    out = {"segment": "b.seg.nrrd", "prepare": "m.stl", "simulate": "s.dcm"}.get(command, "v.nrrd")
    said = refused(tmp_path, command, path, "--out", tmp_path / out)
    assert str(path) in said


def test_a_folder_without_frames_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("hello")
    for folder in ("empty", "notes"):
        said = refused(tmp_path, "run", tmp_path / folder, "--out", tmp_path / "case")
        assert str(tmp_path / folder) in said


def test_the_input_is_only_read(sweep: Path, tmp_path: Path) -> None:
    with nothing_left_in(sweep.parent):
        assert fluoroprint("reconstruct", sweep, "--out", tmp_path / "v.nrrd", "--voxel-mm", "6").code == 0
