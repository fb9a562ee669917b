"""What is wrong with a run is said in one sentence that names the file and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.dicom_quiet import quiet_pydicom
from FluoroPrintLib.files.geometry_files import write_geometry
from FluoroPrintLib.files.info import describe_file
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.files.sweep_parameters import SweepParameters
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless
from xa_files import COUNT, changed, disc_counts, write_run


def refusal(path: Path, parameters: SweepParameters | None = None) -> str:
    with pytest.raises(FluoroPrintError) as caught:
        read_sweep(path, parameters or SweepParameters())
    return str(caught.value)


def without(*words: str) -> Callable[[Dataset], None]:
    def remove(dataset: Dataset) -> None:
        for word in words:
            delattr(dataset, word)

    return remove


def test_all_that_is_missing_is_listed_with_its_tag_and_option(tmp_path: Path) -> None:
    words = (
        "DistanceSourceToDetector",
        "DistanceSourceToPatient",
        "EstimatedRadiographicMagnificationFactor",
        "ImagerPixelSpacing",
        "PositionerPrimaryAngle",
        "PositionerPrimaryAngleIncrement",
    )
    path = changed(write_run(tmp_path / "run.dcm"), without(*words))
    sentence = refusal(path)
    for part in (
        "run.dcm",
        "(0018,1110)",
        "(0018,1111)",
        "(0018,1164)",
        "(0018,1510)",
        "(0018,1520)",
        "--geometry",
    ):
        assert part in sentence
    for option in ("--sid-mm", "--sod-mm", "--pixel-mm", "--primary-start-deg", "--arc-deg"):
        assert option in sentence
    told = SweepParameters(
        sid_mm=1180.0, sod_mm=785.0, pixel_mm=(2.6, 2.6), primary_start_deg=-100.0, arc_deg=198.0
    )
    told_matrices = read_sweep(path, told).geometry.ras_to_pixel
    header_matrices = read_sweep(write_run(tmp_path / "whole.dcm")).geometry.ras_to_pixel
    np.testing.assert_allclose(told_matrices, header_matrices, atol=1e-5)


def test_only_what_is_missing_is_listed(tmp_path: Path) -> None:
    path = changed(write_run(tmp_path / "run.dcm"), without("ImagerPixelSpacing"))
    sentence = refusal(path)
    assert "(0018,1164) is missing" in sentence
    assert "0018,1110" not in sentence


def test_the_magnification_stands_in_for_the_isocentre(tmp_path: Path) -> None:
    sweep = read_sweep(changed(write_run(tmp_path / "run.dcm"), without("DistanceSourceToPatient")))
    assert sweep.geometry.sod_mm == pytest.approx(785.0, abs=1e-3)
    assert any("magnification" in warning for warning in sweep.warnings)


def _set(**values: object) -> Callable[[Dataset], None]:
    def change(dataset: Dataset) -> None:
        for word, value in values.items():
            setattr(dataset, word, value)

    return change


def _stand_still(dataset: Dataset) -> None:
    dataset.PositionerMotion = "STATIC"
    dataset.PositionerPrimaryAngleIncrement = None
    dataset.PositionerSecondaryAngleIncrement = None


def _no_word_on_motion(dataset: Dataset) -> None:
    dataset.PositionerMotion = ""
    dataset.PositionerPrimaryAngleIncrement = None


def _fewer_frames_than_said(dataset: Dataset) -> None:
    dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.NumberOfFrames, dataset.PositionerPrimaryAngleIncrement = COUNT + 1, "2"
    del dataset.PositionerSecondaryAngleIncrement


def _cut_short(dataset: Dataset) -> None:
    dataset.PixelData = dataset.PixelData[: len(dataset.PixelData) // 2]


CLASS = "1.2.840.10008.5.1.4.1.1."


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_set(SOPClassUID=CLASS + "7"), "secondary capture that calls itself XA"),
        (_set(SOPClassUID=CLASS + "7.4"), "secondary capture"),
        (_set(SOPClassUID=CLASS + "12.2.1"), "Enhanced RF"),
        (_set(SOPClassUID=CLASS + "13.1.1"), "X-Ray 3D Angiographic"),
        (_set(SOPClassUID=CLASS + "2", Modality="CT"), "CT image"),
        (_set(SOPClassUID=CLASS + "4", Modality="MR"), "no X-ray angiographic run"),
        (_set(IntensifierSize="300", DetectorType=""), "comes from an image intensifier"),
        (_set(FieldOfViewShape="ROUND", DetectorType=""), "comes from an image intensifier"),
        (_set(DistanceSourceToPatient="1300"), "isocentre lies between"),
        (_set(PositionerPrimaryAngleIncrement=["1", "2", "3"]), "3 primary angle increments for 12 frames"),
        (_set(NumberOfFrames=1, PositionerPrimaryAngleIncrement=None), "holds 1 frame,"),
        (_set(NumberOfFrames=13, PositionerPrimaryAngleIncrement="2"), "pixel data"),
        (_set(SamplesPerPixel=3), "colour"),
        (_stand_still, "stood still"),
        (_no_word_on_motion, "the turn from frame to frame (0018,1520) is missing"),
        (_cut_short, "pixel data"),
        (_fewer_frames_than_said, "frames but holds 12|pixel data"),
        (without("PixelData"), "holds no frames"),
        (without("Rows"), "does not say its Rows"),
        (_set(PixelData=b""), "holds no frames"),
    ],
)
def test_a_file_that_cannot_serve_is_refused_in_a_sentence(
    tmp_path: Path, change: Callable[[Dataset], None], words: str
) -> None:
    sentence = refusal(changed(write_run(tmp_path / "run.dcm"), change))
    assert any(word in sentence for word in words.split("|"))
    assert "run.dcm" in sentence or "header" in sentence
    assert "\n" not in sentence


def test_a_file_that_does_not_say_how_its_pixels_are_stored_is_refused(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(write_run(tmp_path / "run.dcm"))
    pixels = dataset.PixelData
    del dataset.file_meta.TransferSyntaxUID
    dataset.PixelData = pixels
    dataset.save_as(tmp_path / "run.dcm", implicit_vr=False, little_endian=True)
    assert "how its pixels are stored" in refusal(tmp_path / "run.dcm")


def test_a_round_field_on_a_flat_panel_is_no_intensifier(tmp_path: Path) -> None:
    path = changed(
        write_run(tmp_path / "run.dcm"), _set(FieldOfViewShape="ROUND", DetectorType="SCINTILLATOR")
    )
    assert read_sweep(path).geometry.count == COUNT


def test_an_intensifier_is_read_with_a_geometry_file(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run.dcm")
    write_geometry(tmp_path / "geometry.json", read_sweep(path).geometry)
    changed(path, _set(IntensifierSize="300", DetectorType=""))
    assert read_sweep(path, geometry=tmp_path / "geometry.json").geometry.count == COUNT


def test_options_beside_a_geometry_file_are_warned_of(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run.dcm")
    write_geometry(tmp_path / "geometry.json", read_sweep(path).geometry)
    sweep = read_sweep(path, SweepParameters(sid_mm=1000.0), geometry=tmp_path / "geometry.json")
    assert any("--sid-mm had no effect" in warning for warning in sweep.warnings)


def test_a_run_that_stood_still_can_be_read_for_its_frames(tmp_path: Path) -> None:
    path = changed(write_run(tmp_path / "run.dcm"), _stand_still)
    assert read_sweep(path, minimum_frames=1).geometry.count == COUNT


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.dcm", b"", "is empty"),
        ("text.dcm", b"not a picture " * 40, "is not a DICOM file"),
        ("cut.dcm", None, "run.dcm|cut.dcm"),
        ("notes.txt", b"hello", "is of no kind"),
        ("broken.tif", b"II*\0" + bytes(50), "damaged"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    if content is None:
        content = write_run(tmp_path / "run.dcm").read_bytes()[:900]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FluoroPrintError, match=words):
        read_sweep(tmp_path / name)


def test_nothing_there_and_nothing_inside_are_refused(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "no.dcm")
    assert "holds no frames" in refusal(tmp_path)


def test_a_folder_of_two_series_is_refused(tmp_path: Path) -> None:
    for number in range(2):
        path = write_run(tmp_path / f"{number}.dcm", disc_counts())
        changed(path, _set(NumberOfFrames=1, PixelData=disc_counts()[0].astype("<u2").tobytes()))
    assert "2 series" in refusal(tmp_path)


def test_values_against_the_standard_make_no_noise(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    path = write_run(tmp_path / "run.dcm")
    with quiet_pydicom():
        changed(path, _set(StudyDate="2026-01-01", DistanceSourceToDetector="1180.00000000000000000001"))
    read_sweep(path)
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_a_tilted_detector_and_a_shutter_are_warned_of(tmp_path: Path) -> None:
    change = _set(DetectorPrimaryAngle="4", ShutterLeftVerticalEdge="5")
    sweep = read_sweep(changed(write_run(tmp_path / "run.dcm"), change))
    assert any("tilted" in warning for warning in sweep.warnings)
    assert any("shutter" in warning for warning in sweep.warnings)


def test_info_says_what_is_missing_and_what_stands_ready(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run.dcm")
    facts = dict(describe_file(path))
    assert facts["frames"] == "12 of 48 x 40 pixels"
    assert facts["arc"] == "198.0° in 12 frames"
    assert "ready" in facts
    facts = dict(describe_file(changed(path, without("ImagerPixelSpacing"))))
    assert "--pixel-mm" in facts["missing"]
    assert "ready" not in facts


def test_info_puts_a_fault_in_words(tmp_path: Path) -> None:
    path = changed(write_run(tmp_path / "run.dcm"), _set(SOPClassUID=CLASS + "7"))
    assert "secondary capture" in dict(describe_file(path))["fault"]
    (tmp_path / "notes.txt").write_text("hello")
    assert "no kind" in dict(describe_file(tmp_path / "notes.txt"))["fault"]
    with pytest.raises(FluoroPrintError, match="does not exist"):
        describe_file(tmp_path / "no.dcm")
