"""The parser of the command line, made from the table of commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from ..catalog.anatomy import anatomy_names
from ..printing.slicing import PROGRAMS
from .commands import COMMANDS, Command
from .options import add_options
from .planning import add_planning

DESCRIPTION = (
    "From a C-arm sweep to a printable bone model. "
    "For education, research and planning support; not a cleared medical device."
)
FAULT = 2
NEEDS = {
    "seeds_ras": (
        "--seeds",
        "POINTS",
        "Points: Slicer's .mrk.json, or text with x y z in RAS mm a line, and a part's name after.",
    ),
    "segmentation": ("--segments", "SEGMENTATION", "Segmentation (.seg.nrrd) or labelmap to go from."),
    "sweep": ("--sweep", "SWEEP", "The sweep that the volume was reconstructed from."),
    "outlines": (
        "--outlines",
        "OUTLINES.json",
        'JSON: a list of {"frame": 1, "outline_px": [[column, row], ...]}, frames counted from 1.',
    ),
    "slice_outlines": (
        "--outlines",
        "OUTLINES",
        "Slicer's closed curves (.mrk.json), each in a slice; "
        'or JSON: a list of {"outline_ras": [[R, A, S], ...]}, RAS mm.',
    ),
}
"""Option, metavar and help of each of the `Hints`."""


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
            if command.takes_plan:
                add_planning(added, words)
            _fill(added, command)
            if command.takes_method:
                _add_method(added, words)
            if command.takes_operation:
                _add_operation(added, words)
    return parser


def _add_method(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the choice of a method, the options of the one that `words` choose, and what it needs beside."""
    from ..segmentation.methods import methods

    known = {method.name: method for method in methods()}
    default = next(iter(known))
    listed = "; ".join(f"{method.name}: {method.summary.rstrip('.')}" for method in known.values())
    choice = {"choices": tuple(known), "default": default, "help": f"{listed} (default {default})"}
    parser.add_argument("--method", **choice)  # type: ignore[arg-type]
    chosen = known.get(_word_after("--method", words), known[default])
    for hint in (*chosen.needs, *chosen.takes):
        option, metavar, words_of_help = NEEDS[hint]
        required = hint in chosen.needs
        parser.add_argument(option, metavar=metavar, type=Path, required=required, help=words_of_help)
    if "sweep" in chosen.needs:
        _add_geometry(parser)
    add_options(parser, chosen.parameters, chosen.name)


def _add_operation(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the choice of an operation or a recipe, and the options of the operation that `words` choose."""
    from ..shape.operations import operations
    from ..shape.planned import PlannedCutsParameters

    known = {operation.name: operation for operation in operations()}
    listed = "; ".join(f"{operation.name}: {operation.summary}" for operation in known.values())
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--operation", choices=tuple(known), help=f"{listed}")
    choice.add_argument(
        "--recipe",
        metavar="RECIPE.json",
        type=Path,
        help="Steps to go through, as --save-recipe writes them.",
    )
    choice.add_argument(
        "--plan",
        metavar="PLAN.json",
        type=Path,
        help="Plan whose screws are drilled and whose cuts are sawn; with --cut-implants implants go too.",
    )
    chosen = known.get(_word_after("--operation", words))
    needs_other = chosen is not None and chosen.needs_other
    words_of_help = "Second model, for combine."
    parser.add_argument("--other", metavar="MODEL", type=Path, required=needs_other, help=words_of_help)
    parser.add_argument("--save-recipe", metavar="RECIPE.json", type=Path, help="Recipe to write.")
    if chosen is not None:
        add_options(parser, chosen.parameters, chosen.name)
    elif _word_after("--plan", words):
        own = "Catalogue of your own, whose families of a shape from a file are taken out too."
        parser.add_argument("--implants", metavar="FILE.json", type=Path, help=own)
        add_options(parser, PlannedCutsParameters, "plan")


def _word_after(option: str, words: Sequence[str]) -> str:
    """Return the value of an option as it will be parsed: the last one given."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument(option, dest="word", nargs="?", default="")
    return str(parser.parse_known_args(list(words))[0].word or "")


def _fill(parser: argparse.ArgumentParser, command: Command) -> None:
    many = {"nargs": command.inputs} if command.inputs else {}
    parser.add_argument("input", metavar=command.input[0], type=Path, help=command.input[1], **many)  # type: ignore[arg-type]
    if command.output[0]:
        required = not command.output_optional
        parser.add_argument(
            "--out", metavar=command.output[0], type=Path, required=required, help=command.output[1]
        )
    if command.takes_printer:
        _add_printer(parser)
    if command.takes_materials:
        words = "Material of a part by the part's name and an ID of the catalogue; may be given again."
        _add_pairs(parser, command.takes_materials, "NAME=ID", "materials", words)
    if command.takes_colours:
        words = "Colour of a part by its name, such as bone=#E3D9BF; by its material unless given."
        _add_pairs(parser, "--colour", "NAME=#RRGGBB", "colours", words)
    if command.takes_measured:
        words = "What the caliper read, in mm, in the order of the sheet."
        parser.add_argument("--measured", metavar="MM", type=float, nargs="+", help=words)
    if command.takes_study:
        words = (
            "DICOM file whose patient and study go into DICOM files, or a case.json whose study alone does; "
            "without it they name no patient."
        )
        parser.add_argument("--study", metavar="FILE", type=Path, help=words)
    if command.takes_catalogue:
        words = "Folder with printers.json, materials.json or both, whose entries come first."
        parser.add_argument("--catalogue", metavar="FOLDER", type=Path, help=words)
    if command.takes_sweep:
        option, metavar, words = NEEDS["sweep"]
        parser.add_argument(option, metavar=metavar, type=Path, required=True, help=words)
    if command.takes_geometry:
        _add_geometry(parser)
    if command.takes_table:
        parser.add_argument("--table", metavar="TABLE.csv", type=Path, help="Table to write, a row a frame.")
    if command.takes_anatomy:
        parser.add_argument(
            "--anatomy",
            choices=anatomy_names(),
            help="Preset of all stages' parameters; options given beside it stand above it.",
        )
    for title, parameters in command.parameters().items():
        add_options(parser, parameters, title)


def _add_pairs(
    parser: argparse.ArgumentParser, option: str, metavar: str, name: str, words_of_help: str
) -> None:
    parser.add_argument(option, dest=name, metavar=metavar, action="append", default=[], help=words_of_help)


def _add_printer(parser: argparse.ArgumentParser) -> None:
    listed = "`fluoroprint printers` lists them."
    parser.add_argument("--printer", metavar="ID", required=True, help=f"Printer: {listed}")
    parser.add_argument("--material", metavar="ID", required=True, help=f"Material: {listed}")
    words = "Slice each plate by PrusaSlicer, or by CuraEngine where that alone is installed."
    parser.add_argument("--slice", action="store_true", help=words)
    words = "Which program slices; the first that is installed unless given."
    parser.add_argument("--slicer", choices=PROGRAMS, help=words)
    words = "A profile of PrusaSlicer whose values stand above the one written for printer and material."
    parser.add_argument("--profile", metavar="FILE.ini", type=Path, help=words)


def _add_geometry(parser: argparse.ArgumentParser) -> None:
    words = "Geometry file: RTK XML, or 3x4 matrices as JSON or text."
    parser.add_argument("--geometry", metavar="FILE", type=Path, help=words)
