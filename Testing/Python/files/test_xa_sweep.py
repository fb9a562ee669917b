"""Runs written as XA come back with their line integrals and their geometry."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.files.sweep_parameters import SweepParameters
from FluoroPrintLib.geometry.poses import geometry_from_angles
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, RLELossless
from xa_files import AIR, COLUMNS, COUNT, PRIMARY_DEG, ROWS, changed, disc_counts, disc_integrals, write_run

SAMPLE = Path(__file__).parents[3] / "FluoroPrint" / "Resources" / "SampleData" / "head-small-xa.dcm"
ROUNDING = 0.01  # a line integral of 3 leaves 199 of 4000 counts, rounded to whole ones


def project(
    matrices: npt.NDArray[np.float64], point_ras: tuple[float, float, float]
) -> npt.NDArray[np.float64]:
    homogeneous = matrices @ np.append(point_ras, 1.0)
    return homogeneous[:, :2] / homogeneous[:, 2:]


@pytest.mark.parametrize("encoding", ["increment", "offsets", "absolute"])
def test_a_run_comes_back_with_its_integrals_and_its_matrices(tmp_path: Path, encoding: str) -> None:
    sweep = read_sweep(write_run(tmp_path / "run.dcm", angle_encoding=encoding))
    expected = geometry_from_angles(
        PRIMARY_DEG,
        np.zeros(COUNT),
        sid_mm=1180.0,
        sod_mm=785.0,
        pixel_mm=(2.6, 2.6),
        rows=ROWS,
        columns=COLUMNS,
    )
    np.testing.assert_allclose(sweep.frames, disc_integrals(), atol=ROUNDING)
    np.testing.assert_allclose(sweep.geometry.ras_to_pixel, expected.ras_to_pixel, atol=1e-5)
    assert sweep.frames.dtype == np.float32
    assert sweep.i0 == AIR
    assert sweep.warnings == ()


def test_the_sample_projects_points_where_the_simulation_did() -> None:
    """The pixel of a point in frames 1, 41 and 120, by the matrices that simulated the sample."""
    sweep = read_sweep(SAMPLE)
    pixels = project(sweep.geometry.ras_to_pixel, (60.0, -40.0, 30.0))[[0, 40, 119]]
    truth = [[60.04883245, 40.5013697], [33.753125, 39.13002578], [106.34722892, 37.92151056]]
    np.testing.assert_allclose(pixels, truth, atol=1e-3)
    np.testing.assert_allclose(
        project(sweep.geometry.ras_to_pixel, (0.0, 0.0, 0.0)), [[75.5, 56.5]] * 120, atol=1e-9
    )
    assert sweep.i0 == pytest.approx(16000, rel=1e-3)
    assert sweep.warnings == ()


def test_logarithmic_values_come_back_by_their_table(tmp_path: Path) -> None:
    """A console stores 4095 ln(I) / ln(4095) and a table that undoes it."""
    stored = np.round(4095 * np.log(np.maximum(disc_counts(), 1)) / np.log(4095)).astype(np.uint16)
    path = write_run(tmp_path / "run.dcm", stored, relation="LOG")

    def add_table(dataset: Dataset) -> None:
        item = Dataset()
        item.add_new("LUTDescriptor", "US", [4096, 0, 16])
        item.ModalityLUTType = "US"
        table = np.round(np.exp(np.arange(4096) / 4095 * np.log(4095)) * 10).astype("<u2")
        item.add_new("LUTData", "OW", table.tobytes())
        dataset.ModalityLUTSequence = [item]

    sweep = read_sweep(changed(path, add_table))
    np.testing.assert_allclose(sweep.frames, disc_integrals(), atol=ROUNDING)
    assert sweep.i0 == pytest.approx(10 * AIR, rel=1e-3)


def test_the_scale_of_logarithmic_values_is_measured_from_their_noise(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    row, column = np.mgrid[:100, :100]
    integrals = np.repeat(
        (6.0 * np.exp(-((row - 50.0) ** 2 + (column - 50.0) ** 2) / 2500.0))[None], COUNT, 0
    )
    photons = np.maximum(generator.poisson(2e5 * np.exp(-integrals)), 1)
    stored = np.round(3800 - 450.0 * np.log(2e5 / photons)).clip(0, 4095).astype(np.uint16)
    sweep = read_sweep(write_run(tmp_path / "run.dcm", stored, relation="LOG"))
    assert sweep.provenance["log_scale"] == pytest.approx(450.0, rel=0.03)
    assert any("--log-scale" in warning for warning in sweep.warnings)


def test_a_scale_given_stands_above_the_noise(tmp_path: Path) -> None:
    stored = np.round(3800 - 450.0 * disc_integrals()).astype(np.uint16)
    path = write_run(tmp_path / "run.dcm", stored, relation="LOG")
    sweep = read_sweep(path, SweepParameters(log_scale=450.0))
    np.testing.assert_allclose(sweep.frames, disc_integrals(), atol=2 / 450)


def test_display_values_are_taken_as_logarithmic_with_a_warning(tmp_path: Path) -> None:
    stored = np.round(250 - 60 * disc_integrals()).astype(np.uint16)
    sweep = read_sweep(write_run(tmp_path / "run.dcm", stored, relation="DISP", bits_stored=8))
    assert any("DISP" in warning for warning in sweep.warnings)
    np.testing.assert_allclose(sweep.frames * sweep.provenance["log_scale"], 60 * disc_integrals(), atol=1.0)


def test_a_rescale_is_applied(tmp_path: Path) -> None:
    def rescale(dataset: Dataset) -> None:
        dataset.RescaleSlope, dataset.RescaleIntercept = "0.5", "0"

    sweep = read_sweep(changed(write_run(tmp_path / "run.dcm"), rescale))
    assert sweep.i0 == AIR / 2
    np.testing.assert_allclose(sweep.frames, disc_integrals(), atol=ROUNDING)


def test_signed_values_that_begin_at_the_lowest_are_shifted(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run.dcm", disc_counts(60000), bits_stored=16)

    def make_signed(dataset: Dataset) -> None:
        values = np.frombuffer(dataset.PixelData, "<u2").astype(np.int32) - 32768
        dataset.PixelRepresentation = 1
        dataset.PixelData = values.astype("<i2").tobytes()

    sweep = read_sweep(changed(path, make_signed))
    assert any("was taken as no intensity" in warning for warning in sweep.warnings)
    lowest = disc_counts(60000).min()
    expected = np.log(60000.0 - lowest) - np.log(np.maximum(disc_counts(60000).astype(float) - lowest, 0.5))
    np.testing.assert_allclose(sweep.frames, expected, atol=1e-3)


@pytest.mark.parametrize(
    ("photometric", "sign", "is_inverted"),
    [
        ("MONOCHROME1", None, False),
        ("MONOCHROME1", 1, False),
        ("MONOCHROME2", -1, True),
        ("MONOCHROME1", -1, True),
    ],
)
def test_linear_values_are_inverted_by_their_sign_not_by_their_display(
    tmp_path: Path, photometric: str, sign: int | None, is_inverted: bool
) -> None:
    stored = 4095 - disc_counts() if is_inverted else disc_counts()

    def declare(dataset: Dataset) -> None:
        dataset.PhotometricInterpretation = photometric
        if sign is not None:
            dataset.PixelIntensityRelationshipSign = sign

    sweep = read_sweep(changed(write_run(tmp_path / "run.dcm", stored), declare))
    np.testing.assert_allclose(sweep.frames, disc_integrals(), atol=ROUNDING)


def test_display_values_are_inverted_where_they_are_shown_so(tmp_path: Path) -> None:
    stored = np.round(5 + 60 * disc_integrals()).astype(np.uint16)

    def show_inverted(dataset: Dataset) -> None:
        dataset.PhotometricInterpretation = "MONOCHROME1"

    path = changed(write_run(tmp_path / "run.dcm", stored, relation="DISP", bits_stored=8), show_inverted)
    sweep = read_sweep(path, SweepParameters(log_scale=60.0))
    np.testing.assert_allclose(sweep.frames, disc_integrals(), atol=0.02)
    upright = read_sweep(path, SweepParameters(log_scale=60.0, air="bright", i0=255.0))
    np.testing.assert_allclose(upright.frames, (250 - 60 * disc_integrals()) / 60, atol=0.02)


def test_dark_air_and_its_value_can_be_told(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run.dcm", 4095 - disc_counts())
    sweep = read_sweep(path, SweepParameters(air="dark", i0=95.0))
    assert sweep.i0 == AIR
    np.testing.assert_allclose(sweep.frames, disc_integrals(), atol=ROUNDING)


def test_without_air_the_full_scale_stands_for_it_with_a_warning(tmp_path: Path) -> None:
    ramp = np.linspace(200, 3000, COUNT * ROWS * COLUMNS).reshape(COUNT, ROWS, COLUMNS).astype(np.uint16)
    sweep = read_sweep(write_run(tmp_path / "run.dcm", ramp))
    assert sweep.i0 == 4095
    assert any("--i0" in warning for warning in sweep.warnings)
    np.testing.assert_allclose(sweep.frames, np.log(4095.0 / ramp), atol=1e-5)


def test_no_counts_at_all_are_half_a_count(tmp_path: Path) -> None:
    counts = disc_counts()
    counts[3, 11, 14] = 0
    assert read_sweep(write_run(tmp_path / "run.dcm", counts)).frames[3, 11, 14] == pytest.approx(
        np.log(2 * AIR)
    )


def _compress(dataset: Dataset, syntax: Any) -> None:
    if syntax == JPEGBaseline8Bit:
        image = pytest.importorskip("PIL.Image")
        frames = []
        for frame in np.frombuffer(dataset.PixelData, np.uint8).reshape(COUNT, ROWS, COLUMNS):
            stream = BytesIO()
            image.fromarray(frame).save(stream, "JPEG", quality=100)
            frames.append(stream.getvalue())
        dataset.PixelData = encapsulate(frames)
        dataset["PixelData"].is_undefined_length = True
        dataset.file_meta.TransferSyntaxUID = syntax
    else:
        dataset.compress(syntax, generate_instance_uid=False)


@pytest.mark.parametrize(
    ("syntax", "bits"), [(RLELossless, 12), (JPEG2000Lossless, 12), (JPEGBaseline8Bit, 8)]
)
def test_compressed_runs_are_read(tmp_path: Path, syntax: Any, bits: int) -> None:
    air = 2 ** (bits - 1)
    path = write_run(tmp_path / "run.dcm", disc_counts(air), bits_stored=bits)
    plain = read_sweep(path).frames
    packed = read_sweep(changed(path, lambda dataset: _compress(dataset, syntax))).frames
    near = disc_integrals() < 1.0  # where an error of one count is small
    np.testing.assert_allclose(packed[near], plain[near], atol=0.0 if syntax != JPEGBaseline8Bit else 0.05)


def test_a_run_that_cannot_be_decompressed_names_the_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = changed(write_run(tmp_path / "run.dcm"), lambda dataset: _compress(dataset, JPEG2000Lossless))
    monkeypatch.setattr("pydicom.pixels.decoders.JPEG2000LosslessDecoder._available", {})
    with pytest.raises(FluoroPrintError, match="pylibjpeg-openjpeg"):
        read_sweep(path)


def test_the_patient_is_named_nowhere(tmp_path: Path) -> None:
    def name(dataset: Dataset) -> None:
        dataset.PatientName, dataset.PatientID = "Doe^Jane", "SECRET7"
        dataset.PatientBirthDate, dataset.SeriesDescription = "19700102", "run of Doe^Jane"

    sweep = read_sweep(changed(write_run(tmp_path / "run.dcm"), name))
    said = json.dumps(dict(sweep.provenance)) + " ".join(sweep.warnings)
    assert not any(word in said for word in ("Doe", "Jane", "SECRET7", "19700102"))
    assert sweep.provenance["source"] == "run.dcm"
    assert len(sweep.provenance["sha256"]) == 64


def test_frames_can_be_mirrored(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run.dcm")
    plain = read_sweep(path).frames
    across = read_sweep(path, SweepParameters(flip_columns=True))
    np.testing.assert_array_equal(across.frames, plain[:, :, ::-1])
    mirrored = read_sweep(path, SweepParameters(flip_columns=True, flip_rows=True))
    np.testing.assert_array_equal(mirrored.frames, plain[:, ::-1, ::-1])
    assert mirrored.provenance["steps"][:2] == [
        "frames mirrored left to right",
        "frames mirrored top to bottom",
    ]


def test_the_sense_of_rotation_the_arc_and_the_principal_point_can_be_told(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run.dcm")
    turned = read_sweep(path, SweepParameters(reverse_angles=True, principal_point=(10.0, 7.0))).geometry
    assert turned.primary_deg is not None
    np.testing.assert_allclose(turned.primary_deg, -PRIMARY_DEG, atol=1e-6)
    np.testing.assert_allclose(
        project(turned.ras_to_pixel, (0.0, 0.0, 0.0)), [[10.0, 7.0]] * COUNT, atol=1e-9
    )
    told = read_sweep(
        path, SweepParameters(primary_start_deg=10.0, arc_deg=-190.0, secondary_deg=5.0)
    ).geometry
    assert told.primary_deg is not None
    assert told.secondary_deg is not None
    np.testing.assert_allclose(told.primary_deg, np.linspace(10.0, -180.0, COUNT))
    np.testing.assert_allclose(told.secondary_deg, 5.0)


def test_a_cancel_in_the_middle_is_passed_on(tmp_path: Path) -> None:
    from FluoroPrintLib.errors import Cancelled

    def stop(fraction: float, message: str) -> None:
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        read_sweep(write_run(tmp_path / "run.dcm"), progress=stop)


def test_single_frame_files_are_put_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run.dcm", disc_counts())
    folder = tmp_path / "run"
    folder.mkdir()
    for index in range(COUNT):
        single = pydicom.dcmread(path)
        frame = single.pixel_array[index] - np.uint16(index)
        single.NumberOfFrames, single.InstanceNumber = 1, index + 1
        single.PositionerPrimaryAngle = f"{PRIMARY_DEG[index]:.4f}"
        del single.PositionerPrimaryAngleIncrement, single.PositionerSecondaryAngleIncrement
        single.PixelData = frame.astype("<u2").tobytes()
        single.save_as(folder / f"{(index * 7) % COUNT}.dcm")
    sweep = read_sweep(folder)
    assert sweep.geometry.primary_deg is not None
    np.testing.assert_allclose(sweep.geometry.primary_deg, PRIMARY_DEG, atol=1e-3)
    np.testing.assert_allclose(np.diff(np.exp(-sweep.frames[:, 0, 0])) * sweep.i0, -1.0, atol=0.01)


def test_a_folder_with_one_run_is_that_run(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run.dcm")
    np.testing.assert_array_equal(read_sweep(tmp_path).frames, read_sweep(path).frames)
