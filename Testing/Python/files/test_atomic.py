"""Files are either whole or not there."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.atomic import foreign_writer, written_whole


def test_a_finished_file_stands_under_its_name_alone(tmp_path: Path) -> None:
    with written_whole(tmp_path / "model.stl") as temporary:
        temporary.write_bytes(b"solid")
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.stl"]
    assert (tmp_path / "model.stl").read_bytes() == b"solid"


@pytest.mark.parametrize("name", ["bone.seg.nrrd", "ct.nii.gz", "part.stl", "bare"])
def test_the_temporary_name_keeps_folder_and_suffixes(tmp_path: Path, name: str) -> None:
    with written_whole(tmp_path / name) as temporary:
        temporary.write_bytes(b"x")
        assert temporary.parent == tmp_path.resolve()
        assert temporary.suffixes == Path(name).suffixes


def test_a_failure_leaves_the_older_file_and_no_temporary(tmp_path: Path) -> None:
    target = tmp_path / "model.stl"
    target.write_bytes(b"old")

    def write_half() -> None:
        with written_whole(target) as temporary:
            temporary.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.stl"]
    assert target.read_bytes() == b"old"


@pytest.mark.parametrize(("code", "words"), [(errno.ENOSPC, "disk is full"), (errno.EROFS, "read-only")])
def test_a_fault_of_the_disk_is_one_sentence(tmp_path: Path, code: int, words: str) -> None:
    with pytest.raises(FluoroPrintError, match=words), written_whole(tmp_path / "a.stl"):
        raise OSError(code, "from the system")


def test_a_missing_folder_is_refused_before_the_work(tmp_path: Path) -> None:
    with (
        pytest.raises(FluoroPrintError, match="folder does not exist"),
        written_whole(tmp_path / "no" / "a.stl"),
    ):
        pytest.fail("the block must not run")


def test_a_folder_of_that_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FluoroPrintError, match="a folder has that name"), written_whole(tmp_path):
        pytest.fail("the block must not run")


def test_a_writer_that_fails_silently_is_noticed(tmp_path: Path) -> None:
    with (
        pytest.raises(FluoroPrintError, match=r"a\.stl could not be written"),
        written_whole(tmp_path / "a.stl"),
    ):
        pass


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(tmp_path / "file.txt")
    with written_whole(tmp_path / "link.txt") as temporary:
        temporary.write_text("x")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "file.txt").read_text() == "x"


def test_an_itk_fault_becomes_its_last_line(tmp_path: Path) -> None:
    with (
        pytest.raises(FluoroPrintError, match=r"mha could not be written: No such codec\.$"),
        foreign_writer(tmp_path / "a.mha"),
    ):
        raise RuntimeError("Exception thrown\n/src/itk.cxx:12:\nNo such codec.\n")
