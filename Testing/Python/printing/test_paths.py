"""What extrusion lays: solids by hand, whose walls, skins, strips and supports are known."""

import numpy as np
import pytest
from FluoroPrintLib.printing.paths import paths_of
from FluoroPrintLib.printing.settings import PrintSettings

BARE = PrintSettings(support=False)
LINE_MM, SHELL_MM, SKIN_MM = 0.45, 0.9, 1.0  # two lines; as many layers of 0.2 mm as are thicker


@pytest.fixture
def laid(catalogue, solids):
    def of(solid, settings=BARE):
        return paths_of(*solids.arrays_of(solid), catalogue.printer("prusa-mk3s"), settings)

    return of


def wedge(solids, degrees, length=40.0, depth=30.0):
    """A prism that lies on its flat side, its upper side inclined; at its end it is `length` tan high."""
    tall = solids.box(length, depth, 2 * length)
    slope = np.radians(degrees)
    return tall.trim_by_plane((np.sin(slope), 0, -np.cos(slope)), 0.0)


def test_a_box_has_walls_skins_and_infill_within(laid, solids):
    made = laid(solids.box(40, 30, 20))
    assert made.walls_mm3 == pytest.approx(SHELL_MM * 140 * 20)
    assert made.skins_mm3 == pytest.approx(SKIN_MM * 2 * 1200)
    assert (made.strips_mm3, made.supports_mm3) == (0, 0)
    assert made.part_mm3 == pytest.approx(2520 + 2400 + 0.15 * (24000 - 4920))


def test_a_part_thinner_than_its_shell_is_solid(laid, solids):
    made = laid(solids.box(40, 30, 1.5))
    assert made.infill_mm3 == pytest.approx(0)
    assert made.part_mm3 == pytest.approx(1800)


def test_walls_skins_and_layers_follow_the_settings(laid, solids):
    made = laid(solids.box(40, 30, 20), PrintSettings(support=False, walls=4, layer_mm=0.25))
    assert made.walls_mm3 == pytest.approx(4 * LINE_MM * 140 * 20)
    assert made.skins_mm3 == pytest.approx(8 * 0.25 * 2 * 1200)


@pytest.mark.parametrize(
    ("degrees", "beside", "widened"), [(10, True, False), (30, True, True), (60, False, False)]
)
def test_a_slope_has_as_much_skin_as_its_walls_leave_free_and_narrow_strips_are_widened(
    laid, solids, degrees, beside, widened
):
    steep = np.tan(np.radians(degrees))
    made = laid(wedge(solids, degrees))
    area = 40 * 30 / np.cos(np.radians(degrees))
    across = area * np.sin(np.radians(degrees))
    sides = 2 * 40 * 40 * steep / 2 + 30 * 40 * steep
    assert made.walls_mm3 == pytest.approx(SHELL_MM * (across + sides))
    free = SKIN_MM * 1200 - SHELL_MM * across
    assert beside == (free > 0)
    assert made.skins_mm3 == pytest.approx(SKIN_MM * 1200 + max(free, 0.0))
    assert made.strips_mm3 == pytest.approx(5 * LINE_MM * across if widened else 0.0)


def test_however_finely_a_surface_is_cut_it_takes_the_same(laid, solids):
    ball = solids.mushroom().rotate([40, 0, 0])
    rough, fine = laid(ball, PrintSettings()), laid(ball.refine(5), PrintSettings())
    assert fine.part_mm3 == pytest.approx(rough.part_mm3, rel=1e-6)
    assert fine.supports_mm3 == pytest.approx(rough.supports_mm3, rel=0.03)


def test_supports_have_hatching_a_sheath_a_foot_and_a_dense_top(laid, solids):
    """A table on a thin leg: 2 mm wider than its top all about, rounded corners left out."""
    line, edge, height = 0.35 - 0.2 * (1 - np.pi / 4), 60.0, 20.0
    table = solids.box(edge, edge, 3, (0, 0, height)) + solids.box(1, 1, height, (edge / 2, edge / 2, 0))
    made = laid(table, PrintSettings())
    wide = edge + 4
    hatching = line / (line + 2) * wide**2 * height
    sheath = line * 4 * wide * height * np.pi / 4
    foot, top = 0.9 * 0.2 * (wide + 6) ** 2, 0.7 * wide**2
    assert made.supports_mm3 == pytest.approx(hatching + sheath + foot + top, rel=0.02)


def test_what_rests_on_the_bed_or_is_steep_is_not_supported(laid, solids):
    assert laid(solids.box(20, 20, 20), PrintSettings()).supports_mm3 == 0
    steep = wedge(solids, 50).rotate([180, 0, 0])
    flat = wedge(solids, 40).rotate([180, 0, 0])
    assert laid(steep, PrintSettings()).supports_mm3 == 0
    assert laid(flat, PrintSettings()).supports_mm3 > 1000
