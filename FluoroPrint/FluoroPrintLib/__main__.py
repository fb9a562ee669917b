"""The command line: ``python -m FluoroPrintLib`` or ``fluoroprint``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from .errors import Cancelled, FluoroPrintError

DESCRIPTION = (
    "From a C-arm sweep to a printable bone model. "
    "For education, research and planning support; not a cleared medical device."
)
FAULT, STOPPED = 2, 130


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; return 0, 2 for a fault that the user can mend, or 130 when stopped."""
    from .pipeline.commands import command_named
    from .pipeline.terminal import terminal_progress

    arguments = build_parser().parse_args(words)
    try:
        with terminal_progress() as progress:
            lines = command_named(arguments.command).run(arguments, progress)
    except FluoroPrintError as error:
        print(f"fluoroprint: {error}", file=sys.stderr)
        return FAULT
    except (Cancelled, KeyboardInterrupt):
        print("fluoroprint: stopped; nothing was written.", file=sys.stderr)
        return STOPPED
    print("\n".join(lines))
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands, their options derived from the stages' parameters."""
    from .pipeline.commands import COMMANDS, Command
    from .pipeline.options import add_options

    def add(command: Command) -> None:
        parser = commands.add_parser(command.name, help=command.help, description=command.help)
        parser.add_argument("input", metavar=command.input[0], type=Path, help=command.input[1])
        if command.output[0]:
            parser.add_argument(
                "--out", metavar=command.output[0], type=Path, required=True, help=command.output[1]
            )
        if command.takes_geometry:
            parser.add_argument(
                "--geometry",
                metavar="FILE",
                type=Path,
                help="Geometry file: RTK XML, or 3x4 matrices as JSON or text.",
            )
        for title, parameters in command.parameters:
            add_options(parser, parameters, title)

    parser = argparse.ArgumentParser(prog="fluoroprint", description=DESCRIPTION)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        add(command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
