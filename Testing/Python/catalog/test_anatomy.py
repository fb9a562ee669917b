"""Presets keep to their schema and to the bounds of the parameters, and reach the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from FluoroPrintLib.catalog import anatomy as catalog
from FluoroPrintLib.catalog.anatomy import (
    anatomies,
    anatomy,
    anatomy_names,
    parameters_from_values,
    stage_parameters,
)
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.pipeline.case import CaseParameters
from FluoroPrintLib.pipeline.options import parameters_from
from FluoroPrintLib.pipeline.parser import build_parser
from FluoroPrintLib.reconstruction.fdk import ReconstructionParameters
from FluoroPrintLib.segmentation.bone import BoneParameters

FOLDER = Path(catalog.__file__).parent
KINDS = {"object": dict, "array": list, "string": str}


def faults(value: Any, schema: dict[str, Any], where: str = "$") -> Iterator[str]:
    """Faults by the part of JSON Schema that the catalog's schema uses."""
    known = {"$schema", "title", "type", "required", "additionalProperties", "properties", "items"}
    assert set(schema) <= known | {"minItems", "pattern"}
    if not isinstance(value, KINDS[schema["type"]]):
        yield f"{where} is no {schema['type']}"
        return
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{where} does not fit {schema['pattern']}"
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield f"{where} is too short"
        for index, item in enumerate(value):
            yield from faults(item, schema["items"], f"{where}[{index}]")
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        yield from (f"{where} lacks {name}" for name in schema.get("required", []) if name not in value)
        for name, inner in value.items():
            if name in properties:
                yield from faults(inner, properties[name], f"{where}.{name}")
            elif not schema.get("additionalProperties", True):
                yield f"{where} has an unknown {name}"


def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / "anatomy.schema.json").read_text())
    return loaded


def presets() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / "anatomy.json").read_text())
    return loaded


def test_the_presets_fit_their_schema() -> None:
    assert list(faults(presets(), schema())) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "Skull!"}, "name does not fit"),
        ({"summary": "no sentence"}, "summary does not fit"),
        ({"colour": "red"}, "unknown colour"),
        ({"parameters": {"print": {}}}, "unknown print"),
        ({"title": 3}, "title is no string"),
    ],
)
def test_the_schema_notices_a_preset_that_does_not_fit(change: dict[str, Any], said: str) -> None:
    broken = presets()
    broken["anatomies"][0] |= change
    assert any(said in fault for fault in faults(broken, schema()))


def test_the_six_anatomies_are_there_with_names_of_their_own() -> None:
    assert anatomy_names() == (
        "lumbar-spine",
        "pelvis-acetabulum",
        "skull",
        "mandible",
        "long-bone",
        "aorta",
    )
    assert len({each.title for each in anatomies()}) == 6


def test_presets_know_the_stages_of_a_case() -> None:
    """Methods of segmentation that a case does not run by itself have parameters too, but no presets."""
    assert stage_parameters().items() >= CaseParameters.stages().items()
    assert set(schema()["properties"]["anatomies"]["items"]["properties"]["parameters"]["properties"]) == set(
        CaseParameters.stages()
    )


@pytest.mark.parametrize("each", anatomies(), ids=anatomy_names())
def test_a_preset_makes_the_parameters_of_a_case(each: catalog.Anatomy) -> None:
    """Bounds and choices are checked as the dataclasses are made."""
    case = CaseParameters(**{name: each.parameters[name] for name in CaseParameters.stages()})  # type: ignore[arg-type]
    assert case != CaseParameters()
    assert case.reconstruction.voxel_mm <= ReconstructionParameters().voxel_mm


def test_what_a_preset_leaves_out_keeps_its_default() -> None:
    bone = anatomy("skull").parameters["bone"]
    assert isinstance(bone, BoneParameters)
    assert bone.lower_hu is None
    assert bone.denoising_iterations == 2


def test_values_as_json_has_them_become_parameters() -> None:
    made = parameters_from_values(ReconstructionParameters, {"size_mm": [10.0, 20.0, 30.0]})
    assert made == ReconstructionParameters(size_mm=(10.0, 20.0, 30.0))


@pytest.mark.parametrize(
    ("values", "words"), [({"voxel": 1.0}, "has no voxel"), ({"voxel_mm": 99.0}, "it takes 0.05 to 10 mm")]
)
def test_a_value_that_no_stage_takes_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(FluoroPrintError, match=words):
        parameters_from_values(ReconstructionParameters, values)


def test_an_anatomy_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(FluoroPrintError, match="elbow: choose one of lumbar-spine"):
        anatomy("elbow")


def test_options_of_the_command_line_stand_above_the_preset() -> None:
    words = ["run", "sweep.dcm", "--out", "case", "--anatomy", "skull", "--voxel-mm", "0.9"]
    arguments = build_parser(words).parse_args(words)
    preset = anatomy(arguments.anatomy).parameters["reconstruction"]
    chosen = parameters_from(arguments, ReconstructionParameters, preset)
    assert chosen.voxel_mm == 0.9
    assert chosen.truncation_padding == 1.0
    assert chosen.window == "cosine"
    bone = parameters_from(arguments, BoneParameters, anatomy("skull").parameters["bone"])
    assert bone == anatomy("skull").parameters["bone"]


def test_without_an_anatomy_the_defaults_hold() -> None:
    words = ["run", "sweep.dcm", "--out", "case"]
    arguments = build_parser(words).parse_args(words)
    assert arguments.anatomy is None
    assert parameters_from(arguments, ReconstructionParameters, None) == ReconstructionParameters()


def test_the_user_guide_lists_every_preset() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "user-guide.md").read_text()
    assert [name for name in anatomy_names() if f"| `{name}` |" not in guide] == []
