"""Slicing by CuraEngine: all that follows from the choices is given, and what it took is read back."""

import math
import os
import re
import stat
from pathlib import Path

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.plates import write_stl_of_plate
from FluoroPrintLib.printing.cura import (
    CURA_VARIABLE,
    DEFINITION,
    DEFINITIONS_VARIABLE,
    required_cura,
    slice_by_cura,
)
from FluoroPrintLib.printing.cura_profile import ALL_BOTTOM_LAYERS, cura_settings_of
from FluoroPrintLib.printing.preparation import prepare_print
from FluoroPrintLib.printing.profile import FILAMENT_MM
from FluoroPrintLib.printing.settings import PrintSettings
from FluoroPrintLib.printing.slicers import VARIABLE
from FluoroPrintLib.printing.slicing import CURA, PRUSA, refuse_unsliceable, slicing_program

SAID = "Print time (s): 754\\nFilament (mm^3): 2500"
PLACEHOLDER = ";FLAVOR:Marlin\\n;TIME:6666\\n;Filament used: 0m\\n\\nG28"
needs_shell = pytest.mark.skipif(os.name == "nt", reason="the stand-in program is a shell script")


def is_installed() -> bool:
    try:
        required_cura()
    except FluoroPrintError:
        return False
    return True


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Make a stand-in for CuraEngine, in which $out names the file to make."""

    def make(*lines: str) -> Path:
        path = tmp_path / "bin" / "engine"
        path.parent.mkdir()
        definitions = tmp_path / "share" / "cura" / "resources" / "definitions"
        definitions.mkdir(parents=True)
        (definitions / DEFINITION).write_text("{}")
        find_out = 'while [ "$1" != "-o" ]; do shift; done; out="$2"'
        path.write_text("\n".join(["#!/bin/sh", 'echo "$@" > words', find_out, *lines]) + "\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv(CURA_VARIABLE, str(path))
        monkeypatch.delenv(DEFINITIONS_VARIABLE, raising=False)
        return path

    return make


def sliced_stand_in(tmp_path, catalogue):
    (tmp_path / "plate.stl").write_text("parts")
    machine = (catalogue.printer("prusa-mini"), catalogue.material("pla"), PrintSettings())
    return slice_by_cura(tmp_path / "plate.stl", tmp_path / "plate", *machine)


def test_what_follows_from_the_choices_is_given(catalogue):
    wanted = PrintSettings(layer_mm=0.15, walls=3, infill_percent=30, support=False)
    told = cura_settings_of(catalogue.printer("prusa-mini"), catalogue.material("petg"), wanted)
    expected = {
        "layer_height_0": 0.15,
        "wall_line_width_0": 0.45,
        "wall_line_count": 3,
        "top_layers": 9,
        "bottom_layers": 9,
        "material_bed_temperature": 90,
        "machine_width": 180,
        "support_enable": False,
    }
    assert {name: told[name] for name in expected} == expected
    assert told["infill_line_distance"] == pytest.approx(1.5)
    # 8 mm3/s of PETG in lines of 0.45 by 0.15 mm would be 118 mm/s: the speed of the profile is below that.
    assert told["speed_infill"] == 80


def test_a_solid_print_and_a_slow_material_are_told(catalogue):
    wanted = PrintSettings(layer_mm=0.3, infill_percent=100)
    told = cura_settings_of(catalogue.printer("prusa-mini"), catalogue.material("petg"), wanted)
    assert (told["top_layers"], told["bottom_layers"]) == (0, ALL_BOTTOM_LAYERS)
    assert told["speed_infill"] == pytest.approx(8 / (0.3 * 0.45))


def test_it_extrudes_alone(catalogue):
    with pytest.raises(FluoroPrintError, match="is not sliced for by CuraEngine"):
        refuse_unsliceable(
            CURA, catalogue.printer("prusa-sl1s"), catalogue.material("resin-rigid"), PrintSettings()
        )


def test_without_program_or_definitions_there_is_one_sentence(tmp_path, monkeypatch, stand_in):
    program = stand_in()
    (tmp_path / "share" / "cura" / "resources" / "definitions" / DEFINITION).unlink()
    with pytest.raises(FluoroPrintError, match=f"{DEFINITION} was not found: install Cura"):
        required_cura()
    program.unlink()
    with pytest.raises(FluoroPrintError, match=f"CuraEngine was not found: install it, .* {CURA_VARIABLE}"):
        required_cura()


@needs_shell
def test_it_slices_where_it_alone_is_installed(stand_in, monkeypatch):
    monkeypatch.setenv(VARIABLE, "/no/such/program")
    monkeypatch.setenv(CURA_VARIABLE, "/no/such/program")
    assert slicing_program() == PRUSA
    stand_in()
    assert slicing_program() == CURA
    assert slicing_program(PRUSA) == PRUSA


@needs_shell
def test_time_and_filament_are_read_from_its_words_and_told_in_the_header(tmp_path, catalogue, stand_in):
    stand_in(f"printf '{PLACEHOLDER}' > \"$out\"", f"printf '{SAID}'")
    made = sliced_stand_in(tmp_path, catalogue)
    assert (made.seconds, made.volume_ml, made.program) == (754, 2.5, "CuraEngine")
    assert made.path.read_text() == ";FLAVOR:Marlin\n;TIME:754\n;Filament used: 2500 mm3\n\nG28"
    words = (tmp_path / "words").read_text().split()
    assert words.count("layer_height=0.2") == 2
    assert words.index("-e0") < words.index("-o")
    assert not (tmp_path / ".plate.log").exists()


@needs_shell
def test_a_program_that_says_nothing_of_the_print_is_told(tmp_path, catalogue, stand_in):
    stand_in('echo G1 > "$out"')
    with pytest.raises(FluoroPrintError, match="CuraEngine made no print of the plate"):
        sliced_stand_in(tmp_path, catalogue)


@pytest.mark.slow
@pytest.mark.skipif(not is_installed(), reason="CuraEngine and Cura's definitions are not installed")
@pytest.mark.parametrize("infill_percent", [15.0, 100.0])
def test_curaengine_prints_where_the_parts_lie_and_takes_what_is_estimated(
    tmp_path, solids, catalogue, infill_percent
):
    models = [solids.named(f"Cube {n}", solids.box(20, 20, 20)) for n in (1, 2)]
    machine = catalogue.printer("prusa-mk3s"), catalogue.material("pla")
    job = prepare_print(models, *machine, settings=PrintSettings(infill_percent=infill_percent))
    write_stl_of_plate(tmp_path / "plate.stl", [part.placed for part in job.parts], (125.0, 105.0))
    made = slice_by_cura(tmp_path / "plate.stl", tmp_path / "plate", *machine, job.settings)
    (estimate,) = job.estimates
    assert estimate.material_ml == pytest.approx(made.volume_ml, rel=0.13)
    assert estimate.seconds == pytest.approx(made.seconds, rel=0.3)
    text = made.path.read_text()
    moves = [line for line in text.splitlines() if line.startswith("G1 ") and " X" in line and " E" in line]
    places = np.array([[float(re.search(rf" {axis}([\d.]+)", move)[1]) for axis in "XYE"] for move in moves])
    # The middle of a line of 0.45 mm runs within the part; both cubes and the clearance lie about the middle.
    across = places[:, 0].min(), places[:, 0].max()
    assert across == pytest.approx((125 - 20.25 + 0.225, 125 + 20.25 - 0.225), abs=0.1)
    # The filament that the moves push, for its diameter, is what was said; its count begins anew at times.
    pushed = np.diff(places[:, 2]).clip(0).sum() * math.pi * (FILAMENT_MM / 2) ** 2
    assert pushed == pytest.approx(1000 * made.volume_ml, rel=0.02)
    assert "M104 S210" in text
    assert text.count("M109 S210") == 1
