"""Contours and reprojection on two real X-ray frames of a wrist, taken at 110 degrees to each other.

The frames and their calibration are of Autoscoper's sample data (Brown University, 2011). Steel beads on
the skin, seen in both, tell how well the calibration holds; the shaft of the radius is traced by live-wire in
both frames, and its hull held against them. Which shaft of the first frame is the radius is told by the side
of the thumb. FLUOROPRINT_DATA names the folder that has biplane-wrist/.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk  # noqa: N813 - the name that everyone uses
from FluoroPrintLib.geometry.sweep import Sweep, SweepGeometry, normalised
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.registration.silhouette import project_points
from FluoroPrintLib.segmentation.hull import Region, hull_of_outlines
from FluoroPrintLib.segmentation.livewire import LiveWire
from FluoroPrintLib.segmentation.outlines import Outline
from FluoroPrintLib.segmentation.reprojection import SnapParameters, mean_mm, snap_to_frames
from scipy import ndimage

Array = npt.NDArray[np.float64]
VOXEL_MM = 0.25
BRIGHTEST = 255.0
BEADS = (
    ((860, 1294), (837, 1347), (868, 1351), (855, 1373), (967, 1447), (978, 1487), (969, 1513)),
    ((800, 1339), (800, 1394), (788, 1396), (793, 1420), (508, 1437), (527, 1483), (506, 1504)),
)
"""The same beads in both frames, as (column, row), near enough to find them."""
SHAFT_BEGINS = ((915.0, 1540.0), (915.0, 1650.0))
"""Two places on the radius in the first frame: between their epipolar lines it is traced in the second."""
SIDES = (
    ([(889, 1540), (890, 1595), (884, 1650)], [(949, 1540), (947, 1595), (944, 1650)]),
    ([(539, None), (537, None)], [(614, None), (603, None)]),
)


def rows() -> list[tuple[str, str, str]]:
    """Return case, figure and what is needed, one row each; nothing without the data."""
    folder = Path(os.environ.get("FLUOROPRINT_DATA", "")) / "biplane-wrist"
    if not folder.is_dir():
        return []
    images = [_image(folder / f"xr_rad_uln_cam0{camera}_UND.0002.tif") for camera in (1, 2)]
    matrices = np.stack([_matrix(folder / f"xr_calib_wrist_cam0{camera}.txt") for camera in (1, 2)])
    geometry = SweepGeometry(normalised(matrices, _seen_by_both(matrices)), *images[0].shape)
    frames = np.stack([-np.log(np.maximum(image, 1) / BRIGHTEST) for image in images])
    sweep = Sweep(frames.astype(np.float32), 1.0, geometry)
    return [_beads(images, matrices), *_radius(images, sweep)]


def _image(path: Path) -> Array:
    image: Array = sitk.GetArrayFromImage(sitk.ReadImage(str(path))).astype(np.float64)
    return image


def _matrix(path: Path) -> Array:
    """Return K [R | t] of a calibration file: blocks of a title and lines of numbers."""
    blocks = path.read_text().split("\n\n")
    numbers = [
        np.array([[float(n) for n in line.split(",")] for line in block.strip().splitlines()[1:]])
        for block in blocks
    ]
    matrix: Array = numbers[1] @ np.hstack([numbers[2], numbers[3].reshape(3, 1)])
    return matrix


def _seen_by_both(matrices: Array) -> tuple[float, float, float]:
    place = triangulated(matrices, np.array([[880.0, 1400.0], [640.0, 1400.0]]))
    return float(place[0]), float(place[1]), float(place[2])


def triangulated(matrices: Array, pixels: Array) -> Array:
    """Return the place (3,) whose projections by two matrices are nearest to two pixels, algebraically."""
    lines = np.concatenate([np.outer(pixel, m[2]) - m[:2] for m, pixel in zip(matrices, pixels, strict=True)])
    place: Array = np.linalg.lstsq(lines[:, :3], -lines[:, 3], rcond=None)[0]
    return place


def epipolar_line(matrices: Array, pixel: Array) -> Array:
    """Return the line (3,) in the second frame that a pixel of the first one lies on, of unit normal."""
    first, second = matrices
    source = np.append(-np.linalg.solve(first[:, :3], first[:, 3]), 1.0)
    line = np.cross(second @ source, second @ np.linalg.pinv(first) @ np.append(pixel, 1.0))
    unit: Array = line / np.hypot(line[0], line[1])
    return unit


def _beads(images: list[Array], matrices: Array) -> tuple[str, str, str]:
    found = [
        np.array([_bead(image, place) for place in places])
        for image, places in zip(images, BEADS, strict=True)
    ]
    off = [
        abs(epipolar_line(matrices, a) @ np.append(b, 1.0)) for a, b in zip(found[0], found[1], strict=True)
    ]
    return (
        f"wrist, {len(off)} skin beads",
        f"{np.mean(off):.2f} px (most {np.max(off):.2f}) from the epipolar line",
        "under 1.5 px",
    )


def _bead(image: Array, near: tuple[int, int], reach: int = 9) -> Array:
    """Return the centre of the dark bead near a place: the centroid of what is darker than the rest."""
    column, row = near
    patch = image[row - reach : row + reach + 1, column - reach : column + reach + 1]
    dark = np.maximum(np.percentile(patch, 50) - 10 - patch, 0)
    labels, _ = ndimage.label(dark > 0)
    sums = np.bincount(labels.ravel(), dark.ravel())
    best = labels == 1 + int(np.argmax(sums[1:]))
    place: Array = np.array(ndimage.center_of_mass(dark * best))[::-1] + [column - reach, row - reach]
    return place


def _radius(images: list[Array], sweep: Sweep) -> list[tuple[str, str, str]]:
    outlines = _outlines(images, sweep.geometry.ras_to_pixel)
    grid = _grid(sweep.geometry.ras_to_pixel, outlines)
    hull = hull_of_outlines(outlines, sweep.geometry, grid)
    k, j, i = np.nonzero(hull)
    places = np.stack([i, j, k], 1) @ grid.ijk_to_ras[:3, :3].T + grid.ijk_to_ras[:3, 3]
    covered = [_covered(places, outline, sweep.geometry) for outline in outlines]
    wide = ndimage.distance_transform_edt(~hull, sampling=VOXEL_MM) <= 1.0
    snapped = snap_to_frames(wide, grid.ijk_to_ras, sweep, SnapParameters(frames=2, edge_inside_px=0.0))
    length = np.ptp(places @ np.linalg.svd(places - places.mean(0), full_matrices=False)[2][0])
    area = hull.sum() * VOXEL_MM**3 / length
    return [
        (
            "wrist, hull of the radius",
            f"covers {100 * min(covered):.1f} % of each outline; {length:.0f} mm of {area:.0f} mm2",
            "over 97 %",
        ),
        (
            "wrist, hull widened by 1 mm and snapped",
            f"edges {mean_mm(snapped.before):.2f} mm off before, {mean_mm(snapped.after):.2f} mm after",
            "less after",
        ),
    ]


def _outlines(images: list[Array], matrices: Array) -> list[Outline]:
    """Trace both sides of the shaft in both frames; its ends are cut along matching epipolar lines."""
    lines = [epipolar_line(matrices, np.array(place)) for place in SHAFT_BEGINS]
    outlines = []
    for view, (image, sides) in enumerate(zip(images, SIDES, strict=True)):
        wire = LiveWire(image, smoothing_mm=2.0)
        left, right = (_side(wire, side, lines) for side in sides)
        outlines.append(Outline(view, np.concatenate([left, right[::-1]])))
    return outlines


def _side(wire: LiveWire, places: list[tuple[int, int | None]], lines: list[Array]) -> Array:
    """Follow an edge through places; where a row is left open, it is where the epipolar line passes."""
    ends = zip(places, lines, strict=True) if len(places) == len(lines) else ((p, None) for p in places)
    known = [
        (column, -(line[0] * column + line[2]) / line[1] if row is None and line is not None else row)
        for (column, row), line in ends
    ]
    return np.concatenate(
        [wire.path(a, b) for a, b in zip(known[:-1], known[1:], strict=True)]  # type: ignore[arg-type]
    )


def _grid(matrices: Array, outlines: list[Outline]) -> Volume:
    middles = np.stack([outline.polygon_px.mean(0) for outline in outlines])
    size = (140, 140, 140)
    return Volume(np.zeros(size, np.uint8), grid_centred_at(triangulated(matrices, middles), size, VOXEL_MM))


def _covered(places: Array, outline: Outline, geometry: SweepGeometry) -> float:
    """Return the share of an outline's pixels that the hull's voxels cover."""
    shape = (geometry.rows, geometry.columns)
    inside = Region([outline.polygon_px], shape).mask
    seen = np.zeros(shape, bool)
    column, row = np.rint(project_points(geometry.ras_to_pixel[outline.view], places)).astype(int).T
    seen[row, column] = True
    # A voxel is wider than a pixel.
    return float((ndimage.binary_closing(seen, iterations=3) & inside).sum() / inside.sum())


if __name__ == "__main__":
    for case, figure, needed in rows():
        print(f"{case:<42}{figure:<64}{needed}")
