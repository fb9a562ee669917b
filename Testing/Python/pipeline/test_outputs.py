"""Where the results cannot go is said in one line; what was there before stays whole."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from command_line import Done, contents, fluoroprint, own_process, refused, sentence_of
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.atomic import check_writable
from FluoroPrintLib.pipeline.output_folder import filled_whole

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
ROOMS_MB = (0.02, 0.2, 1.0, 2.0)
ALL_MB = 8


def command_words(case: SimpleNamespace, simulated: SimpleNamespace) -> dict[str, tuple[object, ...]]:
    """Each command, the name of what it writes last."""
    bone = case.folder / "segmentation.seg.nrrd"
    return {
        "reconstruct": ("reconstruct", simulated.sweep, "--voxel-mm", "6", "--out", "volume.nrrd"),
        "segment": ("segment", case.folder / "volume.nrrd", "--out", "bone.seg.nrrd"),
        "prepare": ("prepare", bone, "--out", "model.stl"),
        "run": ("run", simulated.sweep, "--voxel-mm", "6", "--out", "case"),
        "simulate": ("simulate", simulated.ct, "--pixel-mm", "8", "--frames", "9", "--out", "run.dcm"),
    }


COMMANDS = ("reconstruct", "segment", "prepare", "run", "simulate")


@pytest.fixture
def words(case: SimpleNamespace, simulated: SimpleNamespace) -> Callable[[str, Path], tuple[object, ...]]:
    """Words of a command that writes into a folder."""

    def of(command: str, folder: Path) -> tuple[object, ...]:
        *head, name = command_words(case, simulated)[command]
        return (*head, folder / str(name))

    return of


Words = Callable[[str, Path], tuple[object, ...]]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_name_that_a_folder_or_file_has_is_refused(words: Words, tmp_path: Path, command: str) -> None:
    out = Path(str(words(command, tmp_path)[-1]))
    if command == "run":
        out.write_text("a file")
    else:
        out.mkdir()
    assert str(out) in refused(tmp_path, *words(command, tmp_path))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_is_a_file_is_refused(words: Words, tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("a file")
    assert str(tmp_path / "file") in refused(tmp_path, *words(command, tmp_path / "file"))


@pytest.mark.parametrize("command", ["reconstruct", "segment", "prepare", "simulate"])
def test_a_missing_folder_is_refused(words: Words, tmp_path: Path, command: str) -> None:
    said = refused(tmp_path, *words(command, tmp_path / "no" / "such"))
    assert "does not exist" in said


def test_folders_made_for_a_run_that_failed_are_gone(tmp_path: Path, sweep: Path) -> None:
    out = tmp_path / "two" / "levels"
    refused(tmp_path, "run", sweep, "--out", out, "--voxel-mm", "6", "--min-piece-mm3", "1000000")
    assert not out.parent.exists()


@pytest.mark.parametrize("command", ["reconstruct", "segment", "prepare"])
def test_a_suffix_of_no_format_is_refused_before_the_input_is_read(tmp_path: Path, command: str) -> None:
    said = refused(tmp_path, command, tmp_path / "missing", "--out", tmp_path / "out.xyz")
    assert "out.xyz" in said


def test_a_result_that_is_a_folder_is_found_before_the_work(words: Words, tmp_path: Path) -> None:
    (tmp_path / "case" / "case.json").mkdir(parents=True)
    assert "case.json" in refused(tmp_path, *words("run", tmp_path))


def test_a_name_longer_than_the_disk_allows_is_refused(words: Words, tmp_path: Path) -> None:
    *head, _ = words("reconstruct", tmp_path)
    assert "too long" in refused(tmp_path, *head, tmp_path / ("n" * 300 + ".nrrd"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mount a disk of some size, or skip where that is not allowed."""
    mounted: list[Path] = []

    def mount(options: str) -> Path:
        place = tmp_path / f"disk{len(mounted)}"
        place.mkdir()
        if os.geteuid() != 0 or shutil.which("mount") is None:
            pytest.skip("mounting a disk takes root")
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, check=False
        )
        if made.returncode:
            pytest.skip("this machine does not allow mounting")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", str(place)], check=True)


@contextlib.contextmanager
def files_limited_to(kilobytes: float) -> Iterator[None]:
    """Limit the size of any file written: what a full disk is to a writer."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(kilobytes * 1000), limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kilobytes", [0.5, 3, 20])
def test_files_that_may_not_grow_leave_the_earlier_ones(
    words: Words, tmp_path: Path, command: str, kilobytes: float
) -> None:
    given = words(command, tmp_path)
    out = Path(str(given[-1]))
    if command == "run":
        out.mkdir()
    (out / "model.stl" if command == "run" else out).write_text("earlier")
    before = contents(tmp_path)
    with files_limited_to(kilobytes):
        done = fluoroprint(*given)
    if done.code == 0:
        assert max(path.stat().st_size for path in tmp_path.iterdir()) <= kilobytes * 1000
        return
    sentence_of(done)
    assert contents(tmp_path) == before


def test_a_disk_without_any_room_is_full_from_the_start(
    words: Words, small_disk: Callable[[str], Path]
) -> None:
    disk = small_disk("size=64k")
    (disk / "filler").write_bytes(b"x" * 64 * 1024)
    for command in COMMANDS:
        said = refused(disk, *words(command, disk))
        assert str(disk) in said
        assert "full" in said or "room" in said


@pytest.mark.parametrize("room_mb", ROOMS_MB)
@pytest.mark.slow
def test_a_disk_that_fills_up_keeps_the_older_result_whole(
    words: Words, case: SimpleNamespace, small_disk: Callable[[str], Path], room_mb: float
) -> None:
    disk = small_disk(f"size={ALL_MB}m")
    given = words("run", disk)
    shutil.copytree(case.folder, disk / "case")
    free = shutil.disk_usage(disk).free
    (disk / "filler").write_bytes(b"x" * max(0, int(free - room_mb * 1e6)))
    before = contents(disk)
    done = fluoroprint(*given)
    if done.code == 0:
        assert set(contents(disk)) == set(before)
        return
    said = sentence_of(done)
    assert str(disk) in said
    assert "full" in said or "room" in said
    assert "/." not in said
    assert contents(disk) == before


@pytest.mark.parametrize("command", COMMANDS)
def test_a_read_only_disk_is_refused(words: Words, small_disk: Callable[[str], Path], command: str) -> None:
    said = refused(tmp := small_disk("size=1m,ro"), *words(command, tmp))
    assert "read-only" in said


def bound_by_permissions() -> None:
    """Take root's right to write everywhere from the process that is about to start."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


@pytest.mark.parametrize(
    "command",
    [pytest.param(name, marks=pytest.mark.slow) if name in ("run", "segment") else name for name in COMMANDS],
)
def test_a_folder_without_the_right_to_write_is_refused(words: Words, tmp_path: Path, command: str) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)

    def bound(*given: object) -> Done:
        return own_process(*given, preexec_fn=bound_by_permissions)

    said = refused(tmp_path, *words(command, folder), by=bound)
    assert str(folder) in said
    assert "may not be written" in said


def test_files_go_back_to_their_places_when_one_cannot_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        (tmp_path / name).write_text(f"old {name}")
    moves: list[str] = []
    replace = os.replace

    def failing(source: Path, target: Path) -> None:
        moves.append(target.name)
        if moves == ["a", "a", "b", "b", "c", "c"]:
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)

    def fill() -> None:
        with filled_whole(tmp_path) as staging:
            for name in "abcd":
                (staging / name).write_text(f"new {name}")

    with pytest.raises(FluoroPrintError, match="full"):
        fill()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {n: f"old {n}" for n in "abc"}


def test_a_place_to_write_is_tried_without_leaving_a_trace(tmp_path: Path) -> None:
    (tmp_path / "old.stl").write_text("old")
    check_writable(tmp_path / "old.stl")
    check_writable(tmp_path / "new.stl")
    assert contents(tmp_path).keys() == {"old.stl"}
    assert (tmp_path / "old.stl").read_text() == "old"
