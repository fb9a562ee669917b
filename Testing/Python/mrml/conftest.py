"""A case of every kind of data, small enough to write and read in a blink."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from FluoroPrintLib.geometry.poses import geometry_from_angles
from FluoroPrintLib.geometry.sweep import Sweep
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mesh.deviation import Deviation
from FluoroPrintLib.mrml.scene import headless_scene
from FluoroPrintLib.segmentation.segments import Segment, Segmentation
from own_scene import scene_for_test

BONE_TERMINOLOGY = (
    "Segmentation category and type - 3D Slicer General Anatomy list"
    "~SCT^85756007^Tissue~SCT^272673000^Bone~^^~Anatomic codes - DICOM master list~^^~^^"
)


@pytest.fixture
def scene():
    with scene_for_test() as found:
        yield found.scene


@pytest.fixture
def other_scene():
    with headless_scene() as headless:
        yield headless.scene


@pytest.fixture
def sweep():
    angles = np.linspace(-100, 100, 7) / 3
    geometry = geometry_from_angles(
        angles, angles / 7, sid_mm=1200.5, sod_mm=785.25, pixel_mm=(1.04, 0.9), rows=6, columns=8
    )
    frames = np.random.default_rng(1).random((7, 6, 8)).astype(np.float32)
    provenance = {"source": 'a;b:c "quoted" <tag> é', "steps": ["air", "log"], "sha256": "00ff"}
    return Sweep(frames, 4000.5, geometry, provenance, ("Two frames, & more, are dark.",))


@pytest.fixture
def volume():
    array = np.random.default_rng(2).normal(0, 500, (9, 10, 11)).astype(np.float32)
    turn = np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1.0]])
    matrix = np.eye(4)
    matrix[:3, :3] = turn @ np.diag([-0.7, -0.7, 0.9])
    matrix[:3, 3] = [12.5, -3.25, 40]
    return Volume(array, matrix)


@pytest.fixture
def segmentation(volume):
    labelmap = np.zeros(volume.array_kji.shape, np.uint8)
    labelmap[2:6, 3:7, 2:7] = 1
    labelmap[6:8, 3:5, 8:10] = 7
    segments = (
        Segment("Bone", 1, (0.9, 0.8, 0.6), BONE_TERMINOLOGY),
        Segment("Metal <& co>", 7, (0.1, 0.2, 0.3), BONE_TERMINOLOGY.replace("Bone", "Implant")),
    )
    return Segmentation(volume.with_array(labelmap), segments)


@pytest.fixture
def model():
    from vtkmodules.vtkFiltersSources import vtkSphereSource

    source = vtkSphereSource()
    source.SetRadius(20.0)
    source.SetCenter(1.0, 2.0, 3.0)
    source.Update()
    surface = source.GetOutput()
    distances = np.linspace(0, 0.3, surface.GetNumberOfPoints())
    return SimpleNamespace(
        name="Skull",
        colour=(0.2, 0.4, 0.6),
        surface=surface,
        deviation=Deviation(0.15, 0.28, 0.3, distances),
    )
