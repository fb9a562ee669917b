"""Which handlers are connected and called is noted by the stand-in, and those never called are named."""

import functools

import pytest
import stand_in
from every_handler import keep_note, never_called
from qt_side.handlers import LOG, Log


def handler_of_the_extension():
    """Return a function that says it is of the extension."""

    def pressed():
        return None

    pressed.__module__ = "FluoroPrintExample"
    return pressed


@pytest.fixture
def button(application):
    import qt

    button = qt.QPushButton("Run")
    button.objectName = "runButton"
    return button


def names(entries):
    return [what.partition(" -> ")[0] for _, what in entries]


def test_a_handler_is_noted_when_it_is_connected_and_when_its_signal_calls_it(button):
    with LOG.of("Example"):
        button.connect("clicked()", functools.partial(handler_of_the_extension()))
    assert (names(LOG.connected), LOG.called) == (["runButton.clicked()"], set())
    stand_in.click(button)
    assert LOG.called == LOG.connected
    assert {owner for owner, _ in LOG.called} == {"Example"}


def test_a_call_is_not_noted_while_the_panel_only_shows(button, monkeypatch):
    panel = type("Panel", (), {"showing": True})
    monkeypatch.setattr(stand_in.slicer.modules, "ExampleWidget", panel, raising=False)
    with LOG.of("Example"):
        button.connect("clicked()", handler_of_the_extension())
    stand_in.click(button)
    assert LOG.called == set()


def test_what_others_connect_is_not_noted(button):
    button.connect("clicked()", lambda: None)
    stand_in.click(button)
    assert (LOG.connected, LOG.called) == (set(), set())


def test_what_a_handler_connects_is_of_its_module(button):
    import qt

    def connect_another():
        timer.connect("timeout()", handler_of_the_extension())

    connect_another.__module__ = "FluoroPrintExample"
    timer = qt.QTimer()
    with LOG.of("Example"):
        button.connect("clicked()", connect_another)
    stand_in.click(button)
    assert {owner for owner, _ in LOG.connected} == {"Example"}


def log(connected, called):
    made = Log()
    made.connected, made.called = connected, called
    return made


RUN, STOP, TIMER, OTHER = ("Example", "run"), ("Example", "stop"), ("", "timer"), ("Other", "button")


def test_what_no_test_called_is_named_once_all_have_run(tmp_path):
    keep_note(tmp_path, "a", log({RUN, STOP, TIMER, OTHER}, {RUN}))
    assert never_called(tmp_path, {"a", "b"}, "Example") == ()
    keep_note(tmp_path, "b", log({STOP}, set()))
    assert never_called(tmp_path, {"a", "b"}, "Example") == ("stop", "timer")
    keep_note(tmp_path, "b", log(set(), {STOP, TIMER}))
    assert never_called(tmp_path, {"a", "b"}, "Example") == ()
