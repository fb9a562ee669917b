"""Planning a hip: the cup from bone and landmarks, and the stem with its head where the femur's are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..progress import Progress
from .acetabulum import find_acetabulum, find_head, head_from_landmarks
from .cup import CupParameters
from .cup_angles import PelvicLandmarks, pelvis_frame
from .cup_objects import CUP, LANDMARKS, PELVIS, cup_of, hip_plan
from .femoral_canal import femoral_canal
from .field import BoneField, bone_field
from .hip_stem import Stem, stem_for_head
from .hip_stem_objects import (
    CANAL_CLEARANCE,
    FILL,
    LINER,
    changes_of,
    fit_decisions,
    fit_figures,
    planned_head,
    planned_stem,
    with_changes,
    with_native_head,
)
from .implants import Implant, chosen_implant
from .plan import AUTOMATIC, Decision, Figure, Place, Plan, with_planned
from .planner import PlaceAsked, Planner, PlanRequest
from .stem_fit import StemParameters, chosen_head, fitted_stem, liner_mm
from .upright import cropped

HEAD_SIZE_MM, NECK_SHAFT_DEG = 32.0, 130.0
ROOM_MM = 40.0
"""The femur is looked at so far about the places of its shaft."""
NOT_FITTED = "not fitted to the canal: give the femur for that"
NEAR_MM = 110.0
"""Bone this near to the hip is looked at: enough for screws through the cup."""
WORDS = {
    "asis-left": "Left anterior superior iliac spine",
    "asis-right": "Right anterior superior iliac spine",
    "pubic-tubercle-left": "Left pubic tubercle",
    "pubic-tubercle-right": "Right pubic tubercle",
}
OF_FEMUR = {
    "femoral-head": "Centre of the {side} femoral head, if known",
    "femoral-shaft-proximal": "Middle of the {side} femoral canal, above; for a stem",
    "femoral-shaft-distal": "Middle of the {side} femoral canal, below; for a stem",
}
CUPS, STEMS, HEADS = "cup", "stem", "head"


def cup_planner() -> Planner:
    """Return what plans a hip."""
    femur = [
        PlaceAsked(f"{name}-{side}", words.format(side=side), required=False)
        for side in ("left", "right")
        for name, words in OF_FEMUR.items()
    ]
    return Planner(
        "cup",
        "Cup of a hip",
        "The cup of a hip from the pelvis and its landmarks: sphere and rim, size, orientation, coverage, "
        "screws by quadrant; with the landmarks of the femur stem and head too, "
        "with the femur itself fitted to its canal.",
        plan_cup,
        {"cup": CupParameters, "stem": StemParameters},
        (*(PlaceAsked(name, words) for name, words in WORDS.items()), *femur),
        {CUPS: "cup-hemispherical", STEMS: "stem-straight", HEADS: "head-12-14"},
        (
            "diameter",
            "radiographic inclination",
            "radiographic anteversion",
            "safe zone",
            "coverage",
            "acetabular diameter",
            "acetabular diameter, spread",
            "distance from the sphere",
            "native radiographic inclination",
            "native radiographic anteversion",
            "leg length, change",
            "offset, change",
            LINER,
            *FILL,
            CANAL_CLEARANCE,
        ),
        takes_side=True,
        takes_others=True,
        others_words="The femur with its marrow left out: a stem is fitted to its canal",
    )


def plan_cup(request: PlanRequest, progress: Progress) -> Plan:
    """Plan a hip; the bone must be the pelvis without the femur."""
    side, cups, chosen = request.side, request.families[CUPS], request.of(CupParameters)
    if not side:
        raise FluoroPrintError("A cup needs a side: choose left or right.")
    landmarks = PelvicLandmarks(**{field: request.place(name) for name, field in LANDMARKS.items()})
    head = request.places.get(f"femoral-head-{side}")
    expected = _expected_head(landmarks, side) if not head else np.asarray(head[0])
    progress(0.0, "Measuring how deep the bone is")
    field = _field_about(request.bone.labelmap, expected)
    progress(0.4, "Finding the acetabulum")
    socket = find_acetabulum(field, find_head(field, expected) if not head else expected)
    progress(0.8, "Suggesting a cup")
    sizes, wall = cups.sizes("diameter_mm"), cups.sizes("wall_mm")[0]
    return _with_stem(hip_plan(request.case, side, landmarks, field, socket, sizes, wall, chosen), request)


def _expected_head(landmarks: PelvicLandmarks, side: str) -> Float64Array:
    return np.asarray(head_from_landmarks(landmarks, pelvis_frame(landmarks), side))


def _field_about(bone: Volume, centre: Float64Array) -> BoneField:
    near = cropped(bone, centre - NEAR_MM, centre + NEAR_MM)
    if not (near.array_kji > 0).any():
        raise FluoroPrintError("There is no bone about the hip: check the landmarks and their frame.")
    return bone_field(near)


def _with_stem(plan: Plan, request: PlanRequest) -> Plan:
    """Return the plan with a stem and its head where the landmarks of the femur are known.

    With the femur itself the stem is fitted to its canal; where none fits a note says why, and none is added.
    """
    names = [f"{name}-{request.side}" for name in OF_FEMUR]
    if not all(request.places.get(name) for name in names):
        return plan
    head = _chosen_head(plan, request)
    try:
        stem, implant, figures, decisions = _stem(request, *(request.place(name) for name in names))
    except FluoroPrintError as error:
        return replace(plan, notes=(*plan.notes, str(error)))
    plan = with_planned(plan, with_native_head(plan.named(PELVIS), request.place(names[0]), request.side))
    changes = changes_of(stem, plan.objects, request.side)
    told = planned_stem(stem, request.side, implant, {**figures, **changes}, decisions)
    plan = with_planned(with_planned(plan, told), planned_head(stem, request.side, *head))
    return with_planned(plan, with_changes(plan.of_kind(CUP)[0], plan.objects))


def _stem(
    request: PlanRequest, native: Place, proximal: Place, distal: Place
) -> tuple[Stem, Implant, dict[str, Figure], tuple[Decision, ...]]:
    """Return the stem with its sizes and what tells of its fit: in the canal where the femur was given."""
    stems = request.families[STEMS]
    if not request.others:
        stem = stem_for_head(native, proximal, distal, NECK_SHAFT_DEG, stems.sizes("neck_mm"))
        implant = chosen_implant(stems, neck_mm=stem.neck_mm, neck_shaft_deg=NECK_SHAFT_DEG)
        return stem, implant, {}, (Decision("place by landmarks", AUTOMATIC, note=NOT_FITTED),)
    ends = np.array([proximal, distal])
    cortex = bone_field(cropped(request.others[0], ends.min(0) - ROOM_MM, ends.max(0) + ROOM_MM))
    canal, asked = femoral_canal(cortex, proximal, distal), request.of(StemParameters)
    fit = fitted_stem(stems, cortex, canal, native, NECK_SHAFT_DEG, asked)
    return fit.stem, fit.implant, fit_figures(fit, canal), fit_decisions(fit, asked)


def _chosen_head(plan: Plan, request: PlanRequest) -> tuple[Implant, Mapping[str, Figure]]:
    """Return the head that the cup leaves room for, with the thickness of the liner about it."""
    cup, shell = plan.of_kind(CUP)[0], request.families[CUPS].sizes("wall_mm")[0]
    heads, diameter = request.families[HEADS], cup_of(cup).diameter_mm
    asked = request.of(StemParameters)
    size = chosen_head(heads.sizes("diameter_mm"), diameter, shell, HEAD_SIZE_MM, asked)
    liner = Figure(round(liner_mm(diameter, shell, size), 3), "mm")
    return chosen_implant(heads, diameter_mm=size), {LINER: liner}
