"""Projection matrices in files, held against RTK's own numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.geometry_files import read_geometry, write_geometry
from FluoroPrintLib.files.rtk_geometry import PanelGrid, centred_panel, matrix_from_numbers
from FluoroPrintLib.geometry.poses import geometry_from_angles
from FluoroPrintLib.geometry.sweep import SweepGeometry

ROWS, COLUMNS, COUNT = 114, 152, 9
PANEL = centred_panel((2.6, 2.6), ROWS, COLUMNS)

RTK_NAMES = (
    "SourceToIsocenterDistance",
    "SourceToDetectorDistance",
    "GantryAngle",
    "ProjectionOffsetX",
    "ProjectionOffsetY",
    "OutOfPlaneAngle",
    "InPlaneAngle",
    "SourceOffsetX",
    "SourceOffsetY",
)
RTK_FRAMES = [
    (785.0, 1180.0, -100.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    (785.0, 1180.0, 37.5, 3.0, -2.0, 7.0, -4.0, 1.5, 2.5),
    (622.0, 1164.0, 95.0, -8.0, 1.0, 5.0, 11.0, -6.0, 3.0),
]
# What itk-rtk 2.7 (ThreeDCircularProjectionGeometry.GetMatrix) gives for RTK_FRAMES, in its order.
RTK_MATRICES = [
    [
        [204.904849646978, 0.0, -1162.07314855441, 0.0],
        [0.0, -1180.0, 0.0, 0.0],
        [-0.984807753012208, 0.0, -0.17364817766693, -785.0],
    ],
    [
        [-928.676124355505, 81.8818971039323, 723.365924673466, 2947.5],
        [-149.914188192275, -1168.89987578464, -60.1586782542322, -582.5],
        [0.604223813630278, -0.121869343405147, 0.787439804797854, -785.0],
    ],
    [
        [82.2864080369073, -221.430818192763, 1139.77951368099, -8228.0],
        [-116.579051359654, -1138.44036162593, -212.75071751959, 2248.0],
        [0.992403876506104, -0.0871557427476582, -0.0868240888334652, -622.0],
    ],
]
# Where RTK's matrices put the point that lies at RAS (60, -40, 30), in mm on the panel. The patient lies
# supine in RTK's fixed frame: x to the left, y to the head, z to the front, so it is (-60, 30, -40) there.
POINT_RAS = (60.0, -40.0, 30.0)
POINT_UV_MM = [[-47.55253185, 49.23740388], [-37.58713273, 28.31398504], [96.07850788, 24.09398824]]


def rtk_text(*, with_matrix: bool = True) -> str:
    frames = []
    for numbers, matrix in zip(RTK_FRAMES, RTK_MATRICES, strict=True):
        tags = "".join(f"<{name}>{value}</{name}>" for name, value in zip(RTK_NAMES, numbers, strict=True))
        written = (
            f"<Matrix>{' '.join(str(value) for row in matrix for value in row)}</Matrix>"
            if with_matrix
            else ""
        )
        frames.append(f"<Projection>{tags}{written}</Projection>")
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE RTKGEOMETRY>\n<RTKThreeDCircularGeometry version="3">'
        f"{''.join(frames)}</RTKThreeDCircularGeometry>"
    )


def pixels_of(geometry: SweepGeometry, point_ras: tuple[float, float, float]) -> list[list[float]]:
    homogeneous = geometry.ras_to_pixel @ np.append(point_ras, 1.0)
    pixels: list[list[float]] = (homogeneous[:, :2] / homogeneous[:, 2:]).tolist()
    return pixels


@pytest.fixture
def ideal() -> SweepGeometry:
    return geometry_from_angles(
        np.linspace(-97.5, 97.5, COUNT),
        np.linspace(-2.0, 6.0, COUNT),
        sid_mm=1180.0,
        sod_mm=785.0,
        pixel_mm=(2.6, 2.6),
        rows=ROWS,
        columns=COLUMNS,
    )


def test_the_nine_numbers_give_the_matrices_of_rtk() -> None:
    for numbers, matrix in zip(RTK_FRAMES, RTK_MATRICES, strict=True):
        ours = matrix_from_numbers(dict(zip(RTK_NAMES, numbers, strict=True)))
        np.testing.assert_allclose(ours, matrix, atol=1e-9)


@pytest.mark.parametrize("with_matrix", [True, False])
def test_rtk_geometry_projects_a_point_where_rtk_does(tmp_path: Path, with_matrix: bool) -> None:
    (tmp_path / "rtk.xml").write_text(rtk_text(with_matrix=with_matrix))
    panel = PanelGrid(pixel_mm=(2.0, 0.5), origin_mm=(-30.0, -10.0))
    geometry = read_geometry(tmp_path / "rtk.xml", ROWS, COLUMNS, 3, panel=panel)
    expected = (np.array(POINT_UV_MM) - [-30.0, -10.0]) / [0.5, 2.0]
    np.testing.assert_allclose(pixels_of(geometry, POINT_RAS), expected, atol=1e-6)


def test_numbers_that_all_frames_share_stand_once(tmp_path: Path) -> None:
    shared = "<SourceToIsocenterDistance>785</SourceToIsocenterDistance>"
    shared += "<SourceToDetectorDistance>1180</SourceToDetectorDistance>"
    frames = "".join(f"<Projection><GantryAngle>{angle}</GantryAngle></Projection>" for angle in (80, 100))
    text = f"<RTKThreeDCircularGeometry>{shared}{frames}</RTKThreeDCircularGeometry>"
    (tmp_path / "rtk.xml").write_text(text)
    geometry = read_geometry(tmp_path / "rtk.xml", ROWS, COLUMNS, 2, panel=PANEL)
    # RTK's gantry turns the source, the positioner angle the detector on the other side.
    np.testing.assert_allclose(np.asarray(geometry.primary_deg), [-100.0, -80.0], atol=1e-9)
    assert geometry.sid_mm == pytest.approx(1180.0)
    assert geometry.sod_mm == pytest.approx(785.0)


@pytest.mark.parametrize("name", ["geometry.json", "geometry.txt", "geometry.xml"])
def test_a_geometry_comes_back_as_it_was_written(tmp_path: Path, ideal: SweepGeometry, name: str) -> None:
    write_geometry(tmp_path / name, ideal)
    back = read_geometry(tmp_path / name, ROWS, COLUMNS, COUNT, panel=PANEL)
    np.testing.assert_allclose(back.ras_to_pixel, ideal.ras_to_pixel, rtol=1e-9, atol=1e-8)
    np.testing.assert_allclose(np.asarray(back.primary_deg), np.asarray(ideal.primary_deg), atol=1e-9)
    np.testing.assert_allclose(np.asarray(back.secondary_deg), np.asarray(ideal.secondary_deg), atol=1e-9)
    assert back.sod_mm == pytest.approx(785.0)


def test_a_wandering_arm_comes_back_through_rtk(tmp_path: Path, ideal: SweepGeometry) -> None:
    wander = np.eye(4) + np.zeros((COUNT, 4, 4))
    turn = np.radians(np.linspace(-2.0, 3.0, COUNT))
    wander[:, 0, 0] = wander[:, 2, 2] = np.cos(turn)
    wander[:, 0, 2], wander[:, 2, 0] = np.sin(turn), -np.sin(turn)
    wander[:, :3, 3] = np.random.default_rng(3).normal(0.0, 4.0, (COUNT, 3))
    moved = SweepGeometry(ideal.ras_to_pixel @ wander, ROWS, COLUMNS, pixel_mm=(2.6, 2.6))
    write_geometry(tmp_path / "geometry.xml", moved)
    back = read_geometry(tmp_path / "geometry.xml", ROWS, COLUMNS, COUNT, panel=PANEL)
    np.testing.assert_allclose(back.ras_to_pixel, moved.ras_to_pixel, rtol=1e-9, atol=1e-7)


def test_matrices_of_any_scale_sign_and_frame_are_the_same(tmp_path: Path, ideal: SweepGeometry) -> None:
    isocentre_lps = np.array([10.0, -20.0, 700.0])
    shift = np.eye(4)
    shift[:3, 3] = -isocentre_lps
    lps = ideal.ras_to_pixel @ np.diag([-1.0, -1.0, 1.0, 1.0]) @ shift
    content = {
        "projection_matrices_lps_to_pixel": (-3.7 * lps).tolist(),
        "isocenter_lps": isocentre_lps.tolist(),
        "detector_columns_rows": [COLUMNS, ROWS],
        "pixel_mm": 2.6,
    }
    (tmp_path / "truth.json").write_text(json.dumps(content))
    back = read_geometry(tmp_path / "truth.json", ROWS, COLUMNS, COUNT)
    np.testing.assert_allclose(back.ras_to_pixel, ideal.ras_to_pixel, atol=1e-6)
    assert back.sid_mm == pytest.approx(1180.0)


def test_without_an_isocentre_depths_are_positive_where_the_rays_meet(
    tmp_path: Path, ideal: SweepGeometry
) -> None:
    shift = np.eye(4)
    shift[:3, 3] = [900.0, 1500.0, -700.0]  # the origin lies behind the source in some frames
    moved = ideal.ras_to_pixel @ shift
    lines = "\n".join(" ".join(str(-value) for value in matrix.ravel()) for matrix in moved)
    (tmp_path / "matrices.txt").write_text("# frame: RAS\n" + lines)
    back = read_geometry(tmp_path / "matrices.txt", ROWS, COLUMNS, COUNT)
    np.testing.assert_allclose(back.ras_to_pixel, moved, rtol=1e-9, atol=1e-6)
    assert back.sod_mm == pytest.approx(785.0, abs=0.5)


def test_text_takes_three_lines_a_frame_and_commas_and_means_lps(
    tmp_path: Path, ideal: SweepGeometry
) -> None:
    lps = ideal.ras_to_pixel @ np.diag([-1.0, -1.0, 1.0, 1.0])
    blocks = ("\n".join(", ".join(map(repr, map(float, row))) for row in matrix) for matrix in lps)
    (tmp_path / "matrices.txt").write_text("# a comment\n" + "\n\n".join(blocks) + "\n")
    back = read_geometry(tmp_path / "matrices.txt", ROWS, COLUMNS, COUNT)
    np.testing.assert_allclose(back.ras_to_pixel, ideal.ras_to_pixel, rtol=1e-9, atol=1e-9)


FRAME = "<Projection><GantryAngle>1</GantryAngle></Projection>"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", "1 2 3\n", "12 numbers a line"),
        ("a.txt", "", "12 numbers a line"),
        ("a.txt", "1 0 0 0\n0 1 0 0\n", "12 numbers a line"),
        ("a.txt", "1 0 0 0\n0 1 0 0\n0 0 one 0\n", "a word where a number"),
        ("a.txt", "1 0 0 0\n1 0 0 0\n0 0 1 0\n", "not a projection"),
        ("a.txt", "1 0 0 0\n0 nan 0 0\n0 0 1 0\n", "not a projection"),
        ("a.txt", "# frame: ABC\n1 0 0 0\n0 1 0 0\n0 0 1 0\n", "write LPS or RAS"),
        ("a.json", "{", "correct the JSON"),
        ("a.json", "{}", 'no "projection_matrices"'),
        ("a.json", '{"projection_matrices": [[1, 2], [3]]}', "not readable as geometry"),
        ("a.json", '{"projection_matrices": [[[1, 0, 0], [0, 1, 0], [0, 0, 1]]]}', "3 x 4"),
        ("a.json", '{"projection_matrices": [[[1,0,0,0],[0,1,0,0],[0,0,1,0]]], "rows": 7}', "7 pixels"),
        ("a.xml", "<other/>", "not RTK's"),
        ("a.xml", "<RTKThreeDCircularGeometry>", "damaged XML"),
        ("a.xml", "<RTKThreeDCircularGeometry/>", "no projections"),
        (
            "a.xml",
            f"<RTKThreeDCircularGeometry>{FRAME}</RTKThreeDCircularGeometry>",
            "does not tell SourceTo",
        ),
        ("a.xml", rtk_text().replace("1180.0<", "0<", 1), "parallel rays"),
        ("a.xml", rtk_text().replace("-100.0<", "-90.0<", 1), "contradicts itself in projection 1"),
        ("a.xml", rtk_text().replace("<Matrix>", "<Matrix>1 ", 1), "not 3 x 4"),
        ("a.xml", rtk_text().replace("-100.0<", "east<", 1), "a word where a number"),
        (
            "a.xml",
            rtk_text().replace(
                "<Projection>", "<RadiusCylindricalDetector>9</RadiusCylindricalDetector><Projection>", 1
            ),
            "curved detector",
        ),
    ],
)
def test_a_geometry_that_cannot_serve_is_refused_in_a_sentence(
    tmp_path: Path, name: str, content: str, words: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(FluoroPrintError) as caught:
        read_geometry(tmp_path / name, ROWS, COLUMNS, 1, panel=PANEL)
    assert words in str(caught.value)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_geometry_of_another_run_is_refused(tmp_path: Path, ideal: SweepGeometry) -> None:
    write_geometry(tmp_path / "g.json", ideal)
    with pytest.raises(FluoroPrintError, match="9 projection matrices, but there are 10 frames"):
        read_geometry(tmp_path / "g.json", ROWS, COLUMNS, 10)
    with pytest.raises(FluoroPrintError, match="152 x 114 pixels, these have 152 x 100"):
        read_geometry(tmp_path / "g.json", 100, COLUMNS, COUNT)


def test_rtk_geometry_asks_for_the_pixel_size(tmp_path: Path) -> None:
    (tmp_path / "rtk.xml").write_text(rtk_text())
    with pytest.raises(FluoroPrintError, match="--pixel-mm"):
        read_geometry(tmp_path / "rtk.xml", ROWS, COLUMNS, 3)


def test_a_missing_and_a_binary_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FluoroPrintError, match="cannot be opened"):
        read_geometry(tmp_path / "no.json", ROWS, COLUMNS, 1)
    (tmp_path / "b.txt").write_bytes(bytes(range(128, 256)))
    with pytest.raises(FluoroPrintError, match="is not a geometry file"):
        read_geometry(tmp_path / "b.txt", ROWS, COLUMNS, 1)


def test_rtk_cannot_hold_mirrored_pixels(tmp_path: Path, ideal: SweepGeometry) -> None:
    mirrored = SweepGeometry(
        np.diag([-1.0, 1.0, 1.0]) @ ideal.ras_to_pixel, ROWS, COLUMNS, pixel_mm=(2.6, 2.6)
    )
    with pytest.raises(FluoroPrintError, match="skewed or mirrored"):
        write_geometry(tmp_path / "g.xml", mirrored)
    assert list(tmp_path.iterdir()) == []
