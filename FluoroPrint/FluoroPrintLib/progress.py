"""Progress reports: a fraction and a message, for a terminal or a window."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with the fraction done (0 to 1) and what is being done; may raise `Cancelled`."""

    def __call__(self, fraction: float, message: str) -> None:
        """Report that `fraction` of the work is done, now doing `message`."""


def silent(fraction: float, message: str) -> None:
    """Report to nobody: the default of every function that takes a `Progress`."""


def part_of(progress: Progress, start: float, end: float) -> Progress:
    """Return a progress that maps its own 0 to 1 onto `start` to `end` of `progress`."""

    def report(fraction: float, message: str) -> None:
        progress(start + (end - start) * fraction, message)

    return report
