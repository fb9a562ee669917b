"""Planning a hip: the cup from bone and landmarks, and the stem with its head where the femur's are known."""

from __future__ import annotations

import numpy as np

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..geometry.volume import Volume
from ..progress import Progress
from .acetabulum import find_acetabulum, find_head, head_from_landmarks
from .cup import CupParameters
from .cup_angles import PelvicLandmarks, pelvis_frame
from .cup_objects import CUP, LANDMARKS, change_figures, cup_of, hip_plan, pelvis_of
from .field import BoneField, bone_field
from .hip_stem import hip_changes, stem_for_head
from .hip_stem_objects import planned_head, planned_stem
from .implants import chosen_implant
from .plan import Plan, with_planned
from .planner import PlaceAsked, Planner, PlanRequest
from .upright import cropped

HEAD_SIZE_MM, NECK_SHAFT_DEG = 32.0, 130.0
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
        "screws by quadrant; with the landmarks of the femur stem and head too.",
        plan_cup,
        {"cup": CupParameters},
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
        ),
        takes_side=True,
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
    """Return the plan with a stem and its head where the landmarks of the femur are known."""
    names = [f"{name}-{request.side}" for name in OF_FEMUR]
    if not all(request.places.get(name) for name in names):
        return plan
    native, proximal, distal = (request.place(name) for name in names)
    stems, heads = request.families[STEMS], request.families[HEADS]
    stem = stem_for_head(native, proximal, distal, NECK_SHAFT_DEG, stems.sizes("neck_mm"))
    cup, (_, frame) = cup_of(plan.of_kind(CUP)[0]), pelvis_of(plan.named("pelvis"))
    x, y, z = stem.head_ras.tolist()
    changes = hip_changes(cup.centre_ras, (x, y, z), native, frame, request.side)
    chosen = chosen_implant(stems, neck_mm=stem.neck_mm, neck_shaft_deg=NECK_SHAFT_DEG)
    plan = with_planned(plan, planned_stem(stem, request.side, chosen, change_figures(changes)))
    head = chosen_implant(heads, diameter_mm=HEAD_SIZE_MM)
    return with_planned(plan, planned_head(stem, request.side, head))
