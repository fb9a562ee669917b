"""The catalogue of implants: shipped families, and the users' own with their shapes."""

from __future__ import annotations

import json

import numpy as np
import pytest
from FluoroPrintLib.catalog.implants import implant_families, implant_family
from FluoroPrintLib.catalog.screws import screw_families
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mesh.polydata import points_of, signed_volume_mm3, triangles_of
from FluoroPrintLib.planning.implant_objects import planned_implant, surface_of_implant
from FluoroPrintLib.planning.implant_shapes import kinds
from FluoroPrintLib.planning.implants import chosen_implant
from vtkmodules.vtkFiltersSources import vtkCubeSource
from vtkmodules.vtkIOGeometry import vtkSTLWriter

OWN = {
    "id": "own-block",
    "title": "Own block",
    "kind": "own",
    "shape": "block.stl",
    "units": "mm",
    "sources": {},
}


def write_block(folder, size=(4.0, 6.0, 20.0), openly=False):
    """A block as another program writes it: nothing is said of its frame."""
    source = vtkCubeSource()
    source.SetBounds(0, size[0], 0, size[1], 0, size[2])
    source.Update()
    from FluoroPrintLib.mesh.polydata import polydata_from, triangulated

    block = triangulated(source.GetOutput())
    if openly:
        block = polydata_from(points_of(block), triangles_of(block)[2:])
    writer = vtkSTLWriter()
    writer.SetFileName(str(folder / "block.stl"))
    writer.SetHeader("solid of another program")
    writer.SetInputData(block)
    writer.Write()


def own_file(folder, *entries, version=1):
    path = folder / "implants.json"
    path.write_text(json.dumps({"version": version, "implants": list(entries)}))
    return path


def test_every_kind_has_a_family_and_every_family_its_sources():
    families = implant_families()
    assert {family.kind for family in families} == set(kinds())
    assert all(family.sources and all(family.sources.values()) for family in families)
    assert len({family.id for family in families}) == len(families)


def test_the_screws_are_those_of_their_own_file():
    ids = [family.id for family in implant_families() if family.kind == "screw"]
    assert ids == [f"screw-{family.id}" for family in screw_families()]


def test_sizes_that_planning_relies_on():
    assert implant_family("cup-hemispherical").sizes("diameter_mm") == tuple(range(42, 73, 2))
    assert implant_family("head-12-14").sizes("diameter_mm") == (22, 28, 32, 36, 40, 44)
    assert implant_family("lead-b33015").sizes("gap_mm") == (1.5,)


@pytest.mark.parametrize(("units", "times"), [("mm", 1.0), ("cm", 10.0)])
def test_a_user_s_shape_keeps_the_axes_of_its_file(tmp_path, units, times):
    write_block(tmp_path)
    families = implant_families(own_file(tmp_path, OWN | {"units": units}))
    assert families[0].id == "own-block"
    assert implant_family("k-wire", families)
    points = points_of(families[0].shape)
    np.testing.assert_allclose((points.min(0), points.max(0)), times * np.array([(0, 0, 0), (4, 6, 20)]))
    planned = planned_implant("b", "Block", chosen_implant(families[0]), (1, 2, 3), (0, 0, 1), (1, 0, 0))
    surface = surface_of_implant(planned, {"own-block": families[0].shape})
    np.testing.assert_allclose(points_of(surface).max(0), times * np.array([4, 6, 20]) + (1, 2, 3), rtol=1e-6)
    assert signed_volume_mm3(points_of(surface), triangles_of(surface)) == pytest.approx(480 * times**3)
    with pytest.raises(FluoroPrintError, match="cannot be drawn"):
        surface_of_implant(planned)


def test_a_family_with_a_shipped_id_stands_in_for_it(tmp_path):
    wires = {"id": "k-wire", "title": "Own wires", "kind": "wire", "sources": {}}
    sizes = {"diameter_mm": [1.5], "length_mm": [90], "point_deg": [40]}
    families = implant_families(own_file(tmp_path, wires | {"dimensions": sizes}))
    assert [family.title for family in families if family.id == "k-wire"] == ["Own wires"]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"units": None}, "units"),
        ({"units": "m"}, "check the units"),
        ({"units": "furlong"}, "not one of mm"),
        ({"shape": "gone.stl"}, "does not exist"),
        ({"shape": None}, "has no shape"),
        ({"kind": "wire", "shape": None, "dimensions": {"diameter_mm": [1]}}, "lacks length_mm, point_deg"),
        ({"kind": "sword"}, "not one of"),
        ({"id": "Own Block"}, "does not fit"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(tmp_path, entry, said):
    write_block(tmp_path)
    given = {name: value for name, value in (OWN | entry).items() if value is not None}
    with pytest.raises(FluoroPrintError, match=said):
        implant_families(own_file(tmp_path, given))


def test_an_open_shape_another_version_and_an_id_twice_are_refused(tmp_path):
    write_block(tmp_path, openly=True)
    with pytest.raises(FluoroPrintError, match=r"block\.stl, is not closed \(4 faulty edges\)"):
        implant_families(own_file(tmp_path, OWN))
    write_block(tmp_path)
    with pytest.raises(FluoroPrintError, match="version"):
        implant_families(own_file(tmp_path, OWN, version=2))
    with pytest.raises(FluoroPrintError, match="two implants are called own-block"):
        implant_families(own_file(tmp_path, OWN, OWN))


def test_an_unknown_family_is_told():
    with pytest.raises(FluoroPrintError, match="no family of implants nail"):
        implant_family("nail")
