"""The modules as an installed extension has them: in one folder, from the package alone, cheap to import."""

import json
import os
import re
import runpy
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
REPOSITORY = Path(__file__).resolve().parents[3]
IN_SLICER = REPOSITORY / "Testing" / "in_slicer.py"
MODULES = sorted(folder.name for folder in cmake_lists.module_folders())
SLOW_TO_IMPORT = {"numba", "scipy", "SimpleITK", "pydicom", "manifold3d", "highdicom", "lib3mf", "rich"}
LONGEST_IMPORT_S = 0.1
"""A twentieth of it is usual: a slow or busy machine passes, an import of scipy does not."""
OWN_SCENE = """
import slicer
from own_scene import scene_for_test


def test_the_scene_is_slicer_s_own():
    slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode")
    with scene_for_test() as found:
        assert found.scene is slicer.mrmlScene
        assert found.scene.GetFirstNodeByClass("vtkMRMLModelNode") is None
        assert found.module_logic("Segmentations") is slicer.modules.segmentations.logic()
"""


def run(script, *arguments, path=""):
    """Run a script of the stand-in in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": path, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def printed_by(script, *arguments, path=""):
    """The lines that a script of the stand-in prints."""
    result = run(script, *arguments, path=path)
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


@pytest.mark.slow
def test_every_module_starts_from_the_package_alone(installed):
    assert printed_by("start_installed.py", installed, *MODULES) == []


@pytest.mark.slow
def test_what_a_package_lacks_is_noticed(installed, tmp_path):
    lacking = shutil.copytree(installed, tmp_path / "modules")
    (lacking / "Resources" / "Icons" / "SegmentEditorFluoroBoneEffect.png").unlink()
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


def in_slicer(installed, *arguments):
    """Run Testing/in_slicer.py where FluoroPrint has started, as Slicer would."""
    return run("start_installed.py", installed, *MODULES, "--", IN_SLICER, *arguments)


@pytest.mark.slow
def test_the_tests_run_in_slicer_on_its_own_scene(installed, tmp_path):
    (tmp_path / "test_scene.py").write_text(OWN_SCENE)
    nodes = IN_SLICER.parent / "Python" / "mrml" / "test_nodes.py"
    result = in_slicer(installed, tmp_path / "test_scene.py", nodes)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "FluoroPrint shows all that it shall." in result.stdout
    assert re.search(r"^\d{2,} passed in", result.stdout, re.MULTILINE)


@pytest.mark.slow
def test_a_test_that_fails_in_slicer_ends_it_with_an_error(installed, tmp_path):
    (tmp_path / "test_no.py").write_text("def test_no():\n    assert False\n")
    result = in_slicer(installed, tmp_path / "test_no.py")
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("RuntimeError: pytest ended with")


@pytest.mark.slow
def test_what_slicer_does_not_show_ends_it_before_any_test(installed, tmp_path):
    lacking = shutil.copytree(installed, tmp_path / "modules")
    (lacking / "Resources" / "Icons" / "SegmentEditorFluoroBoneEffect.png").unlink()
    result = in_slicer(lacking, tmp_path)
    assert result.stderr.splitlines()[-1] == "RuntimeError: effect Fluoro bone has no icon"


def test_without_pytest_slicer_s_user_is_told_what_to_install(monkeypatch):
    script = runpy.run_path(str(IN_SLICER))
    monkeypatch.setitem(sys.modules, "pytest", None)
    with pytest.raises(RuntimeError, match="run slicer.util.pip_install") as told:
        script["run_pytest"]([])
    skipped = re.search(r'SKIP_REGULAR_EXPRESSION "(.+)"', (REPOSITORY / "CMakeLists.txt").read_text())
    assert skipped.group(1) in str(told.value)
    project = (REPOSITORY / "pyproject.toml").read_text()
    packages = re.search(r"pip_install\('(.+)'\)", str(told.value)).group(1).split()
    assert [name for name in packages if f'"{name}>=' not in project] == []
