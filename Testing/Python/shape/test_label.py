"""Labels read from outside in the right sense, follow the surface, and are refused where they do not fit."""

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.shape.label import LabelParameters, label, label_text
from FluoroPrintLib.shape.probing import Probe
from FluoroPrintLib.shape.solids import solid_of, surface_of
from FluoroPrintLib.shape.strokes import text_outline

F = np.array([[int(c) for c in row] for row in ("111", "100", "110", "100", "100")], bool)
"""The letter as a page shows it, its top row first."""


def seen_depths(before, after, eye, right, up, size_mm, rows=60):
    """How much nearer or farther a surface became, seen from an eye: an image, its top row first."""
    eye, right, up = (np.array(vector, float) for vector in (eye, right, up))
    ticks = (np.arange(rows) + 0.5) / rows - 0.5
    across, down = np.meshgrid(ticks * size_mm, -ticks * size_mm)
    starts = eye + across.reshape(-1, 1) * right + down.reshape(-1, 1) * up
    depths = [
        Probe(s).first_hits(starts, -eye / np.linalg.norm(eye), 100.0).along_mm for s in (before, after)
    ]
    return (depths[1] - depths[0]).reshape(rows, rows)


def letter_in(image):
    """What an image shows within the box about all that is set, as 5 rows of 3."""
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    box = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    # Strokes run along the middles of the outer rows and columns of the box.
    r = np.linspace(0.07, 0.93, 5) * box.shape[0]
    c = np.linspace(0.07, 0.93, 3) * box.shape[1]
    return box[r.astype(int)][:, c.astype(int)]


@pytest.mark.parametrize(
    ("eye", "right", "up"),
    [
        ((30, 0, 0), (0, 1, 0), (0, 0, 1)),  # from the patient's right, head up: the front is on the right
        ((0, 30, 0), (-1, 0, 0), (0, 0, 1)),  # from the front, head up: the patient's right is on the left
        ((0, -30, 0), (-1, 0, 0), (0, 0, -1)),  # from behind, feet up
    ],
)
@pytest.mark.parametrize("way", ["engraved", "raised"])
def test_an_f_reads_from_outside(solids, filed, eye, right, up, way):
    model = solids.tube(15, 40)
    at = tuple(float(v) / 2 for v in eye)
    parameters = LabelParameters(text="f", at_ras_mm=at, up=tuple(map(float, up)), height_mm=8.0, way=way)
    made = label(model, parameters).parts[0].surface
    filed(made)
    depths = seen_depths(model, made, eye, right, up, 12.0) * (1 if way == "engraved" else -1)
    np.testing.assert_array_equal(letter_in(depths > 0.3), F)


def test_engraved_letters_have_their_depth_and_area(solids, filed, untouched):
    model = untouched(solids.box(40, 40, 10))
    shaped = label(model, LabelParameters(text="R 12", at_ras_mm=(0.0, 0.0, 9.0), up=(0.0, 1.0, 0.0)))
    removed = 40 * 40 * 10 - filed(shaped.parts[0].surface).volume_mm3
    assert removed == pytest.approx(text_outline("R 12", 5.0, 5 / 7).area() * 0.6, rel=1e-3)


def test_the_floor_of_letters_is_as_deep_where_the_surface_bends(solids):
    model = solids.ball(15, 128)
    made = (
        label(model, LabelParameters(text="HHH", at_ras_mm=(15.0, 0.0, 0.0), depth_mm=0.8)).parts[0].surface
    )
    away = np.linalg.norm(Probe(made).points, axis=1)
    floor = away[away < 14.6]
    assert len(floor) > 100
    np.testing.assert_allclose(floor, 15 - 0.8, atol=0.06)


def test_the_label_says_what_was_chosen_and_no_more():
    assert label_text(LabelParameters(case_number="C-12", side="L", scale="1:1", date="2026-11")) == (
        "C-12 L 1:1 2026-11"
    )
    assert label_text(LabelParameters()) == ""


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({}, "no text"),
        ({"text": "MÜLLER"}, "holds Ü"),
        ({"text": "X" * 41}, "41 letters"),
        ({"text": "X", "stroke_mm": 2.0}, "choose at least 10 mm"),
        ({"text": "A LONG TEXT"}, "beyond the surface|bends away"),
        ({"text": "X", "height_mm": 1.5, "depth_mm": 3.8}, r"wall under the label is 4\.00 mm"),
    ],
)
def test_a_label_that_cannot_be_is_told(solids, parameters, said):
    with pytest.raises(FluoroPrintError, match=said):
        label(solids.box(10, 10, 4), LabelParameters(at_ras_mm=(0.0, 0.0, 2.0), **parameters))


def test_a_label_across_a_step_is_told(solids):
    step = solid_of(solids.box(40, 40, 10)) + solid_of(solids.box(20, 40, 14)).translate((10, 0, 0))
    with pytest.raises(FluoroPrintError, match="bends away"):
        label(surface_of(step), LabelParameters(text="WIDE", at_ras_mm=(-2.0, 0.0, 5.0), up=(0.0, 1.0, 0.0)))


def test_every_letter_is_drawn_in_one_or_more_clean_outlines():
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_+.,:/()%=#":
        outline = text_outline(letter, 7.0, 1.0)
        assert not outline.is_empty()
        low_x, low_y, high_x, high_y = outline.bounds()
        assert high_y - low_y < 7.01
        assert high_x - low_x < 5.01
