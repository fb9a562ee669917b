"""Work beside the window: progress is shown, cancel and faults end it, the window stays alive meanwhile."""

import logging
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
import stand_in
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.segmentation.bone import segment_bone


@pytest.fixture
def changes():
    return []


@pytest.fixture
def frame(application):
    import qt

    return qt.QFrame()


@pytest.fixture
def work(frame, changes):
    from FluoroPrintLib.slicer_app.work import Work

    work = Work("Reconstruct", frame, lambda: changes.append(work.busy))
    yield work
    work.close()


def ended(work):
    stand_in.wait_until(lambda: not work.busy)


def test_the_result_is_handed_over_in_the_window_s_thread(work, changes):
    results = []
    work.start(
        lambda progress: threading.get_ident(), lambda there: results.append((there, threading.get_ident()))
    )
    assert work.busy
    ended(work)
    ((there, here),) = results
    assert here == threading.get_ident() != there
    assert changes == [True, False]


def test_progress_is_shown_while_it_runs_and_gone_afterwards(work, frame):
    go_on = threading.Event()

    def compute(progress):
        progress(0.25, "filtering")
        go_on.wait(stand_in.LONGEST_S)

    frame.show()
    assert not work.bar.visible
    work.start(compute, lambda _result: None)
    stand_in.wait_until(lambda: work.bar.value == 250)
    assert work.label.text == "Filtering"
    assert work.bar.visible
    go_on.set()
    ended(work)
    assert not work.bar.visible
    assert not work.cancelButton.visible


def test_the_time_left_is_told_when_it_is_more_than_a_guess(work, monkeypatch):
    from FluoroPrintLib.slicer_app import work as module

    now_s, go_on = [0.0], threading.Event()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now_s[0]))

    def compute(progress):
        now_s[0] = 10.0
        progress(0.1, "filtering")
        go_on.wait(stand_in.LONGEST_S)

    work.start(compute, lambda _result: None)
    stand_in.wait_until(lambda: work.label.text == "Filtering – about 90 s left")
    go_on.set()
    ended(work)


def test_cancel_ends_the_work_and_hands_nothing_over(work, application):
    results, at_work = [], threading.Event()

    def compute(progress):
        while True:
            progress(0.5, "half")
            at_work.set()
            time.sleep(0.001)

    work.start(compute, results.append)
    assert at_work.wait(stand_in.LONGEST_S)
    stand_in.click(work.cancelButton)
    ended(work)
    assert (results, application.errors) == ([], [])
    assert work.label.text == "Cancelled; nothing was changed."


def test_a_result_that_comes_after_cancel_is_dropped(work):
    results, go_on = [], threading.Event()
    work.start(lambda progress: go_on.wait(stand_in.LONGEST_S), results.append)
    stand_in.click(work.cancelButton)
    go_on.set()
    ended(work)
    assert results == []


def test_a_fault_of_the_user_is_shown_as_its_sentence_and_traced_in_the_log(work, application, caplog):
    def compute(progress):
        raise FluoroPrintError("There is no sweep yet: choose one.")

    with caplog.at_level(logging.INFO):
        work.start(compute, lambda _result: None)
        ended(work)
    assert application.errors == ["There is no sweep yet: choose one."]
    assert "in compute" in caplog.text


def test_a_fault_of_the_program_asks_for_a_report_and_is_traced_in_the_log(work, application, caplog):
    work.start(lambda progress: 1 / 0, lambda _result: None)
    ended(work)
    assert "ZeroDivisionError: division by zero" in application.errors[0]
    assert "report" in application.errors[0]
    assert "Traceback" in caplog.text


def test_a_fault_while_the_result_is_taken_is_told_and_the_work_is_over(work, application):
    def done(_result):
        raise FluoroPrintError("The scene was closed: open it again.")

    work.start(lambda progress: 1, done)
    ended(work)
    assert application.errors == ["The scene was closed: open it again."]


def test_work_that_is_closed_leaves_no_timer_and_hands_nothing_over(work):
    results = []
    work.start(lambda progress: 42, results.append)
    work.close()
    assert stand_in.running_timers() == []
    assert not work.busy
    assert results == []


def test_the_window_stays_alive_while_a_stage_computes(work):
    ijk = np.indices((64, 96, 96)).reshape(3, -1).T - [32, 48, 48]
    ball = np.linalg.norm(ijk, axis=1).reshape(64, 96, 96) < 24
    volume = Volume(np.where(ball, 900.0, 40.0).astype(np.float32), np.eye(4))
    ticks, results = [], []
    work.start(lambda progress: segment_bone(volume, progress=progress), results.append)
    while work.busy:
        stand_in.slicer.app.processEvents()
        ticks.append(time.process_time())  # what others compute meanwhile is no fault of the window
    assert results[0].labelmap.array_kji.sum() > 0.9 * ball.sum()
    assert max(np.diff(ticks)) < (ticks[-1] - ticks[0]) / 2
