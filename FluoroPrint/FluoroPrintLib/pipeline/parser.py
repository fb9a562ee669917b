"""The parser of the command line, made from the table of commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from ..catalog.anatomy import anatomy_names
from .commands import COMMANDS, Command
from .options import add_options

DESCRIPTION = (
    "From a C-arm sweep to a printable bone model. "
    "For education, research and planning support; not a cleared medical device."
)
FAULT = 2


class OneLineParser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line, and takes no abbreviated options."""

    def __init__(self, **options: object) -> None:
        super().__init__(allow_abbrev=False, **options)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        """Print the fault and where help is; exit with 2."""
        print(f"fluoroprint: {message[0].upper()}{message[1:]}: see {self.prog} --help.", file=sys.stderr)
        sys.exit(FAULT)


def build_parser(words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Return the parser of all commands; the options of those named in `words` are filled in.

    To know the options of a stage its code is imported, which takes the better part of a second.
    """
    parser = OneLineParser(prog="fluoroprint", description=DESCRIPTION)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        added = commands.add_parser(command.name, help=command.help, description=command.help)
        if command.name in words:
            _fill(added, command)
    return parser


def _fill(parser: argparse.ArgumentParser, command: Command) -> None:
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
    if command.takes_anatomy:
        parser.add_argument(
            "--anatomy",
            choices=anatomy_names(),
            help="Preset of all stages' parameters; options given beside it stand above it.",
        )
    for title, parameters in command.parameters().items():
        add_options(parser, parameters, title)
