"""Drill and cutting guides grown from the surface of a bone, without undercuts, checked for it.

The drills' lines and cuts are taken as given: whether they are good ones is for the plan to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..progress import Progress, part_of, silent
from ..shape.probing import Probe
from ..shape.solids import Solid, engine, frame_along, placed, solid_of, surface_of, unit, unplaced
from .guide_check import GuideFit, measured_fit
from .guide_direction import OVERHUNG_MM, undercut_mm3, withdrawal_at
from .guide_envelope import envelope_of
from .guide_parameters import CutPlane, DrillLine, GuideParameters
from .guide_shape import GuideBody, anchors_of, field_of, guide_body, sleeve_at, slot_at
from .plan import Place, place_of

CROP_MM = 4.0
SMALLEST_BONE_MM = 3.0
SHORTER_MM = 0.1
LOCKED_DEG = 1.0
"""Bores that lean more from the withdrawal hold the guide while drills or wires are in them."""


@dataclass(frozen=True)
class Guide:
    """A guide as it was made.

    Attributes
    ----------
    surface : closed, RAS mm
    withdrawal_ras : unit vector in which it comes off the bone
    site_ras : where it sits
    undercut_mm3 : empty space under bone about the site, which the guide leaves free
    tops_ras : where each drill enters its sleeve
    feet_ras : where each drill meets the bone
    depths_mm : from each sleeve's end to its target
    cuts : the planes of its slots
    slots_mm : the lengths of its slots
    parameters : what was asked for
    fit : how it lies and comes off
    notes : what the user ought to know, a sentence each
    """

    surface: vtkPolyData
    withdrawal_ras: Place
    site_ras: Place
    undercut_mm3: float
    tops_ras: tuple[Place, ...]
    feet_ras: tuple[Place, ...]
    depths_mm: tuple[float, ...]
    cuts: tuple[CutPlane, ...]
    slots_mm: tuple[float, ...]
    parameters: GuideParameters
    fit: GuideFit
    notes: tuple[str, ...]


def make_guide(
    bone: vtkPolyData,
    drills: Sequence[DrillLine],
    cuts: Sequence[CutPlane],
    parameters: GuideParameters,
    direction_ras: Place | None = None,
    progress: Progress = silent,
) -> Guide:
    """Make a guide for drills and cuts, and check it.

    Parameters
    ----------
    bone : closed surface, RAS mm
    drills, cuts : what it shall guide; at least one of them
    parameters : gap, walls, clearances
    direction_ras : the way in which it shall come off; None: the one with least undercut
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        The bone is not closed or not in mm, a drill or cut cannot be guided, or the bone carries no base.
    """
    solid, probe = _closed_bone(bone), Probe(bone)
    site = _site(probe, drills, cuts)
    progress(0.05, "Looking for the way off")
    way, undercut = _withdrawal(probe, site, parameters, direction_ras)
    frame = (site, frame_along(way))
    drill_lines = [(_into(frame, one.entry_ras), _into(frame, one.target_ras)) for one in drills]
    whole = unplaced(solid, *frame)
    # Of the whole bone: the box about the sleeves is not known before them.
    local_probe = Probe(surface_of(whole))
    sleeves = [sleeve_at(local_probe, *line, parameters) for line in drill_lines]
    slots = [
        slot_at(
            _into(frame, probe.nearest(np.array(cut.point_ras))[0]),
            _turned(frame, cut.normal_ras),
            parameters.slot_length_mm,
        )
        for cut in cuts
    ]
    anchors = anchors_of(sleeves, slots)
    low, high = field_of(anchors, sleeves, slots, parameters)
    near = _cropped(whole, low - CROP_MM, high + CROP_MM)
    near_surface = surface_of(near)
    progress(0.15, "Laying the guide on the bone")
    envelope = envelope_of(
        near_surface, low, high, parameters.gap_mm, parameters.grid_mm, part_of(progress, 0.2, 0.6)
    )
    progress(0.6, "Building the guide")
    body = guide_body(envelope, anchors, sleeves, slots, parameters)
    progress(0.8, "Checking gap and removal")
    fit = measured_fit(surface_of(body.solid), body.solid, near_surface, near, envelope, parameters.gap_mm)
    return Guide(
        surface_of(placed(body.solid, *frame)),
        place_of(way),
        place_of(site),
        undercut,
        tuple(_out(frame, sleeve.top_mm) for sleeve in sleeves),
        tuple(_out(frame, sleeve.foot_mm) for sleeve in sleeves),
        tuple(
            float(np.linalg.norm(sleeve.top_mm - target))
            for sleeve, (_, target) in zip(sleeves, drill_lines, strict=True)
        ),
        tuple(cuts),
        tuple(slot.ends_mm[1] - slot.ends_mm[0] for slot in body.slots),
        parameters,
        fit,
        _notes([sleeve.inward for sleeve in sleeves], body, parameters),
    )


def _closed_bone(bone: vtkPolyData) -> Solid:
    longest = float(np.diff(np.reshape(bone.GetBounds(), (3, 2))).max())
    if longest < SMALLEST_BONE_MM:
        raise FluoroPrintError(
            f"The model is {longest:.2g} mm long: scale it to millimetres first (shape --operation scale)."
        )
    return solid_of(bone)


def _site(probe: Probe, drills: Sequence[DrillLine], cuts: Sequence[CutPlane]) -> Float64Array:
    """Return the place of the surface nearest to the middle of all entries and cuts."""
    places = [drill.entry_ras for drill in drills] + [cut.point_ras for cut in cuts]
    if not places:
        raise FluoroPrintError(
            "A guide needs a drill or a cut: give --entry and --target, --plane, or a plan with screws."
        )
    on_surface = [probe.nearest(np.array(place))[0] for place in places]
    return probe.nearest(np.mean(on_surface, axis=0))[0]


def _withdrawal(
    probe: Probe, site: Float64Array, parameters: GuideParameters, direction_ras: Place | None
) -> tuple[Float64Array, float]:
    if direction_ras is None:
        return withdrawal_at(probe, site, parameters.reach_mm, parameters.cone_deg)
    way = unit(direction_ras)
    undercut = undercut_mm3(probe, site, way, parameters.reach_mm)
    if undercut == np.inf:
        raise FluoroPrintError(
            f"Bone hangs more than {OVERHUNG_MM:g} mm over the site in that direction: choose another one."
        )
    return way, undercut


def _into(frame: tuple[Float64Array, Float64Array], place_ras: Place | Float64Array) -> Float64Array:
    origin, axes = frame
    inside: Float64Array = axes @ (np.asarray(place_ras, float) - origin)
    return inside


def _turned(frame: tuple[Float64Array, Float64Array], direction_ras: Place) -> Float64Array:
    turned: Float64Array = frame[1] @ unit(direction_ras, "normal")
    return turned


def _out(frame: tuple[Float64Array, Float64Array], place_mm: Float64Array) -> Place:
    origin, axes = frame
    return place_of(origin + place_mm @ axes)


def _cropped(solid: Solid, low_mm: Float64Array, high_mm: Float64Array) -> Solid:
    """Return what of a bone lies in the columns from low to high (2,)."""
    bounds = np.reshape(solid.bounding_box(), (2, 3))
    low = np.array([*low_mm, bounds[0, 2] - 1.0])
    size = np.array([*high_mm, bounds[1, 2] + 1.0]) - low
    return solid ^ engine().Manifold.cube(tuple(size)).translate(tuple(low))


def _notes(inward: Sequence[Float64Array], body: GuideBody, asked: GuideParameters) -> tuple[str, ...]:
    notes = []
    leaning = max((np.degrees(np.arccos(np.clip(-one[2], -1, 1))) for one in inward), default=0.0)
    if leaning > LOCKED_DEG:
        notes.append(f"A bore leans {leaning:.0f} degrees from the way off: take drills and wires out first.")
    for slot in body.slots:
        length = slot.ends_mm[1] - slot.ends_mm[0]
        if length < asked.slot_length_mm - SHORTER_MM:
            notes.append(f"A slot is {length:.1f} mm long: the bone carries no more of it.")
    if asked.label.strip() and not body.labelled:
        notes.append(f'There was no room for the label "{asked.label}": enlarge the base.')
    return tuple(notes)
