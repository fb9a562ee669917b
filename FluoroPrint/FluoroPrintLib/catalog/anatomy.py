"""Presets for anatomies: the parameters of all stages, chosen by the name of what was imaged.

The presets are data (anatomy.json, described by anatomy.schema.json): stage by stage the fields of the
parameter dataclasses, whose bounds hold here too. What a preset leaves out keeps its default.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import FluoroPrintError
from ..parameters import Parameters, parameter_fields

PRESETS = "anatomy.json"


@dataclass(frozen=True)
class Anatomy:
    """A preset.

    Attributes
    ----------
    name : the word to choose it by, "lumbar-spine"
    title : for people, "Lumbar spine"
    summary : what the preset does differently, a sentence
    parameters : of every stage, by its name (see `stage_parameters`)
    """

    name: str
    title: str
    summary: str
    parameters: Mapping[str, Parameters]


def stage_parameters() -> dict[str, type[Parameters]]:
    """Return the parameter dataclass of each stage by the name that presets use."""
    from ..files.sweep_parameters import SweepParameters
    from ..mesh.model import ModelParameters
    from ..reconstruction.fdk import ReconstructionParameters
    from ..segmentation.methods import methods

    return {
        "sweep": SweepParameters,
        "reconstruction": ReconstructionParameters,
        **{method.stage: method.parameters for method in methods()},
        "model": ModelParameters,
    }


def anatomy_names() -> tuple[str, ...]:
    """Return the names of all presets, in their order."""
    return tuple(str(preset["name"]) for preset in _presets())


def anatomies() -> tuple[Anatomy, ...]:
    """Return all presets, in their order."""
    return tuple(_anatomy(preset) for preset in _presets())


def anatomy(name: str) -> Anatomy:
    """Return the preset called `name`.

    Raises
    ------
    FluoroPrintError
        There is no such preset.
    """
    for preset in _presets():
        if preset["name"] == name:
            return _anatomy(preset)
    raise FluoroPrintError(f"There is no anatomy {name}: choose one of {', '.join(anatomy_names())}.")


def _presets() -> list[dict[str, Any]]:
    text = (Path(__file__).parent / PRESETS).read_text(encoding="utf-8")
    presets: list[dict[str, Any]] = json.loads(text)["anatomies"]
    return presets


def _anatomy(preset: Mapping[str, Any]) -> Anatomy:
    given = preset["parameters"]
    made = {
        stage: parameters_from_values(parameters, given.get(stage, {}))
        for stage, parameters in stage_parameters().items()
    }
    return Anatomy(preset["name"], preset["title"], preset["summary"], made)


def parameters_from_values(parameters: type[Parameters], values: Mapping[str, Any]) -> Parameters:
    """Return parameters with values as JSON has them: lists become tuples.

    Raises
    ------
    FluoroPrintError
        A field does not exist, or a value is out of bounds.
    """
    known = {field.name for field in parameter_fields(parameters)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise FluoroPrintError(
            f"{parameters.__name__} has no {', '.join(unknown)}: choose among {', '.join(sorted(known))}."
        )
    return parameters(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    )
