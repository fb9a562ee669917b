"""The report of a case: one HTML file with everything inside, to read on screen or print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..files.atomic import written_whole
from ..geometry.sweep import Sweep
from ..geometry.volume import Volume
from ..mrml.tables import words_and_unit
from ..progress import Progress, part_of, silent
from ..segmentation.segments import Segmentation
from .case import CaseRecord, StageRecord
from .colours import hex_colour
from .markup import Markup, element, facts, figure, joined, row, section, table
from .model_sections import (
    ReportedModel,
    checks_section,
    deviation_section,
    dimensions_section,
    views_section,
)
from .pictures import frame_pictures
from .plots import angle_plot, path_plot, shown_seconds, time_bars
from .slices import slice_pictures
from .stylesheet import STYLESHEET

_FULL_NAMES = {
    "sid": "Source to detector",
    "sod": "Source to isocentre",
    "pixel": "Pixel (row, column)",
    "sha256": "SHA-256",
}
_INITIALS = {"uid", "sop", "hu", "ras", "stl"}


def write_report(
    path: Path,
    record: CaseRecord,
    sweep: Sweep | None,
    volume: Volume | None,
    segmentation: Segmentation | None,
    models: Sequence[ReportedModel],
    progress: Progress = silent,
) -> None:
    """Write the report of a case as one HTML file, whole or not at all; what is None is left out.

    Parameters
    ----------
    path : where the file goes, such as report.html
    record : what is known about the case
    sweep : its frames and geometry are shown
    volume : in HU; slices are shown
    segmentation : outlined in the slices
    models : shown in 3D, their checks and deviations in tables
    progress : told how far the pictures are

    Raises
    ------
    FluoroPrintError
        The file cannot be written.
    Cancelled
        `progress` stopped the work; no file is left.
    """
    text = report_html(record, sweep, volume, segmentation, models, part_of(progress, 0.0, 0.95))
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    progress(1.0, "Report written")


def report_html(
    record: CaseRecord,
    sweep: Sweep | None,
    volume: Volume | None,
    segmentation: Segmentation | None,
    models: Sequence[ReportedModel],
    progress: Progress = silent,
) -> str:
    """Return the report as HTML text; see `write_report`."""
    progress(0.0, "Drawing the models")
    views = views_section(models, part_of(progress, 0.0, 0.5))
    deviations = deviation_section(models, part_of(progress, 0.5, 0.8))
    progress(0.8, "Drawing the slices")
    slices = _slices_section(volume, segmentation, models)
    progress(0.9, "Drawing the sweep")
    body = joined(
        [
            _header(record),
            element(
                "main",
                joined(
                    [
                        _cards(record, models),
                        _warnings_section(record, sweep),
                        views,
                        checks_section(models),
                        dimensions_section(models),
                        deviations,
                        slices,
                        _sweep_section(record, sweep),
                        _stages_section(record.stages),
                        _files_section(record),
                        _software_section(record),
                    ]
                ),
            ),
        ]
    )
    progress(1.0, "Report composed")
    return document(record.title, "report", body)


def document(title: str, kind: str, body: Markup) -> str:
    """Return a whole HTML file: title and kind ("report") for the window, the body as markup."""
    head = joined(
        [
            Markup('<meta charset="utf-8">'),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            element("title", f"{title} - FluoroPrint {kind}"),
            element("style", Markup(STYLESHEET)),
        ]
    )
    return f'<!DOCTYPE html>\n<html lang="en">\n{element("head", head)}\n{element("body", body)}\n</html>\n'


def _header(record: CaseRecord) -> Markup:
    version = record.software.get("FluoroPrint", "")
    content = joined(
        [
            element("p", "FluoroPrint case report", class_="kind"),
            element("h1", record.title),
            element(
                "p",
                f"Made {record.created.replace('T', ' ')} with FluoroPrint {version}".strip(),
                class_="meta",
            ),
            element("p", record.intended_use, class_="use", role="note"),
        ]
    )
    return element("header", element("div", content, class_="inner"))


def _cards(record: CaseRecord, models: Sequence[ReportedModel]) -> Markup:
    cards = []
    checked = [model.check for model in models if model.check is not None]
    if checked:
        good = sum(check.is_printable for check in checked)
        cards.append(("models without a fault", f"{good} of {len(checked)}"))
        cards.append(("volume of all models", f"{sum(check.volume_mm3 for check in checked) / 1000:.1f} ml"))
    worst = max((model.deviation.p95_mm for model in models if model.deviation is not None), default=None)
    if worst is not None:
        cards.append(("from the segmentation at most, for 95 % of the surface", f"{worst:.2f} mm"))
    if record.stages:
        cards.append(("computing time", shown_seconds(sum(stage.seconds for stage in record.stages))))
    return element(
        "div",
        joined(
            element("div", joined([element("b", value), element("span", word)]), class_="card")
            for word, value in cards
        ),
        class_="cards",
    )


def _warnings_section(record: CaseRecord, sweep: Sweep | None) -> Markup:
    said = [("Input", warning) for warning in (sweep.warnings if sweep is not None else ())]
    said += [(stage.name, warning) for stage in record.stages for warning in stage.warnings]
    unique = dict.fromkeys(text for _, text in said)
    first = {text: next(place for place, other in said if other == text) for text in unique}
    items = joined(element("li", joined([element("b", f"{first[text]}: "), text])) for text in unique)
    return section("Warnings", element("ul", items, class_="warnings")) if said else Markup("")


def _slices_section(
    volume: Volume | None, segmentation: Segmentation | None, models: Sequence[ReportedModel]
) -> Markup:
    if volume is None:
        return Markup("")
    surfaces = [(_contrasting(model.colour), model.surface) for model in models]
    pictures = slice_pictures(volume, segmentation, surfaces)
    key = [
        element(
            "span",
            joined([_swatch(hex_colour(segment.colour)), f"{segment.name}, outline of the segmentation"]),
        )
        for segment in (segmentation.segments if segmentation is not None else ())
    ]
    key += [
        element("span", joined([_swatch(colour), f"{model.name}, cut of the model"]))
        for (colour, _), model in zip(surfaces, models, strict=True)
    ]
    note = element("p", joined(key), class_="note key")
    return section("Slices", row(figure(picture) for picture in pictures), note)


def _contrasting(colour: tuple[float, float, float]) -> str:
    """Return a line colour that differs from its segment's outline: the complement's hue, bright."""
    import colorsys

    hue, _, saturation = colorsys.rgb_to_hls(*colour)
    turned = (hue + 0.5) % 1.0 if saturation > 0.1 else 0.5
    return hex_colour(colorsys.hls_to_rgb(turned, 0.6, 0.9))


def _swatch(colour: str) -> Markup:
    return element("i", "", class_="swatch", style=f"background:{colour}")


def _sweep_section(record: CaseRecord, sweep: Sweep | None) -> Markup:
    if sweep is None:
        return section(
            "Input and geometry", facts(_readable(record.geometry)), facts(_readable(record.input))
        )
    path = joined(
        [
            path_plot(sweep.geometry),
            element("p", joined(["Seen from the feet: ", *_path_key(sweep)]), class_="note"),
        ]
    )
    plots = element("div", joined([element("div", path), element("div", _angles(sweep))]), class_="two plots")
    known = (
        joined([element("h3", "Geometry"), facts(_readable(record.geometry))])
        if record.geometry
        else Markup("")
    )
    source = joined([element("h3", "Input"), facts(_readable(record.input))]) if record.input else Markup("")
    return section(
        "Input and geometry",
        row(figure(picture) for picture in frame_pictures(sweep)),
        element("p", "Line integrals, shown as on a radiograph: bone bright, air dark.", class_="note"),
        plots,
        element("div", joined([element("div", known), element("div", source)]), class_="two"),
    )


def _path_key(sweep: Sweep) -> list[Markup]:
    key = [element("span", joined([_swatch("#c2410c"), "X-ray source"]))]
    if sweep.geometry.sid_mm:
        key.append(element("span", joined([_swatch("#0b5d6e"), "middle of the panel"])))
    return key


def _angles(sweep: Sweep) -> Markup:
    plot = angle_plot(sweep.geometry)
    text = "Positioner angles: LAO and cranial positive." if plot else "The positioner angles are not known."
    return joined([plot, element("p", text, class_="note")])


def _readable(values: Mapping[str, Any], absent: str = "not known") -> dict[str, str]:
    """Return names and values as people read them: "mean_mm": 0.1 becomes "Mean": "0.1 mm"."""
    result = {}
    for key, value in values.items():
        words, unit = words_and_unit(key)
        text = absent if value is None else f"{_shown(value)} {unit}".strip().replace(" °", "°")
        if text:
            result[_name(words)] = text
    return result


def _name(words: str) -> str:
    capital = " ".join(word.upper() if word in _INITIALS else word for word in words.split(" "))
    return _FULL_NAMES.get(words, capital[:1].upper() + capital[1:])


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(_shown(single) for single in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_shown(single)}" for key, single in value.items())
    return str(value)


def _stages_section(stages: Sequence[StageRecord]) -> Markup:
    if not stages:
        return Markup("")
    details = (
        element("div", joined([element("h3", stage.name), _stage_facts(stage)]))
        for stage in stages
        if stage.parameters or stage.figures
    )
    return section("Stages", time_bars(stages), element("div", joined(details), class_="two"))


def _stage_facts(stage: StageRecord) -> Markup:
    rows = [(name, value) for name, value in _readable(stage.parameters, "automatic").items()]
    found = [(name, value) for name, value in _readable(stage.figures).items()]
    parts = [table(("Parameter", ""), rows, "facts") if rows else Markup("")]
    parts.append(table(("Result", ""), found, "facts") if found else Markup(""))
    return joined(parts)


def _files_section(record: CaseRecord) -> Markup:
    rows = [(file.name, f"{file.bytes:,}", file.sha256) for file in record.files]
    return section("Files", table(("File", "Bytes", "SHA-256"), rows, "hash")) if rows else Markup("")


def _software_section(record: CaseRecord) -> Markup:
    footer = element("footer", f"{record.title}. {record.intended_use}")
    return joined([section("Software", facts(record.software)), footer])
