"""Slicing: the profile says what was chosen; a program is run, read back and stopped."""

import dataclasses
import os
import stat
import subprocess
import time
import zipfile
from pathlib import Path

import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.files.mesh_formats import write_mesh
from FluoroPrintLib.files.plates import write_plate
from FluoroPrintLib.printing.orientation import OrientationParameters
from FluoroPrintLib.printing.plate import laid_out
from FluoroPrintLib.printing.preparation import prepare_print
from FluoroPrintLib.printing.profile import profile_of, profile_text
from FluoroPrintLib.printing.settings import PrintSettings
from FluoroPrintLib.printing.slicers import VARIABLE, find_slicer, slice_plate

DEFAULTS = PrintSettings()
TAIL = "; filament used [cm3] = 3.62\n; estimated printing time (normal mode) = 1d 2h 3m 4s\n"
needs_shell = pytest.mark.skipif(os.name == "nt", reason="the stand-in program is a shell script")
needs_slicer = pytest.mark.skipif(find_slicer() is None, reason="PrusaSlicer is not installed")


def program(folder: Path, monkeypatch, *lines: str) -> None:
    """Make a stand-in for PrusaSlicer, in which $out names the file to make."""
    path = folder / "slicer"
    find_out = 'while [ "$1" != "-o" ]; do shift; done; out="$2"'
    path.write_text("\n".join(["#!/bin/sh", 'echo "$@" > words', find_out, *lines]) + "\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv(VARIABLE, str(path))


@pytest.fixture
def sliced(tmp_path, catalogue):
    def run(printer="prusa-mk3s", material="pla", settings=DEFAULTS, **more):
        (tmp_path / "plate.3mf").write_text("parts")
        return slice_plate(
            tmp_path / "plate.3mf",
            tmp_path / "plate",
            catalogue.printer(printer),
            catalogue.material(material),
            settings,
            **more,
        )

    return run


def test_the_profile_of_an_extruder_says_what_was_chosen(catalogue):
    settings = PrintSettings(layer_mm=0.15, walls=3, infill_percent=30, support=False)
    profile = profile_of(catalogue.printer("prusa-mini"), catalogue.material("petg"), settings)
    expected = {
        "bed_shape": "0x0,180x0,180x180,0x180",
        "max_print_height": "180",
        "layer_height": "0.15",
        "nozzle_diameter": "0.4",
        "extrusion_width": "0.45",
        "perimeters": 3,
        "top_solid_layers": 9,
        "fill_density": "30%",
        "support_material": 0,
        "filament_density": "1.27",
        "filament_max_volumetric_speed": "8",
        "temperature": "240",
        "bed_temperature": "90",
    }
    assert {name: profile[name] for name in expected} == expected
    assert "layer_height = 0.15\n" in profile_text(profile)


def test_the_profile_of_a_mask_printer_says_what_was_chosen(catalogue):
    profile = profile_of(catalogue.printer("prusa-sl1s"), catalogue.material("resin-rigid"), DEFAULTS)
    expected = {"printer_technology": "SLA", "display_pixels_x": "2560", "exposure_time": "2"}
    assert {name: profile[name] for name in expected} == expected
    assert profile["initial_exposure_time"] == "25"


def test_a_solid_print_is_filled_by_lines(catalogue):
    solid = PrintSettings(infill_percent=100)
    profile = profile_of(catalogue.printer("prusa-mini"), catalogue.material("pla"), solid)
    assert profile["fill_pattern"] == "rectilinear"


@pytest.mark.parametrize("printer", ["form-2", "hp-mjf-5200", "polyjet-490"])
def test_printers_with_a_program_of_their_own_are_not_sliced_for(catalogue, printer):
    with pytest.raises(FluoroPrintError, match="slicing program of its own"):
        profile_of(catalogue.printer(printer), catalogue.material("pla"), DEFAULTS)


@pytest.mark.parametrize(
    ("field", "words"), [("nozzle_c", "nozzle temperature"), ("bed_c", "bed temperature")]
)
def test_a_figure_that_slicing_needs_is_asked_for(catalogue, field, words):
    material = dataclasses.replace(catalogue.material("pla"), **{field: None})
    with pytest.raises(FluoroPrintError, match=f"The {words} of PLA filament is not known"):
        profile_of(catalogue.printer("prusa-mini"), material, DEFAULTS)


def test_without_the_program_there_is_one_sentence(sliced, monkeypatch):
    monkeypatch.setenv(VARIABLE, "/no/such/program")
    with pytest.raises(FluoroPrintError, match=f"PrusaSlicer was not found: install it, or .* {VARIABLE}"):
        sliced()


@needs_shell
def test_time_and_filament_are_read_from_the_g_code_and_progress_from_its_words(
    tmp_path, sliced, monkeypatch
):
    lines = [f"printf '%s' '{TAIL}' > \"$out\"", "echo '20 => Generating perimeters'", "sleep 0.3"]
    program(tmp_path, monkeypatch, *lines)
    told = []
    made = sliced(progress=lambda fraction, message: told.append(fraction))
    assert (made.volume_ml, made.seconds) == (3.62, 86400 + 2 * 3600 + 3 * 60 + 4)
    assert made.path == tmp_path / "plate.gcode"
    assert 0.2 in told
    assert "--export-gcode" in (tmp_path / "words").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"plate.3mf", "plate.gcode", "slicer", "words"}


@needs_shell
def test_time_and_resin_are_read_from_the_archive(tmp_path, sliced, monkeypatch):
    with zipfile.ZipFile(tmp_path / "ready", "w") as archive:
        archive.writestr("config.ini", "action = print\nprintTime = 1796.9\nusedMaterial = 1.68\n")
    program(tmp_path, monkeypatch, f'cp "{tmp_path}/ready" "$out"')
    made = sliced("prusa-sl1s", "resin-rigid")
    assert (made.path.name, made.seconds, made.volume_ml) == ("plate.sl1", 1796.9, 1.68)


@needs_shell
def test_within_slicer_its_libraries_are_kept_from_the_program(tmp_path, sliced, monkeypatch):
    program(tmp_path, monkeypatch, "env > environment", f"printf '%s' '{TAIL}' > \"$out\"")
    monkeypatch.setenv("SLICER_HOME", "/opt/slicer")
    monkeypatch.setenv("QT_PLUGIN_PATH", "/opt/slicer/plugins")
    monkeypatch.setenv("PYTHONHOME", "/opt/slicer/python")
    sliced()
    names = {line.partition("=")[0] for line in (tmp_path / "environment").read_text().splitlines()}
    assert "PATH" in names
    assert not names & {"QT_PLUGIN_PATH", "PYTHONHOME"}


@needs_shell
@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            ["echo 'Objects could not fit'", "exit 1"],
            "PrusaSlicer stopped with the fault “Objects could not fit”",
        ),
        (["echo 'nothing to slice'"], r"made no file of the plate \(nothing to slice\)"),
        (['echo G1 > "$out"'], "tells no time and filament"),
    ],
)
def test_what_goes_wrong_is_told_and_leaves_no_profile(tmp_path, sliced, monkeypatch, lines, said):
    program(tmp_path, monkeypatch, *lines)
    with pytest.raises(FluoroPrintError, match=said):
        sliced()
    assert not list(tmp_path.glob(".plate*"))


@needs_shell
def test_a_cancel_ends_the_program(tmp_path, sliced, monkeypatch):
    program(tmp_path, monkeypatch, "echo $$ > pid", "sleep 60")

    def stop(fraction, message):
        if (tmp_path / "pid").is_file() and (tmp_path / "pid").read_text().strip():
            raise Cancelled

    begun = time.monotonic()
    with pytest.raises(Cancelled):
        sliced(progress=stop)
    assert time.monotonic() - begun < 10
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@needs_shell
def test_a_profile_of_the_user_comes_after_ours(tmp_path, sliced, monkeypatch):
    program(tmp_path, monkeypatch, f"printf '%s' '{TAIL}' > \"$out\"")
    own = tmp_path / "own.ini"
    own.write_text("perimeters = 4\n")
    sliced(own_profile=own)
    words = (tmp_path / "words").read_text().split()
    loads = [words[n + 1] for n, word in enumerate(words) if word == "--load"]
    assert loads == [str(tmp_path / ".plate.ini"), str(own)]
    with pytest.raises(FluoroPrintError, match="no.ini does not exist"):
        sliced(own_profile=tmp_path / "no.ini")


def job_of(catalogue, solids, models, printer, material):
    return prepare_print(models, catalogue.printer(printer), catalogue.material(material))


@pytest.mark.slow
@needs_slicer
def test_prusaslicer_prints_where_the_parts_lie_and_takes_what_is_estimated(tmp_path, solids, catalogue):
    models = [solids.named(f"Cube {n}", solids.box(20, 20, 20)) for n in (1, 2)]
    job = job_of(catalogue, solids, models, "prusa-mk3s", "pla")
    write_plate(tmp_path / "plate.3mf", [part.placed for part in job.parts], "plate")
    made = slice_plate(tmp_path / "plate.3mf", tmp_path / "plate", job.printer, job.material, DEFAULTS)
    (estimate,) = job.estimates
    assert estimate.material_ml == pytest.approx(made.volume_ml, rel=estimate.material_error)
    assert estimate.seconds == pytest.approx(made.seconds, rel=estimate.time_error)
    text = made.path.read_text()
    moves = [line.split() for line in text.splitlines() if line.startswith("G1 X") and " E" in line]
    across = [float(words[1][1:]) for words in moves]
    # The middle of a line of 0.45 mm runs within the part; both cubes and the clearance lie about the middle.
    assert (min(across), max(across)) == pytest.approx((125 - 20.25 + 0.225, 125 + 20.25 - 0.225), abs=0.1)
    assert text.count("M104 S210") == 1


@pytest.mark.slow
@needs_slicer
@pytest.mark.parametrize("support", [False, True])
def test_what_a_leaning_angle_takes_is_estimated(tmp_path, solids, catalogue, support):
    """Slanted walls with their strips; below them supports."""
    models = [solids.named("Angle", solids.angle().rotate([35, 0, 0]))]
    machine, settings = (
        (catalogue.printer("prusa-mk3s"), catalogue.material("pla")),
        PrintSettings(support=support),
    )
    job = prepare_print(models, *machine, OrientationParameters(orient=False), settings)
    write_plate(tmp_path / "plate.3mf", [part.placed for part in job.parts], "plate")
    made = slice_plate(tmp_path / "plate.3mf", tmp_path / "plate", *machine, settings)
    (estimate,) = job.estimates
    assert estimate.material_ml == pytest.approx(made.volume_ml, rel=estimate.material_error)
    assert estimate.seconds == pytest.approx(made.seconds, rel=estimate.time_error)


@pytest.mark.slow
@needs_slicer
def test_prusaslicer_makes_an_archive_for_a_resin_printer(tmp_path, solids, catalogue):
    job = job_of(
        catalogue, solids, [solids.named("Cube", solids.box(10, 10, 10))], "prusa-sl1s", "resin-rigid"
    )
    write_plate(tmp_path / "plate.3mf", [part.placed for part in job.parts], "plate")
    made = slice_plate(tmp_path / "plate.3mf", tmp_path / "plate", job.printer, job.material, DEFAULTS)
    (estimate,) = job.estimates
    assert estimate.material_ml == pytest.approx(made.volume_ml, rel=estimate.material_error)
    assert estimate.seconds == pytest.approx(made.seconds, rel=estimate.time_error)
    with zipfile.ZipFile(made.path) as archive:
        assert sum(name.endswith(".png") for name in archive.namelist()) > 200


@pytest.mark.slow
@needs_slicer
def test_a_real_run_is_stopped_and_leaves_nothing(tmp_path, solids, catalogue):
    parts = laid_out([solids.named("Cube", solids.box(60, 60, 60))], catalogue.printer("prusa-sl1s"))
    write_plate(tmp_path / "plate.3mf", parts, "plate")

    begun = time.monotonic()

    def stop(fraction, message):
        if time.monotonic() - begun > 1:
            raise Cancelled

    printer, material = catalogue.printer("prusa-sl1s"), catalogue.material("resin-rigid")
    with pytest.raises(Cancelled):
        slice_plate(tmp_path / "plate.3mf", tmp_path / "plate", printer, material, DEFAULTS, progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["plate.3mf"]


@pytest.mark.slow
@needs_slicer
def test_prusaslicer_keeps_objects_of_a_3mf_apart_as_they_lie_seen_from_above_and_repairs_nothing(
    tmp_path, solids
):
    models = [
        solids.named("Bone", solids.box(20, 20, 20, (100, 50, -700))),
        solids.named("Chip", solids.box(10, 10, 10, (125, 55, -695))),
    ]
    write_mesh(tmp_path / "case.3mf", models)
    words = [find_slicer(), "--info", tmp_path / "case.3mf"]
    said = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout
    assert said.count("manifold = yes") == 2
    assert not [word for word in ("repair", "degenerate", "reversed", "open_edges") if word in said]
    made = tmp_path / "case.gcode"
    words = [
        find_slicer(),
        "--export-gcode",
        "--dont-arrange",
        "--skirts",
        "0",
        "-o",
        made,
        tmp_path / "case.3mf",
    ]
    subprocess.run(words, capture_output=True, check=True, timeout=300)
    height, across = 0.0, {"Bone": [], "Chip": []}
    for line in made.read_text().splitlines():
        if line.startswith(";Z:"):
            height = float(line[3:])
        elif line.startswith("G1 X") and " E" in line:
            x = float(line.split()[1][1:])
            across["Bone" if x > 12.5 else "Chip"].append((x, height))
    # Seen from above the chip lies from 0 to 10 mm, the bone from 15 to 35. The chip hung 5 mm above the
    # bone's foot: PrusaSlicer lets every object down onto the bed, as docs/exporting.md says.
    bone, chip = (sorted(x for x, z in across[name] if 2 < z < 9) for name in ("Bone", "Chip"))
    assert (bone[0], bone[-1]) == pytest.approx((15.225, 34.775), abs=0.1)
    assert (chip[0], chip[-1]) == pytest.approx((0.225, 9.775), abs=0.1)
    assert max(z for _, z in across["Bone"]) == pytest.approx(20.0, abs=0.4)
    assert max(z for _, z in across["Chip"]) == pytest.approx(10.0, abs=0.4)
