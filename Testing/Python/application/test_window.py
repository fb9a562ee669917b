"""Work in a window: progress is shown, cancel and errors end it, the dialog is closed whatever happens."""

import pytest
import stand_in  # noqa: F401  skips where there is no Qt
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.slicer_app.window import run_in_window


def test_work_reports_to_the_dialog_and_returns_its_result(application):
    def work(progress):
        progress(0.25, "Filtering")
        dialog = application.dialogs[0]
        assert (dialog.value, dialog.labelText, dialog.windowTitle) == (250, "Filtering", "Reconstruct")
        assert dialog.visible
        return 42

    assert run_in_window("Reconstruct", work) == 42
    assert not application.dialogs[0].visible


def test_cancel_ends_the_work_without_an_error(application):
    done = []

    def work(progress):
        application.dialogs[0].cancel()
        progress(0.5, "Half")
        done.append(1)

    assert run_in_window("Reconstruct", work) is None
    assert (done, application.errors) == ([], [])
    assert not application.dialogs[0].visible


def test_a_fault_of_the_user_is_shown_as_its_sentence(application):
    def work(progress):
        raise FluoroPrintError("There is no sweep yet: choose one.")

    assert run_in_window("Reconstruct", work) is None
    assert application.errors == ["There is no sweep yet: choose one."]


def test_a_fault_of_the_program_goes_on_to_slicer(application):
    def work(progress):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_in_window("Reconstruct", work)
    assert not application.dialogs[0].visible
