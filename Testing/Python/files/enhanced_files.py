"""Enhanced XA and X-Ray 3D files made for tests, from the attributes that PS3.3 asks of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.dataset import Dataset
from xa_files import COUNT, PRIMARY_DEG, disc_counts, write_run

SECONDARY_DEG = np.linspace(-3.0, 4.0, COUNT)


def item(**attributes: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def group(**sequences: Dataset) -> Dataset:
    """A functional group: one item for each macro."""
    return item(**{keyword: [macro] for keyword, macro in sequences.items()})


def write_enhanced(path: Path, frames: npt.NDArray[np.uint16] | None = None, **options: Any) -> Path:
    """Write a run of COUNT frames as Enhanced XA, the same geometry as `xa_files.write_run`.

    Options: `shared`, `own` add macros (a dataset, or one a frame); `top` sets attributes of the dataset.
    """
    frames = disc_counts() if frames is None else frames
    write_run(path, frames)
    dataset = pydicom.dcmread(path)
    for word in (
        "PositionerPrimaryAngle",
        "PositionerSecondaryAngle",
        "PositionerPrimaryAngleIncrement",
        "PositionerSecondaryAngleIncrement",
        "DistanceSourceToDetector",
        "DistanceSourceToPatient",
        "EstimatedRadiographicMagnificationFactor",
        "ImagerPixelSpacing",
        "PixelIntensityRelationship",
    ):
        delattr(dataset, word)
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.12.1.1"
    shared = {
        "XRayGeometrySequence": item(DistanceSourceToIsocenter=785.0, DistanceSourceToDetector=1180.0),
        "FramePixelDataPropertiesSequence": item(
            ImagerPixelSpacing=["2.6", "2.6"],
            PixelIntensityRelationship="LIN",
            PixelIntensityRelationshipSign=1,
        ),
    }
    own = {
        "PositionerPositionSequence": [
            item(PositionerPrimaryAngle=f"{a:.9g}", PositionerSecondaryAngle=f"{b:.9g}")
            for a, b in zip(PRIMARY_DEG, SECONDARY_DEG, strict=True)
        ]
    }
    shared |= options.get("shared", {})
    own |= options.get("own", {})
    dataset.SharedFunctionalGroupsSequence = [group(**{k: v for k, v in shared.items() if v is not None})]
    dataset.PerFrameFunctionalGroupsSequence = [
        group(**{k: v[n] for k, v in own.items() if v is not None}) for n in range(COUNT)
    ]
    for keyword, value in options.get("top", {}).items():
        setattr(dataset, keyword, value)
    dataset.save_as(path)
    return path


def isocentre(turn_deg: float = 0.0, primary: float = 0.0, secondary: float = 0.0) -> Dataset:
    return item(
        PositionerIsocenterPrimaryAngle=primary,
        PositionerIsocenterSecondaryAngle=secondary,
        PositionerIsocenterDetectorRotationAngle=turn_deg,
    )


def field_of_view(rotation: int = 0, flip: str = "NO", origin: tuple[float, float] = (0.0, 0.0)) -> Dataset:
    return item(
        FieldOfViewOrigin=[str(value) for value in origin],
        FieldOfViewRotation=str(rotation),
        FieldOfViewHorizontalFlip=flip,
    )


def write_xray_3d(path: Path, values: npt.NDArray[np.uint16], places: Any, **options: Any) -> Path:
    """Write slices (K, J, I) at places (K, 3) in LPS mm; options: axes, spacing, slopes, intercepts."""
    write_run(path, np.zeros((COUNT, 4, 4), np.uint16) + 7)
    dataset = pydicom.dcmread(path)
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = options.get(
        "sop_class", "1.2.840.10008.5.1.4.1.1.13.1.1"
    )
    dataset.NumberOfFrames, dataset.Rows, dataset.Columns = values.shape
    dataset.BitsStored, dataset.HighBit = 16, 15
    dataset.PixelData = values.astype("<u2").tobytes()
    axes = options.get("axes", (1.0, 0.0, 0.0, 0.0, 1.0, 0.0))
    spacing = options.get("spacing", (0.5, 0.4))
    dataset.SharedFunctionalGroupsSequence = [
        group(
            PixelMeasuresSequence=item(PixelSpacing=[str(edge) for edge in spacing]),
            PlaneOrientationSequence=item(ImageOrientationPatient=[f"{x:.9g}" for x in axes]),
        )
    ]
    slopes = options.get("slopes", np.full(len(values), 2.0))
    dataset.PerFrameFunctionalGroupsSequence = [
        group(
            PlanePositionSequence=item(ImagePositionPatient=[f"{x:.9g}" for x in place]),
            PixelValueTransformationSequence=item(
                RescaleSlope=f"{slope:g}", RescaleIntercept="-1000", RescaleType="US"
            ),
        )
        for place, slope in zip(places, slopes, strict=True)
    ]
    dataset.save_as(path)
    return path
