"""Seeded damage to a blob, a dumbbell, a tube open at both ends and a bone with a closed canal."""

import sys
from pathlib import Path

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.cleaning import RepairParameters, repair_model
from FluoroPrintLib.mesh.distance import distances_mm
from FluoroPrintLib.mesh.polydata import points_of, polydata_from, triangles_of
from FluoroPrintLib.mesh.repair import mended
from FluoroPrintLib.mesh.smoothing import smooth_mesh
from FluoroPrintLib.mesh.surface import surface_of_field

sys.path.append(str(Path(__file__).parents[2] / "benchmark"))
from mesh_damage import KINDS, overlapped_by_ball  # noqa: E402

STEP_MM = 1.2
GRID = (np.moveaxis(np.indices((20, 20, 40)), 0, -1) - [9.5, 9.5, 19.5]) * STEP_MM


def shaft(radius, half_length):
    across = np.linalg.norm(GRID[..., :2], axis=-1)
    return np.minimum(radius - across, half_length - np.abs(GRID[..., 2]))


def ball(radius, centre):
    return radius - np.linalg.norm(GRID - centre, axis=-1)


BONE = np.maximum(shaft(6.3, 17.1), np.maximum(ball(9.1, [0, 0, 12.1]), ball(8.3, [1.0, 0, -12.1])))
FIELDS = {
    "blob": np.maximum(ball(8.2, [0, 0, -3]), ball(7.1, [2, 3, 4])),
    "dumbbell": BONE,
    "tube": np.minimum(shaft(8.1, 17.3), -shaft(4.2, 99)),
    "canal": np.minimum(BONE, -shaft(3.3, 14.3)),
}
CAVITIES = {"blob": 0, "dumbbell": 0, "tube": 0, "canal": 1}


@pytest.fixture(scope="module")
def sounds():
    # The axes of GRID are x, y, z; the library's arrays run k, j, i.
    matrix = np.diag([STEP_MM] * 3 + [1.0])
    return {
        name: smooth_mesh(surface_of_field(field.transpose(2, 1, 0).astype(np.float32), matrix), 0.2)
        for name, field in FIELDS.items()
    }


def assert_same_solid(made, sound, cavities):
    found, whole = check_mesh(made), check_mesh(sound)
    assert found.is_printable, found.faults
    assert found.cavities == cavities
    assert found.volume_mm3 == pytest.approx(whole.volume_mm3, rel=0.01)


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "points pushed through"])
def test_the_damaged_shape_comes_back_where_it_was(sounds, name, kind):
    sound = sounds[name]
    assert check_mesh(sound).cavities == CAVITIES[name]
    points, faces = points_of(sound), triangles_of(sound)
    damaged = KINDS[kind](points, faces, np.random.default_rng(5))
    broken = polydata_from(damaged.points, damaged.faces)
    assert damaged.scale != 1 or not check_mesh(broken).is_printable or kind == "no points merged"
    made = repair_model(broken, RepairParameters(scale=damaged.scale)).surface
    assert_same_solid(made, sound, CAVITIES[name])
    kept = np.setdiff1d(np.arange(len(points)), faces[damaged.spoiled])
    assert distances_mm(points[kept], made).max() < 0.1


@pytest.mark.parametrize("name", FIELDS)
def test_a_ball_over_the_surface_is_united_and_the_canal_stays_open(sounds, name):
    union, damaged = overlapped_by_ball(sounds[name], np.random.default_rng(3), 0.06)
    repaired = mended(polydata_from(damaged.points, damaged.faces))
    made, done = repaired.surface, repaired.changes
    assert done["overlaps_united"] == 1
    assert_same_solid(made, union, check_mesh(union).cavities)
    assert check_mesh(made).cavities == CAVITIES[name]


@pytest.mark.parametrize("name", FIELDS)
def test_points_pushed_through_are_cut_out_or_refused_but_never_called_repaired_when_not(sounds, name):
    points, faces = points_of(sounds[name]), triangles_of(sounds[name])
    done = 0
    for seed in range(2):
        damaged = KINDS["points pushed through"](points, faces, np.random.default_rng(seed))
        try:
            made = mended(polydata_from(damaged.points, damaged.faces)).surface
        except FluoroPrintError as error:
            assert str(error).count(". ") <= 1  # noqa: PT017
            continue
        done += 1
        assert_same_solid(made, sounds[name], CAVITIES[name])
    assert done
