"""The report is one whole, safe HTML file that says what is known."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.polydata import points_of, polydata_from, triangles_of
from FluoroPrintLib.progress import silent
from FluoroPrintLib.report.case import INTENDED_USE
from FluoroPrintLib.report.html import report_html, write_report
from FluoroPrintLib.report.markup import Markup, element, escaped
from FluoroPrintLib.report.plots import shown_seconds

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Balance(HTMLParser):
    """Collect elements and texts, and refuse a document whose tags do not match."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.seen, self.attributes, self.texts = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def parsed(text):
    parser = Balance()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser


@pytest.fixture(scope="module")
def text(record, sweep, volume, segmentation, model):
    return report_html(record, sweep, volume, segmentation, [model])


def test_every_part_of_a_whole_case_is_there(text):
    found = " ".join(parsed(text).texts)
    for heading in (
        "Warnings",
        "Models",
        "Mesh checks",
        "Dimensions and volumes",
        "Deviation of the models from the segmentation",
        "Slices",
        "Input and geometry",
        "Stages",
        "Files",
        "Software",
    ):
        assert heading in found
    assert INTENDED_USE in found
    assert "Cut off <i>." in found
    assert "A warning with <b>." in found
    assert "1,234,567" in found
    assert "ab" * 32 in found
    assert "12 s" in found


def test_numbers_of_the_model_are_the_models(text, model):
    found = " ".join(parsed(text).texts)
    assert f"{model.check.volume_mm3 / 1000:.2f} ml" in found
    assert "40.0 mm" in found  # the ball's diameter, from bottom to top
    for value in ("0.200 mm", "0.380 mm", "0.400 mm"):
        assert value in found


def test_text_from_outside_never_becomes_markup(text):
    parser = parsed(text)
    assert "script" not in parser.seen
    assert "<script" not in text
    assert any('<script>alert("x")</script> & "quoted"' in piece for piece in parser.texts)
    assert not [name for name, _ in parser.attributes if name.startswith("on")]


def test_nothing_is_fetched_from_anywhere(text):
    values = [value for name, value in parsed(text).attributes if name in ("src", "href", "xlink:href")]
    assert len(values) == 4 + 3 + 3 + 3
    assert all(value.startswith("data:image/png;base64,") for value in values)
    assert base64.b64decode(values[0].split(",")[1])[:8] == b"\x89PNG\r\n\x1a\n"
    assert not re.search(r"https?://|@import|url\((?!#)", text)


@pytest.mark.slow
def test_a_leaking_mesh_fails_in_words(record, model):
    surface = polydata_from(points_of(model.surface), triangles_of(model.surface)[1:])
    leaking = SimpleNamespace(
        name="Leak", colour=model.colour, surface=surface, check=check_mesh(surface), deviation=None
    )
    found = " ".join(parsed(report_html(record, None, None, None, [leaking])).texts)
    assert "✗ fail: 3" in found
    assert "0 of 1" in found
    assert "Deviation" not in found


def test_a_case_of_nothing_but_a_title_gives_a_report(record):
    bare = replace(record, stages=(), files=(), input={}, geometry={})
    found = parsed(report_html(bare, None, None, None, []))
    assert "Models" not in found.texts
    assert record.title in found.texts


def test_a_report_is_written_whole(tmp_path, record, sweep):
    write_report(tmp_path / "report.html", record, sweep, None, None, [])
    assert (tmp_path / "report.html").read_text(encoding="utf-8").endswith("</html>\n")
    with pytest.raises(FluoroPrintError, match="folder does not exist"):
        write_report(tmp_path / "no" / "report.html", record, sweep, None, None, [], silent)


@pytest.mark.slow
def test_progress_runs_from_start_to_end(record, model):
    seen = []
    report_html(record, None, None, None, [model], lambda done, message: seen.append(done))
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)


def test_markup_is_kept_and_all_else_escaped():
    assert escaped(Markup("<b>")) == "<b>"
    assert element("p", "<b>", class_='"x"') == '<p class="&quot;x&quot;">&lt;b&gt;</p>'


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.4234, "0.42 s"), (9.96, "10 s"), (31.4, "31 s"), (245, "4 min 05 s"), (59.7, "60 s")],
)
def test_times_are_shown_as_people_write_them(seconds, shown):
    assert shown_seconds(seconds) == shown
