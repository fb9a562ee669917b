"""RTK's ThreeDCircularProjectionGeometry XML to projection matrices and back.

RTK describes a frame by nine numbers and multiplies them to a matrix from its fixed frame in mm to
physical coordinates (u, v) on the panel in mm (Rit et al., J Phys Conf Ser 489:012079, 2014)::

    M = [1 0 sx - px; 0 1 sy - py; 0 0 1] [-sdd 0 0 0; 0 -sdd 0 0; 0 0 1 -sid] T(-sx, -sy, 0) R
    R = Rz(-in plane) Rx(-out of plane) Ry(-gantry)

The fixed frame is IEC 61217's: x to the left of a patient who lies supine, head first; y to the head;
z to the front. Hence LPS = (x, -z, y). To get pixels, the panel's spacing and the place of its first
pixel must be known, which RTK keeps in the projection images: u = origin + spacing column.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.sweep import SweepGeometry

ROOT = "RTKThreeDCircularGeometry"
RAS_TO_IEC = np.array([[-1.0, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])
_NUMBERS = (
    "GantryAngle",
    "SourceToIsocenterDistance",
    "SourceToDetectorDistance",
    "SourceOffsetX",
    "SourceOffsetY",
    "ProjectionOffsetX",
    "ProjectionOffsetY",
    "InPlaneAngle",
    "OutOfPlaneAngle",
)
_RADIUS = "RadiusCylindricalDetector"
MATRIX_TOLERANCE = 1e-4
"""Greatest relative difference between a matrix in the file and the one from its nine numbers."""


@dataclass(frozen=True)
class PanelGrid:
    """Pixels on the panel: row and column spacing in mm, and (u, v) of the first pixel's centre in mm."""

    pixel_mm: tuple[float, float]
    origin_mm: tuple[float, float]


def centred_panel(pixel_mm: tuple[float, float], rows: int, columns: int) -> PanelGrid:
    """Return a panel whose middle lies at (0, 0)."""
    return PanelGrid(pixel_mm, (-pixel_mm[1] * (columns - 1) / 2, -pixel_mm[0] * (rows - 1) / 2))


def is_rtk_geometry(text: str) -> bool:
    """Tell whether text is RTK's geometry XML."""
    return text.lstrip().startswith("<") and f"<{ROOT}" in text[:1000]


def rtk_matrices(text: str, path: Path, panel: PanelGrid | None) -> Float64Array:
    """Return the matrices of RTK's XML, (N, 3, 4) from RAS mm to pixels, the isocentre at the origin.

    Parameters
    ----------
    text : content of the file
    path : its name, for messages
    panel : pixels of the frames; None raises

    Raises
    ------
    FluoroPrintError
        The XML is damaged, a number is missing, a matrix contradicts its numbers, the panel is curved,
        the rays are parallel, or the panel's pixels are not known.
    """
    if panel is None:
        raise FluoroPrintError(
            f"{path} is RTK geometry, which needs the pixel size at the detector: give --pixel-mm ROW COLUMN."
        )
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        raise FluoroPrintError(f"{path} is damaged XML ({error}): write it again.") from error
    shared = _numbers_of(root, path)
    frames = root.findall("Projection")
    if not frames:
        raise FluoroPrintError(f"{path} holds no projections: write it again.")
    matrices = np.array(
        [_frame_matrix(frame, shared, number, path) for number, frame in enumerate(frames, 1)]
    )
    ras_to_pixel: Float64Array = np.linalg.inv(_panel_to_mm(panel)) @ matrices @ RAS_TO_IEC
    return ras_to_pixel


def _panel_to_mm(panel: PanelGrid) -> Float64Array:
    return np.array(
        [[panel.pixel_mm[1], 0, panel.origin_mm[0]], [0, panel.pixel_mm[0], panel.origin_mm[1]], [0, 0, 1.0]]
    )


def _numbers_of(element: ET.Element, path: Path) -> dict[str, float]:
    """Return the numbers written directly under an element."""
    try:
        found = {child.tag: float(child.text or "") for child in element if child.tag in (*_NUMBERS, _RADIUS)}
    except ValueError as error:
        raise FluoroPrintError(
            f"{path} holds a word where a number should be ({error}): correct it."
        ) from error
    if found.get(_RADIUS):
        raise FluoroPrintError(
            f"{path} describes a curved detector, which is not read: flatten the frames first."
        )
    return found


def _frame_matrix(element: ET.Element, shared: Mapping[str, float], number: int, path: Path) -> Float64Array:
    values = {**dict.fromkeys(_NUMBERS[3:], 0.0), **shared, **_numbers_of(element, path)}
    lacking = [name for name in _NUMBERS if name not in values]
    if lacking:
        raise FluoroPrintError(f"{path} does not tell {', '.join(lacking)} of projection {number}: add them.")
    if values["SourceToDetectorDistance"] == 0:
        raise FluoroPrintError(
            f"{path} describes parallel rays, which no C-arm has: choose its cone-beam geometry."
        )
    matrix = matrix_from_numbers(values)
    _refuse_contradiction(element.findtext("Matrix"), matrix, number, path)
    return matrix


def matrix_from_numbers(values: Mapping[str, float]) -> Float64Array:
    """Return RTK's matrix (3, 4) of the nine numbers of a frame, lengths in mm, angles in degrees."""
    source_x, source_y = values["SourceOffsetX"], values["SourceOffsetY"]
    sdd = values["SourceToDetectorDistance"]
    shift = np.eye(3)
    shift[:2, 2] = source_x - values["ProjectionOffsetX"], source_y - values["ProjectionOffsetY"]
    magnify = np.diag([-sdd, -sdd, 1.0]) @ np.eye(3, 4)
    magnify[2, 3] = -values["SourceToIsocenterDistance"]
    move = np.eye(4)
    move[:2, 3] = -source_x, -source_y
    turn = np.eye(4)
    turn[:3, :3] = _turn(values["InPlaneAngle"], values["OutOfPlaneAngle"], values["GantryAngle"])
    matrix: Float64Array = shift @ magnify @ move @ turn
    return matrix


def _turn(in_plane_deg: float, out_of_plane_deg: float, gantry_deg: float) -> Float64Array:
    c, a, b = np.radians([-in_plane_deg, -out_of_plane_deg, -gantry_deg])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    turn: Float64Array = about_z @ about_x @ about_y
    return turn


def _refuse_contradiction(text: str | None, matrix: Float64Array, number: int, path: Path) -> None:
    if text is None:
        return
    try:
        written = np.array([float(word) for word in text.split()]).reshape(3, 4)
    except ValueError as error:
        raise FluoroPrintError(
            f"{path} has a matrix of projection {number} that is not 3 x 4: correct it."
        ) from error
    if not np.abs(written - matrix).max() <= MATRIX_TOLERANCE * np.abs(matrix).max():
        raise FluoroPrintError(
            f"{path} contradicts itself in projection {number}: its matrix is not that of its angles and "
            "distances; "
            "write the file again with RTK."
        )


def rtk_xml(geometry: SweepGeometry, path: Path) -> str:
    """Return RTK's XML of a geometry, for projection images whose middle lies at the origin.

    Parameters
    ----------
    geometry : its `pixel_mm` must be known
    path : the file to be, for messages

    Raises
    ------
    FluoroPrintError
        The pixel size is unknown, or a frame has skew or mirrored axes, which RTK cannot express.
    """
    if geometry.pixel_mm is None:
        raise FluoroPrintError(
            f"{path} cannot be written for RTK without a pixel size: write .json or .txt instead."
        )
    panel = centred_panel(geometry.pixel_mm, geometry.rows, geometry.columns)
    iec_to_mm = -_panel_to_mm(panel) @ geometry.ras_to_pixel @ np.linalg.inv(RAS_TO_IEC)
    root = ET.Element(ROOT, version="3")
    for number, matrix in enumerate(iec_to_mm, 1):
        element = ET.SubElement(root, "Projection")
        values = _numbers_from_matrix(matrix, number, path)
        for name in _NUMBERS:
            ET.SubElement(element, name).text = f"{values[name]:.15g}"
        rows = (" ".join(f"{value:.15g}" for value in row) for row in matrix_from_numbers(values))
        ET.SubElement(element, "Matrix").text = "\n" + "\n".join(rows) + "\n"
    ET.indent(root)
    return f'<?xml version="1.0"?>\n<!DOCTYPE RTKGEOMETRY>\n{ET.tostring(root, encoding="unicode")}\n'


def _numbers_from_matrix(matrix: Float64Array, number: int, path: Path) -> dict[str, float]:
    """Take a matrix, (3, 4) with a unit third row, apart into RTK's nine numbers."""
    axis = matrix[2, :3]
    shift = matrix[:2, :3] @ axis
    across = matrix[:2, :3] - shift[:, None] * axis
    sdd = np.linalg.norm(across, axis=1)
    turn = np.vstack([-across / sdd[:, None], axis])
    if (
        abs(sdd[0] / sdd[1] - 1) > 1e-4
        or np.abs(turn @ turn.T - np.eye(3)).max() > 1e-4
        or np.linalg.det(turn) < 0
    ):
        raise FluoroPrintError(
            f"{path} cannot be written for RTK: the pixels of frame {number} are skewed or mirrored; "
            "write .json or .txt instead."
        )
    source = turn @ -np.linalg.solve(matrix[:, :3], matrix[:, 3])
    numbers = (
        np.degrees(np.arctan2(turn[2, 0], turn[2, 2])),
        source[2],
        sdd.mean(),
        source[0],
        source[1],
        source[0] - shift[0],
        source[1] - shift[1],
        np.degrees(np.arctan2(turn[0, 1], turn[1, 1])),
        np.degrees(-np.arcsin(np.clip(turn[2, 1], -1.0, 1.0))),
    )
    return {name: float(value) for name, value in zip(_NUMBERS, numbers, strict=True)}
