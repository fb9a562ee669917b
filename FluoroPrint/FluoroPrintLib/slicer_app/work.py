"""Work beside the window: a thread computes, a timer in the window shows progress and takes the result.

Slicer's event loop holds Python's interpreter lock, so a thread would stand still while nothing is clicked.
Each tick of the timer waits for the thread a moment, which hands it the lock; what computes for long (numpy,
scipy, SimpleITK, VTK, numba) runs without the lock. The thread never touches the scene or a widget. See
docs/adr/0005.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from ..errors import Cancelled
from ..progress import Progress
from .faults import show_fault
from .offers import button

Result = TypeVar("Result")

STEPS = 1000
TICK_MS = 10
HANDED_OVER_S = 0.03
TOLD_AFTER_S = 2.0
"""Before this the time left is not guessed."""


class Job:
    """A computation in a thread of its own.

    Attributes
    ----------
    fraction, message : how far it is
    result, error : what came of it, once `is_done`; `error` may be `Cancelled`
    """

    def __init__(self, compute: Callable[[Progress], Any]) -> None:
        self.fraction, self.message = 0.0, ""
        self.result: Any = None
        self.error: BaseException | None = None
        self.started = time.monotonic()
        self._compute = compute
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = self._compute(self._report)
        except BaseException as error:  # noqa: BLE001 - told on the window's side
            self.error = error

    def _report(self, fraction: float, message: str) -> None:
        self.fraction, self.message = fraction, message
        if self._stopped.is_set():
            raise Cancelled

    @property
    def is_done(self) -> bool:
        """Whether it has ended."""
        return not self._thread.is_alive()

    @property
    def is_stopped(self) -> bool:
        """Whether it was asked to stop."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Let it end at its next report."""
        self._stopped.set()

    def outcome(self) -> Any:
        """Return what was computed, once `is_done`; raise what it raised, or `Cancelled` if stopped."""
        if self.error is not None:
            raise self.error
        if self.is_stopped and self.result is None:
            raise Cancelled
        return self.result

    def wait(self, seconds: float) -> None:
        """Wait for its end; meanwhile it has the interpreter lock."""
        self._thread.join(seconds)

    def seconds_left(self) -> float | None:
        """Return how long it may still take at the pace so far; None while that is a guess."""
        elapsed = time.monotonic() - self.started
        if elapsed < TOLD_AFTER_S or not 0.02 < self.fraction < 1.0:
            return None
        return elapsed * (1.0 - self.fraction) / self.fraction


class Work:
    """A bar with message and cancel button, shown in a frame while something is computed.

    One thing at a time; starting another while one runs is refused by `AssertionError`: panels disable their
    buttons while `busy`.

    Parameters
    ----------
    title : of the dialogs that tell a fault
    frame : empty QFrame that gets the bar
    changed : called when work has begun or ended, so that a panel can enable its buttons
    """

    def __init__(self, title: str, frame: Any, changed: Callable[[], None]) -> None:
        import qt
        from slicer.i18n import tr as _

        self._title, self._frame, self._changed = title, frame, changed
        self._job: Job | None = None
        self._done: Callable[[Any], None] | None = None
        self._failed: Callable[[BaseException], None] | None = None
        self.bar = qt.QProgressBar()
        self.bar.maximum = STEPS
        self.bar.textVisible = False
        self.label = qt.QLabel()
        self.label.wordWrap = True
        self.cancelButton = button(_("Cancel"), _("Stop the work; nothing is changed."), self.cancel)
        _fill(frame, self.bar, self.cancelButton, self.label)
        self._timer = qt.QTimer()
        self._timer.interval = TICK_MS
        self._timer.connect("timeout()", self._tick)
        self._show(None)

    @property
    def busy(self) -> bool:
        """Whether something is being computed."""
        return self._job is not None

    def start(
        self,
        compute: Callable[[Progress], Result],
        done: Callable[[Result], None],
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Compute in a thread, then hand over the result in the window's own.

        Parameters
        ----------
        compute : given the progress to report to; it uses neither the scene nor a widget
        done : given the result; not called where `compute` failed or was cancelled
        failed : given what `compute` or `done` raised, once the user was told, or `Cancelled`
        """
        assert self._job is None, "one work at a time"
        self._job, self._done, self._failed = Job(compute), done, failed
        self._timer.start()
        self._show("")
        self._changed()

    def cancel(self) -> None:
        """Let the work end at its next report; what it made so far is dropped."""
        from slicer.i18n import tr as _

        if self._job is not None:
            self._job.stop()
            self.cancelButton.enabled = False
            self.label.text = _("Stopping…")

    def close(self) -> None:
        """Drop the work, if any, and stop the timer: for the end of the panel."""
        self._timer.stop()
        if self._job is not None:
            self._job.stop()
            self._job = self._done = None
            self._give_up(Cancelled())
        self._show(None)

    def say(self, message: str) -> None:
        """Show a message where the bar was, until the next work begins."""
        self.label.text = message
        self.label.visible = bool(message)

    def _tick(self) -> None:
        job = self._job
        if job is None:
            self._timer.stop()
            return
        job.wait(HANDED_OVER_S)
        if job.is_done:
            self._end(job)
        elif not job.is_stopped:
            self.bar.value = round(job.fraction * STEPS)
            self.label.text = _with_time_left(job)

    def _end(self, job: Job) -> None:
        from slicer.i18n import tr as _

        self._timer.stop()
        done, self._job, self._done = self._done, None, None
        self._show(None)
        try:
            if job.is_stopped:
                raise Cancelled
            done(job.outcome())  # type: ignore[misc]
        except Cancelled as error:
            self.say(_("Cancelled; nothing was changed."))
            self._give_up(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the user is told
            show_fault(self._title, error)
            self._give_up(error)
        self._changed()

    def _give_up(self, error: BaseException) -> None:
        failed, self._failed = self._failed, None
        if failed is not None:
            failed(error)

    def _show(self, message: str | None) -> None:
        """Show the bar while there is work; a message or nothing afterwards."""
        self.bar.visible = self.cancelButton.visible = self.cancelButton.enabled = self.busy
        self.bar.value = 0
        self.say(message or "")
        self.label.visible = self.busy or bool(message)


def _with_time_left(job: Job) -> str:
    from slicer.i18n import tr as _

    message, left = job.message[:1].upper() + job.message[1:], job.seconds_left()
    if left is None:
        return message
    words = _("{message} – about {seconds} s left")
    return str(words.format(message=message, seconds=max(1, round(left))))


def _fill(frame: Any, bar: Any, button: Any, label: Any) -> None:
    import qt

    layout = qt.QGridLayout(frame)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(bar, 0, 0)
    layout.addWidget(button, 0, 1)
    layout.addWidget(label, 1, 0, 1, 2)
