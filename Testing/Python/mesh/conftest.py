"""Solids whose volume is known, as labelmaps and as meshes."""

import numpy as np
import pytest
from FluoroPrintLib.geometry.volume import Volume
from FluoroPrintLib.mesh.polydata import polydata_from
from FluoroPrintLib.segmentation.segments import Segment, Segmentation
from vtkmodules.vtkFiltersSources import vtkSphereSource


def ball_mask(size, radius, centre=None):
    middle = np.full(3, (size - 1) / 2) if centre is None else np.asarray(centre)
    return np.linalg.norm(np.moveaxis(np.indices((size,) * 3), 0, -1) - middle, axis=-1) < radius


def segmentation_of(mask, ijk_to_ras=None):
    labelmap = Volume(
        mask.astype(np.uint8), np.diag([-1.0, -1.0, 1.0, 1.0]) if ijk_to_ras is None else ijk_to_ras
    )
    return Segmentation(labelmap, (Segment("Bone", 1, (0.9, 0.8, 0.6)),))


CUBE_POINTS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
CUBE_FACES = np.array(
    [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1]]
    + [[2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]]
)


def cubes(*placed):
    """A mesh of cubes, each given as (low corner, edge length); a negative edge turns it inside out."""
    points = np.concatenate([np.asarray(low) + abs(edge) * CUBE_POINTS for low, edge in placed])
    faces = [CUBE_FACES[:, :: -1 if edge < 0 else 1] + 8 * n for n, (_, edge) in enumerate(placed)]
    return polydata_from(points, np.concatenate(faces))


def sphere_mesh(radius=10.0, resolution=40, centre=(0, 0, 0)):
    source = vtkSphereSource()
    source.SetRadius(radius)
    source.SetCenter(*centre)
    source.SetThetaResolution(resolution)
    source.SetPhiResolution(resolution)
    source.Update()
    return source.GetOutput()


@pytest.fixture
def solids():
    """The builders of this file: importlib mode lets tests reach them by a fixture only."""

    class Solids:
        ball_mask = staticmethod(ball_mask)
        segmentation_of = staticmethod(segmentation_of)
        cubes = staticmethod(cubes)
        sphere_mesh = staticmethod(sphere_mesh)

    return Solids
