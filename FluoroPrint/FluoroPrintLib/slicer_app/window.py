"""Work that a window waits for: progress, a cancel button, and a user's fault told in its one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..errors import Cancelled, FluoroPrintError
from ..progress import Progress

Result = TypeVar("Result")

_STEPS = 1000


def run_in_window(title: str, work: Callable[[Progress], Result]) -> Result | None:
    """Run `work` under a progress dialog with a cancel button.

    Parameters
    ----------
    title : of the dialog
    work : given the progress to report to; what it raises beside the two below goes on

    Returns
    -------
    What `work` returns; None where the user cancelled it, or where it failed by a `FluoroPrintError`, after
    its sentence was shown.
    """
    import slicer

    dialog = _progress_dialog(title)
    try:
        return work(progress_in(dialog))
    except Cancelled:
        return None
    except FluoroPrintError as error:
        slicer.util.errorDisplay(str(error), windowTitle=title)
        return None
    finally:
        dialog.close()


def progress_in(dialog: Any) -> Progress:
    """Return a progress that moves a QProgressDialog and raises `Cancelled` when its button was pressed."""
    import slicer

    def report(fraction: float, message: str) -> None:
        dialog.labelText = message
        dialog.value = round(fraction * _STEPS)
        slicer.app.processEvents()
        if dialog.wasCanceled:
            raise Cancelled

    return report


def _progress_dialog(title: str) -> Any:
    import qt
    import slicer

    return slicer.util.createProgressDialog(
        windowTitle=title,
        maximum=_STEPS,
        windowModality=qt.Qt.WindowModal,
        autoClose=False,
        autoReset=False,
    )
