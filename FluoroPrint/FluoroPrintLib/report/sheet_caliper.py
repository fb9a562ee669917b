"""The sheet's caliper list: pictures of the distances, and the form that compares what was read."""

from __future__ import annotations

import json

from ..printing.caliper import JAW_MM, REACH_MM, TILT_DEG, CaliperDistance
from ..progress import Progress, silent
from .caliper_pictures import caliper_picture
from .markup import Markup, element, figure, joined, section, single, table
from .print_record import KIND, SCHEMA_VERSION, PartFacts, PrintRecord
from .sheet_script import SCRIPT
from .surfaces import Mesh

PICTURE_PX = 360
_HELD = {
    "largest": "Turn the part until the reading is largest.",
    "smallest": "Close the jaws until they rest: the smallest reading.",
    "along": "Hold the jaws as drawn.",
}
_ASKEW = " {:g}° askew changes it by up to {:.2f} mm."
_RESULTS = (
    ("mean_mm", "Mean error, signed"),
    ("mean_absolute_mm", "Mean error, absolute"),
    ("rms_mm", "RMS error"),
    ("max_mm", "Largest error"),
    ("mean_absolute_percent", "Mean, of nominal"),
    ("scale", "Scale factor"),
    ("rms_after_scale_mm", "RMS, scale taken out"),
)
_STRICT_MM, _COMMON_MM = 0.5, 1.0


def caliper_section(record: PrintRecord, meshes: list[Mesh], progress: Progress = silent) -> Markup:
    """Return the distances of all parts with their pictures, and the form's controls and script."""
    parts = []
    for number, (part, mesh) in enumerate(zip(record.parts, meshes, strict=True)):
        progress(number / len(meshes), f"{part.name}: drawing the caliper")
        parts.append(_part(number, part, mesh, several=len(meshes) > 1))
    note = (
        f"Outside jaws, on the printed part, supports removed. The distances were chosen for a caliper that "
        f"opens to {REACH_MM:g} mm with jaws of {JAW_MM:g} mm, as far as the part has such. Red: jaws, and "
        "circles where they touch."
    )
    content = section("Caliper check", element("p", note, class_="note"), _controls(record), *parts)
    paged = Markup(content.replace("<section>", '<section class="page">', 1))
    return joined([paged, _script(record)])


def _controls(record: PrintRecord) -> Markup:
    wanted = record.wanted.tolerance_mm
    choices = sorted({_STRICT_MM, _COMMON_MM, wanted})
    options = joined(
        element(
            "option", f"{choice:g} mm", value=f"{choice:g}", **({"selected": ""} if choice == wanted else {})
        )
        for choice in choices
    )
    return element(
        "div",
        joined(
            [
                element("label", joined(["Tolerance ", element("select", options, id="tolerance")])),
                element("button", "Save as CSV", id="save-csv", type="button", class_="screen"),
                element("button", "Save as JSON", id="save-json", type="button", class_="screen"),
            ]
        ),
        class_="controls",
    )


def _part(number: int, part: PartFacts, mesh: Mesh, *, several: bool) -> Markup:
    cells = [_distance(number, index, each, mesh) for index, each in enumerate(part.caliper)]
    grid = element("div", joined([*cells, _result(number)]), class_="row three caliper")
    title = element("h3", part.name) if several else Markup("")
    pieces = "Measured is the largest piece." if part.check.pieces > 1 else ""
    return joined([title, grid, element("p", pieces, class_="note") if pieces else ""])


def _distance(part: int, index: int, distance: CaliperDistance, mesh: Mesh) -> Markup:
    drawn = figure(caliper_picture(mesh, distance, PICTURE_PX), "on-light")
    askew = "" if distance.held == "smallest" else _ASKEW.format(TILT_DEG, distance.tilt_mm)
    longer = " It takes a longer caliper." if distance.nominal_mm > REACH_MM else ""
    told = [
        element("span", f"{index + 1}", class_="number"),
        element("span", f"{distance.nominal_mm:.2f} mm", class_="nominal"),
        element("span", distance.name, class_="sides"),
        element("p", _HELD[distance.held] + askew + longer, class_="how"),
        _reading(part, index),
    ]
    return Markup(drawn.replace("<figcaption></figcaption>", element("figcaption", joined(told))))


def _reading(part: int, index: int) -> Markup:
    name = f"measured-{part}-{index}"
    typed = single(
        "input", id=name, inputmode="decimal", autocomplete="off", aria_label=f"Read {index + 1}, mm"
    )
    error = element("span", "", id=f"error-{part}-{index}", class_="error")
    return element("div", joined(["Read", typed, "mm", error]), class_="reading")


def _result(part: int) -> Markup:
    rows = [(words, element("span", "", id=f"result-{part}-{name}")) for name, words in _RESULTS]
    verdict = element("span", "", id=f"result-{part}-verdict")
    found = table((), [*rows, ("Verdict", verdict)])
    return element("div", joined([element("h3", "Accuracy of the print"), found]), class_="result")


def _script(record: PrintRecord) -> Markup:
    """Return the facts that the form needs, and the script; "<" is written so that it ends neither."""
    parts = [
        {"name": part.name, "caliper": [{"name": d.name, "nominal_mm": d.nominal_mm} for d in part.caliper]}
        for part in record.parts
    ]
    facts = {"kind": KIND, "schema": SCHEMA_VERSION, "case": record.wanted.case, "parts": parts}
    text = json.dumps(facts).replace("<", "\\u003c")
    data = element("script", Markup(text), type="application/json", id="sheet-facts")
    return joined([data, element("script", Markup(SCRIPT))])
