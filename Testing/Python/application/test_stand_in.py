"""The stand-in refuses what Slicer does not have, and does what Slicer's widgets do on a real scene."""

import functools

import numpy as np
import pytest
import slicer
import stand_in
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.mrml.segmentations import add_segmentation
from FluoroPrintLib.segmentation.segments import Segment, Segmentation
from qt_side.signals import connections


@pytest.fixture
def qt(application):
    import qt

    return qt


@pytest.fixture
def ctk(application):
    import ctk

    return ctk


def test_a_property_that_slicer_lacks_cannot_be_set_or_read(qt, ctk):
    with pytest.raises(AttributeError, match="QPushButton has no value"):
        qt.QPushButton().value = 1
    with pytest.raises(AttributeError, match="ctkSliderWidget has no text"):
        _ = ctk.ctkSliderWidget().text


def test_a_property_is_no_method(qt, ctk):
    with pytest.raises(TypeError, match="not callable"):
        qt.QLineEdit("x").text()
    with pytest.raises(TypeError, match="not callable"):
        ctk.ctkDoubleSpinBox().value()


def test_a_method_is_no_property(qt):
    with pytest.raises(AttributeError, match="QWidget.layout is no property"):
        qt.QWidget().layout = qt.QVBoxLayout()


def test_a_property_that_can_only_be_read_is_not_set(qt, ctk):
    with pytest.raises(AttributeError, match="wasCanceled can only be read"):
        qt.QProgressDialog().wasCanceled = True
    with pytest.raises(AttributeError, match="cleanText can only be read"):
        ctk.ctkDoubleSpinBox().cleanText = "1"


def test_a_property_takes_its_own_type_alone(qt, ctk):
    with pytest.raises(TypeError, match="QLabel.text takes QString, not int"):
        qt.QLabel().text = 3
    with pytest.raises(TypeError, match="value takes double, not str"):
        ctk.ctkSliderWidget().value = "3"
    with pytest.raises(TypeError, match="nodeTypes takes QStringList, not str"):
        slicer.qMRMLNodeComboBox().nodeTypes = "vtkMRMLModelNode"


def test_a_method_that_slicer_lacks_cannot_be_called(qt, ctk):
    with pytest.raises(AttributeError, match="ctkSliderWidget has no setMinimum"):
        ctk.ctkSliderWidget().setMinimum(0.0)
    with pytest.raises(AttributeError, match="QPushButton has no press"):
        qt.QPushButton().press()


def test_a_method_takes_the_listed_arguments_alone(application):
    chooser = slicer.qMRMLNodeComboBox()
    with pytest.raises(TypeError, match="setMRMLScene takes"):
        chooser.setMRMLScene(slicer.vtkMRMLModelNode())
    with pytest.raises(TypeError, match="nodeFromIndex takes"):
        chooser.nodeFromIndex()


@pytest.mark.parametrize(
    "signal", ["clicked(int)", "pressed(bool)", "clicked", "valueChanged(int)", "text()"]
)
def test_a_signal_that_slicer_lacks_cannot_be_connected(qt, signal):
    with pytest.raises(AttributeError, match="has no signal"):
        qt.QPushButton().connect(signal, print)


@pytest.mark.parametrize(
    "signal", ["currentNodeChanged(vtkMRMLNode)", "currentNodeChanged(vtkMRMLModelNode*)", "nodeChanged()"]
)
def test_a_listed_signal_is_held_to_its_signature(application, signal):
    with pytest.raises(AttributeError, match="has no signal"):
        slicer.qMRMLNodeComboBox().connect(signal, print)


def test_a_slot_that_slicer_lacks_cannot_be_connected(qt):
    button, label = qt.QPushButton(), qt.QLabel()
    with pytest.raises(AttributeError, match="QLabel has no erase"):
        button.connect("clicked()", label, "erase()")
    button.connect("clicked()", label, "clear()")
    label.text = "gone"
    stand_in.click(button)
    assert label.text == ""


def test_an_overloaded_signal_is_connected_by_its_signature_alone(application):
    with pytest.raises(AttributeError, match="is overloaded: use connect"):
        slicer.qMRMLNodeComboBox().currentNodeChanged.connect(print)


def test_an_enum_value_that_slicer_lacks_is_refused(qt, ctk):
    with pytest.raises(AttributeError, match="ctkPathLineEdit has neither"):
        _ = ctk.ctkPathLineEdit.Folders
    with pytest.raises(AttributeError, match="Qt has neither"):
        _ = qt.Qt.AlignMiddle
    assert qt.Qt.AlignLeft | qt.Qt.AlignTop
    assert ctk.ctkPathLineEdit.Dirs != ctk.ctkPathLineEdit.Files


def test_a_class_that_slicer_lacks_is_refused_and_one_that_is_not_known_here_too(qt, ctk):
    with pytest.raises(AttributeError, match="has a class ctkSpinner"):
        ctk.ctkSpinner()
    with pytest.raises(AttributeError, match="qt has no ctkSliderWidget"):
        qt.ctkSliderWidget()
    with pytest.raises(stand_in.NotInStandIn, match="qMRMLThreeDWidget"):
        slicer.qMRMLThreeDWidget()


def test_behaviour_that_is_not_known_is_refused(application, ctk):
    with pytest.raises(stand_in.NotInStandIn, match="renameCurrentNode"):
        slicer.qMRMLNodeComboBox().renameCurrentNode()
    with pytest.raises(stand_in.NotInStandIn, match="contentsLineWidth is before it is set"):
        _ = ctk.ctkCollapsibleButton().contentsLineWidth


def test_a_class_is_an_instance_of_itself_alone(qt):
    button = qt.QPushButton()
    assert isinstance(button, qt.QPushButton)
    assert not isinstance(button, qt.QWidget)
    assert button.inherits("QWidget")
    assert not button.inherits("QLabel")


def test_a_slot_gets_as_many_arguments_as_it_takes(qt):
    got = []
    box = qt.QCheckBox()
    box.connect("toggled(bool)", lambda: got.append("none"))
    box.connect("toggled(bool)", lambda on: got.append(on))
    box.connect("toggled(bool)", functools.partial(got.append))
    stand_in.click(box)
    assert got == ["none", True, True]


def test_what_a_slot_raises_reaches_the_test(qt):
    def fail():
        raise ZeroDivisionError

    button = qt.QPushButton()
    button.connect("clicked()", fail)
    with pytest.raises(ZeroDivisionError):
        stand_in.click(button)


def test_a_connection_ends_when_it_is_undone(qt):
    pressed = []
    button = qt.QPushButton()
    push = functools.partial(pressed.append, 1)
    button.connect("clicked()", push)
    assert button.disconnect("clicked()", push)
    assert not button.disconnect("clicked()", push)
    stand_in.click(button)
    assert (pressed, connections(button)) == ([], [])


def test_a_disabled_button_cannot_be_clicked(qt):
    button = qt.QPushButton("Run")
    button.enabled = False
    with pytest.raises(AssertionError, match="'Run' is disabled"):
        stand_in.click(button)


def test_a_dialog_that_nobody_answers_is_refused(qt, application):
    with pytest.raises(stand_in.NotInStandIn, match=r"QFileDialog\.getOpenFileName"):
        qt.QFileDialog.getOpenFileName(None, "Sweep")
    application.answers["QFileDialog.getOpenFileName"] = "run7.dcm"
    assert qt.QFileDialog.getOpenFileName(None, "Sweep") == "run7.dcm"


def test_a_question_is_answered_by_the_test(application):
    with pytest.raises(stand_in.NotInStandIn, match="ctkMessageBox.exec_"):
        slicer.util.confirmYesNoDisplay("Replace it?")
    application.answers["ctkMessageBox.exec_"] = stand_in.wrapped_class("QMessageBox").Yes
    assert slicer.util.confirmYesNoDisplay("Replace it?")
    assert application.errors[-1] == "Replace it?"


def test_an_error_is_shown_with_its_sentence(application):
    with pytest.raises(ValueError, match="too thin"), slicer.util.tryWithErrorDisplay("Cannot thicken."):
        raise ValueError("too thin")
    assert application.errors == ["Cannot thicken.\n\ntoo thin"]


@pytest.fixture
def chooser(application, scene):
    result = slicer.qMRMLNodeComboBox()
    result.nodeTypes = ["vtkMRMLModelNode"]
    result.setMRMLScene(scene)
    return result


def test_a_chooser_follows_the_scene(chooser, scene):
    changes = []
    chooser.connect("currentNodeChanged(vtkMRMLNode*)", changes.append)
    first = scene.AddNewNodeByClass("vtkMRMLModelNode", "First")
    second = scene.AddNewNodeByClass("vtkMRMLModelNode", "Second")
    scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Other")
    assert (chooser.nodeCount(), chooser.currentNode()) == (2, first)
    scene.RemoveNode(first)
    assert chooser.currentNodeID == second.GetID()
    scene.Clear()
    assert chooser.currentNode() is None
    assert changes == [first, second, None]


def test_a_chooser_with_none_waits_for_the_user(chooser, scene):
    chooser.noneEnabled = True
    node = scene.AddNewNodeByClass("vtkMRMLModelNode", "First")
    assert chooser.currentNode() is None
    chooser.setCurrentNode(node)
    assert chooser.currentNode() is node
    chooser.currentNodeID = ""
    assert chooser.currentNode() is None


def test_a_chooser_makes_a_node_of_its_type_and_name(chooser, scene):
    chooser.baseName = "Plate"
    assert chooser.addNode().GetName() == "Plate"
    assert chooser.currentNode().GetName() == "Plate"


def test_a_deleted_chooser_no_longer_observes_the_scene(chooser, scene):
    changes = []
    chooser.connect("currentNodeChanged(vtkMRMLNode*)", changes.append)
    chooser.delete()
    scene.AddNewNodeByClass("vtkMRMLModelNode")
    assert changes == []


def test_a_segment_selector_offers_the_segments_of_the_scene(application, scene):
    grid = grid_centred_at((0, 0, 0), (4, 4, 4), 1.0)
    segments = (Segment("Left", 1, (1.0, 0.0, 0.0)), Segment("Right", 2, (0.0, 1.0, 0.0)))
    labels = np.repeat(np.arange(4, dtype=np.uint8) % 3, 16).reshape(4, 4, 4)
    node = add_segmentation(scene, Segmentation(Volume(labels, grid), segments), "Halves")
    selector = slicer.qMRMLSegmentSelectorWidget()
    chosen = []
    selector.connect("currentSegmentChanged(QString)", chosen.append)
    selector.setMRMLScene(scene)
    assert selector.currentNode() is node
    second = selector.segmentIDs()[1]
    selector.setCurrentSegmentID(second)
    assert (selector.currentSegmentID(), chosen[-1]) == (second, second)


def test_a_slider_bounds_its_value_and_tells_it_once(ctk):
    slider = ctk.ctkSliderWidget()
    slider.minimum, slider.maximum, slider.decimals = -1.0, 1.0, 3
    told = []
    slider.valueChanged.connect(told.append)
    slider.value = 5.0
    slider.value = 1.0
    assert (slider.value, told) == (1.0, [1.0])


def test_a_section_folds_when_its_heading_is_clicked(qt, ctk):
    section = ctk.ctkCollapsibleButton()
    layout = qt.QVBoxLayout(section)
    label = qt.QLabel("inside")
    layout.addWidget(label)
    section.show()
    folded = []
    section.connect("contentsCollapsed(bool)", folded.append)
    stand_in.click(section)
    assert (section.collapsed, section.checked, label.visible, folded) == (True, False, False, [True])


def test_a_path_that_is_typed_is_the_current_path(ctk):
    edit = ctk.ctkPathLineEdit()
    told = []
    edit.currentPathChanged.connect(told.append)
    stand_in.type_text(edit, "ab")
    assert (edit.currentPath, told) == ("ab", ["a", "ab"])


def test_modules_are_selected_entered_and_left(application, monkeypatch):
    for name in ("FluoroPrintPrepare", "FluoroPrintReconstruct"):
        stand_in.start_module(monkeypatch, name)
    slicer.util.selectModule("FluoroPrintPrepare")
    prepare = slicer.modules.fluoroprintprepare.widgetRepresentation()
    assert prepare.isEntered
    slicer.util.selectModule("FluoroPrintReconstruct")
    assert slicer.util.selectedModule() == "FluoroPrintReconstruct"
    assert not prepare.isEntered


def test_a_module_is_asked_to_clean_up_before_it_is_unloaded(application, monkeypatch):
    module, _ = stand_in.start_module(monkeypatch, "FluoroPrintPrepare")
    cleaned = []
    monkeypatch.setattr(module.FluoroPrintPrepareWidget, "cleanup", lambda widget: cleaned.append(widget))
    widget = stand_in.open_panel(module)
    stand_in.close_panel(widget)
    assert cleaned == [widget]


def test_a_node_chosen_before_the_scene_is_there_is_current_when_it_comes(application, scene):
    scene.AddNewNodeByClass("vtkMRMLModelNode", "First")
    second = scene.AddNewNodeByClass("vtkMRMLModelNode", "Second")
    early = slicer.qMRMLNodeComboBox()
    early.nodeTypes = ["vtkMRMLModelNode"]
    early.setCurrentNode(second)
    early.setMRMLScene(scene)
    assert early.currentNode() is second


def test_no_observer_outlives_a_panel(application, monkeypatch, scene):
    module, _ = stand_in.start_module(monkeypatch, "FluoroPrintPrepare")
    before = stand_in.observed_events(scene)
    widget = stand_in.open_panel(module)
    assert stand_in.observed_events(scene) != before
    stand_in.close_panel(widget)
    assert stand_in.observed_events(scene) == before


def test_the_observers_of_a_node_are_counted(application, scene):
    node = scene.AddNewNodeByClass("vtkMRMLModelNode")
    before = stand_in.observed_events(node)
    tags = [node.AddObserver("ModifiedEvent", lambda _node, _event: None) for _ in range(2)]
    assert stand_in.observed_events(node)["functions"] == before["functions"] + 2
    for tag in tags:
        node.RemoveObserver(tag)
    assert stand_in.observed_events(node) == before


def test_a_timer_calls_back_and_is_known_while_it_runs(qt):
    called = []
    timer = qt.QTimer()
    timer.setInterval(1)
    timer.connect("timeout()", lambda: called.append(1))
    timer.start()
    assert stand_in.running_timers() == [timer.real]
    stand_in.wait_until(lambda: called)
    timer.stop()
    assert stand_in.running_timers() == []


def test_what_is_called_later_and_fails_reaches_the_test(qt):
    def fail():
        raise ZeroDivisionError

    qt.QTimer.singleShot(0, fail)
    with pytest.raises(ZeroDivisionError):
        stand_in.wait_until(lambda: False)


def test_a_folder_is_chosen_with_a_button(ctk, application, tmp_path):
    button = ctk.ctkDirectoryButton()
    told = []
    button.directoryChanged.connect(told.append)
    application.answers["ctkDirectoryButton.browse"] = str(tmp_path)
    assert button.browse() == str(tmp_path)
    button.directory = str(tmp_path)
    assert (button.directory, told) == (str(tmp_path), [str(tmp_path)])


def test_a_range_keeps_its_ends_in_order(ctk):
    widget = ctk.ctkRangeWidget()
    told = []
    widget.setRange(-10.0, 10.0)
    widget.setValues(-2.0, 3.0)
    widget.connect("valuesChanged(double,double)", lambda low, high: told.append((low, high)))
    widget.minimumValue = 5.0
    assert (widget.minimumValue, widget.maximumValue, told[-1]) == (5.0, 5.0, (5.0, 5.0))
    widget.setValues(0.0, 1.0)
    assert told[-1] == (0.0, 1.0)


def test_a_layout_is_kept_in_the_scene(application, scene):
    manager = slicer.app.layoutManager()
    four_up = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView
    told = []
    manager.connect("layoutChanged(int)", told.append)
    manager.setLayout(four_up)
    assert (manager.layout, told) == (four_up, [four_up])
    assert scene.GetFirstNodeByClass("vtkMRMLLayoutNode").GetViewArrangement() == four_up
    with pytest.raises(stand_in.NotInStandIn, match="sliceWidget"):
        manager.sliceWidget("Red")


def test_an_enum_is_no_text(ctk):
    with pytest.raises(TypeError, match="filters takes Filters, not str"):
        ctk.ctkPathLineEdit().filters = "Dirs"
