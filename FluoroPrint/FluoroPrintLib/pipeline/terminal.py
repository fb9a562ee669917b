"""Progress on the terminal, and the signals that stop a command."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from ..progress import Progress

SECONDS_BETWEEN_LINES = 10.0
"""In a log file a line now and then shows that the work goes on; short work says nothing."""
MESSAGE_WIDTH = 44


def terminal_progress() -> AbstractContextManager[Progress]:
    """Return a context with a progress that draws on the terminal (stderr).

    A bar with the time left where there is a terminal and rich; else a line every few seconds.
    """
    if sys.stderr.isatty():
        try:
            return _bar()
        except ImportError:
            pass
    return nullcontext(line_progress())


def _bar() -> AbstractContextManager[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn(f"{{task.description:<{MESSAGE_WIDTH}}}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    return _drawn(Bar(*columns, console=Console(stderr=True), transient=True))


@contextmanager
def _drawn(bar: Any) -> Iterator[Progress]:
    with bar:
        task = bar.add_task("Starting", total=1.0)
        yield lambda fraction, message: bar.update(
            task, completed=fraction, description=message[:MESSAGE_WIDTH]
        )


def line_progress(clock: Callable[[], float] = time.monotonic) -> Progress:
    """Return a progress that prints a line to stderr every `SECONDS_BETWEEN_LINES`, with the time left."""
    begun = printed = clock()

    def report(fraction: float, message: str) -> None:
        nonlocal printed
        now = clock()
        if now - printed >= SECONDS_BETWEEN_LINES:
            printed = now
            left = f", about {(now - begun) * (1 / fraction - 1):.0f} s left" if fraction > 0 else ""
            print(f"{100 * fraction:3.0f} %{left}: {message}", file=sys.stderr, flush=True)

    return report


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Let the signals that end a job or close a terminal raise KeyboardInterrupt, as Ctrl-C does.

    So that the work is cleaned up after. An error that follows a signal counts as the interrupt that it was:
    a compiled library whose import is interrupted tells of a missing module. Outside the main thread, where
    Python takes no signals, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []

    def stop(number: int, _frame: object) -> None:
        received.append(number)
        raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else a shell keeps it from us
        numbers.append(signal.SIGINT)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    except Exception as error:
        if received:
            raise KeyboardInterrupt from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
