"""A volume for a model and its result back: files that SimpleITK writes and reads, on one grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..arrays import AnyArray, UInt8Array
from ..errors import FluoroPrintError
from ..geometry.itk_grid import itk_from_ras, ras_from_itk
from ..geometry.volume import Volume

AIR_HU = -1000.0
AIR_BELOW_HU = -300.0
"""A field of view in HU holds something darker than this, were it only its blank outside."""
SAME_PLACE_VOXELS = 0.05
FEWEST_VOXELS = 4
MOST_LABELS = 255


def write_for_model(path: Path, volume: Volume) -> None:
    """Write a volume as float32; what is no number becomes air.

    Raises
    ------
    FluoroPrintError
        It is too small, has one value only, or its axes are not at right angles.
    """
    import SimpleITK

    values = np.asarray(volume.array_kji, np.float32)
    finite = np.isfinite(values)
    if min(values.shape) < FEWEST_VOXELS:
        raise FluoroPrintError(
            f"The volume has fewer than {FEWEST_VOXELS} voxels along an axis: choose another."
        )
    if not finite.any() or values[finite].min() == values[finite].max():
        raise FluoroPrintError("Every voxel of the volume has the same value: there is nothing to segment.")
    grid = itk_from_ras(volume.ijk_to_ras)
    if grid is None:
        raise FluoroPrintError(
            "The volume is sheared, which models cannot take: resample it to a straight grid."
        )
    image = SimpleITK.GetImageFromArray(np.where(finite, values, np.float32(AIR_HU)))
    image.SetSpacing(grid[0])
    image.SetDirection(grid[1])
    image.SetOrigin(grid[2])
    SimpleITK.WriteImage(image, str(path), useCompression=path.name.endswith(".gz"))


def doubt_of_scale(values: AnyArray) -> str:
    """Return a sentence where no value is as low as air, so that a volume is hardly in HU; else nothing."""
    lowest = float(np.nanmin(values))
    if lowest <= AIR_BELOW_HU:
        return ""
    return (
        f"No value is as low as air (lowest {lowest:.0f}): the volume seems not to be in HU, as models of CT "
        "expect, so do not trust the result."
    )


def read_result(path: Path, volume: Volume, title: str) -> UInt8Array:
    """Read the labels that a model found and hold that they lie on the volume's grid.

    Returns
    -------
    (K, J, I) labels in the volume's own order of voxels

    Raises
    ------
    FluoroPrintError
        The file is no picture, lies elsewhere, or holds more labels than a segmentation can.
    """
    import SimpleITK

    try:
        image = SimpleITK.ReadImage(str(path))
    except RuntimeError as error:
        raise FluoroPrintError(
            f"{title} wrote a result that cannot be read: try again, or report it there."
        ) from error
    labels = SimpleITK.GetArrayFromImage(image)
    if labels.shape != volume.array_kji.shape or not _lies_where(image, volume):
        raise FluoroPrintError(f"{title} gave a result on another grid than the volume's: it cannot be used.")
    if labels.min() < 0 or labels.max() > MOST_LABELS:
        raise FluoroPrintError(
            f"{title} gave values outside 0 to {MOST_LABELS}: choose a model of fewer labels."
        )
    return np.asarray(labels, np.uint8)


def _lies_where(image: object, volume: Volume) -> bool:
    """Tell whether the corners of an image lie where those of a volume do; NIfTI keeps places as float32."""
    found: object = image
    matrix = ras_from_itk(found.GetSpacing(), found.GetDirection(), found.GetOrigin())  # type: ignore[attr-defined]
    corners = np.array(np.meshgrid(*((0, n - 1) for n in volume.size_ijk))).reshape(3, -1)
    corners = np.vstack([corners, np.ones(corners.shape[1])])
    apart = np.linalg.norm(((matrix - volume.ijk_to_ras) @ corners)[:3], axis=0)
    return bool(apart.max() < SAME_PLACE_VOXELS * volume.spacing_mm.min())
