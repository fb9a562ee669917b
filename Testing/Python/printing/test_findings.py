"""Walls, gaps and other findings: measured on solids whose walls are known."""

import manifold3d
import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh.fitness import Level
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import polydata_from
from FluoroPrintLib.printing.orientation import OrientationParameters
from FluoroPrintLib.printing.preparation import prepare_print, refuse_unprintable
from FluoroPrintLib.printing.settings import PrintSettings
from FluoroPrintLib.printing.walls import thicknesses

SOLID = PrintSettings(infill_percent=100)


def texts(job):
    return [finding.text for finding in (*job.findings, *job.parts[0].findings)]


@pytest.fixture
def prepared(solids, catalogue):
    def of(solid, printer="prusa-mk3s", material="pla", settings=SOLID, **orientation):
        return prepare_print(
            [solids.named("Part", solid)],
            catalogue.printer(printer),
            catalogue.material(material),
            OrientationParameters(**orientation),
            settings,
        )

    return of


def test_the_wall_of_a_slab_is_its_thickness(solids):
    found = thicknesses(*solids.arrays_of(solids.box(40, 40, 0.6)), reach_mm=5)
    broad = found.walls_mm[np.isfinite(found.walls_mm)]
    np.testing.assert_allclose(broad, 0.6, atol=1e-5)
    assert found.share_of_walls_under(0.8) == pytest.approx(3200 / (3200 + 96), abs=0.01)
    assert found.share_of_walls_under(0.5) == 0
    assert not np.isfinite(found.gaps_mm).any()


def test_the_corner_of_a_block_is_no_thin_wall(solids):
    """A prism over a rhombus: at its corners of 75 degrees the next face is near, but slanted."""
    lean = np.tan(np.radians(15)) * 20
    prism = solids.box(20, 20, 20).transform([[1, lean / 20, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])
    found = thicknesses(*solids.arrays_of(prism), reach_mm=30)
    assert found.walls_mm.min() > 20 * np.cos(np.radians(15)) - 1e-3
    assert found.share_of_walls_under(20.1) > 0.5


def test_the_gap_of_a_slot_is_its_width(solids):
    slotted = solids.box(30, 20, 20) - solids.box(1.5, 20, 10, at=(14, 0, 10))
    points, triangles = solids.arrays_of(slotted)
    found = thicknesses(points, triangles, reach_mm=6)
    gaps = found.gaps_mm[np.isfinite(found.gaps_mm)]
    np.testing.assert_allclose(gaps, 1.5, atol=1e-5)
    area = 2 * (30 * 20 + 30 * 20 + 20 * 20) + 2 * 10 * 20 - 2 * 1.5 * 10
    assert found.share_of_gaps_under(2.0) == pytest.approx(400 / area, abs=0.01)


def test_thin_walls_are_found_with_the_printer_that_cannot_make_them(prepared, solids):
    slab = solids.box(40, 40, 0.6)
    (text,) = texts(prepared(slab))
    assert "walls under 0.8 mm, the least of Original Prusa i3 MK3S+ with PLA filament" in text
    assert "the thinnest 0.60 mm" in text
    assert texts(prepared(slab, "hp-mjf-5200", "pa12-mjf")) == []


def test_a_narrow_hole_is_found(prepared, solids):
    drilled = solids.box(10, 10, 10) - manifold3d.Manifold.cylinder(10, 0.5, 0.5, 32).translate([5, 5, 0])
    (text,) = texts(prepared(drilled))
    assert "a hole or gap under 2 mm" in text
    assert texts(prepared(drilled, "hp-mjf-5200", "pa12-mjf")) == []


def test_powder_and_resin_stay_in_a_closed_cavity_and_filament_does_not(prepared, solids):
    hollow = solids.box(20, 20, 20) - solids.box(10, 10, 10, at=(5, 5, 5))
    assert texts(prepared(hollow, "hp-mjf-5200", "pa12-mjf")) == [
        "In a closed cavity powder stays: fill it, or open a drain."
    ]
    assert "resin stays" in texts(prepared(hollow, "prusa-sl1s", "resin-rigid"))[0]
    assert texts(prepared(hollow)) == []


def test_a_part_that_falls_over_is_told(prepared, solids):
    tower = solids.box(5, 5, 60) + solids.box(40, 5, 5, at=(0, 0, 55))
    (text,) = texts(prepared(tower, orient=False))
    assert "centre of mass" in text


def test_sparse_infill_is_told_where_the_material_could_be_sterilised(prepared, solids):
    cube = solids.box(20, 20, 20)
    assert "sterile" in texts(prepared(cube, settings=PrintSettings()))[0]
    assert texts(prepared(cube)) == []


def test_an_open_surface_stops(solids, catalogue):
    points, triangles = solids.arrays_of(solids.box(20, 20, 20))
    model = NamedModel("Open", (1.0, 1.0, 1.0), polydata_from(points, triangles[1:]))
    job = prepare_print([model], catalogue.printer("prusa-mk3s"), catalogue.material("pla"))
    assert job.parts[0].findings[0].level == Level.STOP
    with pytest.raises(FluoroPrintError, match='"Open" is no solid .3 open edges.*repair it first'):
        refuse_unprintable(job)


def test_a_closed_part_is_not_refused(prepared, solids):
    job = prepared(solids.box(20, 20, 20))
    refuse_unprintable(job)
    assert all(finding.level != Level.STOP for finding in job.parts[0].findings)


def test_a_material_of_another_process_is_refused(prepared, solids):
    with pytest.raises(FluoroPrintError, match="does not print PA12 powder.*for SLS"):
        prepared(solids.box(20, 20, 20), material="pa12-sls")


def test_nothing_to_print_is_refused(catalogue):
    with pytest.raises(FluoroPrintError, match="nothing to print"):
        prepare_print([], catalogue.printer("prusa-mk3s"), catalogue.material("pla"))
