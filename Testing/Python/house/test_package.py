"""The package: what Slicer's "Install from file" takes, whole or not there, and the same every time."""

import os
import re
import shutil
import zipfile
from pathlib import Path

import cmake_lists
import package
import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
TOP = f"FluoroPrint-{package.version()}-Slicer-5.12"
MODULES = f"{TOP}/lib/Slicer-5.12/qt-scripted-modules"
DESCRIPTION = f"{TOP}/share/Slicer-5.12/FluoroPrint.s4ext"


@pytest.fixture(scope="module")
def zipped(tmp_path_factory):
    return package.write_package(tmp_path_factory.mktemp("package"), "5.12")


@pytest.fixture
def copy(tmp_path):
    """What a package is made of, small: one module and its files."""
    for name in ("pyproject.toml", "FluoroPrint.json", "LICENSE.txt"):
        shutil.copy(REPOSITORY / name, tmp_path)
    text = (REPOSITORY / "CMakeLists.txt").read_text()
    kept = re.sub(r"^add_subdirectory\((?!FluoroPrintPlan\)).*\n", "", text, flags=re.MULTILINE)
    (tmp_path / "CMakeLists.txt").write_text(kept)
    shutil.copytree(REPOSITORY / "FluoroPrintPlan", tmp_path / "FluoroPrintPlan")
    return tmp_path


def names_in(path):
    with zipfile.ZipFile(path) as opened:
        return opened.namelist()


def facts_of(path):
    """What Slicer reads of the description: a key a line, the rest of the line is its value."""
    with zipfile.ZipFile(path) as opened:
        lines = opened.read(DESCRIPTION).decode("ascii").splitlines()
    return dict(line.split(" ", 1) for line in lines)


def test_the_package_holds_the_listed_files_in_one_folder_and_no_other(zipped):
    listed = [
        f"{MODULES}/{file}"
        for folder in cmake_lists.module_folders()
        for files in cmake_lists.files_in_tree(folder).values()
        for file in files
    ]
    described = [DESCRIPTION, f"{TOP}/share/Slicer-5.12/FluoroPrint-LICENSE.txt"]
    assert names_in(zipped) == sorted(listed + described)


def test_files_are_packed_as_they_are(zipped):
    with zipfile.ZipFile(zipped) as opened:
        packed = opened.read(f"{MODULES}/SegmentEditorFluoroPrintLib/__init__.py")
        modes = {entry.external_attr >> 16 for entry in opened.infolist()}
    source = REPOSITORY / "SegmentEditorFluoroPrint" / "SegmentEditorFluoroPrintLib" / "__init__.py"
    assert packed == source.read_bytes()
    assert modes == {0o100644}


def test_slicer_s_own_reader_finds_the_extension_s_name(zipped):
    import slicer

    listed = []
    assert slicer.vtkArchive.ListArchive(str(zipped), listed)
    assert [Path(name).stem for name in listed if name.endswith(".s4ext")] == ["FluoroPrint"]
    # Slicer takes the first file's top folder for the whole package's.
    assert {name.split("/")[0] for name in listed} == {TOP}


def test_the_description_repeats_what_the_project_says_of_itself(zipped):
    facts, cmake = facts_of(zipped), (REPOSITORY / "CMakeLists.txt").read_text()
    assert set(facts) >= {"scm", "scmurl", "scmrevision", "category", "depends", "enabled", "tier"}
    for key in ("homepage", "contributors", "description", "iconurl", "screenshoturls"):
        assert f'set(EXTENSION_{key.upper()} "{facts[key]}")' in cmake
    assert f"set(EXTENSION_KEYWORDS {facts['keywords']})" in cmake
    assert (facts["scm"], facts["category"], facts["depends"]) == ("git", "Planning", "NA")
    assert facts["scmurl"].endswith("/SlicerFluoroPrint.git")
    assert re.fullmatch(r"[0-9a-f]{7,}(-dirty)?|NA", facts["scmrevision"])


def test_the_same_files_make_the_same_zip(zipped, tmp_path):
    assert package.write_package(tmp_path, "5.12").read_bytes() == zipped.read_bytes()


def test_on_macos_all_lies_where_that_slicer_looks(copy):
    path = package.write_package(copy / "out", "5.12", "34045", copy)
    root = f"{TOP}-macOS-34045/Slicer.app/Contents/Extensions-34045/FluoroPrint/"
    assert path.name == f"{TOP}-macOS-34045.zip"
    assert all(
        name.startswith((f"{root}lib/Slicer-5.12/", f"{root}share/Slicer-5.12/")) for name in names_in(path)
    )


def test_outside_git_the_revision_is_unknown(copy, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(copy.parent))
    assert package.revision(copy) == "NA"


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ("FluoroPrintPlan/Resources/UI/FluoroPrintPlan.ui", "FluoroPrintPlan.ui is listed in its module's"),
        ("LICENSE.txt", "LICENSE.txt"),
    ],
)
def test_a_missing_file_ends_in_one_sentence_and_no_zip(copy, monkeypatch, capsys, lost, told):
    (copy / lost).unlink()
    monkeypatch.setattr(package, "write_package", lambda *a, write=package.write_package: write(*a, copy))
    assert package.main(["--out", str(copy / "out")]) == 1
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith("no package: ")
    assert told in sentence
    assert not list(copy.rglob("*.zip"))


def test_a_fault_while_writing_leaves_the_older_zip_and_nothing_else(copy, monkeypatch):
    older = package.write_package(copy / "out", "5.12", None, copy)
    content = older.read_bytes()

    def full(_name):
        raise OSError("the disk is full")

    monkeypatch.setattr(package, "_entry", full)
    with pytest.raises(Exception, match="disk"):
        package.write_package(copy / "out", "5.12", None, copy)
    assert os.listdir(copy / "out") == [older.name]
    assert older.read_bytes() == content


def test_two_modules_cannot_lie_in_the_same_place(copy):
    shutil.copytree(copy / "FluoroPrintPlan", copy / "Other")
    text = (copy / "CMakeLists.txt").read_text()
    (copy / "CMakeLists.txt").write_text(text.replace("## NEXT_MODULE", "add_subdirectory(Other)"))
    with pytest.raises(package.FluoroPrintError, match="FluoroPrintPlan.py is listed by two modules"):
        package.module_files(copy)


@pytest.mark.parametrize("arguments", [["--slicer", "5"], ["--mac-revision", "../up"]])
def test_a_version_or_revision_that_is_none_is_refused(arguments, capsys):
    with pytest.raises(SystemExit):
        package.main(arguments)
    assert f"'{arguments[1]}' is no" in capsys.readouterr().err


def test_make_package_writes_it():
    recipe = (REPOSITORY / "Makefile").read_text()
    assert re.search(r"^package: .* ## .*\n\t\$\(RUN\) tools/package.py", recipe, re.MULTILINE)
