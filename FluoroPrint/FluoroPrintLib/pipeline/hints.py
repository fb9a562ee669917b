"""What a method of segmentation is given beside the volume, read from the files that the options name."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..segmentation.methods import Hints, Method
from ..segmentation.segments import Segmentation

OPTION_OF = {
    "seeds_ras": "seeds",
    "segmentation": "segments",
    "sweep": "sweep",
    "outlines": "outlines",
    "slice_outlines": "outlines",
}


def hints_from(arguments: argparse.Namespace, method: Method) -> Hints:
    """Read what a method needs, and what it takes where that is given.

    Raises
    ------
    FluoroPrintError
        A file cannot be read.
    """
    from ..files.outlines import read_outlines, read_slice_outlines
    from ..files.points import read_named_points
    from ..files.sweep import read_sweep

    given = {name for name in (*method.needs, *method.takes) if getattr(arguments, OPTION_OF[name])}
    seeds_ras, names = read_named_points(arguments.seeds) if "seeds_ras" in given else (None, None)
    return Hints(
        seeds_ras=seeds_ras,
        segmentation=segmentation_in(arguments.segments) if "segmentation" in given else None,
        sweep=read_sweep(arguments.sweep, geometry=arguments.geometry) if "sweep" in given else None,
        outlines=read_outlines(arguments.outlines) if "outlines" in given else None,
        slice_outlines=read_slice_outlines(arguments.outlines) if "slice_outlines" in given else None,
        seed_parts=names,
    )


def segmentation_in(path: Path) -> Segmentation:
    """Read a segmentation, or a labelmap as one.

    Raises
    ------
    FluoroPrintError
        The file cannot be read.
    """
    from ..mrml.files import read_segmentation
    from ..mrml.scene import headless_scene
    from ..mrml.segmentations import segmentation_from_node

    with headless_scene() as headless:
        return segmentation_from_node(read_segmentation(headless.scene, path))
