"""The lumbar phantom: what lies where, and that it is there after a sweep and a reconstruction."""

import numpy as np
import pytest
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct
from FluoroPrintLib.simulation.phantom import (
    CANAL_RADIUS_MM,
    CORTEX_MM,
    LEVELS_MM,
    SPINE_BEHIND_MM,
    VERTEBRA_HEIGHT_MM,
    VERTEBRA_RADII_MM,
    lumbar_phantom,
)
from FluoroPrintLib.simulation.sweeps import SimulationParameters, simulate_sweep, sweep_of_simulated


@pytest.fixture(scope="module")
def phantom():
    return lumbar_phantom(0.5)


def value_at(volume, ras):
    ijk = np.linalg.inv(volume.ijk_to_ras) @ [*ras, 1.0]
    i, j, k = np.rint(ijk[:3]).astype(int)
    return float(volume.array_kji[k, j, i])


@pytest.mark.parametrize("level", LEVELS_MM)
def test_marrow_cortex_canal_and_disc_lie_where_they_are_said_to(phantom, level):
    middle = -SPINE_BEHIND_MM
    canal = middle - VERTEBRA_RADII_MM[1] - CANAL_RADIUS_MM
    assert value_at(phantom, (0, middle, level)) == 250
    assert value_at(phantom, (VERTEBRA_RADII_MM[0] - CORTEX_MM / 2, middle, level)) == 900
    assert value_at(phantom, (0, canal, level)) == 40
    assert value_at(phantom, (0, middle, level + VERTEBRA_HEIGHT_MM / 2 + 3)) == 40
    assert value_at(phantom, (13.0, middle - 14.0, level + 5.0)) == 250
    assert value_at(phantom, (0, 70, level)) == -1000


def test_a_body_has_the_volume_of_its_cylinder(phantom):
    s = phantom.ijk_to_ras[2, 2] * np.arange(phantom.array_kji.shape[0]) + phantom.ijk_to_ras[2, 3]
    j = np.arange(phantom.array_kji.shape[1])
    a = phantom.ijk_to_ras[1, 1] * j + phantom.ijk_to_ras[1, 3] + SPINE_BEHIND_MM
    front = (phantom.array_kji > 100)[np.abs(s) < LEVELS_MM[2] / 2][:, a > 0]
    half_ellipse = np.pi * VERTEBRA_RADII_MM[0] * VERTEBRA_RADII_MM[1] / 2
    assert front.sum() * 0.5**3 == pytest.approx(half_ellipse * VERTEBRA_HEIGHT_MM, rel=0.02)


def test_a_simulated_run_gives_the_phantom_back():
    parameters = SimulationParameters(
        frames=90, arc_deg=204.0, panel_mm=(240.0, 400.0), pixel_mm=4.0, photons=0.0, scatter=0.0
    )
    sweep = sweep_of_simulated(simulate_sweep(lumbar_phantom(2.0), parameters))
    volume = reconstruct(sweep, ReconstructionParameters(voxel_mm=3.0))
    assert value_at(volume, (0, -SPINE_BEHIND_MM, 0)) == pytest.approx(250, abs=80)
    assert value_at(volume, (0, 30, 0)) == pytest.approx(40, abs=60)
