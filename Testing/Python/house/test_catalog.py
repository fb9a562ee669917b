"""What the Extensions Index checks before it lists an extension, checked here first."""

import json
import os
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
RAW_FILES = "https://raw.githubusercontent.com/FluoroPrint/SlicerFluoroPrint/main/"

# slicer-extension-catalog-entry-schema-v1.0.2.json, read in Slicer's sources
SCHEMA = (
    "https://raw.githubusercontent.com/Slicer/Slicer/main/Schemas/"
    "slicer-extension-catalog-entry-schema-v1.0.2.json#"
)
REQUIRED = {"$schema", "category", "scm_url"}
TYPE_OF_KEY = {
    "$schema": str,
    "category": str,
    "scm_url": str,
    "scm_revision": str,
    "scm_type": str,
    "build_dependencies": list,
    "dicom_support_rule": str,
    "build_subdirectory": str,
    "enabled": bool,
    "tier": int,
}
JSON_TYPES = {str: "string", list: "array", bool: "boolean", int: "integer"}
SCM_TYPES, TIERS = ["git", "local"], range(1, 6)
CATEGORIES = {"Planning", "Printing", "Segmentation", "Tomographic Reconstruction"}


def faults_of_entry(entry: dict) -> list[str]:
    """Breaches of the schema and of the index's habits."""
    faults = [f"{key} is missing" for key in sorted(REQUIRED - set(entry))]
    faults += [f"{key} is unknown" for key in sorted(set(entry) - set(TYPE_OF_KEY))]
    faults += [
        f"{k} is a {type(v).__name__}" for k, v in entry.items() if type(v) is not TYPE_OF_KEY.get(k, type(v))
    ]
    if entry.get("$schema") != SCHEMA:
        faults.append("$schema is another schema")
    if entry.get("category") not in CATEGORIES:
        faults.append("category is another category")
    if not re.fullmatch(r"https://\S+/Slicer\w+\.git", str(entry.get("scm_url"))):
        faults.append("scm_url is no repository named Slicer...")
    if not all(isinstance(name, str) for name in entry.get("build_dependencies", [])):
        faults.append("build_dependencies holds more than names")
    if entry.get("scm_type", "git") not in SCM_TYPES or entry.get("tier", 1) not in TIERS:
        faults.append("scm_type or tier is out of range")
    return faults


def catalog_entry() -> dict:
    return json.loads((REPOSITORY / "FluoroPrint.json").read_text())


def cmake_setting(name: str) -> str:
    """Value of `set(name "...")`, read as the index's validator reads it: by pattern, without CMake."""
    found = re.search(
        rf'^set\({name}\s+"([^"$]*)"\)$', (REPOSITORY / "CMakeLists.txt").read_text(), re.MULTILINE
    )
    assert found, f"{name} has no literal value in double quotes"
    return found.group(1)


def test_the_catalog_entry_follows_the_schema():
    assert faults_of_entry(catalog_entry()) == []


def test_the_schema_is_slicer_s():
    """Compared with the file itself, where FLUOROPRINT_SLICER_PYTHON names a checkout's Base/Python."""
    checkout = os.environ.get("FLUOROPRINT_SLICER_PYTHON")
    if not checkout:
        pytest.skip("FLUOROPRINT_SLICER_PYTHON names no checkout of Slicer")
    file = Path(checkout).parents[1] / "Schemas" / SCHEMA.rpartition("/")[2].removesuffix("#")
    schema = json.loads(file.read_text())
    properties = schema["properties"]
    assert (schema["$id"], schema["additionalProperties"]) == (SCHEMA, False)
    assert set(schema["required"]) == REQUIRED
    assert {key: told["type"] for key, told in properties.items()} == {
        key: JSON_TYPES[kind] for key, kind in TYPE_OF_KEY.items()
    }
    assert properties["build_dependencies"]["items"] == {"type": "string"}
    assert properties["scm_type"]["enum"] == SCM_TYPES
    assert range(properties["tier"]["minimum"], properties["tier"]["maximum"] + 1) == TIERS


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"scm_url": None}, "scm_url is a NoneType"),
        ({"homepage": "x"}, "homepage is unknown"),
        ({"tier": 6}, "scm_type or tier is out of range"),
        ({"tier": True}, "tier is a bool"),
        ({"tier": 0}, "scm_type or tier is out of range"),
        ({"scm_type": "svn"}, "scm_type or tier is out of range"),
        ({"enabled": 1}, "enabled is a int"),
        ({"build_dependencies": "NA"}, "build_dependencies is a str"),
        ({"category": "Bones"}, "category is another category"),
        ({"$schema": "x"}, "$schema is another schema"),
        ({"scm_url": "https://host/FluoroPrint.git"}, "scm_url is no repository named Slicer..."),
        ({"build_dependencies": [1]}, "build_dependencies holds more than names"),
    ],
)
def test_a_wrong_entry_is_noticed(change, fault):
    assert fault in faults_of_entry(catalog_entry() | change)


def test_a_missing_key_is_noticed():
    entry = catalog_entry()
    del entry["category"]
    assert "category is missing" in faults_of_entry(entry)


def test_entry_and_project_agree_on_name_dependencies_and_home():
    entry, cmake = catalog_entry(), (REPOSITORY / "CMakeLists.txt").read_text()
    assert "\nproject(FluoroPrint)\n" in cmake
    assert (cmake_setting("EXTENSION_DEPENDS") == "NA") == (entry["build_dependencies"] == [])
    assert entry["scm_url"] == cmake_setting("EXTENSION_HOMEPAGE") + ".git"


@pytest.mark.parametrize("setting", ["EXTENSION_ICONURL", "EXTENSION_SCREENSHOTURLS"])
def test_the_pictures_that_the_catalog_shows_are_in_the_repository(setting):
    urls = cmake_setting(setting).split(" ")
    assert all(url.startswith(RAW_FILES) for url in urls)
    assert [url for url in urls if not (REPOSITORY / url.removeprefix(RAW_FILES)).is_file()] == []


def test_the_licence_stands_in_the_root():
    text = (REPOSITORY / "LICENSE.txt").read_text()
    assert "Apache License" in text
    assert "Copyright 2026 FluoroPrint developers" in text


def test_the_description_of_the_project_is_documented_for_a_stranger():
    readme = (REPOSITORY / "README.md").read_text()
    headings = ["Try it", "In Slicer", "Modules", "Cite", "Licence"]
    assert [h for h in headings if f"\n## {h}" not in readme] == []
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)|<img [^>]*src=\"([^\"]+)\"", readme)
    assert pictures
    assert [a or b for a, b in pictures if not (REPOSITORY / (a or b)).is_file()] == []
