"""An installed extension holds what the CMakeLists.txt list and nothing else: lists and tree must agree."""

import fnmatch
import re
import struct
from pathlib import Path

import cmake_lists
import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
LIBRARY = REPOSITORY / "FluoroPrint" / "FluoroPrintLib"
MODULES = [folder.name for folder in cmake_lists.module_folders()]

EXAMPLE = """set(MODULE_NAME Bone)
set(MODULE_PYTHON_SCRIPTS
  Bone.py
  BoneLib/gone.py
  )
set(MODULE_PYTHON_RESOURCES
  )
slicerMacroBuildScriptedModule(NAME ${MODULE_NAME})
"""


def cmake_text(module: str) -> str:
    return (REPOSITORY / module / "CMakeLists.txt").read_text()


@pytest.mark.parametrize("variable", [cmake_lists.SCRIPTS, cmake_lists.RESOURCES])
@pytest.mark.parametrize("module", MODULES)
def test_the_list_holds_every_file_of_the_module_and_no_other(module, variable):
    listed = cmake_lists.listed_files(cmake_text(module), variable)
    in_tree = cmake_lists.files_in_tree(REPOSITORY / module)[variable]
    assert sorted(listed) == in_tree, "run 'make cmake-lists'"


def test_every_module_of_the_tree_is_built():
    built = {path.parent.name for path in REPOSITORY.glob("*/CMakeLists.txt")}
    assert built == set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_named_as_its_folder_and_is_the_only_script_beside_it(module):
    assert f"set(MODULE_NAME {module})" in cmake_text(module)
    assert [path.name for path in (REPOSITORY / module).glob("*.py")] == [f"{module}.py"]


@pytest.mark.parametrize(
    "icon", ["Resources/FluoroPrint.png", *(f"{m}/Resources/Icons/{m}.png" for m in MODULES)]
)
def test_an_icon_has_128_by_128_pixels(icon):
    header = (REPOSITORY / icon).read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", header[16:24]) == (128, 128)


def test_the_wheel_holds_the_data_files_of_the_library_too():
    declared = re.search(r'^"\*" = \[(.*)\]$', (REPOSITORY / "pyproject.toml").read_text(), re.MULTILINE)
    patterns = re.findall(r'"([^"]+)"', declared.group(1))
    data = cmake_lists.files_in_tree(LIBRARY)[cmake_lists.RESOURCES]
    assert [f for f in data if not any(fnmatch.fnmatch(Path(f).name, p) for p in patterns)] == []


def test_lists_are_read_and_written_again(tmp_path):
    for file in (
        "Bone.py",
        "BoneLib/__init__.py",
        "BoneLib/style.css",
        "README.md",
        "BoneLib/__pycache__/a.pyc",
    ):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("")
    assert cmake_lists.listed_files(EXAMPLE, cmake_lists.SCRIPTS) == ["Bone.py", "BoneLib/gone.py"]
    text = cmake_lists.with_lists(EXAMPLE, cmake_lists.files_in_tree(tmp_path))
    assert cmake_lists.listed_files(text, cmake_lists.SCRIPTS) == ["Bone.py", "BoneLib/__init__.py"]
    assert cmake_lists.listed_files(text, cmake_lists.RESOURCES) == ["BoneLib/style.css"]
    assert text.endswith("slicerMacroBuildScriptedModule(NAME ${MODULE_NAME})\n")
