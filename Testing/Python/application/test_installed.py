"""The modules as an installed extension has them: in one folder, from the package alone, cheap to import."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import cmake_lists
import package
import pytest
import stand_in

HERE = Path(stand_in.__file__).parent
MODULES = sorted(folder.name for folder in cmake_lists.module_folders())
SLOW_TO_IMPORT = {"numba", "scipy", "SimpleITK", "pydicom", "manifold3d", "highdicom", "lib3mf", "rich"}
LONGEST_IMPORT_S = 0.1
"""A twentieth of it is usual: a slow or busy machine passes, an import of scipy does not."""


def printed_by(script, *arguments, path=""):
    """The last line that a script of the stand-in prints in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": path, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder of modules of a package that was unpacked."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(package.write_package(folder, "5.12")) as zipped:
        zipped.extractall(folder)
    (modules,) = folder.glob("*/lib/Slicer-5.12/qt-scripted-modules")
    return modules


def test_every_module_starts_from_the_package_alone(installed):
    assert printed_by("start_installed.py", installed, *MODULES) == []


def test_what_a_package_lacks_is_noticed(installed, tmp_path):
    lacking = shutil.copytree(installed, tmp_path / "modules")
    (lacking / "Resources" / "Icons" / "SegmentEditorFluoroPrint.png").unlink()
    (lacking / "Resources" / "Icons" / "FluoroPrintSkullSweep.png").unlink()
    faults = printed_by("start_installed.py", lacking, *MODULES)
    assert faults == ["effect Fluoro bone has no icon", "sample Skull sweep has no picture"]


@pytest.fixture(scope="module")
def costs():
    return json.loads(printed_by("import_cost.py", *MODULES, path=os.environ.get("PYTHONPATH", ""))[-1])


@pytest.mark.parametrize("name", MODULES)
def test_a_module_file_imports_only_slicer_s_and_the_project_s_own(costs, name):
    own = {"slicer", "FluoroPrintLib", name}
    assert set(costs[name]["added"]) - own <= sys.stdlib_module_names
    assert name in costs[name]["added"]
    assert SLOW_TO_IMPORT.isdisjoint(costs[name]["all"])


@pytest.mark.parametrize("name", MODULES)
def test_a_module_file_is_imported_in_no_time(costs, name):
    assert costs[name]["cpu_s"] < LONGEST_IMPORT_S
