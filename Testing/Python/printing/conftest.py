"""Solids whose support, height and standing are known, and the machines of the catalogue."""

from types import SimpleNamespace

import manifold3d
import numpy as np
import pytest
from FluoroPrintLib.catalog.machines import read_catalogue
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import polydata_from

GREY = (0.8, 0.8, 0.8)
SIDES = 64
STEM_MM, CAP_MM = 4.0, 15.0


def arrays_of(solid):
    mesh = solid.to_mesh()
    return np.array(mesh.vert_properties[:, :3], float), np.array(mesh.tri_verts, np.int64)


def box(width, depth, height, at=(0.0, 0.0, 0.0)):
    return manifold3d.Manifold.cube([width, depth, height]).translate(list(at))


def mushroom():
    """A stem that stands on z = 0 with a wide cap, 6 mm thick, on top of it."""
    cylinder = manifold3d.Manifold.cylinder
    return cylinder(30, STEM_MM, STEM_MM, SIDES) + cylinder(6, CAP_MM, CAP_MM, SIDES).translate([0, 0, 30])


def angle():
    """An L of 20 mm depth: a foot of 50 x 10 mm, a leg of 10 mm up to 50 mm."""
    return box(50, 20, 10) + box(10, 20, 50)


def disc_mm2(radius):
    """Area of the polygon that stands for a circle."""
    return 0.5 * SIDES * radius**2 * np.sin(2 * np.pi / SIDES)


def named(name, solid):
    return NamedModel(name, GREY, polydata_from(*arrays_of(solid)))


@pytest.fixture
def solids():
    return SimpleNamespace(
        arrays_of=arrays_of, box=box, mushroom=mushroom, angle=angle, disc_mm2=disc_mm2, named=named
    )


@pytest.fixture(scope="session")
def catalogue():
    return read_catalogue()
