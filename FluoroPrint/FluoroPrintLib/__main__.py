"""The command line: ``python -m FluoroPrintLib`` or ``fluoroprint``."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from .errors import Cancelled, FluoroPrintError

FAULT, STOPPED = 2, 130


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; return 0, 2 for a fault that the user can mend, or 130 when stopped."""
    _print_any_letter()
    try:
        lines = _run(sys.argv[1:] if words is None else words)
        print("\n".join(lines), flush=True)
    except FluoroPrintError as error:
        return _failed(str(error))
    except MemoryError:
        return _failed("There is not enough memory: choose larger voxels or a smaller volume.")
    except (Cancelled, KeyboardInterrupt):
        return _failed("Stopped; nothing was written.", STOPPED)
    except BrokenPipeError:  # `fluoroprint info FILE | head`: who reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        return _failed(f"{error.filename or 'A file'} could not be used: {error.strerror or error}.")
    return 0


def _run(words: Sequence[str]) -> list[str]:
    from .pipeline.commands import command_named
    from .pipeline.parser import build_parser
    from .pipeline.terminal import stopped_by_signals, terminal_progress

    arguments: argparse.Namespace = build_parser(words).parse_args(words)
    with stopped_by_signals(), terminal_progress() as progress:
        return command_named(arguments.command).run(arguments, progress)


def _failed(sentence: str, code: int = FAULT) -> int:
    """Say what is wrong in one line, whatever line breaks a foreign library put into it."""
    print("fluoroprint:", " ".join(sentence.split()), file=sys.stderr)
    return code


def _print_any_letter() -> None:
    """Let a terminal that knows few letters show a mark for the others instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
