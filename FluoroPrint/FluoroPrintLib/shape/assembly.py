"""Parts of several materials that make one model: what they have in common, and how each makes room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Annotated

from ..mesh.named import NamedModel, NamedSurface
from ..parameters import Choices, Help, Parameters
from ..progress import Progress, part_of, silent
from .fit import FitParameters, boxes_meet, fit, overlap_mm3
from .shaped import Shaped
from .solids import UntouchedError, solid_of

STIFFNESS = ("rigid", "biocompatible", "clear", "flexible")
"""Kinds of materials, those first that keep their shape: the others make room."""
LEAST_OVERLAP_MM3 = 1e-3
WITHIN = 0.5
"""A part of which this share lies within another one is not cut by that."""


@dataclass(frozen=True)
class AssemblyParameters(Parameters):
    """Who makes room for whom."""

    fit: Annotated[
        bool, Help("Let parts make room for each other; else what they have in common is only told.")
    ] = True
    whole: Annotated[
        str,
        Choices(("stiffer", "earlier")),
        Help("The part that stays whole: of the stiffer material, or given earlier."),
    ] = "stiffer"


@dataclass(frozen=True)
class Overlap:
    """What two parts have in common, by their names."""

    first: str
    second: str
    volume_mm3: float


@dataclass(frozen=True)
class Fitted:
    """One step of an assembly: the part `number` made room for the part `whole`, both as they were given."""

    number: int
    whole: int
    shaped: Shaped


@dataclass(frozen=True)
class Assembly:
    """Parts that fit each other.

    Attributes
    ----------
    models : in the order in which they were given, those that made room with another surface
    steps : what was done, in its order
    """

    models: tuple[NamedModel, ...]
    steps: tuple[Fitted, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences of what was done, with the parts' names."""
        names = [model.name for model in self.models]
        return tuple(
            f"{names[step.number]}, fitted to {names[step.whole]}: {note}"
            for step in self.steps
            for note in step.shaped.notes
        )


def overlaps(models: Sequence[NamedSurface]) -> tuple[Overlap, ...]:
    """Return what each two of some closed models have in common, where that is anything.

    Raises
    ------
    FluoroPrintError
        One of them is not closed.
    """
    found = (
        Overlap(first.name, second.name, overlap_mm3(first.surface, second.surface))
        for first, second in combinations(models, 2)
    )
    return tuple(each for each in found if each.volume_mm3 > LEAST_OVERLAP_MM3)


def fit_order(kinds: Sequence[str], whole: str = "stiffer") -> tuple[int, ...]:
    """Return the numbers of parts in the order of who stays whole: the stiffest, among equals the first.

    Parameters
    ----------
    kinds : of the parts' materials, words of `STIFFNESS`; another word is as stiff as the first
    whole : "earlier" leaves the order as it is
    """
    if whole == "earlier":
        return tuple(range(len(kinds)))
    return tuple(sorted(range(len(kinds)), key=lambda number: (_softness(kinds[number]), number)))


def _softness(kind: str) -> int:
    return STIFFNESS.index(kind) if kind in STIFFNESS else 0


def who_yields(models: Sequence[NamedSurface], first: int, second: int) -> tuple[int, int]:
    """Return the numbers of who makes room, and for whom, of a part that stays whole and a later one.

    It is the later one, unless half of it or more lies within the other: a tumour stays whole in its bone.
    """
    inner, outer = models[second].surface, models[first].surface
    is_within = overlap_mm3(inner, outer) >= WITHIN * solid_of(inner).volume()
    return (first, second) if is_within else (second, first)


def fit_parts(
    models: Sequence[NamedModel],
    order: Sequence[int],
    parameters: FitParameters = FitParameters(),  # noqa: B008 - frozen
    progress: Progress = silent,
) -> Assembly:
    """Take out of each part what earlier ones need, with a clearance, so that all fit.

    Parameters
    ----------
    models : closed, in RAS mm; they stay as they are
    order : numbers of the models, who stays whole first (see `fit_order`); see `who_yields` for parts within
    parameters : clearance and grid
    progress : told how far the work is; may cancel

    Raises
    ------
    FluoroPrintError
        A model is not closed, or nothing of it would be left.
    """
    made, steps = list(models), list[Fitted]()
    pairs = list(combinations(order, 2))
    for number, (first, second) in enumerate(pairs):
        share = part_of(progress, number / len(pairs), (number + 1) / len(pairs))
        if not boxes_meet(made[first].surface, made[second].surface, parameters.clearance_mm):
            continue
        yielding, whole = who_yields(made, first, second)
        share(0.0, f"Fitting {made[yielding].name} to {made[whole].name}")
        try:
            shaped = fit(made[yielding].surface, made[whole].surface, parameters, share)
        except UntouchedError:
            continue
        made[yielding] = replace(made[yielding], surface=shaped.parts[0].surface)
        steps.append(Fitted(yielding, whole, shaped))
    return Assembly(tuple(made), tuple(steps))
