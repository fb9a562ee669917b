"""Enhanced XA runs to frames and geometry; the door for every DICOM run.

DICOM PS3.3, C.8.19: angles, distances and pixels stand in functional groups. They are brought to the
attributes of classic XA, so that both kinds are read by the same rules (see `xa`). Where the isocentre
reference system (C.8.19.6.13) ties the panel to the isocentre, the frames are put back as the panel saw
them, and the principal point and the turn of the panel are taken from there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Float32Array, Float64Array
from ..progress import Progress
from .frame_source import Acquisition, FrameSource
from .functional_groups import group_items, group_numbers, group_text
from .xa import ENHANCED_XA_CLASS, acquisition_of, classic_source, frame_count, open_dicom, sop_class

SAME_DISTANCE_MM = 1.0
SAME_PIXEL = 0.5
SAME_DEG = 0.05

_SHUTTER = (
    "ShutterLeftVerticalEdge",
    "ShutterRightVerticalEdge",
    "ShutterUpperHorizontalEdge",
    "ShutterLowerHorizontalEdge",
)


def dicom_source(path: Path) -> FrameSource:
    """Return the frames and the geometry of an XA, RF or Enhanced XA file, pixels not yet decoded.

    Raises
    ------
    FluoroPrintError
        The file is no run, has no frames, or its header contradicts itself.
    """
    dataset = open_dicom(path)
    if sop_class(dataset) != ENHANCED_XA_CLASS:
        return classic_source(dataset, path)
    return _enhanced_source(dataset, path)


def acquisition_of_header(dataset: Any) -> Acquisition:
    """Return the geometry that the header of an XA, RF or Enhanced XA dataset tells; it needs no pixels."""
    count = frame_count(dataset)
    if sop_class(dataset) != ENHANCED_XA_CLASS:
        return acquisition_of(dataset, count)[0]
    _make_classic(dataset, count)
    angles, _ = _angles(dataset, count)
    return replace(acquisition_of(dataset, count)[0], **angles)


@dataclass(frozen=True)
class _Stored:
    """How the stored frame lies on the panel: quarter turns clockwise, then mirrored."""

    quarter_turns: int = 0
    is_mirrored: bool = False

    @property
    def is_upright(self) -> bool:
        return self.quarter_turns == 0 and not self.is_mirrored

    def undone(self, frames: Float32Array) -> Float32Array:
        """Return the frames as the panel saw them."""
        frames = frames[:, :, ::-1] if self.is_mirrored else frames
        return np.ascontiguousarray(np.rot90(frames, self.quarter_turns, axes=(1, 2)))


def _enhanced_source(dataset: Any, path: Path) -> FrameSource:
    count = frame_count(dataset)
    notes = _make_classic(dataset, count)
    source = classic_source(dataset, path)
    angles, angle_notes = _angles(dataset, count)
    acquisition = replace(source.acquisition, **angles)
    provenance = dict(source.provenance) | {"reader": "Enhanced XA DICOM"}
    provenance["angles"] = acquisition.angle_encoding
    source = replace(
        source,
        acquisition=acquisition,
        provenance=provenance,
        warnings=source.warnings + tuple(notes) + tuple(angle_notes),
    )
    return _on_panel(source, dataset)


def _make_classic(dataset: Any, count: int) -> list[str]:
    """Write what the functional groups say into the attributes of classic XA; return what to warn of."""
    geometry = group_items(dataset, "XRayGeometrySequence", count)
    pixels = group_items(dataset, "FramePixelDataPropertiesSequence", count)
    notes = _copy_distance(dataset, geometry, "DistanceSourceToDetector", "DistanceSourceToDetector")
    notes += _copy_distance(dataset, geometry, "DistanceSourceToIsocenter", "DistanceSourceToPatient")
    spacing = group_numbers(pixels, "ImagerPixelSpacing", 2)
    if spacing is not None:
        dataset.ImagerPixelSpacing = [f"{edge:.9g}" for edge in spacing[0]]
    dataset.PixelIntensityRelationship = group_text(pixels, "PixelIntensityRelationship") or None
    sign = group_numbers(pixels, "PixelIntensityRelationshipSign")
    if sign is not None:
        dataset.PixelIntensityRelationshipSign = int(sign[0, 0])
    if str(dataset.get("XRayReceptorType") or "") == "IMG_INTENSIFIER":
        dataset.DetectorType = "II"
    shutter = group_items(dataset, "FrameDisplayShutterSequence", count)[0]
    for word in _SHUTTER:
        if shutter is not None and shutter.get(word) is not None:
            setattr(dataset, word, shutter.get(word))
    return notes + _copy_linear_table(dataset, count)


def _copy_distance(dataset: Any, items: list[Any | None], keyword: str, classic: str) -> list[str]:
    values = group_numbers(items, keyword)
    if values is None:
        return []
    setattr(dataset, classic, f"{float(np.median(values)):.9g}")
    if np.ptp(values) <= SAME_DISTANCE_MM:
        return []
    return [
        f"The {keyword} changes from {values.min():g} to {values.max():g} mm in the run; its middle was "
        "taken: give a geometry file if the volume is blurred."
    ]


def _copy_linear_table(dataset: Any, count: int) -> list[str]:
    """Take the table that leads back to the X-ray intensity (C.7.6.16.2.13) for the modality table."""
    if dataset.PixelIntensityRelationship == "LIN":
        return []
    groups = [dataset.get("SharedFunctionalGroupsSequence"), dataset.get("PerFrameFunctionalGroupsSequence")]
    tables = [
        item
        for sequence in groups
        for group in (sequence or [])[:1]
        for item in group.get("PixelIntensityRelationshipLUTSequence") or []
        if str(item.get("LUTFunction") or "") == "TO_LINEAR" and item.get("LUTData")
    ]
    if not tables:
        return []
    dataset.ModalityLUTSequence = tables[:1]
    dataset.PixelIntensityRelationship = "LOG"
    per_frame = dataset.get("PerFrameFunctionalGroupsSequence") or []
    several = sum(1 for group in per_frame[:count] if group.get("PixelIntensityRelationshipLUTSequence")) > 1
    same = "The table from grey values to X-ray intensity of the first frame was used for all of them."
    return [same] if several else []


def _angles(dataset: Any, count: int) -> tuple[dict[str, Any], list[str]]:
    """Return angles for an Acquisition: those about the patient, else those about the isocentre."""
    positions = group_items(dataset, "PositionerPositionSequence", count)
    primary = group_numbers(positions, "PositionerPrimaryAngle")
    secondary = group_numbers(positions, "PositionerSecondaryAngle")
    encoding, notes = "each frame's own", []
    if primary is None:
        isocentre = group_items(dataset, "IsocenterReferenceSystemSequence", count)
        primary = group_numbers(isocentre, "PositionerIsocenterPrimaryAngle")
        secondary = group_numbers(isocentre, "PositionerIsocenterSecondaryAngle")
        if primary is None:
            return {"primary_deg": None, "secondary_deg": None, "angle_encoding": "none"}, []
        encoding = "each frame's own, about the isocentre"
        notes = ["The angles are the machine's: the patient was taken to lie supine, head first."]
    degrees = np.unwrap(primary[:, 0], period=360.0)
    told = {
        "start_deg": float(degrees[0]),
        "primary_deg": _moving(degrees, dataset),
        "secondary_deg": None if secondary is None else secondary[:, 0],
        "angle_encoding": encoding,
    }
    return told, notes


def _moving(degrees: Float64Array, dataset: Any) -> Float64Array | None:
    """Angles that stand in the shared groups do not tell how a run turned, unless it stood still."""
    stands_still = len(degrees) > 1 and np.ptp(degrees) < SAME_DEG
    return None if stands_still and dataset.get("PositionerMotion") != "STATIC" else degrees


def _on_panel(source: FrameSource, dataset: Any) -> FrameSource:
    """Put the frames back as the panel saw them, with the principal point and the turn of the panel."""
    count = source.count
    field = group_items(dataset, "FieldOfViewSequence", count)
    stored = _stored(field)
    isocentre = group_items(dataset, "IsocenterReferenceSystemSequence", count)
    turn = group_numbers(isocentre, "PositionerIsocenterDetectorRotationAngle")
    if turn is None:
        return source if stored.is_upright else replace(source, warnings=(*source.warnings, _UNTIED))
    point, notes = _principal_point(source, dataset, field, stored)
    is_turned = bool(np.abs(turn).max() > SAME_DEG)
    if is_turned:
        notes.append(_TURNED.format(turn[0, 0]))
    pixel = source.acquisition.pixel_mm
    is_on_side = stored.quarter_turns % 2 == 1
    acquisition = replace(
        source.acquisition,
        pixel_mm=pixel[::-1] if pixel is not None and is_on_side else pixel,
        principal_point=point,
        panel_turn_deg=turn[:, 0] if is_turned else None,
    )
    rows, columns = (source.columns, source.rows) if is_on_side else (source.rows, source.columns)
    load = source.load if stored.is_upright else _Undone(source, stored)
    return replace(
        source,
        rows=rows,
        columns=columns,
        acquisition=acquisition,
        load=load,
        warnings=source.warnings + tuple(notes),
    )


class _Undone:
    """Reads the frames of a source and puts them back as the panel saw them."""

    def __init__(self, source: FrameSource, stored: _Stored) -> None:
        self.source = source
        self.stored = stored

    def __call__(self, progress: Progress) -> Float32Array:
        return self.stored.undone(self.source.load(progress))


_TURNED = (
    "The panel is turned by {:g}°, which was taken clockwise as seen from it: give a geometry file if the "
    "volume is blurred."
)
_UNPLACED = (
    "The file does not tell where its frames lie on the panel (0018,7030); the isocentre was taken "
    "to project to "
    "their middle: give --principal-point if you know better."
)
_UNTIED = (
    "The frames were turned or mirrored by the console and nothing ties them to the isocentre; they were "
    "taken as they stand: if the volume is doubled or mirrored, mirror them with --flip-columns."
)


def _stored(field: list[Any | None]) -> _Stored:
    turn = group_numbers(field, "FieldOfViewRotation")
    quarter_turns = 0 if turn is None else int(round(float(turn[0, 0]) / 90)) % 4
    return _Stored(quarter_turns, group_text(field, "FieldOfViewHorizontalFlip") == "YES")


def _principal_point(
    source: FrameSource, dataset: Any, field: list[Any | None], stored: _Stored
) -> tuple[tuple[float, float] | None, list[str]]:
    """Return (column, row) that the isocentre projects to, on the frame as the panel saw it.

    Position of Isocenter Projection (0018,9430) and Field of View Origin (0018,7030) are both counted in
    elements of the panel, along columns first; the former from the centre of the first element.
    """
    place = group_numbers([dataset], "PositionOfIsocenterProjection", 2)
    origin = group_numbers(field, "FieldOfViewOrigin", 2)
    if place is None or origin is None:
        return None, [] if place is None else [_UNPLACED]
    notes = []
    if np.ptp(origin, axis=0).max() > SAME_PIXEL:
        notes.append("The field of view moves over the panel in the run: its first place was taken.")
    pixels = group_items(dataset, "FramePixelDataPropertiesSequence", source.count)
    crop, crop_notes = _crop(pixels, stored)
    binning = _binning(source, dataset, stored)
    row, column = (place[0] - origin[0] + 0.5) / binning - 0.5 - crop
    return (float(column), float(row)), notes + crop_notes


def _binning(source: FrameSource, dataset: Any, stored: _Stored) -> Float64Array:
    """Return how many elements of the panel make a pixel, along columns and along rows of the panel."""
    elements = group_numbers([dataset], "DetectorElementSpacing", 2)
    pixel = source.acquisition.pixel_mm
    if elements is None or pixel is None or elements.min() <= 0:
        return np.ones(2)
    on_panel = np.array(pixel[::-1] if stored.quarter_turns % 2 else pixel)
    binning: Float64Array = on_panel / elements[0]
    return binning


def _crop(pixels: list[Any | None], stored: _Stored) -> tuple[Float64Array, list[str]]:
    """Return rows and columns cut off before the stored frame begins, and what to warn of."""
    crop = group_numbers(pixels, "PixelDataAreaOriginRelativeToFOV", 2)
    turn = group_numbers(pixels, "PixelDataAreaRotationAngleRelativeToFOV")
    is_turned = turn is not None and np.abs(turn).max() > SAME_DEG
    if crop is None or not (np.abs(crop).max() > 0 or is_turned):
        return np.zeros(2), []
    if stored.is_upright and not is_turned:
        return crop[0], []
    return np.zeros(2), [
        "The frames are a turned part of the field of view, which was not taken into account: give the point "
        "that the isocentre projects to with --principal-point."
    ]
