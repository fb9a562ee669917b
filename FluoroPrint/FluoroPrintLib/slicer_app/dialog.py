"""Work that its caller waits for, where there is no panel to show it: a dialog with progress and cancel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..progress import Progress
from .work import HANDED_OVER_S, STEPS, Job

Result = TypeVar("Result")


def computed_in_dialog(title: str, compute: Callable[[Progress], Result]) -> Result:
    """Compute in a thread while a dialog shows how far it is; the window goes on being drawn.

    Parameters
    ----------
    title : of the dialog
    compute : given the progress to report to; it uses neither the scene nor a widget

    Returns
    -------
    What `compute` returns.

    Raises
    ------
    Cancelled
        The user pressed Cancel. What `compute` raises comes out too.
    """
    import slicer

    dialog = slicer.util.createProgressDialog(
        windowTitle=title, maximum=STEPS, autoClose=False, autoReset=False
    )
    job = Job(compute)
    try:
        while not job.is_done:
            job.wait(HANDED_OVER_S)
            dialog.labelText = job.message
            dialog.value = round(job.fraction * STEPS)
            slicer.app.processEvents()
            if dialog.wasCanceled:
                job.stop()
    finally:
        dialog.close()
    result: Result = job.outcome()
    return result
