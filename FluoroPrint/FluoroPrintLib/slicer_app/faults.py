"""The one way by which a fault reaches the user: its sentence in a dialog, its trace in the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import Cancelled, FluoroPrintError

UNEXPECTED = (
    "{title} met a fault of its own ({error}): the trace is in the application log; please report it."
)


def show_fault(title: str, error: BaseException) -> None:
    """Tell the user of a fault.

    Parameters
    ----------
    title : of the dialog: what was being done
    error : a `FluoroPrintError` is shown as the sentence that it is; any other as one that asks for a report
    """
    import slicer
    from slicer.i18n import tr as _

    trace = (type(error), error, error.__traceback__)
    if isinstance(error, FluoroPrintError):
        logging.info("%s: %s", title, error, exc_info=trace)
        slicer.util.errorDisplay(str(error), windowTitle=title)
        return
    logging.error("%s failed", title, exc_info=trace)
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    slicer.util.errorDisplay(_(UNEXPECTED).format(title=title, error=what), windowTitle=title)


@contextmanager
def faults_shown(title: str) -> Iterator[None]:
    """Show what fails in the block as `show_fault` does; a cancelled block just ends."""
    try:
        yield
    except Cancelled:
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, the user is told
        show_fault(title, error)
