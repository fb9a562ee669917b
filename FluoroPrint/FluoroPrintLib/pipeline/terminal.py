"""Progress on the terminal: a bar with the time left where there is one, else a line a step."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ..progress import Progress


@contextmanager
def terminal_progress() -> Iterator[Progress]:
    """Yield a progress that draws on the terminal (stderr); silent where output is not a terminal."""
    if not sys.stderr.isatty():
        yield _step_lines()
        return
    try:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar
    except ImportError:
        yield _step_lines()
        return
    columns = (
        TextColumn("{task.description:<44}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Starting", total=1.0)
        yield lambda fraction, message: bar.update(task, completed=fraction, description=message[:44])


def _step_lines() -> Progress:
    """Return a progress that prints a line whenever another tenth is done."""
    printed = -1

    def report(fraction: float, message: str) -> None:
        nonlocal printed
        tenth = int(fraction * 10)
        if tenth > printed:
            printed = tenth
            print(f"{100 * fraction:3.0f} % {message}", file=sys.stderr, flush=True)

    return report
