"""Packing and laying out: nothing overlaps, all is on the bed, what does not fit is refused with a hint."""

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh.polydata import points_of, signed_volume_mm3, triangles_of
from FluoroPrintLib.printing.footprint import Bed, about_z, fits_bed, turn_to_fit
from FluoroPrintLib.printing.orientation import OrientationParameters
from FluoroPrintLib.printing.packing import packed
from FluoroPrintLib.printing.plate import laid_out

AS_IT_IS = OrientationParameters(orient=False)


def boxes_of(sizes, places):
    for (width, depth), place in zip(sizes, places, strict=True):
        across = (depth, width) if place.turned else (width, depth)
        yield place.plate, place.x_mm, place.y_mm, place.x_mm + across[0], place.y_mm + across[1]


def gap(one, other):
    """The larger of the distances along x and y: negative where two boxes overlap."""
    return max(one[1] - other[3], other[1] - one[3], one[2] - other[4], other[2] - one[4])


def test_four_squares_fill_a_bed_exactly_and_a_fifth_goes_to_the_next():
    places = packed([(50, 50)] * 5, (101, 101), 1.0)
    assert [place.plate for place in places] == [0, 0, 0, 0, 1]
    assert {(place.x_mm, place.y_mm) for place in places[:4]} == {(0, 0), (51, 0), (0, 51), (51, 51)}


def test_a_rectangle_is_turned_where_it_fits_only_so():
    (place,) = packed([(80, 20)], (30, 100), 1.0)
    assert place.turned


def test_random_rectangles_keep_their_clearance_and_stay_on_the_bed():
    random = np.random.default_rng(3)
    sizes = [tuple(size) for size in random.uniform(5, 60, (40, 2))]
    boxes = list(boxes_of(sizes, packed(sizes, (180, 120), 2.0)))
    for number, one in enumerate(boxes):
        assert min(one[1:3]) >= 0
        assert one[3] <= 180.001
        assert one[4] <= 120.001
        assert all(one[0] != other[0] or gap(one, other) > 1.999 for other in boxes[:number])
    area = sum(width * depth for width, depth in sizes)
    assert max(box[0] for box in boxes) + 1 <= 1.6 * area / (180 * 120)


def test_a_stick_longer_than_the_bed_lies_along_its_diagonal(solids):
    points, _ = solids.arrays_of(solids.box(120, 5, 5))
    bed = Bed(100, 100, 100)
    turn = turn_to_fit(points, bed)
    assert turn is not None
    assert np.ptp(points @ about_z(turn).T, axis=0)[:2].max() <= 100
    assert not fits_bed(points * 1.2, bed)
    assert not fits_bed(points[:, [2, 1, 0]], bed)


def test_parts_lie_on_the_bed_apart_and_are_the_same_solids(solids, catalogue):
    printer = catalogue.printer("prusa-mini")
    models = [solids.named("Cap", solids.mushroom()), solids.named("Angle", solids.angle())]
    models += [solids.named(f"Box {n}", solids.box(60, 50 + n, 30, at=(n, -300, 7))) for n in range(3)]
    parts = laid_out(models, printer)
    assert [part.name for part in parts] == [model.name for model in models]
    assert {part.plate for part in parts} == {0}
    spans = []
    for part, model in zip(parts, models, strict=True):
        points = points_of(part.surface)
        assert points.min(0) == pytest.approx(np.maximum(points.min(0), 0), abs=1e-4)
        assert points[:, 2].min() == pytest.approx(0, abs=1e-4)
        assert (points.max(0) <= (180.001, 180.001, 180.001)).all()
        before = signed_volume_mm3(points_of(model.surface), triangles_of(model.surface))
        assert signed_volume_mm3(points, triangles_of(part.surface)) == pytest.approx(before, rel=1e-5)
        spans.append((0, *points.min(0)[:2], *points.max(0)[:2]))
    for number, one in enumerate(spans):
        assert all(gap(one, other) > printer.clearance_mm - 1e-3 for other in spans[:number])
    together = np.array(spans)[:, 1:]
    np.testing.assert_allclose(together[:, :2].min(0) + together[:, 2:].max(0), (180, 180), atol=1e-3)


def test_a_part_too_large_is_refused_with_its_name_its_size_and_the_bed(solids, catalogue):
    model = solids.named("Femur", solids.box(420, 30, 30))
    with pytest.raises(FluoroPrintError, match="cut it") as caught:
        laid_out([model], catalogue.printer("prusa-mini"))
    assert '"Femur" measures' in str(caught.value)
    assert "Original Prusa MINI+ takes 180 x 180 x 180 mm" in str(caught.value)
    assert "420.0" in str(caught.value)


def test_a_part_too_high_is_refused_with_the_hint_to_turn_it(solids, catalogue):
    model = solids.named("Tibia", solids.box(30, 30, 200))
    printer = catalogue.printer("prusa-mini")
    with pytest.raises(FluoroPrintError, match="turn it"):
        laid_out([model], printer, AS_IT_IS)
    assert laid_out([model], printer)[0].size_mm[2] == pytest.approx(30)
