"""Work in threads: filters of numpy, SciPy and SimpleITK let other threads of Python run meanwhile."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import TypeVar

from .errors import Cancelled
from .progress import Progress

Piece = TypeVar("Piece")
Result = TypeVar("Result")


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_threads(work: Callable[[Piece], Result], pieces: Iterable[Piece]) -> Iterator[Result]:
    """Yield work(piece) for each piece, in their order, with only a few pieces under way at a time."""
    threads = min(processors(), 8)
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for piece in pieces:
            waiting.append(pool.submit(work, piece))
            if len(waiting) > 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


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
