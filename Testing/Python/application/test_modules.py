"""What holds for every module file: Slicer's hooks, no heavy import, short, honest about its standing."""

import ast
import sys
from pathlib import Path

import cmake_lists
import pytest
import stand_in
from pictures import PANELS
from qt_side.signals import connections

REPOSITORY = Path(__file__).resolve().parents[3]
MODULES = [folder.name for folder in cmake_lists.module_folders()]
OF_SLICER = {"slicer", "vtk", "SimpleITK", "numpy", "scipy", "DICOMLib"}
ALLOWED_AT_FILE_SCOPE = OF_SLICER | {"FluoroPrintLib"} | sys.stdlib_module_names
LONGEST_MODULE_FILE = 180


def buttons_of(widget):
    import qt

    return [w for w in widget.parent.findChildren(qt.QPushButton) if w.objectName.endswith("Button")]


def source_of(name):
    return (REPOSITORY / name / f"{name}.py").read_text()


@pytest.fixture(params=MODULES)
def module(request, application, monkeypatch):
    return stand_in.load_module(monkeypatch, request.param)


def test_a_module_tells_slicer_and_the_user_what_it_is(module, monkeypatch):
    _, parent = stand_in.start_module(monkeypatch, module.__name__)
    assert parent.title
    assert not parent.icon.isNull()
    assert parent.categories
    assert parent.contributors == ["FluoroPrint developers"]
    assert len(parent.helpText) > 40
    assert "not a cleared medical device" in parent.acknowledgementText


def test_a_module_has_a_test_that_slicer_finds(module):
    assert hasattr(getattr(module, f"{module.__name__}Test"), "runTest")


def test_a_widget_is_set_up_with_what_slicer_lists(module):
    widget_class = getattr(module, f"{module.__name__}Widget", None)
    if widget_class is None:
        assert "hidden = True" in source_of(module.__name__)
        return
    widget = stand_in.open_panel(module)
    assert all(connections(button) for button in buttons_of(widget))
    stand_in.close_panel(widget)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_file_is_short_and_imports_nothing_heavy(name):
    tree = ast.parse(source_of(name))
    imported = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= ALLOWED_AT_FILE_SCOPE
    assert len(source_of(name).splitlines()) < LONGEST_MODULE_FILE


@pytest.mark.parametrize("name", PANELS)
def test_every_handler_of_a_panel_is_held_by_a_test_file(name):
    files = Path(__file__).parent.glob("test_*.py")
    assert any(f'\nMODULE = "{name}"' in path.read_text() for path in files)
