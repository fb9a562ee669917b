"""Volumes in files: NRRD, NIfTI and MetaImage, LPS there, RAS here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.itk_grid import itk_from_ras, ras_from_itk
from ..geometry.volume import Volume
from .atomic import foreign_writer, written_whole
from .image_io import quiet_itk, read_image
from .xa import is_dicom, open_dicom
from .xray_3d import is_xray_3d, read_xray_3d

VOLUME_SUFFIXES = (".nrrd", ".nhdr", ".nii", ".nii.gz", ".mha", ".mhd")
_WRITTEN_SUFFIXES = (".nrrd", ".nii", ".nii.gz", ".mha")


def read_volume(path: Path) -> Volume:
    """Read a volume with any axis directions; values keep their type, NaN too.

    NRRD, NIfTI, MetaImage, and X-Ray 3D DICOM of a console (see `xray_3d`).

    Raises
    ------
    FluoroPrintError
        The file is missing, damaged, in colour, DICOM of another kind, or not three-dimensional.
    """
    path = Path(path)
    if is_console_volume(path):
        return read_xray_3d(path)
    image = read_image(path)
    refuse_dicom(path)
    if image.GetDimension() != 3 or 1 in image.GetSize()[:2]:
        size = " x ".join(map(str, image.GetSize()))
        raise FluoroPrintError(f"{path} is {size} voxels: choose a volume of three dimensions.")
    import SimpleITK

    return Volume(SimpleITK.GetArrayFromImage(image), _ijk_to_ras(image))


def refuse_dicom(path: Path) -> None:
    """Refuse a DICOM file where a volume is wanted: its frames would be stacked like slices.

    Raises
    ------
    FluoroPrintError
        The file is DICOM.
    """
    if is_dicom(path):
        raise FluoroPrintError(
            f"{path} is a DICOM file: reconstruct it first if it is a sweep, or export the CT as NRRD."
        )


def is_console_volume(path: Path) -> bool:
    """Tell whether a file is an X-Ray 3D volume in DICOM."""
    try:
        if not path.is_file() or path.stat().st_size == 0 or not is_dicom(path):
            return False
    except OSError:  # the reader of pictures says it in a sentence
        return False
    return is_xray_3d(open_dicom(path, with_pixels=False))


def _ijk_to_ras(image: Any) -> Float64Array:
    return ras_from_itk(image.GetSpacing(), image.GetDirection(), image.GetOrigin())


def write_volume(path: Path, volume: Volume) -> None:
    """Write a volume, compressed; the suffix chooses NRRD (.nrrd), NIfTI (.nii, .nii.gz) or MetaImage (.mha).

    Raises
    ------
    FluoroPrintError
        The suffix is of no such format, the grid's axes are not at right angles, or the file cannot be
        written; nothing half-written stays.
    """
    path = Path(path)
    check_volume_name(path)
    image = _image(path, volume)
    import SimpleITK

    with written_whole(path) as temporary, foreign_writer(path), quiet_itk():
        SimpleITK.WriteImage(image, str(temporary), useCompression=True)


def check_volume_name(path: Path) -> None:
    """Refuse a name whose suffix is of no format that is written, before the work for it.

    Raises
    ------
    FluoroPrintError
        The suffix is unknown.
    """
    if not path.name.lower().endswith(_WRITTEN_SUFFIXES):
        raise FluoroPrintError(f"{path} has no suffix of a volume: name it .nrrd, .nii.gz or .mha.")


def _image(path: Path, volume: Volume) -> Any:
    import SimpleITK

    array = volume.array_kji.astype(np.uint8) if volume.array_kji.dtype == bool else volume.array_kji
    grid = itk_from_ras(volume.ijk_to_ras)
    if grid is None:
        raise FluoroPrintError(f"{path} cannot hold a sheared volume: resample it to a straight grid first.")
    try:
        image = SimpleITK.GetImageFromArray(np.ascontiguousarray(array))
    except (TypeError, KeyError) as error:
        raise FluoroPrintError(
            f"{path} cannot hold values of type {array.dtype}: convert them to float32."
        ) from error
    spacing, directions, origin = grid
    image.SetSpacing(spacing)
    image.SetDirection(directions)
    image.SetOrigin(origin)
    return image
