"""The methods of segmentation by name: one entry serves the effect, the scene and the command alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.sweep import Sweep
from ..geometry.volume import Volume
from ..parameters import Parameters
from ..progress import Progress, silent
from .outlines import Outline, SliceOutline
from .segments import Segmentation

HINT_WORDS = {
    "seeds_ras": "points",
    "segmentation": "a segmentation",
    "sweep": "the sweep",
    "outlines": "outlines in its frames",
    "slice_outlines": "outlines in its slices",
}


@dataclass(frozen=True)
class Hints:
    """What a method is given beside the volume, as far as it `needs` it.

    Attributes
    ----------
    seeds_ras : (N, 3) points that the user set, RAS mm
    segmentation : segments that the user has; on a grid of its own
    sweep : frames with their geometry, in the volume's frame
    outlines : closed outlines in frames of the sweep
    slice_outlines : closed outlines in slices of the volume
    seed_parts : what each point is a part of, by name; "" where it has none
    """

    seeds_ras: Float64Array | None = None
    segmentation: Segmentation | None = None
    sweep: Sweep | None = None
    outlines: tuple[Outline, ...] | None = None
    slice_outlines: tuple[SliceOutline, ...] | None = None
    seed_parts: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Found:
    """What a method found.

    Attributes
    ----------
    segmentation : on the volume's grid
    note : a sentence on how, for the user
    """

    segmentation: Segmentation
    note: str = ""


@dataclass(frozen=True)
class Method:
    """A way to segment a volume.

    Attributes
    ----------
    name : the word on the command line, "fluoro-bone"
    title : the name of the effect, "Fluoro bone"
    stage : what its parameters are called among those of the case, "bone"
    summary : what it does, a sentence
    parameters : dataclass
    find : ``find(volume, parameters, hints, progress)``, pure
    needs : names of the `Hints` that must be given
    takes : names of the `Hints` that may be given
    """

    name: str
    title: str
    stage: str
    summary: str
    parameters: type[Parameters]
    find: Callable[[Volume, Any, Hints, Progress], Found]
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


def methods() -> tuple[Method, ...]:
    """Return all methods; the first one is the default."""
    return (*_of_the_volume(), *_of_hints(), *_of_others())


def _of_the_volume() -> tuple[Method, ...]:
    from . import bone, metal, vessel

    return (
        Method(
            "fluoro-bone",
            "Fluoro bone",
            "bone",
            "Bone of a noisy cone-beam volume, by itself.",
            bone.BoneParameters,
            _find_bone,
        ),
        Method(
            "metal",
            "Metal",
            "metal",
            "Implants, screws and wires, each a segment, with or without their blooming.",
            metal.MetalParameters,
            _find_metal,
        ),
        Method(
            "vessel",
            "Vessel",
            "vessel",
            "Contrast-filled vessels beside bone, with a wall for printing.",
            vessel.VesselParameters,
            _find_vessels,
            takes=("seeds_ras",),
        ),
    )


def _of_hints() -> tuple[Method, ...]:
    from . import grow, hull, reprojection, slice_contours, split

    return (
        Method(
            "fluoro-grow",
            "Fluoro grow",
            "grow",
            "The bone, or its part, about each of some points, held back where it would leak.",
            grow.GrowParameters,
            _find_grown,
            ("seeds_ras",),
        ),
        Method(
            "joint-split",
            "Joint split",
            "split",
            "Bones that touch, split along their joint space: a point or more for each.",
            split.SplitParameters,
            _find_parts,
            ("segmentation", "seeds_ras"),
        ),
        Method(
            "frames-hull",
            "Fluoro contour",
            "hull",
            "What lies within outlines drawn in frames of the sweep.",
            hull.HullParameters,
            _find_hull,
            ("sweep", "outlines"),
        ),
        Method(
            "slices-contour",
            "Fluoro contour in slices",
            "contour",
            "What lies within outlines drawn in slices, which follow the edges, and between those slices.",
            slice_contours.SliceContourParameters,
            _find_contoured,
            ("slice_outlines",),
        ),
        Method(
            "reproject-snap",
            "Reprojection check",
            "snap",
            "A segmentation whose borders are moved to agree with the frames of the sweep.",
            reprojection.SnapParameters,
            _find_snapped,
            ("segmentation", "sweep"),
        ),
    )


def _of_others() -> tuple[Method, ...]:
    from ..learned import models

    return (
        Method(
            "learned-model",
            "Learned models",
            "learned",
            "A trained model of yours: nnU-Net, TotalSegmentator or DentalSegmentator, where installed.",
            models.LearnedParameters,
            _find_learned,
        ),
    )


def method_named(name: str) -> Method:
    """Return a method by the word that the command line uses.

    Raises
    ------
    FluoroPrintError
        There is no such method.
    """
    for method in methods():
        if method.name == name:
            return method
    known = ", ".join(method.name for method in methods())
    raise FluoroPrintError(f"There is no method {name}: choose one of {known}.")


def find_by(
    method: Method,
    volume: Volume,
    parameters: Parameters | None = None,
    hints: Hints = Hints(),  # noqa: B008 - frozen
    progress: Progress = silent,
) -> Found:
    """Run a method on a volume, which stays as it is.

    Raises
    ------
    FluoroPrintError
        A hint is missing that the method needs, or the method says so.
    Cancelled
        `progress` stopped the work.
    """
    for name in method.needs:
        if getattr(hints, name) is None:
            raise FluoroPrintError(f"{method.title} needs {HINT_WORDS[name]} beside the volume: give it.")
    return method.find(volume, parameters or method.parameters(), hints, progress)


def _find_bone(volume: Volume, parameters: Any, _hints: Hints, progress: Progress) -> Found:
    from .bone import find_bone

    found = find_bone(volume, parameters, progress)
    return Found(found.segmentation, found.note)


def _find_learned(volume: Volume, parameters: Any, _hints: Hints, progress: Progress) -> Found:
    from ..learned.models import find_learned

    found = find_learned(volume, parameters, progress)
    return Found(found.segmentation, found.note)


def _find_hull(volume: Volume, parameters: Any, hints: Hints, progress: Progress) -> Found:
    from .hull import find_hull_segmentation

    assert hints.outlines is not None
    assert hints.sweep is not None
    return Found(*find_hull_segmentation(volume, hints.outlines, hints.sweep, parameters, progress))


def _find_contoured(volume: Volume, parameters: Any, hints: Hints, progress: Progress) -> Found:
    from .slice_contours import contour_segmentation

    assert hints.slice_outlines is not None
    return Found(*contour_segmentation(volume, hints.slice_outlines, parameters, progress))


def _find_snapped(volume: Volume, parameters: Any, hints: Hints, progress: Progress) -> Found:
    from .reprojection import snap_segmentation

    assert hints.segmentation is not None
    assert hints.sweep is not None
    return Found(*snap_segmentation(volume, hints.segmentation, hints.sweep, parameters, progress))


def _find_metal(volume: Volume, parameters: Any, _hints: Hints, progress: Progress) -> Found:
    from .metal import find_metal

    found = find_metal(volume, parameters, progress)
    return Found(found.segmentation, found.note)


def _find_vessels(volume: Volume, parameters: Any, hints: Hints, progress: Progress) -> Found:
    from .vessel import find_vessels

    found = find_vessels(volume, parameters, hints.seeds_ras, progress)
    return Found(found.segmentation, found.note)


def _find_parts(volume: Volume, parameters: Any, hints: Hints, progress: Progress) -> Found:
    from .split import part_sizes, split_parts

    given: Any = hints  # holds both, since the method needs them
    parts = split_parts(
        volume, given.segmentation, given.seeds_ras, parameters, progress, seed_parts=hints.seed_parts
    )
    return Found(parts, part_sizes(parts))


def _find_grown(volume: Volume, parameters: Any, hints: Hints, progress: Progress) -> Found:
    from .grow import grow

    assert hints.seeds_ras is not None, "`find_by` holds what is needed"
    grown = grow(volume, hints.seeds_ras, parameters, progress)
    return Found(grown.segmentation, grown.note)
