"""What `plan cup` and `implants` do: a hip from bone and landmarks, the catalogue of implants as a list."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FluoroPrintError
from ..progress import Progress
from .options import parameters_from

if TYPE_CHECKING:
    from ..geometry.volume import Volume
    from ..planning.cup_angles import PelvicLandmarks
    from ..planning.field import BoneField
    from ..planning.plan import Plan

CUPS, STEMS, HEADS = "cup-hemispherical", "stem-straight", "head-12-14"
HEAD_SIZE_MM, NECK_SHAFT_DEG = 32.0, 130.0
NEAR_MM = 110.0
"""Bone this near to the hip is looked at: enough for screws through the cup."""
FIGURES = (
    "diameter",
    "radiographic inclination",
    "radiographic anteversion",
    "operative inclination",
    "operative anteversion",
    "anatomic inclination",
    "anatomic anteversion",
    "safe zone",
    "coverage",
    "acetabular diameter",
    "acetabular diameter, spread",
    "distance from the sphere",
    "native radiographic inclination",
    "native radiographic anteversion",
)


def add_cup_options(parser: argparse.ArgumentParser) -> None:
    """Add what a cup needs beside its parameters."""
    words = (
        "Landmarks: Slicer's .mrk.json or .fcsv, or text with x y z in RAS mm and a name a line: asis-left, "
        "asis-right, pubic-tubercle-left, pubic-tubercle-right; femoral-head-left or -right if known, and "
        "femoral-shaft-proximal-left, femoral-shaft-distal-left or -right for a stem."
    )
    parser.add_argument("--landmarks", metavar="FILE", type=Path, required=True, help=words)
    parser.add_argument("--side", choices=("left", "right"), required=True, help="Side of the hip.")
    words = "Name of the pelvis's segment, where there are others; it must not hold the femur."
    parser.add_argument("--segment", metavar="NAME", help=words)


def cup_plan(arguments: argparse.Namespace, bone: Volume, progress: Progress) -> Plan:
    """Return the plan of a hip from bone and landmarks."""
    import numpy as np

    from ..catalog.implants import implant_family
    from ..files.landmarks import read_landmarks
    from ..planning.acetabulum import find_acetabulum, find_head, head_from_landmarks
    from ..planning.cup import CupParameters
    from ..planning.cup_angles import pelvis_frame
    from ..planning.cup_objects import hip_plan

    chosen, side = parameters_from(arguments, CupParameters), arguments.side
    cups = implant_family(arguments.family or CUPS)
    places = read_landmarks(arguments.landmarks)
    landmarks = _pelvic(places, arguments.landmarks)
    frame = pelvis_frame(landmarks)
    head = places.get(f"femoral-head-{side}")
    expected = head_from_landmarks(landmarks, frame, side) if head is None else np.asarray(head)
    progress(0.1, "Measuring how deep the bone is")
    field = _field_about(bone, expected)
    progress(0.5, "Finding the acetabulum")
    socket = find_acetabulum(field, find_head(field, expected) if head is None else expected)
    progress(0.8, "Suggesting a cup")
    walls = cups.sizes("wall_mm")
    case = arguments.input.name.split(".")[0]
    plan = hip_plan(case, side, landmarks, field, socket, cups.sizes("diameter_mm"), walls[0], chosen)
    return _with_stem(plan, places, side)


def _pelvic(places: dict[str, Any], path: Path) -> PelvicLandmarks:
    from ..planning.cup_angles import PelvicLandmarks
    from ..planning.cup_objects import LANDMARKS

    missing = [name for name in LANDMARKS if name not in places]
    if missing:
        raise FluoroPrintError(f"{path} lacks {', '.join(missing)}: name the landmarks of the pelvis so.")
    return PelvicLandmarks(**{field: places[name] for name, field in LANDMARKS.items()})


def _field_about(bone: Volume, centre: Iterable[float]) -> BoneField:
    import numpy as np

    from ..planning.field import bone_field
    from ..planning.upright import cropped

    middle = np.asarray(tuple(centre), float)
    near = cropped(bone, middle - NEAR_MM, middle + NEAR_MM)
    if not (near.array_kji > 0).any():
        raise FluoroPrintError("There is no bone about the hip: check the landmarks and their frame.")
    return bone_field(near)


def _with_stem(plan: Plan, places: dict[str, Any], side: str) -> Plan:
    """Return the plan with a stem and its head where the landmarks of the femur are known."""
    from ..catalog.implants import implant_family
    from ..planning.cup_objects import CUP, change_figures, cup_of, pelvis_of
    from ..planning.hip_stem import hip_changes, stem_for_head
    from ..planning.hip_stem_objects import planned_head, planned_stem
    from ..planning.implants import chosen_implant
    from ..planning.plan import with_planned

    names = (f"femoral-head-{side}", f"femoral-shaft-proximal-{side}", f"femoral-shaft-distal-{side}")
    if not all(name in places for name in names):
        return plan
    native, proximal, distal = (places[name] for name in names)
    stems, heads = implant_family(STEMS), implant_family(HEADS)
    stem = stem_for_head(native, proximal, distal, NECK_SHAFT_DEG, stems.sizes("neck_mm"))
    cup, (_, frame) = cup_of(plan.of_kind(CUP)[0]), pelvis_of(plan.named("pelvis"))
    x, y, z = stem.head_ras.tolist()
    changes = hip_changes(cup.centre_ras, (x, y, z), native, frame, side)
    chosen = chosen_implant(stems, neck_mm=stem.neck_mm, neck_shaft_deg=NECK_SHAFT_DEG)
    plan = with_planned(plan, planned_stem(stem, side, chosen, change_figures(changes)))
    return with_planned(plan, planned_head(stem, side, chosen_implant(heads, diameter_mm=HEAD_SIZE_MM)))


def lines_of_hip(plan: Plan) -> list[str]:
    """Return the figures of a hip's plan as lines."""
    lines = []
    for planned in plan.objects:
        changed = [name for name in planned.figures if name.endswith(", change")]
        screws = [name for name in planned.figures if name.startswith("screw ") and name.endswith("depth")]
        for name in (*FIGURES, *screws, *changed):
            if name in planned.figures and planned.kind != "pelvis":
                lines.append(f"{planned.label}: {name} {_said(planned.figures[name])}")
    return lines


def _said(figure: Any) -> str:
    value = f"{figure.value:.1f}" if isinstance(figure.value, float) else figure.value
    return f"{value}{'' if figure.unit in ('', '°') else ' '}{figure.unit}"


def list_implants(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Return the families of implants and tools with their sizes, a user's own before the shipped ones."""
    from ..catalog.implants import implant_families

    progress(0.5, "Reading the catalogue")
    families = implant_families(arguments.input)
    lines = []
    for family in families:
        sizes = "; ".join(f"{name} {_range(values)}" for name, values in family.dimensions.items())
        lines.append(f"{family.id}  {family.title}  ({family.kind})  {sizes or 'a shape of its own'}")
    return lines


def _range(values: tuple[float, ...]) -> str:
    return f"{values[0]:g}" if len(values) == 1 else f"{values[0]:g} to {values[-1]:g}, {len(values)} sizes"
