"""The surface of a segment, straight from its labelmap: always closed, always manifold."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPolyData
from vtkmodules.vtkFiltersCore import vtkFlyingEdges3D
from vtkmodules.vtkFiltersGeneral import vtkDiscreteFlyingEdges3D

from ..arrays import AnyArray, BoolArray, Float32Array, Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import transformed
from ..segmentation.segments import Segmentation
from .polydata import points_of, polydata_from, signed_volume_mm3, triangles_of


def surface_of_segment(segmentation: Segmentation, label: int) -> vtkPolyData:
    """Return the unsmoothed surface of a segment.

    Discrete flying edges (Schroeder, Maynard and Geveci, LDAV 2015) on the labelmap padded by one voxel of
    background, so that bone cut by the edge of the volume is closed there. The points lie half way between
    voxel centres; no two are alike, so nothing merges when the mesh is read from a file.

    Parameters
    ----------
    segmentation : labelmap on any grid: anisotropic, oblique or left-handed
    label : value of the segment in the labelmap

    Returns
    -------
    Triangles in RAS mm, facing outward.

    Raises
    ------
    FluoroPrintError
        No voxel has this label.
    """
    mask = segmentation.labelmap.array_kji == label
    if not mask.any():
        raise FluoroPrintError(
            f"The segment {_name_of(segmentation, label)} is empty: "
            "segment something into it, or leave it out of the models."
        )
    return surface_of_mask(mask, segmentation.labelmap.ijk_to_ras)


def surface_of_mask(mask_kji: BoolArray, ijk_to_ras: Float64Array) -> vtkPolyData:
    """Return the unsmoothed closed surface of a non-empty mask (K, J, I), in RAS mm, facing outward."""
    box = ndimage.find_objects(mask_kji.astype(np.uint8))[0]
    crop = np.pad(mask_kji[box], 1)
    contour = vtkDiscreteFlyingEdges3D()
    contour.SetInputData(_image(crop.astype(np.uint8)))
    contour.SetValue(0, 1)
    contour.ComputeNormalsOff()
    contour.ComputeGradientsOff()
    contour.ComputeScalarsOff()
    contour.Update()
    first_ijk = np.array([s.start - 1 for s in reversed(box)], float)
    return _placed(contour.GetOutput(), first_ijk, ijk_to_ras)


def surface_of_field(field_kji: Float32Array, ijk_to_ras: Float64Array) -> vtkPolyData:
    """Return the surface where a field (K, J, I), positive inside, is zero; in RAS mm, facing outward.

    It is closed where the field is negative along the edges of the grid.
    """
    contour = vtkFlyingEdges3D()
    contour.SetInputData(_image(field_kji))
    contour.SetValue(0, 0.0)
    contour.ComputeNormalsOff()
    contour.ComputeGradientsOff()
    contour.ComputeScalarsOff()
    contour.Update()
    return _placed(contour.GetOutput(), np.zeros(3), ijk_to_ras)


def _image(array_kji: AnyArray) -> vtkImageData:
    image = vtkImageData()
    image.SetDimensions(*reversed(array_kji.shape))
    image.GetPointData().SetScalars(numpy_to_vtk(np.ascontiguousarray(array_kji).ravel(), deep=True))
    return image


def _placed(contour: vtkPolyData, first_ijk: Float64Array, ijk_to_ras: Float64Array) -> vtkPolyData:
    points = transformed(points_of(contour) + first_ijk, ijk_to_ras)
    triangles = triangles_of(contour)
    # A solid with all its cavities has positive volume: the sign tells the grid's handedness.
    if signed_volume_mm3(points, triangles) < 0:
        triangles = triangles[:, ::-1]
    return polydata_from(points, triangles)


def _name_of(segmentation: Segmentation, label: int) -> str:
    names = [segment.name for segment in segmentation.segments if segment.label == label]
    return f'"{names[0]}"' if names else f"of label {label}"
