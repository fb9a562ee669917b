"""What a DICOM file is told to be by its header, without its pixels."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from enhanced_files import write_enhanced, write_xray_3d
from FluoroPrintLib.files.recognition import LOOP, SWEEP, VOLUME, recognise
from xa_files import COUNT, changed, write_run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run.dcm")


def without(*keywords: str):
    def change(dataset: pydicom.Dataset) -> None:
        for keyword in keywords:
            delattr(dataset, keyword)

    return change


def test_a_rotational_run_is_a_sweep_with_its_geometry(run: Path) -> None:
    found = recognise(run)
    assert found is not None
    assert (found.kind, found.missing) == (SWEEP, ())
    assert found.summary == (
        "12 frames of 48 x 40 pixels",
        "arc 198.0°, from -100.0° to 98.0°",
        "source to detector 1180 mm, to isocentre 785 mm, pixel 2.6 x 2.6 mm",
    )


def test_an_enhanced_run_is_a_sweep_too(tmp_path: Path) -> None:
    found = recognise(write_enhanced(tmp_path / "run.dcm"))
    assert found is not None
    assert (found.kind, found.missing) == (SWEEP, ())
    assert "arc" in found.summary[1]


def test_what_a_run_lacks_is_named(run: Path) -> None:
    changed(run, without("DistanceSourceToDetector", "ImagerPixelSpacing"))
    found = recognise(run)
    assert found is not None
    assert found.kind == SWEEP
    assert [part.rpartition(" ")[2] for part in found.missing] == ["(0018,1110)", "(0018,1164)"]
    assert "source to detector not told" in found.summary[2]


def test_a_run_in_which_the_arm_stood_still_is_a_loop(tmp_path: Path) -> None:
    found = recognise(write_run(tmp_path / "loop.dcm", primary_deg=np.full(COUNT, 30.0)))
    assert found is not None
    assert found.kind == LOOP
    assert found.summary[1] == "the arm stood still at 30.0°"


def test_a_volume_of_the_console_is_a_volume(tmp_path: Path) -> None:
    places = [(0.0, 0.0, float(k)) for k in range(4)]
    path = write_xray_3d(tmp_path / "volume.dcm", np.zeros((4, 6, 5), np.uint16), places)
    found = recognise(path)
    assert found is not None
    assert (found.kind, found.summary) == (VOLUME, ("4 slices of 5 x 6 pixels",))


def test_the_pixels_are_not_read(run: Path) -> None:
    changed(run, without("PixelData"))
    assert recognise(run) is not None


@pytest.mark.parametrize("content", [b"", b"no DICOM", bytes(128) + b"DICM" + b"\x08\x00\x16\x00UI\xff\x7f"])
def test_a_broken_file_is_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.dcm"
    path.write_bytes(content)
    assert recognise(path) is None


def test_other_classes_and_single_pictures_are_nothing(run: Path, tmp_path: Path) -> None:
    single = write_run(
        tmp_path / "single.dcm", np.ones((1, 8, 8), np.uint16), primary_deg=[0.0], secondary_deg=[0.0]
    )
    assert recognise(single) is None
    changed(run, lambda dataset: setattr(dataset, "SOPClassUID", "1.2.840.10008.5.1.4.1.1.2"))
    assert recognise(run) is None
