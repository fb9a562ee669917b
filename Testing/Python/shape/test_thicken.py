"""Thin walls become as thick as they must be; thick ones stay as they are."""

import numpy as np
import pytest
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.shape.probing import Probe
from FluoroPrintLib.shape.solids import UntouchedError, solid_of, surface_of
from FluoroPrintLib.shape.thicken import ThickenParameters, thicken


def test_a_thin_plate_is_thickened_and_the_block_beside_it_stays(solids, filed, untouched):
    plate = solid_of(solids.box(16, 8, 0.4))
    model = untouched(surface_of(plate + solid_of(solids.box(6, 8, 8)).translate((9, 0, 0))))
    made = thicken(model, ThickenParameters(min_wall_mm=1.0)).parts[0].surface
    assert filed(made).pieces == 1
    x, y = (each.ravel() for each in np.meshgrid(np.linspace(-7.5, 4, 24), np.linspace(-3.5, 3.5, 15)))
    down, probe = np.array([0.0, 0.0, -1.0]), Probe(made)
    tops = 5 - probe.first_hits(np.column_stack([x, y, np.full_like(x, 5.0)]), down, 20.0).along_mm
    assert tops.min() > 0.5 - 0.02
    assert tops.max() < 0.5 + 0.1
    beside = points_of(made)[:, 0] > 6.1 + 0.6
    assert np.abs(points_of(made)[beside]).max(0) == pytest.approx((12, 4, 4), abs=1e-4)


def test_a_thick_model_is_left_alone(solids):
    with pytest.raises(UntouchedError, match="No wall is thinner than 1 mm"):
        thicken(solids.ball(5, 32), ThickenParameters(min_wall_mm=1.0))
