"""A case whose sizes are known in closed form: a ball of bone in air."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from FluoroPrintLib.geometry.poses import geometry_from_angles
from FluoroPrintLib.geometry.sweep import Sweep
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.report.case import CaseRecord, FileRecord, StageRecord, geometry_summary
from FluoroPrintLib.segmentation.segments import Segment, Segmentation

RADIUS_MM = 20.0
EVIL = '<script>alert("x")</script> & "quoted"'


def sphere(radius=RADIUS_MM, centre=(0.0, 0.0, 0.0), resolution=96):
    from vtkmodules.vtkFiltersSources import vtkSphereSource

    source = vtkSphereSource()
    source.SetRadius(radius)
    source.SetCenter(*centre)
    source.SetThetaResolution(resolution)
    source.SetPhiResolution(resolution)
    source.Update()
    return source.GetOutput()


@pytest.fixture(scope="session")
def volume():
    matrix = grid_centred_at((0, 0, 0), (60, 60, 60), 1.0)
    k, j, i = np.indices((60, 60, 60)) - 29.5
    return Volume(np.where(i**2 + j**2 + k**2 < RADIUS_MM**2, 1000, -1000).astype(np.float32), matrix)


@pytest.fixture(scope="session")
def segmentation(volume):
    labelmap = volume.with_array((volume.array_kji > 0).astype(np.uint8))
    return Segmentation(labelmap, (Segment(EVIL, 1, (1.0, 0.5, 0.0)),))


@pytest.fixture(scope="session")
def model():
    surface = sphere()
    distances = np.linspace(0, 0.4, surface.GetNumberOfPoints())
    deviation = SimpleNamespace(mean_mm=0.2, p95_mm=0.38, max_mm=0.4, at_points_mm=distances)
    return SimpleNamespace(
        name=EVIL, colour=(0.9, 0.8, 0.7), surface=surface, check=check_mesh(surface), deviation=deviation
    )


@pytest.fixture(scope="session")
def sweep():
    angles = np.linspace(-100, 100, 9)
    geometry = geometry_from_angles(
        angles, angles * 0, sid_mm=1200, sod_mm=785, pixel_mm=(2.0, 2.0), rows=20, columns=30
    )
    frames = np.random.default_rng(0).random((9, 20, 30)).astype(np.float32)
    return Sweep(frames, 4000.0, geometry, {"series_description": EVIL}, ("A warning with <b>.",))


@pytest.fixture(scope="session")
def record(sweep):
    return CaseRecord(
        title=EVIL,
        input={"series_description": EVIL, "sha256": "00ff", "steps": ["air", "log"]},
        geometry=geometry_summary(sweep.geometry),
        stages=(
            StageRecord("Reconstruct", 12.5, {"voxel_mm": 0.8}, {"size": [1, 2, 3]}, ("Cut off <i>.",)),
            StageRecord(EVIL, 0.5, {EVIL: EVIL}),
        ),
        files=(FileRecord(EVIL, 1234567, "ab" * 32),),
    )
