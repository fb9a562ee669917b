"""What a mesh file holds, in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ..mesh.check import SMALLEST_MODEL_MM, check_mesh
from ..mesh.named import NamedModel, warnings_of
from .encapsulated_reading import read_document
from .mesh_formats import read_mesh
from .plates import read_models
from .threemf_reading import description_of_threemf

Facts = list[tuple[str, str]]
SCENES = {".glb": "glTF scene", ".usdz": "USDZ scene"}


def mesh_facts(path: Path) -> Facts:
    """Return triangles, size, volume and faults of a mesh; of each object in a 3MF, glTF or USDZ file.

    Raises
    ------
    FluoroPrintError
        The file cannot be read as a mesh.
    """
    if path.suffix.lower() in SCENES:
        return _scene_facts(path)
    if path.suffix.lower() != ".3mf":
        return [("kind", "mesh"), *_facts_of(read_mesh(path))]
    models = read_models(path)
    objects = f"{len(models)} object{'s' if len(models) != 1 else ''}"
    return [
        ("kind", f"3MF package of {objects}"),
        *(("note", said) for said in filter(None, [description_of_threemf(path)])),
        *(fact for model in models for fact in [*_looks_of(model), *_facts_of(model.surface)]),
    ]


def _looks_of(model: NamedModel) -> Facts:
    """Return name, material and colour of an object."""
    colour = "#" + "".join(f"{round(255 * part):02X}" for part in model.colour)
    material = [("material", model.material)] if model.material else []
    return [("object", model.name), *material, ("colour", colour)]


def _scene_facts(path: Path) -> Facts:
    models = read_models(path)
    kind = f"{SCENES[path.suffix.lower()]} of {len(models)} object{'s' if len(models) != 1 else ''}"
    told = [("note", warning) for warning in warnings_of(models)]
    facts = [fact for model in models for fact in [("object", model.name), *_facts_of(model.surface)]]
    return [("kind", kind), *told, *facts]


def encapsulated_facts(path: Path) -> Facts:
    """Return what a DICOM file with a model inside says, and what the model is; nothing of the patient.

    Raises
    ------
    FluoroPrintError
        The file is damaged.
    """
    inside = read_document(path)
    kind = ("kind", f"DICOM Encapsulated {inside.suffix[1:].upper()}")
    if inside.suffix == ".mtl":
        return [kind, *inside.facts, ("note", "It holds the colours of an Encapsulated OBJ.")]
    return [kind, *inside.facts, *_facts_of(read_mesh(path))]


def _facts_of(surface: vtkPolyData) -> Facts:
    found = check_mesh(surface)
    edges = np.subtract(found.high_ras_mm, found.low_ras_mm)
    volume = f"{found.volume_mm3 / 1000:.2f} ml" if found.is_watertight else "none, it is not closed"
    return [
        ("triangles", str(found.triangles)),
        ("shells", str(found.shells)),
        ("size", " x ".join(f"{edge:.1f}" for edge in edges) + " mm (R, A, S)"),
        ("volume", volume),
        ("watertight", "yes" if found.is_watertight else "no"),
        *(("fault", fault) for fault in found.faults),
        *_readiness(found.is_printable, float(edges.max())),
    ]


def _readiness(is_printable: bool, longest_mm: float) -> Facts:
    if 0 < longest_mm < SMALLEST_MODEL_MM:
        return [("note", "It is tiny: if its numbers are metres, scale it by 1000 first.")]
    return [("ready", "yes, this can be printed")] if is_printable else []
