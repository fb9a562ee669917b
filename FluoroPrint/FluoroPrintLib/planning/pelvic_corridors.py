"""Corridors of the pelvis that are found by themselves: ramus, supra-acetabular, iliosacral.

Ends are looked for among chords of the bone through where the anatomy says that the corridor runs; the best
chord's ends are then moved to where the corridor is widest (`corridors.widest_corridor`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..arrays import BoolArray, Float64Array
from ..errors import FluoroPrintError
from .chords import Chords, chords_through, even_directions
from .corridors import CorridorParameters, screw_in_corridor, widest_corridor
from .field import BoneField
from .hemipelvis import Hemipelvis, find_hemipelvis
from .pedicles import LEFT, RIGHT
from .plan import Place, place_of
from .screw import Screw
from .screw_sizes import ScrewFamily

RAMUS, ILIOSACRAL, SUPRA_ACETABULAR = "ramus", "iliosacral", "supra-acetabular"
PELVIC_REGIONS = (RAMUS, ILIOSACRAL, SUPRA_ACETABULAR)
SIDES = (LEFT, RIGHT)

DIRECTIONS = 240
REACH_MM = 150.0
REFINED_MM = 8.0
SEED_DEPTH_MM, SEEDS_MM = 3.0, 4.0
RAMUS_FROM_FORAMEN_MM, RAMUS_LENGTH_MM, RAMUS_ABOVE_MM = 50.0, 65.0, 5.0
SUPRA_ABOVE_MM, SUPRA_LENGTH_MM = (28.0, 60.0), 80.0
SACRAL_TILT_DEG, SACRAL_LENGTH_MM, BEYOND_MIDDLE_MM = 25.0, 40.0, 5.0
ENOUGH_MM = 8.0
"""A corridor of this clearance takes any screw: of such the longest counts."""
LENGTH_WORTH = 0.01


def screw_in_region(
    field: BoneField, region: str, side: str, family: ScrewFamily, parameters: CorridorParameters
) -> Screw:
    """Return a screw in a corridor of the pelvis, found with no hint of where it runs.

    Parameters
    ----------
    field : half a pelvis in any frame for `ramus` and `supra-acetabular`; for `iliosacral` the sacrum, with
        the iliac bone or alone, its joints closed, in the patient's frame
    region : one of `PELVIC_REGIONS`
    side : of the patient
    parameters : `patch_mm` bounds how far the ends found are moved, `REFINED_MM` where it is 0

    Raises
    ------
    FluoroPrintError
        The anatomy or a corridor is not found, it is of the other side, or no screw of the family fits.
    """
    entry, target = corridor_ends(field, region, side, parameters)
    refined = replace(parameters, patch_mm=parameters.patch_mm or REFINED_MM)
    entry, target = widest_corridor(field, entry, target, refined)
    return screw_in_corridor(field, entry, target, family, replace(parameters, patch_mm=0.0))


def corridor_ends(
    field: BoneField, region: str, side: str, parameters: CorridorParameters
) -> tuple[Place, Place]:
    """Return entry and target of the best chord in a region; see `screw_in_region`."""
    if region == ILIOSACRAL:
        found = _iliosacral(field, side, parameters.trim_mm)
    else:
        pelvis = find_hemipelvis(field)
        if pelvis.side != side:
            raise FluoroPrintError(
                f"The bone has the shape of a {pelvis.side} half of a pelvis: give --side {pelvis.side}, or "
                "check whether it was mirrored."
            )
        look = _ramus if region == RAMUS else _supra_acetabular
        found = look(field, pelvis, parameters.trim_mm)
    if not len(found.clearance_mm):
        raise FluoroPrintError(
            f"No {region} corridor is found in the bone: it must hold the whole of it, on the {side} side."
        )
    worth = np.minimum(found.clearance_mm, ENOUGH_MM) + LENGTH_WORTH * found.length_mm
    best = int(worth.argmax())
    return place_of(found.first_ras[best]), place_of(found.last_ras[best])


def _ramus(field: BoneField, pelvis: Hemipelvis, trim_mm: float) -> Chords:
    """Return chords from the pubic bone past the foramen to above the acetabulum."""
    places = _seeds(field, pelvis.foramen_ras, RAMUS_FROM_FORAMEN_MM)
    from_foramen, from_joint = places - pelvis.foramen_ras, places - pelvis.acetabulum_ras
    beside = (from_foramen @ pelvis.anterior > 0) & (from_joint @ pelvis.lateral < 0)
    chords = chords_through(field, places[beside], _half(even_directions(DIRECTIONS)), REACH_MM, trim_mm)
    chords = chords.turned_to(pelvis.superior)
    first, last = chords.first_ras - pelvis.acetabulum_ras, chords.last_ras - pelvis.acetabulum_ras
    return chords.where(
        (chords.clearance_mm > 0)
        & (chords.length_mm >= RAMUS_LENGTH_MM)
        & (last @ pelvis.superior > RAMUS_ABOVE_MM)
        & (first @ pelvis.superior < 0)
        & (first @ pelvis.lateral < last @ pelvis.lateral)
        & ((chords.first_ras - pelvis.foramen_ras) @ pelvis.anterior > 0)
    )


def _supra_acetabular(field: BoneField, pelvis: Hemipelvis, trim_mm: float) -> Chords:
    """Return chords from the front of the ilium backwards above the acetabulum."""
    above = pelvis.acetabulum_ras + np.mean(SUPRA_ABOVE_MM) * pelvis.superior
    places = _seeds(field, above, float(np.ptp(SUPRA_ABOVE_MM)))
    chords = chords_through(field, places, _half(even_directions(DIRECTIONS)), REACH_MM, trim_mm)
    chords = chords.turned_to(-pelvis.anterior)
    first, last = chords.first_ras - pelvis.acetabulum_ras, chords.last_ras - pelvis.acetabulum_ras
    backwards = (first - last) @ pelvis.anterior
    return chords.where(
        (chords.clearance_mm > 0)
        & (backwards >= SUPRA_LENGTH_MM)
        & (first @ pelvis.superior > 0)
        & (last @ pelvis.superior > 0)
    )


def _iliosacral(field: BoneField, side: str, trim_mm: float) -> Chords:
    """Return chords from the outer bone of a side to beyond the middle of the sacrum."""
    outwards = np.array([-1.0 if side == LEFT else 1.0, 0.0, 0.0])
    middle = _middle(field)
    within = _seeds(field, None, np.inf)
    beyond = (within[:, 0] - middle) * outwards[0] + BEYOND_MIDDLE_MM
    seeds = within[np.abs(beyond) <= SEEDS_MM / 2]
    ways = even_directions(8 * DIRECTIONS)
    ways = ways[ways @ outwards > np.cos(np.radians(SACRAL_TILT_DEG))]
    chords = chords_through(field, seeds, ways, REACH_MM, trim_mm, back_mm=trim_mm)
    # From the outside inwards, and only as far as the seed, which lies `trim_mm` before the last end.
    chords = Chords(chords.last_ras, chords.first_ras, chords.clearance_mm)
    far = (chords.first_ras[:, 0] - middle) * outwards[0]
    return chords.where((chords.clearance_mm > 0) & (far >= SACRAL_LENGTH_MM))


def _middle(field: BoneField) -> float:
    """Return R of the plane about which the bone is most symmetric, mm."""
    bone = field.depth_mm.array_kji > 0
    steps = field.depth_mm.ijk_to_ras[:3, :3]
    axis = int(np.abs(steps[0]).argmax())
    profile = np.moveaxis(bone, 2 - axis, 0).astype(np.float32)[:, ::2, ::2]
    count = len(profile)
    middles = np.arange(count // 3, count - count // 3)
    worth = []
    for middle in middles:
        half = min(middle, count - 1 - middle)
        part = profile[middle - half : middle + half + 1]
        worth.append(float((part * part[::-1]).sum() / max(part.sum(), 1.0)))
    ijk = np.zeros(4)
    ijk[axis], ijk[3] = middles[int(np.argmax(worth))], 1.0
    return float((field.depth_mm.ijk_to_ras @ ijk)[0])


def _seeds(field: BoneField, centre_ras: Float64Array | None, radius_mm: float) -> Float64Array:
    """Return places in the depth of the bone, (N, 3), within a ball or everywhere, `SEEDS_MM` apart."""
    step = max(int(round(SEEDS_MM / field.step_mm)), 1)
    kji = np.argwhere(field.depth_mm.array_kji[::step, ::step, ::step] > SEED_DEPTH_MM) * step
    matrix = field.depth_mm.ijk_to_ras
    places: Float64Array = kji[:, ::-1] @ matrix[:3, :3].T + matrix[:3, 3]
    if centre_ras is None:
        return places
    near: BoolArray = np.linalg.norm(places - centre_ras, axis=1) <= radius_mm
    return places[near]


def _half(directions: Float64Array) -> Float64Array:
    return directions[directions[:, 2] > 0]
