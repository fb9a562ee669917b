"""A .ui file as modules have them: loaded by Qt, held to Slicer's listing, bound to a parameter node."""

import enum
from pathlib import Path
from typing import Annotated

import pytest
import slicer
import stand_in

PANEL = Path(__file__).with_name("panel.ui")


class Kind(enum.Enum):
    """Kinds of plate."""

    FINE = "fine"
    COARSE = "coarse"


@pytest.fixture
def panel(application, scene):
    widget = slicer.util.loadUI(str(PANEL))
    widget.setMRMLScene(scene)
    return widget


@pytest.fixture
def ui(panel):
    return slicer.util.childWidgetVariables(panel)


@pytest.fixture
def parameter_class(application):
    from slicer.parameterNodeWrapper import Default, WithinRange, parameterNodeWrapper

    class PanelParameters:
        model: slicer.vtkMRMLModelNode
        wall_mm: Annotated[float, WithinRange(0.5, 8.0), Default(2.0)]
        holes: Annotated[int, WithinRange(1, 9)] = 4
        closed: bool = True
        kind: Kind = Kind.COARSE
        file: Path

    return parameterNodeWrapper(PanelParameters)


@pytest.fixture
def parameters(parameter_class, scene):
    from slicer.ScriptedLoadableModule import ScriptedLoadableModuleLogic

    return parameter_class(ScriptedLoadableModuleLogic().getParameterNode())


def loaded_with(tmp_path, old, new):
    assert old in PANEL.read_text()
    path = tmp_path / "wrong.ui"
    path.write_text(PANEL.read_text().replace(old, new))
    return slicer.util.loadUI(str(path))


def test_the_widgets_of_a_file_are_found_by_name(ui):
    assert ui.modelChooser.nodeTypes == ["vtkMRMLModelNode"]
    assert ui.wallSlider.suffix == " mm"
    assert ui.fileEdit.nameFilters == ["Meshes (*.stl)"]
    assert ui.section.text == "Plate"


def test_a_connection_of_a_file_hands_on_the_scene(ui, scene):
    assert ui.modelChooser.mrmlScene() is scene


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name="suffix"', 'name="sufix"'),
        ('<property name="text">', '<property name="txt">'),
        ("mrmlSceneChanged(vtkMRMLScene*)", "mrmlSceneChanged()"),
        ("setMRMLScene(vtkMRMLScene*)", "takeScene(vtkMRMLScene*)"),
        ("<receiver>modelChooser", "<receiver>chooser"),
        ("ctkPathLineEdit::Readable", "ctkPathLineEdit::Legible"),
        ('class="QSpinBox"', 'class="QSpinnBox"'),
        ("<header>ctkSliderWidget.h", "<header>ctkSlider.h"),
        ("<class>ctkPathLineEdit", "<class>ctkPathLine"),
    ],
)
def test_what_slicer_does_not_have_is_refused(application, tmp_path, old, new):
    with pytest.raises(AttributeError):
        loaded_with(tmp_path, old, new)


def test_a_missing_file_is_refused(application):
    with pytest.raises(RuntimeError, match="not found"):
        slicer.util.loadUI("missing.ui")


def test_widgets_show_the_parameters(ui, parameters):
    parameters.connectGui(ui)
    assert (ui.wallSlider.value, ui.wallSlider.minimum, ui.wallSlider.maximum) == (2.0, 0.5, 8.0)
    assert (ui.holesBox.value, ui.closedBox.checked, ui.kindBox.currentText) == (4, True, "COARSE")
    assert ui.modelChooser.currentNode() is None


def test_what_the_user_sets_is_in_the_parameters(ui, parameters, scene):
    parameters.connectGui(ui)
    node = scene.AddNewNodeByClass("vtkMRMLModelNode", "Plate")
    ui.wallSlider.value, ui.holesBox.value = 3.5, 7
    stand_in.click(ui.closedBox)
    ui.kindBox.currentIndex = 0
    ui.modelChooser.setCurrentNode(node)
    stand_in.type_text(ui.fileEdit, "plate.stl")
    assert (parameters.wall_mm, parameters.holes, parameters.closed) == (3.5, 7, False)
    assert (parameters.kind, parameters.model, parameters.file) == (Kind.FINE, node, Path("plate.stl"))


def test_what_the_program_sets_is_shown(ui, parameters):
    parameters.connectGui(ui)
    parameters.wall_mm = 6.0
    assert ui.wallSlider.value == 6.0


def test_a_parameter_node_restores_its_values(parameters, parameter_class):
    parameters.wall_mm, parameters.kind, parameters.closed = 1.25, Kind.FINE, False
    restored = parameter_class(parameters.parameterNode)
    assert (restored.wall_mm, restored.kind, restored.closed) == (1.25, Kind.FINE, False)


@pytest.mark.parametrize(("name", "value"), [("wall_mm", 20.0), ("wall_mm", None), ("holes", 2.5)])
def test_a_value_that_does_not_fit_is_refused(parameters, name, value):
    with pytest.raises((ValueError, TypeError)):
        setattr(parameters, name, value)


def test_widgets_are_left_alone_when_disconnected(ui, parameters):
    parameters.disconnectGui(parameters.connectGui(ui))
    ui.wallSlider.value = 3.5
    assert parameters.wall_mm == 2.0
    parameters.wall_mm = 6.0
    assert ui.wallSlider.value == 3.5


def test_a_slider_needs_bounds(ui, application, scene):
    from slicer.parameterNodeWrapper import parameterNodeWrapper
    from slicer.ScriptedLoadableModule import ScriptedLoadableModuleLogic

    class Unbounded:
        wall_mm: float

    unbounded = parameterNodeWrapper(Unbounded)(ScriptedLoadableModuleLogic().getParameterNode())
    with pytest.raises(RuntimeError, match="unbounded"):
        unbounded.connectParametersToGui({"wall_mm": ui.wallSlider})
