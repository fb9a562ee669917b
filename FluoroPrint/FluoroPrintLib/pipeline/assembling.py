"""The command that makes one model of several parts: materials, colours, and room for each other."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..progress import Progress, part_of
from .dressing import dressed
from .options import parameters_from
from .printing import aligned, read_named

if TYPE_CHECKING:
    from ..catalog.machines import Catalogue
    from ..mesh.named import NamedModel


def assemble(arguments: argparse.Namespace, progress: Progress) -> list[str]:
    """Read the parts, let them make room for each other, write them together."""
    from ..catalog.machines import read_catalogue
    from ..files.atomic import check_writable
    from ..files.export import export_models
    from ..files.mesh_formats import check_mesh_name
    from ..shape.assembly import Assembly, AssemblyParameters, fit_parts, overlaps
    from ..shape.fit import FitParameters

    who = parameters_from(arguments, AssemblyParameters)
    parameters = parameters_from(arguments, FitParameters)
    check_mesh_name(arguments.out)
    check_writable(arguments.out)
    catalogue = read_catalogue(arguments.catalogue)
    models = dressed(read_named(arguments.input), arguments.materials, catalogue, arguments.colours)
    progress(0.1, "Looking for what parts have in common")
    common = [
        f"{each.first} and {each.second} had {each.volume_mm3:.1f} mm3 in common."
        for each in overlaps(models)
    ]
    made = Assembly(tuple(models))
    if who.fit:
        made = fit_parts(
            models, _order(models, catalogue, who.whole), parameters, part_of(progress, 0.2, 0.9)
        )
    progress(0.9, f"Writing {arguments.out.name}")
    written = [
        f"Wrote {path} ({figures.volume_mm3 / 1000:.2f} ml, {figures.triangles} triangles)"
        for path, figures in export_models(arguments.out, made.models)
    ]
    return [*_table(made.models, catalogue), "", *common, *made.notes, *written]


def _order(models: Sequence[NamedModel], catalogue: Catalogue, whole: str) -> tuple[int, ...]:
    from ..printing.machines import material_called
    from ..shape.assembly import fit_order

    found = [material_called(model.material, catalogue.materials) for model in models]
    return fit_order(["" if each is None else each.kind for each in found], whole)


def _table(models: Sequence[NamedModel], catalogue: Catalogue) -> list[str]:
    """Return a row a part: its volume, and mass and cost were it printed solid."""
    heads = ("Part", "Material", "Kind", "Volume", "Mass, solid", "Cost, solid")
    return aligned([heads, *(_row(model, catalogue) for model in models)])


def _row(model: NamedModel, catalogue: Catalogue) -> tuple[str, ...]:
    from ..mesh.polydata import points_of, signed_volume_mm3, triangles_of
    from ..printing.estimates import share_of
    from ..printing.machines import material_called

    volume = signed_volume_mm3(points_of(model.surface), triangles_of(model.surface)) / 1000
    found = material_called(model.material, catalogue.materials)
    if found is None:
        return (model.name, model.material or "none given", "", f"{volume:.2f} ml", "", "")
    share = share_of(found, volume)
    mass = "not known" if share.mass_g is None else f"{share.mass_g:.1f} g"
    cost = "not known"
    if share.cost is not None and found.cost is not None:
        cost = f"{share.cost:.2f} {found.cost.currency}"
    return (model.name, found.title, found.kind, f"{volume:.2f} ml", mass, cost)
