"""Work done beside other work: filters of SciPy and SimpleITK let other threads of Python run meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import TypeVar

from .errors import Cancelled
from .progress import Progress

Result = TypeVar("Result")


@contextmanager
def beside(work: Callable[[Progress], Result]) -> Iterator[Callable[[], Result]]:
    """Do work in a thread of its own while the body runs.

    Yielded is a function that waits for the work and returns its result, or raises what it raised. Where the
    body raises, as it does when it is cancelled, the work ends at its next report of progress; the block is
    left when it has ended.

    Parameters
    ----------
    work : given a progress to report to, that shows nothing
    """
    stopped = Event()

    def report(fraction: float, message: str) -> None:
        if stopped.is_set():
            raise Cancelled

    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(work, report)
        try:
            yield result.result
        except BaseException:
            stopped.set()
            raise
