"""Estimates: cubes by hand, powder by hand, and PrusaSlicer's own figures as they were measured."""

import dataclasses

import manifold3d
import numpy as np
import pytest
from FluoroPrintLib.printing.estimates import Body, estimate
from FluoroPrintLib.printing.orientation import OrientationTerms
from FluoroPrintLib.printing.paths import Paths, paths_of
from FluoroPrintLib.printing.settings import PrintSettings

SOLID = PrintSettings(infill_percent=100)
# PrusaSlicer 2.5.0, prusa-mk3s and pla, our profile: seconds and ml that it told of solids as they stand.
MEASURED = {
    "cube 10": (321, 0.56),
    "cube 20": (1154, 2.99),
    "cube 40": (5828, 16.93),
    "cube 60": (16207, 49.12),
    "slab": (3319, 11.88),
    "tower": (2392, 4.79),
    "ball 15": (2418, 5.67),
    "ball 30": (12297, 32.08),
    "angle": (2726, 7.23),
    "ring": (3197, 7.6),
    "mushroom": (4247, 13.73),
}
# The same of bones of the Visible Human and a vertebra and femur of MyoSim, laid by `suggested_orientation`:
# walls, skins, strips, infill and supports that `paths_of` told; height, seconds, ml. Those of more than 8000
# triangles were decimated within 0.1 mm first, the spine within 0.2 mm.
FITTED_BONES = {
    "patella": ((3273.4, 253.7, 920.5, 2673.6, 763.9), 41.1, 3671, 8.21),
    "calcaneus": ((8542.5, 693.9, 1799.4, 9351.3, 6022.9), 82.8, 10785, 26.54),
}
HELD_BACK_BONES = {
    "talus": ((4969.5, 841.4, 2547.1, 4608.7, 2787.8), 43.2, 6633, 15.53),
    "coccyx": ((1125.1, 98.2, 271.5, 218.0, 1171.5), 27.8, 1456, 3.12),
    "sacrum": ((23953.7, 2114.0, 8013.4, 26894.4, 50761.6), 121.1, 48584, 118.65),
    "lumbar3": ((6341.8, 2228.4, 1477.3, 4130.9, 3803.7), 41.4, 8677, 19.83),
    "tibia's upper 90 mm": ((11644.9, 2423.1, 3048.1, 17812.6, 17030.4), 90.0, 19285, 54.47),
    "tibia's lower 90 mm": ((7301.9, 932.0, 1114.7, 6877.6, 916.9), 90.0, 7008, 17.34),
    "femur's upper 90 mm": ((12241.2, 1899.3, 3792.5, 15397.4, 15117.6), 90.0, 18835, 51.48),
    "femur's lower 90 mm": ((11960.7, 1925.8, 3135.4, 15095.4, 10839.2), 90.0, 16954, 46.41),
    "porous spine of a CT": ((16752.3, 6279.1, 8101.9, 1225.4, 23102.8), 40.3, 29075, 59.38),
    "coccyx without supports": ((1125.1, 98.2, 271.5, 218.0, 0.0), 27.8, 984, 1.89),
    "sacrum without supports": ((23953.7, 2114.0, 8013.4, 26894.4, 0.0), 121.1, 25984, 63.02),
}
# The same of prusa-sl1s and resin-rigid: edge of a cube, seconds, ml.
CUBES_OF_RESIN = ((10, 1796.9, 1.684), (20, 2746.9, 9.948), (40, 4646.9, 70.287), (60, 6686.9, 229.058))


def terms(height, support_mm2=0.0, rest_mm2=0.0):
    return OrientationTerms(support_mm2, rest_mm2, height, 1.0, height / 2)


def cube(edge):
    return Body(edge**3, terms(edge, rest_mm2=edge**2))


def solids_measured():
    """The solids of `MEASURED`; round ones have 48 sides."""
    made = manifold3d.Manifold

    def box(*size):
        return made.cube(list(size))

    def disc(height, radius):
        return made.cylinder(height, radius, radius, 48)

    return {
        **{f"cube {edge}": box(edge, edge, edge) for edge in (10, 20, 40, 60)},
        "slab": box(80, 60, 4),
        "tower": box(12, 12, 80),
        "ball 15": made.sphere(15, 48),
        "ball 30": made.sphere(30, 48),
        "angle": box(50, 10, 20) + box(10, 50, 20),
        "ring": disc(20, 25) - disc(20, 20),
        "mushroom": disc(30, 5) + disc(6, 20).translate([0, 0, 30]),
    }


@pytest.fixture
def printed(catalogue, solids):
    def of(solid, settings=SOLID, material="pla"):
        printer = catalogue.printer("prusa-mk3s")
        points, triangles = solids.arrays_of(solid)
        paths = paths_of(points, triangles, printer, settings)
        body = Body(solid.volume(), terms(np.ptp(points[:, 2])), paths=paths)
        return estimate([body], printer, catalogue.material(material), settings)

    return of


def test_a_solid_cube_of_pla_weighs_its_volume_by_its_density(printed, solids):
    made = printed(solids.box(20, 20, 20))
    assert made.material_ml == pytest.approx(8.0)
    assert made.mass_g == pytest.approx(8.0 * 1.24)
    assert made.cost == pytest.approx(8.0 * 1.24 * 25.4 / 1000)
    assert made.currency == "EUR"


def test_walls_are_laid_slowly_and_each_layer_takes_its_time(printed, solids):
    made = printed(solids.box(20, 20, 20))
    section = 0.45 * 0.2
    walls = 80 * 20 * 0.9
    assert made.seconds == pytest.approx(walls / (24 * section) + (8000 - walls) / (41 * section) + 100 * 1.4)


def test_a_cube_with_infill_is_a_shell_about_it(printed, solids):
    made = printed(solids.box(20, 20, 20), PrintSettings())
    shell = 80 * 20 * 0.9 + 800 * 1.0
    assert made.material_ml == pytest.approx((shell + 0.15 * (8000 - shell)) / 1000)


def test_without_supports_none_is_counted(printed, solids):
    bare, held = (printed(solids.mushroom(), PrintSettings(support=wanted)) for wanted in (False, True))
    assert bare.support_ml == 0
    assert held.support_ml > 1
    assert held.material_ml - bare.material_ml == pytest.approx(held.support_ml)
    assert held.seconds - bare.seconds == pytest.approx(1000 * held.support_ml / (31 * 0.35 * 0.2))


def test_a_material_that_flows_slowly_takes_longer_where_lines_are_fast(printed, solids):
    pla, tpu = (printed(solids.box(20, 20, 20), material=name) for name in ("pla", "tpu"))
    within = 8000 - 80 * 20 * 0.9
    assert tpu.seconds - pla.seconds == pytest.approx(within / 2.5 - within / (41 * 0.45 * 0.2))


def test_thin_layers_take_longer(printed, solids):
    thick, thin = (
        printed(solids.box(20, 20, 20), dataclasses.replace(SOLID, layer_mm=mm)) for mm in (0.2, 0.1)
    )
    assert thin.seconds == pytest.approx(2 * thick.seconds)


def test_powder_about_the_parts_is_partly_replaced(catalogue):
    printer, material = catalogue.printer("hp-mjf-5200"), catalogue.material("pa12-mjf")
    made = estimate([cube(20)], printer, material, PrintSettings())
    assert made.mass_g == pytest.approx(8 * 1.01)
    assert made.waste_g == pytest.approx((38.0 * 28.4 * 2 - 8) * 0.425 * 0.2)
    assert made.seconds == pytest.approx(250 * 7.6)
    assert (made.support_ml, made.cost) == (0, None)


def test_a_price_by_the_litre_is_by_volume_and_powder_counts_what_is_replaced(catalogue):
    from FluoroPrintLib.printing.machines import Cost

    resin = dataclasses.replace(
        catalogue.material("resin-rigid"), cost=Cost(100.0, "litre", "EUR", 2026), density_g_cm3=None
    )
    settings = PrintSettings(support=False)
    made = estimate([cube(20)], catalogue.printer("prusa-sl1s"), resin, settings)
    assert (made.cost, made.mass_g) == (pytest.approx(0.8), None)
    powder = dataclasses.replace(catalogue.material("pa12-mjf"), cost=Cost(60.0, "kg", "EUR", 2026))
    baked = estimate([cube(20)], catalogue.printer("hp-mjf-5200"), powder, settings)
    assert baked.cost == pytest.approx(0.06 * (baked.mass_g + baked.waste_g))


@pytest.mark.parametrize(
    ("printer", "material"), [("polyjet-490", "polyjet-vero"), ("form-2", "formlabs-durable")]
)
def test_what_the_catalogue_does_not_tell_is_not_guessed(catalogue, printer, material):
    made = estimate([cube(20)], catalogue.printer(printer), catalogue.material(material), PrintSettings())
    assert (made.seconds, made.cost) == (None, None)


def test_solids_agree_with_prusaslicer(printed):
    made = {name: printed(solid, PrintSettings()) for name, solid in solids_measured().items()}
    material = {name: made[name].material_ml / ml - 1 for name, (_, ml) in MEASURED.items()}
    time = {name: made[name].seconds / seconds - 1 for name, (seconds, _) in MEASURED.items()}
    assert np.abs(list(material.values())).mean() < 0.03
    assert max(map(abs, material.values())) < 0.12
    assert time.pop("mushroom") == pytest.approx(0.41, abs=0.01)  # its cap's supports are of long, fast lines
    assert np.abs(list(time.values())).mean() < 0.04
    assert max(map(abs, time.values())) < 0.1


@pytest.mark.parametrize(
    ("bones", "material_off", "time_off"), [(FITTED_BONES, 0.04, 0.09), (HELD_BACK_BONES, 0.1, 0.16)]
)
def test_bones_agree_with_prusaslicer_within_what_is_told(catalogue, bones, material_off, time_off):
    machine = catalogue.printer("prusa-mk3s"), catalogue.material("pla")
    for name, (laid, height, seconds, ml) in bones.items():
        paths = Paths(*laid)
        made = estimate([Body(paths.part_mm3, terms(height), paths=paths)], *machine, PrintSettings())
        assert made.material_ml == pytest.approx(ml, rel=material_off), name
        assert made.seconds == pytest.approx(seconds, rel=time_off), name
        assert (made.compared, made.material_error, made.time_error) == ("bones", 0.15, 0.3)
        assert (material_off, time_off) < (made.material_error, made.time_error)


@pytest.mark.parametrize(("edge", "seconds", "ml"), CUBES_OF_RESIN)
def test_resin_agrees_with_prusaslicer_within_what_is_told(catalogue, edge, seconds, ml):
    printer, material = catalogue.printer("prusa-sl1s"), catalogue.material("resin-rigid")
    made = estimate([cube(edge)], printer, material, PrintSettings())
    assert made.seconds == pytest.approx(seconds, rel=made.time_error)
    assert made.material_ml == pytest.approx(ml, rel=made.material_error)
