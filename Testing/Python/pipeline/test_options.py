"""Every option comes from a field of a parameter dataclass, and says what that field says."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import environment, fluoroprint, own_process, refused
from FluoroPrintLib.parameters import ParameterField, parameter_fields
from FluoroPrintLib.pipeline.commands import COMMANDS, Command, command_named
from FluoroPrintLib.pipeline.options import parameters_from
from FluoroPrintLib.pipeline.parser import build_parser

FIELDS = [
    pytest.param(command, field, id=f"{command.name}-{field.name}")
    for command in COMMANDS
    for parameters in command.parameters().values()
    for field in parameter_fields(parameters)
]


def help_of(command: Command) -> str:
    done = fluoroprint(command.name, "--help")
    assert (done.code, done.err) == (0, "")
    return " ".join(done.out.split()).replace("- ", "-")


def needed(command: Command, out: Path) -> list[str]:
    """The options that a command cannot do without."""
    output = ["--out", str(out)] if command.output[0] else []
    printer = ["--printer", "prusa-mk3s", "--material", "pla"] if command.takes_printer else []
    recipe = ["--recipe", "no.json"] if command.takes_operation else []
    return [*output, *(["--sweep", "no.dcm"] if command.takes_sweep else []), *printer, *recipe]


def number(value: float) -> str:
    return f"{value:g}"


@pytest.mark.parametrize(("command", "field"), FIELDS)
def test_help_tells_option_help_bounds_unit_and_default(command: Command, field: ParameterField) -> None:
    text = help_of(command)
    assert re.search(rf"--{field.name.replace('_', '-')}\b", text)
    assert field.help.replace("- ", "-") in text
    if field.bounds and not field.choices:
        unit = f" {field.unit}" if field.unit else ""
        assert f"({number(field.bounds.low)} to {number(field.bounds.high)}{unit}" in text
    if isinstance(field.default, float):
        assert f"default {number(field.default)})" in text
    assert all(word in text for word in field.choices)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_without_options_the_defaults_hold(command: Command) -> None:
    plan = ["screws"] if command.takes_plan else []
    words = [command.name, *plan, "input", *needed(command, Path("x"))]
    arguments = build_parser(words).parse_args(words)
    for parameters in command.parameters().values():
        assert parameters_from(arguments, parameters) == parameters()


@pytest.mark.parametrize(
    ("command", "field"),
    [p for p in FIELDS if p.values[1].bounds and not p.values[1].choices],  # type: ignore[union-attr]
)
def test_a_value_out_of_bounds_is_refused_before_anything_is_read(
    command: Command, field: ParameterField, tmp_path: Path
) -> None:
    assert field.bounds is not None
    values = [field.kind(field.bounds.high + 1)] * (field.length or 1)
    option = "--" + field.name.replace("_", "-")
    words = (command.name, tmp_path / "no.dcm", *needed(command, tmp_path / "x"))
    said = refused(tmp_path, *words, option, *values)
    assert field.name in said
    assert f"it takes {number(field.bounds.low)} to {number(field.bounds.high)}" in said


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ((), "COMMAND"),
        (("bake", "x"), "bake"),
        (("run", "x"), "--out"),
        (("run", "--out", "x"), "SWEEP"),
        (("run", "x", "--out", "y", "--voxel", "1"), "--voxel"),
        (("run", "x", "--out", "y", "--voxel-mm", "small"), "small"),
        (("run", "x", "--out", "y", "--voxel-mm", "nan"), "finite"),
        (("run", "x", "--out", "y", "--size-mm", "1", "2"), "--size-mm"),
        (("run", "x", "--out", "y", "--window", "square"), "square"),
        (("segment", "x", "--out", "y.seg.nrrd", "--voxel-mm", "1"), "--voxel-mm"),
        (("run", "x", "--out", "y", "--angle-sign", "-1"), "--angle-sign"),
        (("run", "x", "--out", "y", "--sid-mm", "700", "--sod-mm", "800"), "sod_mm"),
    ],
)
def test_words_that_mean_nothing_are_refused_in_one_line(
    words: tuple[str, ...], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert named in refused(tmp_path, *words)


def test_negative_numbers_and_triples_reach_the_parameters() -> None:
    words = [
        "reconstruct",
        "in",
        "--out",
        "v.nrrd",
        "--centre-mm",
        "-10",
        "2.5",
        "-3",
        "--no-mask-field",
        "--size-mm",
        "50",
        "60",
        "70",
    ]
    arguments = build_parser(words).parse_args(words)
    chosen = parameters_from(arguments, command_named("reconstruct").parameters()["reconstruction"])
    assert vars(chosen)["centre_mm"] == (-10.0, 2.5, -3.0)
    assert vars(chosen)["size_mm"] == (50.0, 60.0, 70.0)
    assert vars(chosen)["mask_field"] is False


def test_the_parser_knows_a_command_by_its_name_and_parses_paths() -> None:
    words = ["info", "a b.dcm"]
    arguments: argparse.Namespace = build_parser(words).parse_args(words)
    assert (arguments.command, arguments.input) == ("info", Path("a b.dcm"))


@pytest.mark.parametrize("words", [("--help",), ("info", "{geometry}")])
def test_help_and_info_do_without_slicer_and_vtk(words: tuple[str, ...], simulated: object) -> None:
    wanted = [word.format(geometry=vars(simulated)["geometry"]) for word in words]
    script = (
        "import sys; from FluoroPrintLib.__main__ import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "heavy = {'slicer', 'vtkmodules', 'vtk', 'numba', 'SimpleITK', 'scipy.ndimage'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *wanted],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_the_module_and_the_console_script_are_one_command() -> None:
    assert own_process("--help").out == fluoroprint("--help").out
