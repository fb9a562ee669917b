"""Work that its caller waits for: shown in a dialog, cancelled there; what it raises comes out."""

import time

import pytest
import stand_in  # noqa: F401  skips where there is no Qt
from FluoroPrintLib.errors import Cancelled, FluoroPrintError


@pytest.fixture
def computed(application):
    from FluoroPrintLib.slicer_app.dialog import computed_in_dialog

    return computed_in_dialog


def test_the_result_comes_back_and_the_dialog_goes(computed, application):
    shown = []

    def compute(progress):
        progress(0.25, "Reading")
        while not any(
            dialog.labelText == "Reading" and dialog.value == 250 for dialog in application.dialogs
        ):
            time.sleep(0.001)
        shown.append(application.dialogs[0].visible)
        return 42

    assert computed("Load", compute) == 42
    assert shown == [True]
    assert not any(dialog.visible for dialog in application.dialogs)


def test_cancel_ends_it(computed, application):
    def compute(progress):
        while True:
            progress(0.5, "Half")
            for dialog in application.dialogs:
                application.cancel_soon = dialog
            time.sleep(0.001)

    import qt

    timer = qt.QTimer()
    timer.singleShot = True
    timer.connect("timeout()", lambda: application.dialogs[0].cancel())
    timer.start(20)
    with pytest.raises(Cancelled):
        computed("Load", compute)
    assert not any(dialog.visible for dialog in application.dialogs)


def test_a_fault_comes_out_and_the_dialog_goes(computed, application):
    def compute(progress):
        raise FluoroPrintError("The file is damaged: export it again.")

    with pytest.raises(FluoroPrintError, match="damaged"):
        computed("Load", compute)
    assert not any(dialog.visible for dialog in application.dialogs)
