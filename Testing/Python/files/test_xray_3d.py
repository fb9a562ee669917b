"""Volumes that a console reconstructed lie where their slices say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from enhanced_files import write_xray_3d
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.info import describe_file
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.files.volumes import read_volume

VALUES = np.arange(5 * 6 * 7, dtype=np.uint16).reshape(5, 6, 7)
OBLIQUE = np.linalg.qr(np.array([[2.0, 1.0, 0.3], [-1.0, 2.0, 0.2], [0.1, -0.4, 1.0]]))[0].T
OBLIQUE[2] = np.cross(OBLIQUE[0], OBLIQUE[1])


def stacked(gap_mm: float = 0.8) -> np.ndarray:
    return np.array([10.0, -20.0, 30.0]) + gap_mm * np.arange(5)[:, None] * OBLIQUE[2]


def write(path: Path, **options: object) -> Path:
    places = options.pop("places", stacked())
    return write_xray_3d(path, VALUES, places, axes=OBLIQUE[:2].ravel(), **options)


def test_every_voxel_lies_where_its_slice_says(tmp_path: Path) -> None:
    volume = read_volume(write(tmp_path / "volume.dcm"))
    for i, j, k in [(0, 0, 0), (6, 5, 4), (3, 1, 2)]:
        lps = stacked()[k] + 0.4 * i * OBLIQUE[0] + 0.5 * j * OBLIQUE[1]
        ras = volume.ijk_to_ras @ [i, j, k, 1]
        np.testing.assert_allclose(ras[:3], lps * [-1, -1, 1], atol=1e-5)
        assert volume.array_kji[k, j, i] == 2.0 * VALUES[k, j, i] - 1000


def test_slices_are_ordered_by_their_places_with_their_own_scale(tmp_path: Path) -> None:
    order = np.array([3, 0, 4, 1, 2])
    slopes = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    path = write_xray_3d(
        tmp_path / "volume.dcm",
        VALUES[order],
        stacked()[order],
        axes=OBLIQUE[:2].ravel(),
        slopes=slopes[order],
    )
    volume = read_volume(path)
    np.testing.assert_array_equal(volume.array_kji, VALUES * slopes[:, None, None] - 1000)
    np.testing.assert_allclose(volume.ijk_to_ras[:3, 3], [-10.0, 20.0, 30.0])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"places": stacked() + np.array([[0, 0, 0]] * 4 + [[0, 0, 0.5]])}, "not evenly stacked"),
        ({"places": np.repeat(stacked()[:1], 5, 0)}, "not evenly stacked"),
        ({"spacing": (0.0, 0.4)}, "pixel size"),
    ],
)
def test_a_volume_out_of_order_is_refused(tmp_path: Path, options: dict[str, object], words: str) -> None:
    with pytest.raises(FluoroPrintError, match=words):
        read_volume(write(tmp_path / "volume.dcm", **options))


def test_info_calls_it_a_volume_and_the_sweep_reader_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "volume.dcm")
    assert ("kind", "volume") in describe_file(path)
    with pytest.raises(FluoroPrintError, match="open it as a volume"):
        read_sweep(path)
