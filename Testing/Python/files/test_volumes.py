"""Volumes in files, held against SimpleITK's own idea of where a voxel is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import SimpleITK
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.info import describe_file
from FluoroPrintLib.files.volumes import read_volume, write_volume
from FluoroPrintLib.geometry.volume import Volume
from scipy.spatial.transform import Rotation


@pytest.fixture
def oblique() -> Volume:
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_euler("xyz", [20, -35, 110], degrees=True).as_matrix() * [0.5, 0.8, 1.5]
    matrix[:3, 3] = [12.0, -34.0, 560.0]
    array = np.random.default_rng(0).integers(-1000, 2000, (4, 5, 6)).astype(np.int16)
    return Volume(array, matrix)


@pytest.mark.parametrize("suffix", [".nrrd", ".nii.gz", ".nii", ".mha"])
@pytest.mark.parametrize("kind", ["int16", "uint8", "float32"])
def test_a_volume_comes_back_in_its_place(tmp_path: Path, oblique: Volume, suffix: str, kind: str) -> None:
    volume = oblique.with_array(oblique.array_kji.astype(kind))
    write_volume(tmp_path / f"ct{suffix}", volume)
    back = read_volume(tmp_path / f"ct{suffix}")
    assert back.array_kji.dtype == volume.array_kji.dtype
    np.testing.assert_array_equal(back.array_kji, volume.array_kji)
    np.testing.assert_allclose(back.ijk_to_ras, volume.ijk_to_ras, atol=1e-4)
    assert [entry.name for entry in tmp_path.iterdir()] == [f"ct{suffix}"]


def test_voxels_lie_where_simpleitk_has_them_with_the_first_two_axes_turned(
    tmp_path: Path, oblique: Volume
) -> None:
    write_volume(tmp_path / "ct.nrrd", oblique)
    image = SimpleITK.ReadImage(str(tmp_path / "ct.nrrd"))
    lps = np.array(image.TransformIndexToPhysicalPoint((5, 1, 2)))
    ras = oblique.ijk_to_ras @ [5, 1, 2, 1]
    np.testing.assert_allclose(lps * [-1, -1, 1], ras[:3], atol=1e-9)
    assert image[5, 1, 2] == oblique.array_kji[2, 1, 5]


def test_holes_are_left_for_the_caller_and_named_by_info(tmp_path: Path, oblique: Volume) -> None:
    values: npt.NDArray[np.float32] = oblique.array_kji.astype(np.float32)
    values[0, 0, 0] = np.nan
    write_volume(tmp_path / "ct.nrrd", oblique.with_array(values))
    assert np.isnan(read_volume(tmp_path / "ct.nrrd").array_kji[0, 0, 0])
    assert "1 voxels are not numbers" in dict(describe_file(tmp_path / "ct.nrrd"))["fault"]


def test_info_tells_size_spacing_and_values(tmp_path: Path, oblique: Volume) -> None:
    write_volume(tmp_path / "ct.nrrd", oblique)
    facts = dict(describe_file(tmp_path / "ct.nrrd"))
    assert facts["size"] == "6 x 5 x 4 voxels"
    assert facts["spacing"] == "0.5 x 0.8 x 1.5 mm"


def test_a_boolean_mask_is_written_as_bytes(tmp_path: Path, oblique: Volume) -> None:
    write_volume(tmp_path / "mask.nrrd", oblique.with_array(oblique.array_kji > 0))
    assert read_volume(tmp_path / "mask.nrrd").array_kji.dtype == np.uint8


def test_faults_of_reading_are_one_sentence(tmp_path: Path, oblique: Volume) -> None:
    write_volume(tmp_path / "ct.nrrd", oblique)
    (tmp_path / "cut.nrrd").write_bytes((tmp_path / "ct.nrrd").read_bytes()[:-40])
    (tmp_path / "empty.nrrd").write_bytes(b"")
    (tmp_path / "text.nrrd").write_text("hello")
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(np.zeros((5, 5), np.uint8)), str(tmp_path / "flat.mha"))
    faults = {
        "no.nrrd": "cannot be opened",
        "cut.nrrd": "cut short or damaged",
        "empty.nrrd": "is empty",
        "text.nrrd": "unknown kind",
        "flat.mha": "three dimensions",
    }
    for name, words in faults.items():
        with pytest.raises(FluoroPrintError, match=f"{name}.*{words}"):
            read_volume(tmp_path / name)


def test_faults_of_writing_are_one_sentence_and_leave_nothing(tmp_path: Path, oblique: Volume) -> None:
    sheared = oblique.ijk_to_ras.copy()
    sheared[:3, 1] += 0.3 * sheared[:3, 0]
    faults = [
        (tmp_path / "ct.stl", oblique, "no suffix of a volume"),
        (tmp_path / "no" / "ct.nrrd", oblique, "folder does not exist"),
        (tmp_path / "ct.nrrd", Volume(oblique.array_kji, sheared), "sheared"),
    ]
    for path, volume, words in faults:
        with pytest.raises(FluoroPrintError, match=words):
            write_volume(path, volume)
    assert list(tmp_path.iterdir()) == []
