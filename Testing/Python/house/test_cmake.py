"""The CMakeLists.txt configured by CMake, on a small stand-in for Slicer's build tree.

It knows the macros that Slicer gives to extensions by their arguments, and builds nothing.
"""

import re
import shutil
import subprocess
from pathlib import Path

import cmake_lists
import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
MODULES = [folder.name for folder in cmake_lists.module_folders()]
ADD_TEST = re.compile(r"slicer_add_python_(?:unit)?test\(\s*SCRIPT\s+([^\s)]+)")

SLICER_CONFIG = """
set(Slicer_USE_FILE ${CMAKE_CURRENT_LIST_DIR}/UseSlicer.cmake)
set(Slicer_EXTENSION_GENERATE_CONFIG ${CMAKE_CURRENT_LIST_DIR}/Last.cmake)
set(Slicer_EXTENSION_CPACK ${CMAKE_CURRENT_LIST_DIR}/Last.cmake)
"""
USE_SLICER = """
set(BUILD_TESTING ON)
enable_testing()

macro(require_files)
  foreach(file ${ARGN})
    if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
      message(FATAL_ERROR "${file} does not exist")
    endif()
  endforeach()
endmacro()

macro(slicerMacroBuildScriptedModule)
  cmake_parse_arguments(MY "WITH_GENERIC_TESTS;WITH_SUBDIR;VERBOSE" "NAME" "SCRIPTS;RESOURCES" ${ARGN})
  require_files(${MY_SCRIPTS} ${MY_RESOURCES})
  list(LENGTH MY_SCRIPTS scripts)
  list(LENGTH MY_RESOURCES resources)
  message(STATUS "module ${MY_NAME} ${scripts} ${resources} [${MY_UNPARSED_ARGUMENTS}]")
endmacro()

macro(slicer_add_python_test)
  cmake_parse_arguments(MY "" "TESTNAME_PREFIX;SCRIPT" "SLICER_ARGS;SCRIPT_ARGS" ${ARGN})
  require_files(${MY_SCRIPT})
  get_filename_component(name ${MY_SCRIPT} NAME_WE)
  add_test(NAME py_${name} COMMAND ${CMAKE_COMMAND} -E cat ${CMAKE_BINARY_DIR}/said.txt)
  message(STATUS "test py_${name} [${MY_UNPARSED_ARGUMENTS}]")
endmacro()

macro(slicer_add_python_unittest)
  slicer_add_python_test(${ARGN})
endmacro()
"""


@pytest.fixture(scope="module")
def configured(tmp_path_factory):
    """What CMake says of the repository, and the build folder."""
    if shutil.which("cmake") is None:
        pytest.skip("there is no cmake")
    folder = tmp_path_factory.mktemp("cmake")
    copy_for_cmake(folder / "source")
    (folder / "slicer").mkdir()
    for name, text in (("SlicerConfig", SLICER_CONFIG), ("UseSlicer", USE_SLICER), ("Last", "")):
        (folder / "slicer" / f"{name}.cmake").write_text(text)
    command = ["cmake", "-S", folder / "source", "-B", folder / "build", f"-DSlicer_DIR={folder / 'slicer'}"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "Warning" not in result.stderr
    return result.stdout, folder / "build"


def copy_for_cmake(folder):
    """Links to the modules, with a top-level file for any CMake since 3.16 and for no compiler."""
    folder.mkdir()
    for name in (*MODULES, "Testing"):
        (folder / name).symlink_to(REPOSITORY / name)
    text = (REPOSITORY / "CMakeLists.txt").read_text()
    changed = text.replace("VERSION 3.28.0...3.28.0", "VERSION 3.16").replace(
        "project(FluoroPrint)", "project(FluoroPrint LANGUAGES NONE)"
    )
    assert "3.16" in changed
    assert "NONE" in changed
    (folder / "CMakeLists.txt").write_text(changed)


@pytest.mark.parametrize("cmake_file", ["CMakeLists.txt", *(f"{name}/CMakeLists.txt" for name in MODULES)])
def test_every_test_that_is_named_exists(cmake_file):
    path = REPOSITORY / cmake_file
    scripts = ADD_TEST.findall(path.read_text())
    assert len(scripts) == 1
    (script,) = (script.replace("${MODULE_NAME}", path.parent.name) for script in scripts)
    assert (path.parent / script).is_file()


def test_cmake_finds_every_module_with_all_its_files(configured):
    said, _ = configured
    for name in MODULES:
        files = cmake_lists.files_in_tree(REPOSITORY / name)
        counts = f"{len(files[cmake_lists.SCRIPTS])} {len(files[cmake_lists.RESOURCES])}"
        assert f"-- module {name} {counts} []\n" in said


def test_cmake_registers_each_module_s_own_test_and_the_library_s(configured):
    said, _ = configured
    names = re.findall(r"^-- test (\S+) \[\]$", said, re.MULTILINE)
    assert sorted(names) == sorted(["py_in_slicer", *(f"py_{name}" for name in MODULES)])


def test_a_slicer_without_pytest_skips_the_library_s_tests(configured):
    _, build = configured
    (build / "said.txt").write_text(
        "RuntimeError: pytest is missing: run slicer.util.pip_install('pytest')\n"
    )
    told = subprocess.run(
        ["ctest", "-R", "in_slicer"], cwd=build, capture_output=True, text=True, check=False
    )
    assert re.search(r"py_in_slicer .*Skipped", told.stdout)
