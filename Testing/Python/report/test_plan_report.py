"""The report of a plan: sections as their closed forms, objects seen through bone, every decision told."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.files.plan_table import write_plan_table
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.planning.plan import USER, Decision, Figure, Plan, Planned
from FluoroPrintLib.report.plan_pictures import frame_of, overview_pictures, section_pictures, shown_objects
from FluoroPrintLib.report.plan_report import plan_report_html, shown_figure, write_plan_report
from FluoroPrintLib.report.sections import BONE_RGB, inside_of, section_grid, section_picture
from FluoroPrintLib.shape.solids import engine, surface_of

SCREW = Planned(
    "screw-l4-left",
    "L4, <left>",
    "screw",
    "left",
    {"entry": ((0.0, -10.0, 0.0),), "tip": ((0.0, 10.0, 0.0),)},
    {"axis": ((0.0, 1.0, 0.0),)},
    {
        "diameter": Figure(6.0, "mm"),
        "grade": Figure("A"),
        "least distance at": Figure(15.0, "mm"),
        "along": Figure((0.0, 10.0, 20.0), "mm"),
        "distance to cortex": Figure((0.0, 4.0, 5.0), "mm"),
    },
    (Decision("diameter 6 mm", USER, "2026-01-02T03:04:05", {"margin": Figure(1.25, "mm")}, "as asked"),),
)
PLAN = Plan("C-12", "left", (SCREW,), ("Relative density only.",))


def ball(radius):
    return surface_of(engine().Manifold.sphere(radius, 96))


def rod():
    return surface_of(engine().Manifold.cylinder(20, 3, 3, 48, True).rotate((90, 0, 0)))


def axial(extent_mm, pixels):
    return section_grid(np.zeros(3), np.array([-1.0, 0, 0]), np.array([0.0, 1, 0]), extent_mm, pixels)


def test_the_section_of_a_ball_is_a_disc_of_its_radius():
    grid = replace(axial(60.0, 240), first_ras=axial(60.0, 240).first_ras + [0, 0, 12.0])
    picture = section_picture(grid, ball(20.0), ())

    covered = (picture.rgb == BONE_RGB).all(-1).sum() * picture.mm_per_px**2

    assert covered == pytest.approx(np.pi * (20.0**2 - 12.0**2), rel=0.01)
    assert picture.edges == ("R", "L", "A", "P")


def test_what_lies_in_a_hole_is_outside():
    square = np.array([[0.2, 0.2], [9.2, 0.2], [9.2, 9.2], [0.2, 9.2], [0.2, 0.2]])
    hole = np.array([[3.2, 3.2], [6.2, 3.2], [6.2, 6.2], [3.2, 6.2], [3.2, 3.2]])
    assert inside_of([square, hole], (12, 12)).sum() == 81 - 9
    assert inside_of([square - 5.0], (12, 12)).sum() == 25


def test_an_object_is_seen_through_the_bone_about_it():
    (shown,) = shown_objects([SCREW], {SCREW.id: rod()})
    with_bone = overview_pictures(ball(30.0), [shown], 100)[0].rgb.astype(int)
    bone_alone = overview_pictures(ball(30.0), [replace(shown, surface=ball(0.1))], 100)[0].rgb.astype(int)

    middle, blue, red = with_bone[50, 50], 2, 0
    assert middle[blue] - middle[red] > 30 > bone_alone[40, 40][blue] - bone_alone[40, 40][red]


def test_sections_lie_along_the_axis_and_across_where_least_is_left():
    (shown,) = shown_objects([SCREW], {SCREW.id: rod()})
    first, second, across = section_pictures(shown, ball(30.0), [shown])
    line = {index: picture.lines[-1][1] for index, picture in enumerate((first, second, across))}

    for index, (width, height) in enumerate(((6, 20), (6, 20), (6, 6))):
        size = np.ptp(line[index], axis=0) * first.mm_per_px
        assert size == pytest.approx((width, height), abs=0.1), index
    assert across.caption.endswith("least bone is left")
    bone = across.lines[0][1]
    assert np.ptp(bone, axis=0) * across.mm_per_px == pytest.approx(2 * np.sqrt(30.0**2 - 5.0**2), abs=0.1)


def test_an_object_without_an_axis_is_cut_along_its_longest_extent():
    (shown,) = shown_objects([replace(SCREW, directions={})], {SCREW.id: rod()})
    centre, axis, first, second = frame_of(shown)
    assert abs(axis[1]) == pytest.approx(1.0, abs=1e-6)
    assert centre == pytest.approx(np.zeros(3), abs=1e-6)
    assert np.linalg.det([first, second, axis]) == pytest.approx(1.0)


def test_the_section_shows_the_volume_where_there_is_one():
    array = np.full((5, 40, 40), -500, np.float32)
    array[:, 20:, :] = 1500
    matrix = np.diag([1.0, 1.0, 1.0, 1.0])
    matrix[:3, 3] = -19.5, -19.5, -2
    picture = section_picture(axial(30.0, 30), ball(8.0), (), Volume(array, matrix))
    assert (picture.rgb[2, 15], picture.rgb[27, 15]) == pytest.approx((255, 0))
    assert len(picture.lines) == 1


def test_the_report_tells_every_figure_and_decision_and_escapes_what_was_typed(tmp_path):
    write_plan_report(tmp_path / "plan.html", PLAN, ball(30.0), {SCREW.id: rod()})
    text = (tmp_path / "plan.html").read_text(encoding="utf-8")
    for words in ("L4, &lt;left&gt;", "6 mm", "margin 1.25 mm", "as asked", "2026-01-02T03:04:05", "user"):
        assert words in text, words
    assert "<left>" not in text
    assert "Relative density only." in text
    assert "Not a cleared medical device" in text
    assert text.count("<figure>") == 4 + 3
    assert text.count('class="curve panel"') == 1


def test_what_has_no_surface_is_told_without_pictures():
    text = plan_report_html(PLAN, None, {})
    assert "<figure>" not in text
    assert "Diameter 6 mm" in text


def test_an_empty_plan_has_a_report():
    assert "<h1>Plan</h1>" in plan_report_html(Plan(), None, {})


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (Figure(4.0, "mm"), "4 mm"),
        (Figure("A"), "A"),
        (Figure((1.0, 2.0, 3.0, 4.0), "mm"), "4 values, mm"),
        (Figure((1.0, 2.0, -3.0), "mm"), "1.0, 2.0, -3.0 mm"),
    ],
)
def test_figures_are_written_as_people_read_them(figure, words):
    assert shown_figure(figure) == words


def test_the_table_holds_places_in_lps_and_a_row_a_decision(tmp_path):
    write_plan_table(tmp_path / "plan.csv", PLAN)
    with (tmp_path / "plan.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    values = {(row["entry"], row["name"]): row["value"] for row in rows}
    assert values["point", "entry"] == "0 10 0"
    assert values["direction", "axis"] == "0 -1 0"
    assert values["figure", "distance to cortex"] == "0 4 5"
    (decision,) = [row for row in rows if row["entry"] == "decision"]
    assert (decision["by"], decision["note"]) == (USER, "margin 1.25 mm; as asked")
