"""The catalogue of printers and materials: every figure has a source, the user's files come first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from FluoroPrintLib.catalog import machines as catalog
from FluoroPrintLib.catalog.machines import read_catalogue
from FluoroPrintLib.catalog.schema import faults_of
from FluoroPrintLib.errors import FluoroPrintError

FOLDER = Path(catalog.__file__).parent
KINDS = ("printers", "materials")
NO_FIGURES = {"id", "title", "sources", "technology", "process", "kind", "processes"}
PRINTER = {
    "id": "mine",
    "title": "My printer",
    "technology": "material extrusion",
    "process": "FDM",
    "bed_mm": [100, 120],
    "height_mm": 140,
    "min_wall_mm": 1,
    "min_hole_mm": 2,
    "clearance_mm": 0.5,
    "sources": {"all": "measured"},
}


def read(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return loaded


def written(folder: Path, kind: str, entries: Any) -> Path:
    (folder / f"{kind}.json").write_text(json.dumps({kind: entries}))
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_the_shipped_files_fit_their_schemas_and_have_ids_of_their_own(kind: str) -> None:
    assert list(faults_of(read(f"{kind}.json"), read(f"{kind}.schema.json"))) == []
    ids = [entry["id"] for entry in read(f"{kind}.json")[kind]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_names_its_source(kind: str) -> None:
    for entry in read(f"{kind}.json")[kind]:
        told = {name.strip() for names in entry["sources"] for name in names.split(",")}
        assert "all" in told or set(entry) - NO_FIGURES == told, entry["id"]


def test_every_printer_has_a_material_and_every_material_a_printer() -> None:
    found = read_catalogue()
    processes = {printer.process for printer in found.printers}
    assert processes == {process for material in found.materials for process in material.processes}
    assert {material.kind for material in found.materials} == {"rigid", "clear", "flexible", "biocompatible"}


def test_a_shipped_printer_has_the_figures_of_its_file() -> None:
    printer = read_catalogue().printer("prusa-mk3s")
    assert (printer.bed_mm, printer.height_mm, printer.nozzle_mm) == ((250, 210), 210, 0.4)
    assert printer.size_words == "250 x 210 x 210 mm"


def test_a_printer_of_the_user_is_added(tmp_path: Path) -> None:
    found = read_catalogue(written(tmp_path, "printers", [PRINTER]))
    assert found.printer("mine").bed_mm == (100, 120)
    assert found.printer("prusa-mk3s").height_mm == 210
    assert found.materials == read_catalogue().materials


def test_a_price_of_the_user_replaces_the_shipped_one_and_nothing_else(tmp_path: Path) -> None:
    cost = {"amount": 19.5, "per": "kg", "currency": "CHF", "year": 2026}
    pla = read_catalogue(written(tmp_path, "materials", [{"id": "pla", "cost": cost}])).material("pla")
    assert pla.cost == catalog.Cost(19.5, "kg", "CHF", 2026)
    assert pla.density_g_cm3 == read_catalogue().material("pla").density_g_cm3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"bed_mm": [100]}, "mine: bed_mm has 1 values instead of 2"),
        ({"height_mm": 0}, "mine: height_mm is 0 and not above 0"),
        ({"height_mm": "high"}, "mine: height_mm is no number"),
        ({"height_mm": True}, "mine: height_mm is no number"),
        ({"layer_mm": 9}, "mine: layer_mm is 9, out of bounds"),
        ({"layer_mm": float("nan")}, "mine: layer_mm is nan, out of bounds"),
        ({"technology": "magic"}, "mine: technology is 'magic' and not one of material extrusion"),
        ({"colour": "red"}, "mine: colour is unknown"),
        ({"sources": {"all": 3}}, "mine: sources.all is no string"),
    ],
)
def test_a_faulty_entry_is_refused_in_one_sentence(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    written(tmp_path, "printers", [PRINTER | change])
    with pytest.raises(FluoroPrintError) as caught:
        read_catalogue(tmp_path)
    assert said in str(caught.value)
    assert str(tmp_path / "printers.json") in str(caught.value)
    assert str(caught.value).endswith(".")


def test_an_id_that_no_command_line_takes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FluoroPrintError, match="which does not fit"):
        read_catalogue(written(tmp_path, "printers", [PRINTER | {"id": "My Printer!"}]))


@pytest.mark.parametrize("missing", ["title", "bed_mm", "min_wall_mm"])
def test_an_entry_that_lacks_something_is_refused(tmp_path: Path, missing: str) -> None:
    entry = {name: value for name, value in PRINTER.items() if name != missing}
    with pytest.raises(FluoroPrintError, match=f"mine: {missing} is missing"):
        read_catalogue(written(tmp_path, "printers", [entry]))


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "cannot be read as JSON"), ("[]", "it is no object"), ('{"printers": [3]}', "is no object")],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "printers.json").write_text(text)
    with pytest.raises(FluoroPrintError, match=said):
        read_catalogue(tmp_path)


def test_a_folder_without_a_catalogue_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FluoroPrintError, match=r"holds no printers\.json and no materials\.json"):
        read_catalogue(tmp_path)


def test_what_is_not_there_is_refused_with_what_is() -> None:
    with pytest.raises(FluoroPrintError, match="There is no printer x: choose one of prusa-mk3s, "):
        read_catalogue().printer("x")
    with pytest.raises(FluoroPrintError, match="There is no material x: choose one of pla, "):
        read_catalogue().material("x")


def test_what_bends_below_the_temperature_of_steam_is_said_so():
    catalogue = read_catalogue()
    vero, powder, petg = (catalogue.material(name) for name in ("polyjet-vero", "pa12-mjf", "petg"))
    assert vero.heat_words("steam_121_c") == "bends under load from 47.6 °C"
    assert powder.heat_words("steam_134_c") == vero.heat_words("hydrogen_peroxide_plasma") == ""
    assert petg.heat_words("steam_121_c") == ""
    assert "VeroWhitePlus" in vero.source_of("heat_deflection_c")


def test_every_figure_of_cleaning_and_heat_names_its_source():
    for material in read_catalogue().materials:
        for name in ("cleaning", "heat_deflection_c", "sterilisation"):
            assert bool(getattr(material, name)) == bool(material.source_of(name)), (material.id, name)
