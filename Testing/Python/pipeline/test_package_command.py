"""`fluoroprint package` and `caliper`: a folder whole or none, whose papers tell what is found."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from command_line import contents, fluoroprint, nothing_left_in, refused
from FluoroPrintLib.catalog.machines import read_catalogue
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.files.mesh_formats import write_mesh
from FluoroPrintLib.files.plates import read_models
from FluoroPrintLib.files.threemf_reading import description_of_threemf
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.mesh.model import models_from_segmentation
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.mrml.models import add_model
from FluoroPrintLib.mrml.print_files import folder_of, print_files_of
from FluoroPrintLib.mrml.scene import headless_scene
from FluoroPrintLib.mrml.segmentations import add_segmentation
from FluoroPrintLib.pipeline.package import PackageChoice, package_of_node
from FluoroPrintLib.printing.accuracy import accuracy_of
from FluoroPrintLib.printing.slicers import find_slicer
from FluoroPrintLib.report.case import INTENDED_USE
from FluoroPrintLib.report.sheet_script import SCRIPT
from FluoroPrintLib.segmentation.segments import Segment, Segmentation
from test_print_command import FACES, box

PLA = ("--printer", "prusa-mini", "--material", "pla")
MIRRORED = "MIRRORED left-right: this model does not show the side that was imaged."


class Page(HTMLParser):
    """All elements with their attributes, and all text outside style and script."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words += data

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The package of a box from a file that is called after a patient."""
    folder = tmp_path_factory.mktemp("package")
    path = box(folder / "Mueller-Hans.stl", 20, 30, 50)
    done = fluoroprint(
        *("package", path, *PLA, "--out", folder / "out", "--case", "17 <b>", "--laterality", "left"),
        *("--region", "Spine", "--tolerance-mm", "0.5"),
    )
    assert done.code == 0, done.err
    text = (folder / "out" / "sheet.html").read_text(encoding="utf-8")
    facts = json.loads((folder / "out" / "sheet.json").read_text(encoding="utf-8"))
    return SimpleNamespace(
        folder=folder / "out", done=done, text=text, page=Page(text), facts=facts, input=path
    )


def test_the_folder_holds_models_plates_and_papers(made: SimpleNamespace) -> None:
    names = {"model.3mf", "model.stl", "plate-1.3mf", "sheet.html", "sheet.json", "SHA256SUMS"}
    assert {path.name for path in made.folder.iterdir()} == names
    assert all(f"Wrote {made.folder / name}" in made.done.out for name in names)


def test_the_sums_are_those_of_all_files(made: SimpleNamespace) -> None:
    lines = (made.folder / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert set(sums) == {path.name for path in made.folder.iterdir()} - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256((made.folder / name).read_bytes()).hexdigest() == digest
        assert name == "sheet.html" or digest in made.page.words


def test_the_sheet_needs_nothing_outside_itself(made: SimpleNamespace) -> None:
    assert made.page.open == []
    for tag, attributes in made.page.elements:
        assert tag != "link"
        for name in ("src", "href"):
            assert (attributes.get(name) or "data:").startswith("data:")
    assert "url(" not in made.text.replace("url(#", "")
    assert made.page.count("img") == 6 + 5


def test_the_sheet_names_the_case_and_no_patient(made: SimpleNamespace) -> None:
    assert "Case 17 <b>" in made.page.words
    assert "<b>" not in re.sub("<b>(Note|Fault)", "", made.text)
    for path in made.folder.iterdir():
        if path.suffix in (".html", ".json", ".stl"):
            assert b"Mueller" not in path.read_bytes()
    assert read_models(made.folder / "model.3mf")[0].name == "Part 1"


def test_the_sheet_tells_what_is_known(made: SimpleNamespace) -> None:
    said = made.page.words
    for text in (
        *(INTENDED_USE, "20.0 mm", "30.0 mm", "50.0 mm", "30.00 ml", "62.0 cm²", "✓ no fault"),
        *("Original Prusa MINI+", "material extrusion (ISO/ASTM 52900)", "PLA filament", "0.2 mm"),
        *("steam 121 °C", "does not stand it; bends under load from 53 °C", "doi 10.18063/ijb.756"),
        *("After the print", "not told in the catalogue", "Spine", "left"),
        *("Deviation from the segmentation", "not known", "Signature", "Effort in minutes"),
    ):
        assert text in said, text


def test_the_facts_are_those_of_the_functions(made: SimpleNamespace) -> None:
    (part,), (plate,) = made.facts["parts"], made.facts["plates"]
    assert part["size_mm"] == [20, 30, 50]
    assert part["volume_mm3"] == pytest.approx(30000)
    assert part["area_mm2"] == pytest.approx(6200)
    assert sorted(each["nominal_mm"] for each in part["caliper"])[:2] == pytest.approx([20, 30])
    assert made.facts["registry"]["laterality"] == "left"
    assert made.facts["registry"]["structure"] is None
    assert plate["sliced"] is None
    assert plate["estimate"]["mass_g"] == pytest.approx(plate["estimate"]["material_ml"] * 1.24)


def javascript(tmp_path: Path, expression: str) -> Any:
    """Return what an expression of the sheet's script is, by Node.js or by Qt's engine."""
    node = shutil.which("node")
    if node:
        path = tmp_path / "run.js"
        path.write_text(f"{SCRIPT}\nconsole.log(JSON.stringify({expression}));", encoding="utf-8")
        return json.loads(subprocess.run([node, path], capture_output=True, text=True, check=True).stdout)
    qml = pytest.importorskip("PySide6.QtQml", reason="neither Node.js nor Qt's engine is here")
    from PySide6.QtCore import QCoreApplication

    application = QCoreApplication.instance() or QCoreApplication([])
    value = qml.QJSEngine(application).evaluate(f"{SCRIPT}\nJSON.stringify({expression})")
    assert not value.isError(), value.toString()
    return json.loads(value.toString())


@pytest.mark.parametrize("tolerance", [0.5, 0.4])
def test_the_form_computes_what_the_library_does(tmp_path: Path, tolerance: float) -> None:
    nominal, measured = [20.0, 30.0, 50.0, 61.64, 88.67], [20.12, 29.8, 50.31, 61.69, 88.17]
    said = javascript(tmp_path, f"fluoroprintAccuracy({nominal}, {measured}, {tolerance})")
    found = accuracy_of(nominal, measured, tolerance)
    assert said.pop("within") == found.is_within
    assert set(said) == set(vars(found))
    assert said == pytest.approx(vars(found))


def test_the_form_leaves_out_what_was_not_measured(tmp_path: Path) -> None:
    said = javascript(tmp_path, "fluoroprintAccuracy([20, 30, 50], [20.2, null, 49.9], 1)")
    assert said.pop("within") is True
    assert said == pytest.approx(vars(accuracy_of([20.0, 50.0], [20.2, 49.9], 1.0)))
    assert javascript(tmp_path, "fluoroprintAccuracy([20, 30], [null, null], 1)") is None


def test_the_form_reads_numbers_with_point_or_comma_and_nothing_else(tmp_path: Path) -> None:
    typed = ["20.15", " 20,15 ", "20", "20.", "", "abc", "-3", "0", "1e3", "20.1.5"]
    said = javascript(tmp_path, f"{json.dumps(typed)}.map(fluoroprintNumber)")
    assert said == [20.15, 20.15, 20, 20, None, None, None, None, None, None]


def test_the_form_has_a_place_for_all_that_its_script_looks_for(made: SimpleNamespace) -> None:
    ids = [attributes["id"] for _, attributes in made.page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    names = re.findall(r"^    (\w+): \(found\)", SCRIPT, re.MULTILINE)
    wanted = {f"{kind}-0-{number}" for kind in ("measured", "error") for number in range(5)}
    wanted |= {f"result-0-{name}" for name in (*names, "verdict")}
    assert wanted | {"tolerance", "save-csv", "save-json", "sheet-facts"} <= set(ids)


def test_the_form_s_facts_end_no_script(made: SimpleNamespace) -> None:
    (data,) = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', made.text, re.DOTALL)
    facts = json.loads(data)
    assert facts["case"] == "17 <b>"
    assert "<" not in data
    told = [each["nominal_mm"] for each in made.facts["parts"][0]["caliper"]]
    assert [each["nominal_mm"] for each in facts["parts"][0]["caliper"]] == told


def test_a_table_of_what_was_read_is_quoted(tmp_path: Path) -> None:
    part = {"name": 'A "B"', "caliper": [{"name": "L - R", "nominal_mm": 20, "measured_mm": 20.1}]}
    part["caliper"].append({"name": "I - S", "nominal_mm": 30, "measured_mm": None})
    said = javascript(tmp_path, f"fluoroprintCsv({json.dumps({'parts': [part]})})")
    assert said.splitlines()[1:] == [
        '"A ""B""",1,"L - R",20.000,20.1,0.100',
        '"A ""B""",2,"I - S",30.000,,',
    ]


def test_the_caliper_command_tells_what_the_function_finds(made: SimpleNamespace) -> None:
    nominal = [each["nominal_mm"] for each in made.facts["parts"][0]["caliper"]]
    measured = [each + off for each, off in zip(nominal, (0.1, -0.2, 0.3, 0.0, 0.61), strict=True)]
    sheet = made.folder / "sheet.json"
    done = fluoroprint("caliper", sheet, "--measured", *measured)
    assert done.code == 0, done.err
    assert "Mean signed error    +0.16 mm" in done.out
    assert "Largest error        0.61 mm" in done.out
    assert "NOT within the tolerance of 0.5 mm." in done.out
    wider = fluoroprint("caliper", sheet, "--measured", *measured, "--tolerance-mm", "1").out
    assert "\nWithin the tolerance of 1 mm." in wider


def test_the_caliper_command_reads_what_the_form_saved(made: SimpleNamespace, tmp_path: Path) -> None:
    saved = json.loads(json.dumps(made.facts))
    for each, off in zip(saved["parts"][0]["caliper"], (0.1, -0.1, None, None, 0.2), strict=True):
        each["measured_mm"] = None if off is None else each["nominal_mm"] + off
    path = tmp_path / "measured.json"
    path.write_text(json.dumps(saved))
    out = fluoroprint("caliper", path).out
    assert "Mean signed error    +0.07 mm" in out
    assert out.count("read") == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Nothing was measured yet"),
        (("--measured", "20"), "tells 5 distances, not 1"),
        (("--measured", "20", "30", "50", "60", "0"), "is not above 0"),
        (("--measured", "1", "2", "3", "4", "5", "--part", "x"), "holds no part x"),
    ],
)
def test_readings_that_cannot_be_compared_are_refused(
    made: SimpleNamespace, words: tuple[str, ...], said: str
) -> None:
    assert said in refused(made.folder, "caliper", made.folder / "sheet.json", *words)


def test_another_file_is_no_sheet(made: SimpleNamespace, tmp_path: Path) -> None:
    for text in ("[]", "{}", "no", '{"kind": "x"}'):
        (tmp_path / "a.json").write_text(text)
        assert "is no print sheet" in refused(tmp_path, "caliper", tmp_path / "a.json")
    assert "could not be read" in refused(tmp_path, "caliper", tmp_path / "none.json")


@pytest.mark.slow
def test_a_package_replaces_the_one_before_and_leaves_what_is_not_its_own(tmp_path: Path) -> None:
    large = box(tmp_path / "large.stl", 120, 120, 40)
    out = tmp_path / "out"
    assert fluoroprint("package", large, large, *PLA, "--out", out).code == 0
    assert (out / "plate-2.3mf").exists()
    (out / "mine.txt").write_text("kept")
    (out / "model-2.stl").write_text("changed since")
    assert fluoroprint("package", large, *PLA, "--out", out).code == 0
    assert not (out / "plate-2.3mf").exists()
    assert not (out / "model-1.stl").exists()
    assert (out / "mine.txt").read_text() == "kept"
    assert (out / "model-2.stl").read_text() == "changed since"


def test_a_mirrored_model_says_so_everywhere(tmp_path: Path) -> None:
    source = read_models(box(tmp_path / "a.stl", 20, 30, 50))[0]
    write_mesh(tmp_path / "b.stl", [NamedModel("b", (1, 1, 1), source.surface, {"Mirrored": MIRRORED})])
    out = tmp_path / "out"
    done = fluoroprint("package", tmp_path / "b.stl", *PLA, "--out", out)
    assert f"Warning: {MIRRORED}" in done.out
    assert MIRRORED in Page((out / "sheet.html").read_text(encoding="utf-8")).words
    assert json.loads((out / "sheet.json").read_text(encoding="utf-8"))["warnings"] == [MIRRORED]
    assert description_of_threemf(out / "plate-1.3mf") == MIRRORED
    assert b"MIRRORED left-right" in (out / "model.stl").read_bytes()[:80]


@pytest.mark.slow
def test_names_of_files_are_used_where_that_is_wanted(made: SimpleNamespace, tmp_path: Path) -> None:
    done = fluoroprint("package", made.input, *PLA, "--out", tmp_path / "out", "--name-by-file")
    assert "Mueller-Hans: 20.0 x 30.0 x 50.0 mm" in done.out


def test_what_cannot_be_printed_leaves_nothing(tmp_path: Path) -> None:
    leaky = box(tmp_path / "leaky.stl", 20, 20, 20, faces=FACES[1:])
    out = ("--out", tmp_path / "job")
    assert "is no solid" in refused(tmp_path, "package", leaky, *PLA, *out)
    assert "does not print PLA" in refused(
        tmp_path, "package", leaky, "--printer", "prusa-sl1s", "--material", "pla", *out
    )
    assert "one segmentation, or of models" in refused(
        tmp_path, "package", leaky, tmp_path / "a.seg.nrrd", *PLA, *out
    )


def ball() -> Segmentation:
    size = 40
    index = np.indices((size, size, size)) - (size - 1) / 2
    inside = ((index**2).sum(0) < 15**2).astype(np.uint8)
    return Segmentation(
        Volume(inside, grid_centred_at((0, 0, 0), (size,) * 3, 1.0)), (Segment("Head", 1, (0.9, 0.8, 0.7)),)
    )


@pytest.fixture
def choice() -> PackageChoice:
    catalogue = read_catalogue()
    return PackageChoice(catalogue.printer("prusa-mini"), catalogue.material("pla"))


@pytest.mark.slow
def test_a_segmentation_in_the_scene_becomes_a_package_in_its_case(
    tmp_path: Path, choice: PackageChoice
) -> None:
    with headless_scene() as headless:
        node = add_segmentation(headless.scene, ball(), "Segmentation")
        record = package_of_node(headless.scene, node, tmp_path / "out", choice)
        table = headless.scene.GetFirstNodeByClass("vtkMRMLTableNode")
        assert set(print_files_of(table)) == {file.name for file in record.files}
        assert folder_of(table) == tmp_path / "out"
    (part,) = record.parts
    (model,) = models_from_segmentation(ball())
    assert part.name == "Head"
    assert part.deviation is not None
    assert part.deviation.max_mm == pytest.approx(model.deviation.max_mm)
    assert part.check.volume_mm3 == pytest.approx(model.check.volume_mm3)
    assert record.scale_words == "100 % of the patient's size"
    said = Page((tmp_path / "out" / "sheet.html").read_text(encoding="utf-8")).words
    assert f"{model.deviation.max_mm:.3f} mm" in said


@pytest.mark.slow
def test_a_model_in_the_scene_keeps_its_place_deviation_and_warnings(
    tmp_path: Path, choice: PackageChoice
) -> None:
    (model,) = models_from_segmentation(ball())
    with headless_scene() as headless:
        node = add_model(headless.scene, model)
        node.SetAttribute("FluoroPrint.Warning.Mirrored", MIRRORED)
        record = package_of_node(headless.scene, node, tmp_path / "out", choice)
    (part,) = record.parts
    assert part.deviation is not None
    assert part.deviation.p95_mm == pytest.approx(model.deviation.p95_mm)
    assert record.warnings == (MIRRORED,)
    (written,) = read_models(tmp_path / "out" / "model.3mf")
    assert np.ptp(points_of(written.surface), axis=0) == pytest.approx(
        np.ptp(points_of(model.surface), axis=0)
    )


def test_a_cancel_leaves_folder_and_scene_as_they_were(tmp_path: Path, choice: PackageChoice) -> None:
    def stop(fraction: float, message: str) -> None:
        if "drawing" in message:
            raise Cancelled

    with headless_scene() as headless, nothing_left_in(tmp_path):
        node = add_segmentation(headless.scene, ball(), "Segmentation")
        count = headless.scene.GetNumberOfNodes()
        with pytest.raises(Cancelled):
            package_of_node(headless.scene, node, tmp_path / "out", choice, stop)
        assert headless.scene.GetNumberOfNodes() == count
        volume = headless.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
        with pytest.raises(FluoroPrintError, match="not a model"):
            package_of_node(headless.scene, volume, tmp_path / "out", choice)


@pytest.mark.slow
@pytest.mark.skipif(find_slicer() is None, reason="PrusaSlicer is not installed")
def test_slicing_s_figures_stand_beside_the_estimate(tmp_path: Path) -> None:
    path, out = box(tmp_path / "a.stl", 20, 20, 20), tmp_path / "out"
    assert fluoroprint("package", path, *PLA, "--slice", "--out", out).code == 0
    (plate,) = json.loads((out / "sheet.json").read_text(encoding="utf-8"))["plates"]
    assert plate["sliced"]["file"] == "plate-1.gcode"
    assert plate["sliced"]["mass_g"] == pytest.approx(plate["sliced"]["material_ml"] * 1.24)
    assert "By PrusaSlicer" in Page((out / "sheet.html").read_text(encoding="utf-8")).words
    assert "plate-1.gcode" in contents(out)
