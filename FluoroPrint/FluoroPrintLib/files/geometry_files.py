"""Projection matrices in files of their own: JSON, text, RTK's XML.

JSON, the format that `write_geometry` prefers::

    {"format": "FluoroPrint sweep geometry", "version": 1, "frame": "RAS", "rows": 114, "columns": 152,
     "projection_matrices": [[[...4], [...4], [...4]], ...], "pixel_mm": [2.6, 2.6]}

`projection_matrices` are 3 x 4, from millimetres to (w column, w row, w), pixel (0, 0) the centre of the
first pixel; `frame` is "LPS" (the default) or "RAS". Also read: the keys `projection_matrices_lps_to_pixel`
and `projection_matrices_ras_to_pixel`, and `isocenter_lps` or `isocenter_ras`, which becomes the origin.

Text: one frame a line of 12 numbers, or three lines of 4; `#` begins a comment, and the comment
`# frame: RAS` says that the matrices are not LPS. XML: see `rtk_geometry`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.sweep import SweepGeometry, normalised
from .atomic import written_whole
from .rtk_geometry import PanelGrid, is_rtk_geometry, rtk_matrices, rtk_xml

FLIP_LPS_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
FORMAT = "FluoroPrint sweep geometry"


@dataclass(frozen=True)
class _Matrices:
    """What a geometry file holds, brought to RAS with the isocentre at the origin if it tells one."""

    ras_to_pixel: Float64Array
    rows: int | None = None
    columns: int | None = None
    pixel_mm: tuple[float, float] | None = None
    has_isocentre: bool = False


def read_geometry(
    path: Path, rows: int, columns: int, count: int, *, panel: PanelGrid | None = None
) -> SweepGeometry:
    """Read the projection matrices of a sweep.

    Parameters
    ----------
    path : a JSON, text or RTK XML file
    rows, columns, count : size and number of the frames they are for
    panel : pixel size and place of the first pixel, which RTK's geometry needs

    Raises
    ------
    FluoroPrintError
        The file cannot be read, is of no known form, or is for other frames.
    """
    path = Path(path)
    read = _read(path, _text_of(path), panel)
    if len(read.ras_to_pixel) != count:
        raise FluoroPrintError(
            f"{path} holds {len(read.ras_to_pixel)} projection matrices, but there are {count} frames: "
            "give the geometry file that belongs to these frames."
        )
    if (read.rows or rows, read.columns or columns) != (rows, columns):
        raise FluoroPrintError(
            f"{path} is for frames of {read.columns} x {read.rows} pixels, these have {columns} x {rows}: "
            "give the geometry file that belongs to these frames."
        )
    try:
        return _geometry(read, rows, columns)
    except FluoroPrintError as error:
        raise FluoroPrintError(f"{path}: {error}") from error


def matrices_in(path: Path) -> tuple[int, tuple[int, int] | None]:
    """Return how many projection matrices a geometry file holds, and the columns and rows they are for.

    The size is None where the file does not tell it.

    Raises
    ------
    FluoroPrintError
        The file cannot be read, or is of no known form.
    """
    unit_panel = PanelGrid((1.0, 1.0), (0.0, 0.0))  # RTK's file leaves the panel out; it does not count here
    read = _read(path, _text_of(path), unit_panel)
    size = None if read.columns is None or read.rows is None else (read.columns, read.rows)
    return len(read.ras_to_pixel), size


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FluoroPrintError(
            f"{path} cannot be opened ({error.strerror}): check its name and rights."
        ) from error
    except UnicodeDecodeError as error:
        raise FluoroPrintError(f"{path} is not a geometry file: give JSON, text or RTK's XML.") from error


def _read(path: Path, text: str, panel: PanelGrid | None) -> _Matrices:
    if is_rtk_geometry(text):
        matrices = rtk_matrices(text, path, panel)
        return _Matrices(matrices, pixel_mm=None if panel is None else panel.pixel_mm, has_isocentre=True)
    if text.lstrip().startswith("{"):
        return _from_json(text, path)
    if text.lstrip().startswith("<"):
        raise FluoroPrintError(
            f"{path} is XML but not RTK's: give an RTKThreeDCircularGeometry, JSON or text."
        )
    return _from_text(text, path)


def _from_text(text: str, path: Path) -> _Matrices:
    named = re.search(r"#\s*frame\s*:\s*(\w+)", text, re.IGNORECASE)
    lines = [line.split("#")[0].replace(",", " ").split() for line in text.splitlines()]
    rows = [line for line in lines if line]
    width = {len(row) for row in rows}
    if width not in ({12}, {4}) or (width == {4} and len(rows) % 3):
        raise FluoroPrintError(
            f"{path} is not a list of matrices: write 12 numbers a line, or three lines of 4 a frame."
        )
    try:
        matrices = np.array([[float(word) for word in row] for row in rows]).reshape(-1, 3, 4)
    except ValueError as error:
        raise FluoroPrintError(
            f"{path} holds a word where a number should be ({error}): correct it."
        ) from error
    return _Matrices(_to_ras(matrices, named.group(1) if named else "LPS", path))


def _from_json(text: str, path: Path) -> _Matrices:
    try:
        content = json.loads(text)
        frame, matrices = _named_matrices(content, path)
        isocentre = _isocentre_ras(content)
        size = content.get("detector_columns_rows", [content.get("columns"), content.get("rows")])
        pixel = content.get("pixel_mm")
        pixel_mm = None if pixel is None else tuple(float(edge) for edge in np.broadcast_to(pixel, 2))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise FluoroPrintError(
            f"{path} is not readable as geometry ({_first_line(error)}): correct the JSON."
        ) from error
    ras_to_pixel = _to_ras(matrices, frame, path)
    if isocentre is not None:
        ras_to_pixel = ras_to_pixel @ _shift(isocentre)
    return _Matrices(ras_to_pixel, size[1], size[0], pixel_mm, isocentre is not None)  # type: ignore[arg-type]


def _named_matrices(content: dict[str, Any], path: Path) -> tuple[str, Float64Array]:
    for key, frame in (
        ("projection_matrices", str(content.get("frame", "LPS"))),
        ("projection_matrices_lps_to_pixel", "LPS"),
        ("projection_matrices_ras_to_pixel", "RAS"),
    ):
        if key in content:
            return frame, np.array(content[key], dtype=float)
    raise FluoroPrintError(f'{path} has no "projection_matrices": add them, a list of 3 x 4 matrices.')


def _isocentre_ras(content: dict[str, Any]) -> Float64Array | None:
    for key, flip in (("isocenter_lps", np.array([-1.0, -1.0, 1.0])), ("isocenter_ras", np.ones(3))):
        if key in content:
            isocentre: Float64Array = flip * np.array(content[key], dtype=float).reshape(3)
            return isocentre
    return None


def _shift(offset: Float64Array) -> Float64Array:
    matrix = np.eye(4)
    matrix[:3, 3] = offset
    return matrix


def _to_ras(matrices: Float64Array, frame: str, path: Path) -> Float64Array:
    if matrices.ndim != 3 or matrices.shape[1:] != (3, 4):
        raise FluoroPrintError(f"{path} holds matrices of shape {matrices.shape[1:]}: they must be 3 x 4.")
    if frame.upper() not in ("LPS", "RAS"):
        raise FluoroPrintError(f"{path} names the frame {frame!r}: write LPS or RAS.")
    return matrices @ FLIP_LPS_RAS if frame.upper() == "LPS" else matrices


def _geometry(read: _Matrices, rows: int, columns: int) -> SweepGeometry:
    matrices = normalised(read.ras_to_pixel)  # refuses what is no projection
    centre = np.zeros(3) if read.has_isocentre else _meeting_point(matrices, rows, columns)
    matrices = normalised(matrices, (float(centre[0]), float(centre[1]), float(centre[2])))
    normals = matrices[:, 2, :3] * [-1.0, -1.0, 1.0]
    primary = np.degrees(np.arctan2(normals[:, 0], -normals[:, 1]))
    focal_columns = np.linalg.norm(np.cross(matrices[:, 0, :3], matrices[:, 2, :3]), axis=1)
    return SweepGeometry(
        matrices,
        rows,
        columns,
        np.unwrap(primary, period=360.0),
        np.degrees(np.arcsin(np.clip(normals[:, 2], -1.0, 1.0))),
        None if read.pixel_mm is None else float(focal_columns.mean()) * read.pixel_mm[1],
        float((matrices[:, 2] @ np.append(centre, 1.0)).mean()),
        read.pixel_mm,
    )


def _meeting_point(matrices: Float64Array, rows: int, columns: int) -> Float64Array:
    """Return the point nearest to the rays through the middle of all frames, in the least squares sense."""
    middle = np.array([(columns - 1) / 2, (rows - 1) / 2, 1.0])
    inverse = np.linalg.inv(matrices[:, :, :3])
    sources = -(inverse @ matrices[:, :, 3:])[:, :, 0]
    rays = inverse @ middle
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    across = np.eye(3) - rays[:, :, None] * rays[:, None, :]
    point: Float64Array = np.linalg.lstsq(
        across.sum(0), (across @ sources[:, :, None]).sum(0)[:, 0], rcond=1e-9
    )[0]
    return point


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def write_geometry(path: Path, geometry: SweepGeometry) -> None:
    """Write projection matrices: RTK's XML for .xml, text for .txt, JSON otherwise.

    RTK's XML holds no pixel size; its images need the spacing of `geometry.pixel_mm` and an origin that
    puts the middle of the frame at 0.

    Raises
    ------
    FluoroPrintError
        The file cannot be written, or RTK's form cannot express the geometry.
    """
    kind = path.suffix.lower()
    if kind == ".xml":
        text = rtk_xml(geometry, path)
    elif kind == ".txt":
        lines = (" ".join(f"{value:.15g}" for value in matrix.ravel()) for matrix in geometry.ras_to_pixel)
        text = "# frame: RAS\n" + "\n".join(lines) + "\n"
    else:
        text = json.dumps(_json_content(geometry), indent=1) + "\n"
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _json_content(geometry: SweepGeometry) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": 1,
        "frame": "RAS",
        "isocenter_ras": [0.0, 0.0, 0.0],
        "rows": geometry.rows,
        "columns": geometry.columns,
        **({} if geometry.pixel_mm is None else {"pixel_mm": list(geometry.pixel_mm)}),
        "projection_matrices": geometry.ras_to_pixel.tolist(),
    }
