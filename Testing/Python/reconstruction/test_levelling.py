"""Frames of turned panels."""

from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.geometry.orbit import fit_orbit
from FluoroPrintLib.geometry.poses import geometry_from_angles
from FluoroPrintLib.geometry.sweep import Sweep
from FluoroPrintLib.reconstruction.engines import choose_engine
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters, reconstruct
from FluoroPrintLib.reconstruction.levelling import levelled, row_tilts_deg

ROWS, COLUMNS, PIXEL_MM, SID_MM, SOD_MM = 56, 72, 3.0, 1100.0, 700.0
BALL_RAS, RADIUS_MM, WATER_PER_MM = (12.0, -8.0, 6.0), 20.0, 0.02


def chords(geometry):
    """Return the line integrals of a ball of water: its chords."""
    row, column = np.mgrid[: geometry.rows, : geometry.columns]
    pixels = np.stack([column, row, np.ones_like(row)]).reshape(3, -1)
    rays = np.linalg.inv(geometry.ras_to_pixel[:, :, :3]) @ pixels
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    to_ball = (np.array(BALL_RAS) - geometry.sources_ras)[:, :, None]
    along = (rays * to_ball).sum(1)
    square = (to_ball**2).sum(1) - along**2
    integrals = 2 * WATER_PER_MM * np.sqrt(np.maximum(RADIUS_MM**2 - square, 0))
    return integrals.reshape(-1, geometry.rows, geometry.columns).astype(np.float32)


def turned_geometry(angle_deg):
    """Return an ideal sweep whose panel is turned about its normal."""
    primary = np.linspace(-100, 100, 90)
    geometry = geometry_from_angles(
        primary,
        0 * primary,
        sid_mm=SID_MM,
        sod_mm=SOD_MM,
        pixel_mm=(PIXEL_MM, PIXEL_MM),
        rows=ROWS,
        columns=COLUMNS,
    )
    sine, cosine = np.sin(np.radians(angle_deg)), np.cos(np.radians(angle_deg))
    middle = np.array([(COLUMNS - 1) / 2, (ROWS - 1) / 2])
    turn = np.eye(3)
    turn[:2, :2] = [[cosine, -sine], [sine, cosine]]
    turn[:2, 2] = middle - turn[:2, :2] @ middle
    return replace(geometry, ras_to_pixel=turn @ geometry.ras_to_pixel)


@pytest.mark.parametrize("angle_deg", [90.0, -90.0, 30.0, 180.0, 7.0])
def test_tilt_of_a_turned_panel_is_found(angle_deg):
    geometry = turned_geometry(angle_deg)
    tilts = row_tilts_deg(geometry, fit_orbit(geometry))
    assert np.allclose((tilts - angle_deg + 90) % 180 - 90, 0, atol=1e-6)


def test_level_frames_are_left_alone():
    geometry = turned_geometry(1.0)
    sweep = Sweep(chords(geometry), 1.0, geometry)
    assert levelled(sweep, fit_orbit(geometry), choose_engine("numpy")) is sweep


@pytest.mark.parametrize("angle_deg", [90.0, 30.0])
def test_ball_seen_by_a_turned_panel_reconstructs_in_its_place(angle_deg):
    geometry = turned_geometry(angle_deg)
    parameters = ReconstructionParameters(voxel_mm=2.0, size_mm=(70.0, 70.0, 60.0), engine="numpy")
    volume = reconstruct(Sweep(chords(geometry), 1.0, geometry), parameters)
    ball = volume.array_kji > -500
    k, j, i = (axis[ball].mean() for axis in np.indices(ball.shape))
    centre = (volume.ijk_to_ras @ (i, j, k, 1))[:3]
    assert np.allclose(centre, BALL_RAS, atol=0.2)
    assert ball.sum() * 8 == pytest.approx(4 / 3 * np.pi * RADIUS_MM**3, rel=0.03)
    core = volume.array_kji[tuple(round(edge) for edge in (k, j, i))]
    assert core == pytest.approx(0, abs=25)
