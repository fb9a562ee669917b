"""Places for operations, read from planes, lines and points of the scene."""

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mrml.nodes import vtk_matrix
from FluoroPrintLib.mrml.shape_places import LINE, PLANE, POINTS, place_for, placed
from FluoroPrintLib.shape.operations import operation_named, operations

MOVE = np.array([[0, -1, 0, 5.0], [1, 0, 0, 6], [0, 0, 1, 7], [0, 0, 0, 1]])


def parameters(name):
    return operation_named(name).parameters()


def markups(scene, kind, *places):
    node = scene.AddNewNodeByClass(kind, "Places")
    for place in places:
        node.AddControlPoint(list(place))
    return node


def plane(scene, origin, normal):
    node = scene.AddNewNodeByClass(PLANE, "Plane")
    node.SetOriginWorld(origin)
    node.SetNormalWorld(normal)
    return node


def moved(scene, node):
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(vtk_matrix(MOVE))
    node.SetAndObserveTransformNodeID(transform.GetID())
    return node


@pytest.mark.parametrize("name", ["cut", "saw"])
def test_a_plane_says_where_to_cut_under_its_transform(scene, name):
    node = moved(scene, plane(scene, (1.0, 2.0, 3.0), (0.0, 1.0, 0.0)))
    found = placed(name, parameters(name), node)
    assert (found.point_ras_mm, found.normal) == ((3.0, 7.0, 10.0), (-1.0, 0.0, 0.0))


def test_a_base_is_below_the_plane_that_it_stands_on(scene):
    node = plane(scene, (0.0, 0.0, 0.0), (0.0, 3.0, 4.0))
    assert placed("base", parameters("base"), node).down == (0.0, -0.6, -0.8)


@pytest.mark.parametrize("kind", [POINTS, LINE])
def test_two_points_say_where_a_drill_goes(scene, kind):
    node = moved(scene, markups(scene, kind, (1, 0, 0), (1, 0, -9)))
    found = placed("drill", parameters("drill"), node)
    assert (found.entry_ras_mm, found.direction) == ((5.0, 7.0, 7.0), (0.0, 0.0, -1.0))


def test_one_point_leaves_the_direction(scene):
    found = placed("drill", parameters("drill"), markups(scene, POINTS, (1, 2, 3)))
    assert (found.entry_ras_mm, found.direction) == ((1.0, 2.0, 3.0), (0.0, 0.0, -1.0))


def test_a_second_point_says_where_a_label_is_up(scene):
    found = placed("label", parameters("label"), markups(scene, POINTS, (1, 2, 3), (1, 7, 3)))
    assert (found.at_ras_mm, found.up) == ((1.0, 2.0, 3.0), (0.0, 1.0, 0.0))


def test_points_say_where_a_cavity_is_drained(scene):
    found = placed("hollow", parameters("hollow"), markups(scene, POINTS, (1, 2, 3), (4, 5.5, -6)))
    assert (found.drains, found.drain_points) == ("points", "1 2 3; 4 5.5 -6")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("cut", PLANE), ("base", PLANE), ("drill", POINTS), ("hollow", POINTS), ("label", LINE)],
)
def test_markups_without_a_place_yet_change_nothing(scene, name, kind):
    assert placed(name, parameters(name), markups(scene, kind)) == parameters(name)


def test_two_points_in_one_place_are_refused(scene):
    with pytest.raises(FluoroPrintError, match="are one"):
        placed("drill", parameters("drill"), markups(scene, POINTS, (1, 2, 3), (1, 2, 3)))


@pytest.mark.parametrize(("name", "kind"), [("cut", POINTS), ("drill", PLANE), ("mirror", POINTS)])
def test_markups_of_no_use_to_an_operation_are_refused(scene, name, kind):
    with pytest.raises(FluoroPrintError, match=f"says nothing to {name}"):
        placed(name, parameters(name), markups(scene, kind))


def test_every_place_in_ras_can_be_picked():
    for operation in operations():
        has_place = any(name.endswith("ras_mm") for name in operation.parameters.__dataclass_fields__)
        assert place_for(operation.name) is not None or not has_place
