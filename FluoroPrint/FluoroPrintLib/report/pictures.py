"""Pictures as arrays with their scale and orientation, made without a graphics card or a window system."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..arrays import Float64Array, UInt8Array
from ..geometry.sweep import Sweep

_AXIS_LETTERS = ("RL", "AP", "SI")


@dataclass(frozen=True)
class Picture:
    """An RGB picture; letters, scale bar and lines are drawn over it by the report.

    Attributes
    ----------
    rgb : (height, width, 3) ndarray of uint8
    mm_per_px : size of a pixel in the patient; 0 where the picture has no single scale
    edges : patient side at the left, right, top and bottom edge, such as ("R", "L", "A", "P"); may be empty
    caption : a sentence for the reader
    lines : colour ("#rrggbb") and (N, 2) points (x, y) in pixels of lines drawn over the picture
    """

    rgb: UInt8Array
    mm_per_px: float = 0.0
    edges: tuple[str, ...] = ()
    caption: str = ""
    lines: tuple[tuple[str, Float64Array], ...] = field(default=())

    @property
    def width_px(self) -> int:
        """Number of columns."""
        return int(self.rgb.shape[1])

    @property
    def height_px(self) -> int:
        """Number of rows."""
        return int(self.rgb.shape[0])


def png_bytes(rgb: UInt8Array) -> bytes:
    """Return a PNG file of an RGB picture (height, width, 3)."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkIOImage import vtkPNGWriter

    image = vtkImageData()
    image.SetDimensions(rgb.shape[1], rgb.shape[0], 1)
    from_bottom = np.ascontiguousarray(rgb[::-1]).reshape(-1, 3)
    image.GetPointData().SetScalars(numpy_to_vtk(from_bottom, deep=True))
    writer = vtkPNGWriter()
    writer.SetInputData(image)
    writer.WriteToMemoryOn()
    writer.SetCompressionLevel(6)
    writer.Write()
    return bytes(vtk_to_numpy(writer.GetResult()).tobytes())


def edge_letters(right_ras: Float64Array, up_ras: Float64Array) -> tuple[str, str, str, str]:
    """Return the patient sides at the left, right, top and bottom edge of a picture.

    Parameters
    ----------
    right_ras, up_ras : (3,) directions of the picture's right and top in the patient
    """
    return (
        side_letter(-right_ras),
        side_letter(right_ras),
        side_letter(up_ras),
        side_letter(-up_ras),
    )


def side_letter(direction_ras: Float64Array) -> str:
    """Return the patient side (R, L, A, P, S, I) that a direction (3,) points to most."""
    axis = int(np.argmax(np.abs(direction_ras)))
    return _AXIS_LETTERS[axis][0 if direction_ras[axis] > 0 else 1]


def scale_bar_mm(width_mm: float) -> float:
    """Return a round length (1, 2 or 5 times a power of ten) between a sixth and a third of a width."""
    limit = width_mm / 3
    power = 10.0 ** np.floor(np.log10(limit))
    return float(max(step * power for step in (1, 2, 5) if step * power <= limit))


def frame_pictures(sweep: Sweep, height_px: int = 300) -> tuple[Picture, ...]:
    """Return the first, middle and last frame as radiographs show them: bone bright, air dark.

    All frames share one grey scale, from the 1st to the 99.5th percentile of their line integrals.

    Parameters
    ----------
    sweep : line integrals
    height_px : smallest height of a picture; frames are enlarged by a whole number
    """
    numbers = sorted({0, sweep.geometry.count // 2, sweep.geometry.count - 1})
    chosen = sweep.frames[numbers]
    low, high = np.percentile(chosen, [1, 99.5])
    return tuple(
        Picture(
            _enlarged(grey_rgb(frame, float(low), float(high)), height_px),
            caption=_frame_caption(sweep, number),
        )
        for number, frame in zip(numbers, chosen, strict=True)
    )


def _frame_caption(sweep: Sweep, number: int) -> str:
    angles = sweep.geometry.primary_deg
    place = f"Frame {number + 1} of {sweep.geometry.count}"
    return place if angles is None else f"{place}, {angles[number]:.1f}°"


def grey_rgb(values: Float64Array | np.ndarray, low: float, high: float) -> UInt8Array:
    """Return grey levels (..., 3): black at `low` and below, white at `high` and above."""
    level = np.clip((np.asarray(values, np.float64) - low) / max(high - low, 1e-12), 0, 1)
    grey = np.round(level * 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=-1)


def _enlarged(rgb: UInt8Array, height_px: int) -> UInt8Array:
    times = max(1, round(height_px / rgb.shape[0]))
    return np.repeat(np.repeat(rgb, times, axis=0), times, axis=1)
