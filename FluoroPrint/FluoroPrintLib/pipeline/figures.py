"""Quality figures of what the stages make: names that end in the unit, values that JSON knows."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..geometry.sweep import Sweep
from ..geometry.volume import Volume
from ..mesh.model import Model
from ..segmentation.segments import Segmentation

RANGE_PERCENT = (0.1, 99.9)
"""The range of a volume leaves out the few voxels that noise and metal throw far off."""


def figures_of(result: Any) -> dict[str, Any]:
    """Return the figures of a Sweep, a Volume, a Segmentation or a tuple of Models.

    The figures of a single model carry plain names; those of several begin with the model's name.
    """
    if isinstance(result, Sweep):
        return sweep_figures(result)
    if isinstance(result, Volume):
        return volume_figures(result)
    if isinstance(result, Segmentation):
        return segmentation_figures(result)
    figures: dict[str, Any] = {}
    for model in result:
        prefix = f"{model.name.lower()}_" if len(result) > 1 else ""
        figures.update({prefix + name: value for name, value in model_figures(model).items()})
    return figures


def sweep_figures(sweep: Sweep) -> dict[str, Any]:
    """Return frames, their size, the value of air and the largest line integral."""
    return {
        "frames": sweep.geometry.count,
        "size_px": f"{sweep.geometry.columns} x {sweep.geometry.rows}",
        "air_value": round(sweep.i0, 2),
        "largest_line_integral": round(float(sweep.frames.max()), 3),
    }


def volume_figures(volume: Volume) -> dict[str, Any]:
    """Return size, voxel and range of a volume in HU."""
    low, high = (round(float(edge)) for edge in np.percentile(volume.array_kji[::2, ::2, ::2], RANGE_PERCENT))
    return {
        "size_voxels": " x ".join(str(count) for count in volume.size_ijk),
        "voxel_mm": round(float(volume.spacing_mm[0]), 4),
        "darkest_hu": low,
        "brightest_hu": high,
    }


def segmentation_figures(segmentation: Segmentation) -> dict[str, Any]:
    """Return the volume of each segment."""
    labelmap = segmentation.labelmap
    voxel_ml = labelmap.voxel_mm3 / 1000
    counts = np.bincount(labelmap.array_kji.ravel(), minlength=256)
    return {
        f"{s.name.lower()}_ml": round(float(counts[s.label]) * voxel_ml, 2) for s in segmentation.segments
    }


def model_figures(model: Model) -> dict[str, Any]:
    """Return what a print lab asks of a model: faults, size, volume, deviation from the segmentation."""
    checked, apart = model.check, model.deviation
    edges = np.subtract(checked.high_ras_mm, checked.low_ras_mm)
    return {
        "triangles": checked.triangles,
        "watertight": checked.is_watertight,
        "shells": checked.shells,
        "faults": len(checked.faults),
        "volume_ml": round(checked.volume_mm3 / 1000, 2),
        "volume_change_percent": round(100 * model.volume_change, 3),
        "dimensions_mm": " x ".join(f"{edge:.1f}" for edge in edges),
        "deviation_mean_mm": round(apart.mean_mm, 3),
        "deviation_p95_mm": round(apart.p95_mm, 3),
        "deviation_max_mm": round(apart.max_mm, 3),
    }
