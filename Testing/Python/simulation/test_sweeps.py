"""Simulated sweeps: Beer's law, quantum noise, scatter, wobble, and the way back to the volume."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.files.sweep_parameters import SweepParameters
from FluoroPrintLib.files.xa_writer import write_xa_sweep
from FluoroPrintLib.geometry.poses import geometry_from_angles
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct
from FluoroPrintLib.reconstruction.projector import project
from FluoroPrintLib.simulation.sweeps import SimulatedSweep, SimulationParameters, simulate_sweep

WATER = 0.02
QUIET = SimulationParameters(frames=6, arc_deg=150.0, panel_mm=(60.0, 90.0), pixel_mm=3.0, photons=0.0)
AIR_OF_14_BITS = round(0.9 * (2**14 - 1))


def water_cube(edge_mm: float = 40.0, centre_ras=(30.0, -20.0, 500.0)) -> Volume:
    size = (20, 20, 20)
    return Volume(np.zeros(size, np.int16), grid_centred_at(centre_ras, size, edge_mm / 20))


def integrals_of(sweep: SimulatedSweep, ct: Volume) -> np.ndarray:
    centred = ct.ijk_to_ras.copy()
    centred[:3, 3] -= ct.centre_ras
    attenuation = (ct.array_kji.astype(np.float32) / 1000 + 1) * np.float32(WATER)
    return project(Volume(attenuation, centred), sweep.true).astype(float)


def panel_places(geometry, axes_pixel_mm: float) -> tuple[np.ndarray, np.ndarray]:
    """(N, 3) sources, (N, 3) middles of the panels, from nothing but the matrices."""
    rays = np.linalg.inv(geometry.ras_to_pixel[:, :, :3])
    middle = np.array([(geometry.columns - 1) / 2, (geometry.rows - 1) / 2, 1.0])
    depth = axes_pixel_mm / np.linalg.norm(rays[:, :, 0], axis=1)
    return geometry.sources_ras, geometry.sources_ras + (rays @ middle) * depth[:, None]


def test_without_noise_each_count_is_air_weakened_by_the_integral():
    ct = water_cube()
    sweep = simulate_sweep(ct, QUIET)
    expected = np.rint(AIR_OF_14_BITS * np.exp(-integrals_of(sweep, ct)))
    assert sweep.counts.dtype == np.uint16
    assert sweep.air == AIR_OF_14_BITS
    assert np.abs(sweep.counts - expected).max() <= 1
    assert (sweep.counts == expected).mean() > 0.99


def test_the_central_ray_through_a_cube_of_water_is_weakened_by_its_edge():
    sweep = simulate_sweep(water_cube(), replace(QUIET, frames=2, start_deg=0.0, arc_deg=90.0))
    middle = sweep.counts[:, 9:11, 14:16].mean((1, 2))
    np.testing.assert_allclose(middle / sweep.air, np.exp(-WATER * 40.0), rtol=0.005)
    assert (sweep.counts[:, 0, 0] == sweep.air).all()


def test_the_point_asked_for_is_brought_to_the_isocentre():
    ct = water_cube()
    middle = simulate_sweep(ct, QUIET)
    same = simulate_sweep(ct, replace(QUIET, centre_mm=(30.0, -20.0, 500.0)))
    beside = simulate_sweep(ct, replace(QUIET, centre_mm=(30.0, -20.0, 520.0)))
    np.testing.assert_array_equal(same.counts, middle.counts)
    rows = np.arange(20)

    def height(sweep: SimulatedSweep) -> float:
        weakened = (sweep.air - sweep.counts.astype(float)).sum((0, 2))
        return float((weakened * rows).sum() / weakened.sum())

    # The cube is now 20 mm nearer to the feet: rows run down, 20 mm magnified by SID / SOD.
    assert height(beside) > height(middle) + 3


def test_the_angles_and_the_geometry_are_those_asked_for():
    sweep = simulate_sweep(water_cube(), replace(QUIET, start_deg=-40.0, secondary_deg=12.0))
    np.testing.assert_allclose(sweep.primary_deg, np.linspace(-40, 110, 6))
    np.testing.assert_allclose(sweep.secondary_deg, 12.0)
    expected = geometry_from_angles(
        sweep.primary_deg,
        sweep.secondary_deg,
        sid_mm=1180.0,
        sod_mm=785.0,
        pixel_mm=(3.0, 3.0),
        rows=20,
        columns=30,
    )
    np.testing.assert_allclose(sweep.nominal.ras_to_pixel, expected.ras_to_pixel)
    np.testing.assert_array_equal(sweep.true.ras_to_pixel, sweep.nominal.ras_to_pixel)


def test_the_noise_has_the_mean_and_the_variance_of_counted_photons():
    photons = 4000.0
    ct = water_cube()
    settings = replace(QUIET, frames=12, panel_mm=(180.0, 270.0))
    clean, noisy = (simulate_sweep(ct, replace(settings, photons=n)) for n in (0.0, photons))
    expected = np.exp(-integrals_of(clean, ct))
    seen = noisy.counts / noisy.air
    for where in (expected == 1, expected < 0.6):
        assert where.sum() > 900
        error = seen[where] - expected[where]
        spread = np.sqrt(expected[where] / photons)
        assert error.mean() == pytest.approx(0, abs=5 * spread.mean() / np.sqrt(where.sum()))
        assert ((error / spread) ** 2).mean() == pytest.approx(1, abs=6 * np.sqrt(2 / where.sum()))


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_scatter_adds_the_share_asked_for_behind_the_patient(share: float):
    ct = water_cube()
    settings = replace(QUIET, bits=16)
    clean, scattered = (simulate_sweep(ct, replace(settings, scatter=s)) for s in (0.0, share))
    behind = integrals_of(clean, ct) > 0.5
    for frame, more, where in zip(clean.counts, scattered.counts, behind, strict=True):
        added = more.astype(float)[where].mean() - frame.astype(float)[where].mean()
        assert added == pytest.approx(share * frame[where].mean(), rel=0.01)


def test_source_and_panel_wander_up_to_the_bound_and_the_header_does_not_tell():
    still, wobbling = (
        simulate_sweep(water_cube(), replace(QUIET, frames=40, wobble_mm=mm)) for mm in (0.0, 6.0)
    )
    np.testing.assert_array_equal(wobbling.nominal.ras_to_pixel, still.nominal.ras_to_pixel)
    np.testing.assert_array_equal(wobbling.primary_deg, still.primary_deg)
    for moved, stood in zip(
        panel_places(wobbling.true, 3.0), panel_places(wobbling.nominal, 3.0), strict=True
    ):
        wander = np.abs(moved - stood)
        np.testing.assert_allclose(wander.max(0), 6.0, rtol=1e-6)
        assert np.abs(np.diff(moved - stood, axis=0)).max() < 3.0, "an arm bends smoothly"


def test_the_same_seed_gives_the_same_sweep_and_another_seed_another():
    settings = replace(QUIET, photons=3000.0, wobble_mm=4.0)
    one, again, other = (simulate_sweep(water_cube(), replace(settings, seed=n)) for n in (5, 5, 6))
    np.testing.assert_array_equal(again.counts, one.counts)
    np.testing.assert_array_equal(again.true.ras_to_pixel, one.true.ras_to_pixel)
    assert (other.counts != one.counts).mean() > 0.5
    assert np.abs(other.true.ras_to_pixel - one.true.ras_to_pixel).max() > 0.1


def test_logarithmic_values_fall_evenly_with_the_integral():
    ct = water_cube()
    sweep = simulate_sweep(ct, replace(QUIET, relation="LOG"))
    darkest = np.log(1e6)
    expected = np.rint(AIR_OF_14_BITS * (1 - integrals_of(sweep, ct) / darkest))
    assert np.abs(sweep.counts - expected).max() <= 1


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_values_stay_within_their_bits(bits: int):
    sweep = simulate_sweep(water_cube(), replace(QUIET, bits=bits, photons=20.0))
    assert sweep.counts.max() == 2**bits - 1, "noise this strong overflows the headroom above air"
    assert sweep.air == round(0.9 * (2**bits - 1))


def test_what_is_no_number_counts_as_air():
    ct = water_cube()
    holed = ct.array_kji.astype(np.float32)
    holed[:, :, :10] = np.nan
    aired = np.where(np.isnan(holed), -1000, holed)
    one, other = (simulate_sweep(ct.with_array(array), QUIET) for array in (holed, aired))
    np.testing.assert_array_equal(one.counts, other.counts)


@pytest.mark.parametrize("value", [-1000.0, -1024.0, np.nan])
def test_a_ct_of_nothing_but_air_is_refused(value: float):
    air = water_cube().with_array(np.full((20, 20, 20), value, np.float32))
    with pytest.raises(FluoroPrintError, match="holds nothing but air: choose a CT in Hounsfield units"):
        simulate_sweep(air, QUIET)


@pytest.mark.parametrize("sod_mm", [1180.0, 1500.0])
def test_an_isocentre_behind_the_panel_is_refused_with_both_distances(sod_mm: float):
    with pytest.raises(FluoroPrintError, match=f"sod_mm is {sod_mm:g} and sid_mm is 1180"):
        simulate_sweep(water_cube(), replace(QUIET, sod_mm=sod_mm))


def test_the_user_can_stop():
    def stop(fraction: float, message: str) -> None:
        raise Cancelled(message)

    with pytest.raises(Cancelled):
        simulate_sweep(water_cube(), QUIET, stop)


@pytest.mark.parametrize("relation", ["LIN", "LOG"])
def test_a_phantom_comes_back_over_the_file_and_the_reconstruction(tmp_path: Path, relation: str):
    grid = Volume(np.zeros((44, 52, 52), np.int16), grid_centred_at((7.0, 8.0, 9.0), (52, 52, 44), 1.5))
    k, j, i = np.indices(grid.array_kji.shape)
    ras = np.stack([i, j, k], -1) @ grid.ijk_to_ras[:3, :3].T + grid.ijk_to_ras[:3, 3] - (7.0, 8.0, 9.0)
    body, bone = (np.linalg.norm(ras - centre, axis=-1) for centre in ((0, 0, 0), (10, 7, -6)))
    values = np.select([bone < 8, body < 28], [1000, 0], -1000).astype(np.int16)
    settings = SimulationParameters(
        frames=81, arc_deg=200.0, panel_mm=(115.0, 192.0), pixel_mm=2.4, photons=0.0, relation=relation
    )
    sweep = simulate_sweep(grid.with_array(values), settings)
    write_xa_sweep(
        tmp_path / "run.dcm",
        sweep.counts,
        primary_deg=sweep.primary_deg,
        secondary_deg=sweep.secondary_deg,
        sid_mm=1180.0,
        sod_mm=785.0,
        pixel_mm=(2.4, 2.4),
        bits_stored=14,
        relation=relation,
    )
    # A file of logarithmic values does not say how many of them make one unit of line integral.
    scale = sweep.air / np.log(1e6) if relation == "LOG" else None
    volume = reconstruct(
        read_sweep(tmp_path / "run.dcm", SweepParameters(log_scale=scale)),
        ReconstructionParameters(voxel_mm=1.5, size_mm=(78.0, 78.0, 66.0)),
    )
    found = volume.array_kji
    water = found[(body < 22) & (bone > 13)].mean()
    assert volume.size_ijk == (52, 52, 44)
    assert water == pytest.approx(0, abs=15)
    assert found[bone < 4].mean() == pytest.approx(1000, abs=30)
    dense = np.where(bone < 12, found - water, 0)
    centre = (dense[..., None] * ras).sum((0, 1, 2)) / dense.sum()
    np.testing.assert_allclose(centre, (10, 7, -6), rtol=0, atol=0.15)
