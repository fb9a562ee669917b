"""What all kinds of node share: the type's name, creation, arrays, parent transforms.

The scene is always passed in: Slicer's own inside Slicer, `headless_scene` elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np

from ..arrays import AnyArray, Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import transformed

Scene: TypeAlias = Any
"""A vtkMRMLScene (VTK classes carry no types)."""

Node: TypeAlias = Any
"""A vtkMRMLNode of the class that the docstring names."""


SHOWN = "FluoroPrint.Shown"
"""Attribute of nodes that only show something (the current frame, a C-arm) and are no result."""

UNDONE = "FluoroPrint.Undone"
"""Attribute of hidden twins of results that were undone, kept until they are redone or overtaken."""


@contextmanager
def quiet_vtk() -> Iterator[None]:
    """Keep VTK's own messages from the terminal, where the caller tells the fault in one sentence."""
    from vtkmodules.vtkCommonCore import vtkLogger, vtkOutputWindow, vtkStringOutputWindow

    window, verbosity = vtkOutputWindow.GetInstance(), vtkLogger.GetCurrentVerbosityCutoff()
    vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_OFF)
    vtkOutputWindow.SetInstance(vtkStringOutputWindow())
    try:
        yield
    finally:
        vtkOutputWindow.SetInstance(window)
        vtkLogger.SetStderrVerbosity(verbosity)


def new_node(scene: Scene, class_name: str, name: str) -> Node:
    """Add a node of `class_name`, named `name`, or `name 2`, `name 3`, ... where that is taken."""
    free = name
    count = 1
    while scene.GetFirstNodeByName(free) is not None:
        count += 1
        free = f"{name} {count}"
    return scene.AddNewNodeByClass(class_name, free)


def vtk_image(array_kji: AnyArray) -> Any:
    """Return a vtkImageData (origin 0, spacing 1) that holds a copy of an array.

    Parameters
    ----------
    array_kji : (K, J, I) ndarray; truth values become uint8, 64-bit integers int32
    """
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData

    image = vtkImageData()
    image.SetDimensions(*array_kji.shape[::-1])
    flat = np.ascontiguousarray(_storable(array_kji)).reshape(-1)
    image.GetPointData().SetScalars(numpy_to_vtk(flat, deep=True))
    return image


def _storable(array: AnyArray) -> AnyArray:
    if array.dtype == np.bool_:
        return array.astype(np.uint8)
    return array.astype(np.int32) if array.dtype in (np.int64, np.uint64) else array


def image_array(image: Any, node_name: str) -> AnyArray:
    """Return a copy of the voxels of a vtkImageData as (K, J, I).

    Raises
    ------
    FluoroPrintError
        There are no voxels, or several numbers a voxel; `node_name` says where.
    """
    from vtkmodules.util.numpy_support import vtk_to_numpy

    scalars = image.GetPointData().GetScalars() if image is not None else None
    if scalars is None or scalars.GetNumberOfTuples() == 0:
        raise FluoroPrintError(f"{node_name!r} holds no voxels: load or compute it first.")
    if scalars.GetNumberOfComponents() != 1:
        raise FluoroPrintError(
            f"{node_name!r} has {scalars.GetNumberOfComponents()} numbers a voxel: choose a scalar volume."
        )
    array: AnyArray = vtk_to_numpy(scalars).reshape(image.GetDimensions()[::-1]).copy()
    return array


def vtk_matrix(matrix: Float64Array) -> Any:
    """Return a vtkMatrix4x4 of a (4, 4) array."""
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    result = vtkMatrix4x4()
    result.DeepCopy(matrix.ravel().tolist())
    return result


def matrix_array(matrix: Any) -> Float64Array:
    """Return the (4, 4) array of a vtkMatrix4x4."""
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def node_to_world(node: Node) -> Float64Array:
    """Return what a node's parent transforms do, as one matrix (4, 4), RAS mm to RAS mm.

    Raises
    ------
    FluoroPrintError
        A parent transform is not linear.
    """
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    transform = node.GetParentTransformNode()
    if transform is None:
        return np.eye(4)
    if not transform.IsTransformToWorldLinear():
        raise FluoroPrintError(
            f"{node.GetName()!r} stands under {transform.GetName()!r}, which bends space: "
            "harden that transform first."
        )
    matrix = vtkMatrix4x4()
    transform.GetMatrixTransformToWorld(matrix)
    return matrix_array(matrix)


def in_node(points_world: Any, node: Node) -> Float64Array:
    """Return points (..., 3) of the world in the own frame of a node, RAS mm; raises as `node_to_world`."""
    return transformed(points_world, np.linalg.inv(node_to_world(node)))


def parent_transform(node: Node) -> Any:
    """Return a node's parent transforms as one vtkGeneralTransform, bent or not; None if none."""
    from vtkmodules.vtkCommonTransforms import vtkGeneralTransform

    transform = node.GetParentTransformNode()
    if transform is None:
        return None
    general = vtkGeneralTransform()
    transform.GetTransformToWorld(general)
    return general


def attribute_names(node: Node) -> list[str]:
    """Return the names of a node's attributes, sorted."""
    from vtkmodules.vtkCommonCore import vtkStringArray

    names = vtkStringArray()
    node.GetAttributeNames(names)
    return sorted(names.GetValue(index) for index in range(names.GetNumberOfValues()))
