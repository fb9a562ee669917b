"""Frames in TIFF, MHA, NRRD and PNG files, with the geometry told by the user."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.geometry_files import write_geometry
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.files.sweep_parameters import SweepParameters
from FluoroPrintLib.geometry.poses import geometry_from_angles
from xa_files import AIR, COLUMNS, COUNT, ROWS, disc_counts, disc_integrals

TOLD = SweepParameters(
    sid_mm=1180.0,
    sod_mm=785.0,
    pixel_mm=(2.6, 2.6),
    primary_start_deg=-100.0,
    arc_deg=198.0,
    intensity="linear",
)
INTEGRALS = SweepParameters(
    sid_mm=1180.0, sod_mm=785.0, pixel_mm=(2.6, 2.6), primary_start_deg=-100.0, arc_deg=198.0
)


def save(path: Path, values: np.ndarray) -> Path:
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(values), str(path))
    return path


@pytest.mark.parametrize("name", ["stack.tif", "stack.mha", "stack.nrrd"])
def test_a_stack_gives_its_line_integrals(tmp_path: Path, name: str) -> None:
    sweep = read_sweep(save(tmp_path / name, disc_counts()), TOLD)
    np.testing.assert_allclose(sweep.frames, disc_integrals(), atol=0.01)
    assert sweep.i0 == AIR
    assert sweep.geometry.count == COUNT


def test_what_the_values_are_is_told_from_them_with_a_warning(tmp_path: Path) -> None:
    counts = read_sweep(save(tmp_path / "counts.mha", disc_counts()), INTEGRALS)
    integrals = read_sweep(save(tmp_path / "integrals.mha", disc_integrals().astype(np.float32)), INTEGRALS)
    transmission = read_sweep(
        save(tmp_path / "parts.mha", np.exp(-disc_integrals()).astype(np.float32)), INTEGRALS
    )
    for sweep in (counts, integrals, transmission):
        np.testing.assert_allclose(sweep.frames, disc_integrals(), atol=0.01)
        assert any("--intensity" in warning for warning in sweep.warnings)
    assert integrals.i0 == 1.0


def test_integrals_keep_their_unit_by_the_scale_given(tmp_path: Path) -> None:
    path = save(tmp_path / "stack.mha", (1000 * disc_integrals()).astype(np.uint16))
    sweep = read_sweep(path, SweepParameters(**{**vars(TOLD), "intensity": "integrals", "log_scale": 1000.0}))
    np.testing.assert_allclose(sweep.frames, disc_integrals(), atol=1e-3)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_pictures_in_a_folder_are_taken_in_natural_order(tmp_path: Path, suffix: str) -> None:
    for index in range(COUNT):
        save(tmp_path / f"frame{index}{suffix}", disc_counts()[index] - np.uint16(index))
    (tmp_path / "notes.txt").write_text("not a frame")
    sweep = read_sweep(tmp_path, TOLD)
    np.testing.assert_allclose(np.diff(np.exp(-sweep.frames[:, 0, 0])) * sweep.i0, -1.0, atol=0.01)


def test_a_frame_with_holes_is_named(tmp_path: Path) -> None:
    values = disc_integrals().astype(np.float32)
    values[6, 3, 4] = np.nan
    with pytest.raises(FluoroPrintError, match="Frame 7 holds 1 values that are not numbers"):
        read_sweep(save(tmp_path / "stack.mha", values), TOLD)


def test_a_stack_without_geometry_says_all_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(
        FluoroPrintError, match=r"--sid-mm.*--sod-mm.*--pixel-mm.*--primary-start-deg.*--arc-deg"
    ):
        read_sweep(save(tmp_path / "stack.mha", disc_counts()))


def test_pictures_of_two_sizes_are_refused(tmp_path: Path) -> None:
    save(tmp_path / "1.tif", disc_counts()[0])
    save(tmp_path / "2.tif", disc_counts()[0, :-1])
    with pytest.raises(FluoroPrintError, match=r"2\.tif is 48 x 39 pixels but 1\.tif is 48 x 40"):
        read_sweep(tmp_path, TOLD)


def test_colour_is_refused(tmp_path: Path) -> None:
    image = SimpleITK.GetImageFromArray(np.zeros((2, ROWS, COLUMNS, 3), np.uint8), isVector=True)
    SimpleITK.WriteImage(image, str(tmp_path / "stack.mha"))
    with pytest.raises(FluoroPrintError, match="colour"):
        read_sweep(tmp_path / "stack.mha", TOLD)


def test_a_stack_cut_short_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "stack.mha", disc_counts())
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(FluoroPrintError, match=r"stack\.mha is cut short or damaged"):
        read_sweep(path, TOLD)


def test_a_black_stack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FluoroPrintError, match="no intensity at all"):
        read_sweep(save(tmp_path / "stack.mha", np.zeros((COUNT, ROWS, COLUMNS), np.uint16)), TOLD)


def test_rtk_geometry_takes_the_panel_from_the_stack(tmp_path: Path) -> None:
    """RTK's projection images carry spacing and origin; its geometry file carries the rest."""
    ideal = geometry_from_angles(
        np.linspace(-100.0, 98.0, COUNT),
        np.zeros(COUNT),
        sid_mm=1180.0,
        sod_mm=785.0,
        pixel_mm=(2.6, 2.6),
        rows=ROWS,
        columns=COLUMNS,
    )
    write_geometry(tmp_path / "geometry.xml", ideal)
    image = SimpleITK.GetImageFromArray(disc_counts())
    image.SetSpacing((2.6, 2.6, 1.0))
    image.SetOrigin((-2.6 * (COLUMNS - 1) / 2 + 26.0, -2.6 * (ROWS - 1) / 2, 0.0))
    SimpleITK.WriteImage(image, str(tmp_path / "stack.mha"))
    moved = read_sweep(tmp_path / "stack.mha", geometry=tmp_path / "geometry.xml").geometry
    shift = np.eye(3)
    shift[0, 2] = -10.0  # an origin 26 mm further on puts everything 10 pixels back
    np.testing.assert_allclose(moved.ras_to_pixel, shift @ ideal.ras_to_pixel, rtol=1e-9, atol=1e-7)
    told = SweepParameters(principal_point=((COLUMNS - 1) / 2 - 10.0, (ROWS - 1) / 2))
    same = read_sweep(tmp_path / "stack.mha", told, geometry=tmp_path / "geometry.xml").geometry
    np.testing.assert_allclose(same.ras_to_pixel, moved.ras_to_pixel, rtol=1e-9, atol=1e-7)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"sid_mm": 500.0, "sod_mm": 600.0}, "isocentre lies between"),
        ({"reverse_angles": -1}, "takes True or False"),
        ({"pixel_mm": (0.0, 1.0)}, "pixel_mm is 0"),
        ({"intensity": "loud"}, "choose one of"),
    ],
)
def test_values_that_cannot_be_are_refused(values: dict[str, object], words: str) -> None:
    with pytest.raises(FluoroPrintError, match=words):
        SweepParameters(**values)  # type: ignore[arg-type]
