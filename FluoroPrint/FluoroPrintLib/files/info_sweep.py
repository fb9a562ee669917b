"""What a sweep file holds, in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .acquisition import missing_parts
from .frame_source import Acquisition, FrameSource
from .sweep import SMALLEST_TURN_DEG, frame_source

Facts = list[tuple[str, str]]
SHORTEST_ARC_DEG = 180.0
"""An arc shorter than this, more the cone's angle, leaves part of every slice unseen."""


def sweep_facts(path: Path) -> Facts:
    """Return frames, pixel values, angles, distances, what is missing and what to do about it.

    Raises
    ------
    FluoroPrintError
        The file cannot be read as a sweep.
    """
    source = frame_source(path)
    facts = [
        ("kind", str(source.provenance.get("reader", "sweep"))),
        ("frames", f"{source.count} of {source.columns} x {source.rows} pixels"),
        ("pixel values", _pixel_words(source)),
        *_angle_facts(source.acquisition, source.count),
        *_distance_facts(source.acquisition),
    ]
    facts += [("note", warning) for warning in source.warnings]
    return facts + _what_to_do(source)


def _pixel_words(source: FrameSource) -> str:
    named = str(source.provenance.get("pixel_relation", ""))
    meaning = {"unknown": "not told by the file", "linear": "linear in the X-ray intensity"}
    words = meaning.get(source.scale.relation, source.scale.relation)
    full = "" if source.scale.full_scale is None else f", full scale {source.scale.full_scale:g}"
    return f"{named}: {words}{full}" if named else words + full


def _angle_facts(acquisition: Acquisition, count: int) -> Facts:
    primary, secondary = acquisition.primary_deg, acquisition.secondary_deg
    if primary is None:
        start = acquisition.start_deg
        return [
            ("angles", "not told" if start is None else f"first frame at {start:g}°, the others not told")
        ]
    facts = [("primary angle", f"{primary[0]:.2f}° to {primary[-1]:.2f}° ({acquisition.angle_encoding})")]
    if secondary is not None:
        facts.append(("secondary angle", f"{secondary[0]:.2f}° to {secondary[-1]:.2f}°"))
    if count > 1:
        facts.append(("arc", f"{np.ptp(primary):.1f}° in {count} frames"))
    return facts


def _distance_facts(acquisition: Acquisition) -> Facts:
    def words(value: float | None) -> str:
        return "not told" if value is None else f"{value:g} mm"

    pixel = acquisition.pixel_mm
    return [
        ("source to detector", words(acquisition.sid_mm)),
        ("source to isocentre", words(acquisition.sod_mm)),
        ("pixel at the detector", "not told" if pixel is None else f"{pixel[0]:g} x {pixel[1]:g} mm"),
    ]


def _what_to_do(source: FrameSource) -> Facts:
    """Say what stands between the file and a volume."""
    facts: Facts = [("missing", f"{name}: give {how}") for name, how in missing_parts(source.acquisition)]
    if source.acquisition.objection:
        facts.append(("fault", f"The run {source.acquisition.objection}"))
    primary = source.acquisition.primary_deg
    if source.count < 2:
        facts.append(("fault", "One frame makes no volume: choose the run in which the arm turned."))
    elif primary is not None and np.ptp(primary) < SMALLEST_TURN_DEG:
        facts.append(("fault", "The arm stood still: choose the run in which it turned, or give the arc."))
    elif primary is not None and np.ptp(primary) < SHORTEST_ARC_DEG:
        facts.append(("note", f"An arc under {SHORTEST_ARC_DEG:g}° leaves streaks and blurred edges."))
    ready = not any(label in ("missing", "fault") for label, _ in facts)
    return [*facts, ("ready", "yes, this sweep can be reconstructed")] if ready else facts
