"""Parts with materials of their own: each counted by its own density and price, on beds of their own."""

import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.printing.estimates import Body, estimate
from FluoroPrintLib.printing.orientation import OrientationParameters, OrientationTerms
from FluoroPrintLib.printing.preparation import prepare_print
from FluoroPrintLib.printing.settings import PrintSettings
from FluoroPrintLib.shape.solids import engine, surface_of

SOLID = PrintSettings(infill_percent=100, support=False)
STANDING = OrientationParameters(orient=False)


def cube(edge, material=None):
    return Body(edge**3, OrientationTerms(0, edge**2, edge, 1.0, edge / 2), material)


def model(name, edge, material=""):
    return NamedModel(name, (1, 1, 1), surface_of(engine().Manifold.cube((edge,) * 3)), material=material)


@pytest.fixture
def prepared(catalogue):
    def of(models, printer="prusa-mk3s", material="pla"):
        machine = catalogue.printer(printer), catalogue.material(material)
        return prepare_print(models, *machine, STANDING, SOLID, known=catalogue.materials)

    return of


def test_each_material_is_counted_by_its_own_density_and_price(catalogue):
    pla, tpu = catalogue.material("pla"), catalogue.material("tpu")
    bodies = [cube(20), cube(10, tpu), cube(10)]
    made = estimate(bodies, catalogue.printer("prusa-mk3s"), pla, SOLID)
    assert [share.material.id for share in made.shares] == ["pla", "tpu"]
    assert [share.mass_g for share in made.shares] == [pytest.approx(9 * 1.24), pytest.approx(1 * 1.21)]
    assert made.mass_g == pytest.approx(9 * 1.24 + 1.21)
    assert made.cost == pytest.approx((9 * 1.24 * pla.cost.amount + 1.21 * tpu.cost.amount) / 1000)
    assert made.shares[1].words.startswith("TPU filament 1.0 ml, 1.2 g, 0.")


def test_a_sum_with_an_unknown_share_is_unknown(catalogue):
    rigid, flexible = catalogue.material("resin-rigid"), catalogue.material("resin-flexible")
    made = estimate([cube(10), cube(10, flexible)], catalogue.printer("prusa-sl1s"), rigid, SOLID)
    assert (made.mass_g, made.cost) == (None, None)
    assert made.shares[0].mass_g == pytest.approx(1.15)


def test_materials_lie_on_beds_of_their_own(prepared):
    job = prepared([model("Bone", 20), model("Vessel", 10, "TPU filament"), model("Chip", 5, "pla")])
    assert [part.placed.plate for part in job.parts] == [0, 1, 0]
    assert [[material.id for material in job.materials_on(plate)] for plate in (0, 1)] == [["pla"], ["tpu"]]
    masses = [each.mass_g for each in job.estimates]
    assert masses == [pytest.approx((8 + 0.125) * 1.24), pytest.approx(1.21)]
    assert job.estimates[1].seconds == pytest.approx(360 / (24 * 0.09) + 640 / 2.5 + 10 / 0.2 * 1.4)


def test_a_printer_that_jets_several_at_once_takes_them_on_one_bed(prepared):
    models = [model("Bone", 20), model("Vessel", 10, "Stratasys Elastic Clear")]
    job = prepared(models, "polyjet-490", "polyjet-vero")
    assert [part.placed.plate for part in job.parts] == [0, 0]
    assert [material.id for material in job.materials_on(0)] == ["polyjet-vero", "polyjet-elastic-clear"]


def test_a_material_that_the_printer_does_not_take_is_refused(prepared):
    with pytest.raises(FluoroPrintError, match='"Vessel" is of Flexible resin.* does not print'):
        prepared([model("Bone", 20), model("Vessel", 10, "resin-flexible")])


def test_a_material_that_nobody_knows_is_told_and_taken_as_that_of_the_print(prepared):
    job = prepared([model("Bone", 20, "Unobtainium")])
    assert job.parts[0].material.id == "pla"
    assert job.findings[-1].text == (
        '"Bone" names the material "Unobtainium", which the catalogue does not know: it is taken as '
        "PLA filament."
    )
