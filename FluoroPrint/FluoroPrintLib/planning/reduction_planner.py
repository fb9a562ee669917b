"""Planning a reduction: fragments laid onto the mirrored other side, the largest kept where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..mesh.polydata import points_of, with_points
from ..mesh.surface import surface_of_mask
from ..parameters import Help, Parameters
from ..progress import Progress, part_of
from ..segmentation.segments import Segmentation
from ..shape.solids import solid_of, surface_of
from .fragment_kind import MOVED, RESIDUAL, RESIDUAL_P95, TURNED, planned_fragment
from .osteotomy import CRUMB_MM3
from .osteotomy_planner import cut_through
from .plan import Places, Plan, place_of
from .planner import PlaceAsked, Planner, PlanRequest
from .reduction import FragmentPose, mirrored, pose_on, relative_pose

MIDPLANE = "midplane"
RIGHT = (1.0, 0.0, 0.0)


@dataclass(frozen=True)
class ReductionParameters(Parameters):
    """How fragments are set."""

    keep_largest: Annotated[
        bool, Help("The largest fragment stays where it lies, and the others are set to it.")
    ] = True


def reduction_planner() -> Planner:
    """Return what plans a reduction."""
    return Planner(
        "reduction",
        "Reduction of a fracture",
        "Fragments, a segment each or the loose pieces of a model, laid onto the other side mirrored.",
        plan_reduction,
        {"reduction": ReductionParameters},
        (PlaceAsked(MIDPLANE, "Three places of the plane between the sides", required=False, most=3),),
        columns=(MOVED, TURNED, RESIDUAL, RESIDUAL_P95),
        takes_side=True,
        takes_others=True,
        others_words="The whole bone of the other side",
    )


def plan_reduction(request: PlanRequest, progress: Progress) -> Plan:
    """Plan where each fragment belongs.

    Raises
    ------
    FluoroPrintError
        The other side is missing, or a fragment has too few points.
    """
    others = request.surfaces_of_others()
    if not others:
        raise FluoroPrintError("A reduction needs the whole bone of the other side: give it.")
    surface = request.surface()
    fragments = fragments_of(request.bone, surface)
    template = other_side(others[0], surface, request.places.get(MIDPLANE, ()))
    keeps = request.of(ReductionParameters).keep_largest
    poses = set_fragments([surface for _, surface in fragments], template, keeps, progress)
    notes = (
        "The residual holds the difference of the two sides too.",
        *(
            ()
            if request.places.get(MIDPLANE)
            else ("The plane between the sides was taken by their middles.",)
        ),
    )
    objects = tuple(
        planned_fragment(
            f"fragment-{number}",
            f"Fragment {number}, {name}",
            surface,
            pose,
            side=request.side,
            note="kept where it lies" if keeps and number == 1 else "laid onto the other side, mirrored",
        )
        for number, ((name, surface), pose) in enumerate(zip(fragments, poses, strict=True), 1)
    )
    return Plan(request.case, request.side, objects, notes)


def set_fragments(
    fragments: list[Any], template: Any, keeps_first: bool, progress: Progress
) -> list[FragmentPose]:
    """Return where fragments belong on a template; with `keeps_first` as seen from the first, which stays.

    The template lies roughly; so the first fragment is laid on it, and the others begin as that one does.
    """
    work = part_of(progress, 0.2, 1.0)
    work(0.0, "Setting fragment 1")
    poses = [pose_on(fragments[0], template)]
    for number, fragment in enumerate(fragments[1:], 1):
        work(number / len(fragments), f"Setting fragment {number + 1}")
        poses.append(pose_on(fragment, template, poses[0].to_place))
    if not keeps_first:
        return poses
    back = np.linalg.inv(poses[0].to_place).astype(np.float64)
    middles = [points_of(fragment).mean(axis=0) for fragment in fragments]
    return [relative_pose(pose, back, middle) for pose, middle in zip(poses, middles, strict=True)]


def fragments_of(bone: Segmentation, surface: Any) -> list[tuple[str, Any]]:
    """Return names and closed surfaces of fragments, the largest first.

    Each segment is one; of a single segment each piece that hangs together. `surface` is that of the whole.
    """
    labels = bone.labelmap
    if len(bone.segments) > 1:
        masks = [(segment.name, labels.array_kji == segment.label) for segment in bone.segments]
        known = [(name, mask) for name, mask in masks if mask.any()]
        known.sort(key=lambda each: -int(each[1].sum()))
        return [(name, surface_of_mask(mask, labels.ijk_to_ras)) for name, mask in known]
    pieces = [piece for piece in solid_of(surface).decompose() if piece.volume() > CRUMB_MM3]
    pieces.sort(key=lambda piece: -piece.volume())
    return [(f"piece {number}", surface_of(piece)) for number, piece in enumerate(pieces, 1)]


def other_side(other: Any, surface: Any, midplane: Places) -> Any:
    """Return the other side mirrored: in a plane, or, without its places, to where a surface's middle is.

    Raises
    ------
    FluoroPrintError
        The plane has not three places.
    """
    if not midplane:
        image = mirrored(other, place_of(_middle(other)), RIGHT)
        return with_points(image, points_of(image) + _middle(surface) - _middle(other))
    if len(midplane) != 3:
        raise FluoroPrintError("The plane between the sides needs three places: give three.")
    plane = cut_through(midplane, place_of(_middle(other)))
    return mirrored(other, plane.point_ras, plane.normal_ras)


def _middle(surface: Any) -> Float64Array:
    low, high = np.reshape(surface.GetBounds(), (3, 2)).T
    middle: Float64Array = (low + high) / 2
    return middle
