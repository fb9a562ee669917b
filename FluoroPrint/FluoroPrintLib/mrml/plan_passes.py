"""The bone after the passes of instruments in a plan: one model beside the plan, made anew as that changes.

The model is of the case and can be printed; the bone itself is hidden as long as it is shown. The plan's node
refers to it, and it knows its bone and up to which pass it is, so that all of it is saved with the scene.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np

from ..errors import FluoroPrintError
from ..mesh.named import NamedModel
from ..mesh.surface import surface_of_mask
from ..planning.instrument_objects import is_of_place, passes_of
from ..planning.plan import Figure, Plan, Planned
from ..planning.replay import PASS, bone_and_removed
from .cases import place_in_case, remove_from_case
from .deviations import show_model
from .models import add_model, colour_of, distinct_colour, surface_from_node
from .nodes import Node
from .plan_bones import stamp_of_bone
from .plan_store import STAGE, case_of_plan, plan_of
from .provenance import set_provenance, source_of

BONE_AFTER = "FluoroPrint.BoneAfter"
"""Role of the model at the plan's node."""
UPTO, OF, REMOVED = "FluoroPrint.UpToPass", "FluoroPrint.PassesDone", "FluoroPrint.RemovedByPass"
ALL = "all"
COLOURS = "colour of pass"
BONE_COLOUR = (0.93, 0.87, 0.74)


def show_bone_after(node: Node, bone: Node, upto: int | None = None) -> Node:
    """Show the bone after the passes of a plan, each in a colour of its own; the bone is hidden.

    Parameters
    ----------
    node : vtkMRMLTextNode of a plan
    bone : vtkMRMLModelNode or vtkMRMLSegmentationNode (all of its segments), under any transform
    upto : how many of the passes are done, the first ones; all of them where left out

    Returns
    -------
    vtkMRMLModelNode, the same one each time.

    Raises
    ------
    FluoroPrintError
        The plan has no passes, the bone is not closed, or is such a model itself; all stays as it was.
    """
    plan = plan_of(node)
    if not passes_of(plan):
        raise FluoroPrintError(f"{node.GetName()!r} holds no pass of an instrument: add one first.")
    if bone is not None and bone.GetAttribute(UPTO):
        raise FluoroPrintError(f"{bone.GetName()!r} is a bone after passes: choose the bone itself.")
    surface, removed = bone_and_removed(_surface_of(bone), _done(plan, upto))
    shown, before = bone_shown_after(node), None
    if shown is None:
        shown = add_model(node.GetScene(), NamedModel("Bone after passes", _colour(bone), surface))
        node.SetNodeReferenceID(BONE_AFTER, shown.GetID())
        place_in_case(node.GetScene(), shown, case_of_plan(node), STAGE)
    else:
        before = source_of(shown)
    set_provenance(shown, bone, STAGE)
    shown.SetAttribute(UPTO, ALL if upto is None else str(upto))
    _fill(shown, plan, surface, removed)
    if before is not None and before is not bone:
        show_model(before, shown=True)
    show_model(bone, shown=False)
    return shown


def bone_shown_after(node: Node) -> Node:
    """Return the model of the bone after the passes of a plan, None where none is shown."""
    return node.GetNodeReference(BONE_AFTER) if node is not None else None


def removed_by_passes(node: Node) -> tuple[float, ...] | None:
    """Return what each pass took, mm3, of the bone that is shown after them; None where it is not shown."""
    shown = bone_shown_after(node)
    return None if shown is None else tuple(json.loads(shown.GetAttribute(REMOVED) or "[]"))


def hide_bone_after(node: Node) -> None:
    """Take away the bone after the passes of a plan, and show the bone itself again."""
    shown = bone_shown_after(node)
    if shown is None:
        return
    bone = source_of(shown)
    node.RemoveNodeReferenceIDs(BONE_AFTER)
    remove_from_case(shown)
    if bone is not None:
        show_model(bone, shown=True)


def follow_passes(node: Node, plan: Plan) -> None:
    """Let the bone after passes be that of the plan as it is now, where it is shown and was changed.

    It is taken away where there is no pass any more, or none can be done: what is shown is the plan's.
    """
    shown = bone_shown_after(node)
    bone = source_of(shown) if shown is not None else None
    if bone is None or shown.GetAttribute(OF) == _stamp(plan, shown):
        return
    if not passes_of(plan):
        hide_bone_after(node)
        return
    try:
        _fill(shown, plan, *bone_and_removed(_surface_of(bone), _done(plan, _upto(shown))))
    except FluoroPrintError:
        hide_bone_after(node)


def _fill(shown: Node, plan: Plan, surface: Any, removed_mm3: tuple[float, ...]) -> None:
    done = _done(plan, _upto(shown))
    _colour_passes(surface, colour_of(shown))
    shown.SetAndObservePolyData(surface)
    name = source_of(shown).GetName()
    shown.SetName(f"{name} after pass {len(done)} of {len(passes_of(plan))}")
    shown.SetAttribute(OF, _stamp(plan, shown))
    shown.SetAttribute(REMOVED, json.dumps(removed_mm3))
    display = shown.GetDisplayNode()
    display.SetActiveScalar(COLOURS, _cell_data())
    display.SetScalarRangeFlag(display.UseDirectMapping)
    display.SetScalarVisibility(True)


def _cell_data() -> int:
    from vtkmodules.vtkFiltersCore import vtkAssignAttribute

    return int(vtkAssignAttribute.CELL_DATA)


def _colour_passes(surface: Any, colour: tuple[float, float, float]) -> None:
    """Give the faces of a bone its colour, and those that a pass laid open the colour of that."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy

    numbers = vtk_to_numpy(surface.GetCellData().GetArray(PASS))
    colours = [colour, *(distinct_colour(colour, number) for number in range(int(numbers.max(initial=0))))]
    array = numpy_to_vtk(np.uint8(np.round(255 * np.array(colours)))[numbers], deep=True)
    array.SetName(COLOURS)
    surface.GetCellData().AddArray(array)


def _colour(bone: Node) -> tuple[float, float, float]:
    return colour_of(bone) if bone.IsA("vtkMRMLModelNode") else BONE_COLOUR


def _surface_of(bone: Node) -> Any:
    """Return the surface of a bone in world RAS mm."""
    from .segmentations import segmentation_from_node

    if bone is not None and bone.IsA("vtkMRMLSegmentationNode"):
        labels = segmentation_from_node(bone).labelmap
        return surface_of_mask(labels.array_kji > 0, labels.ijk_to_ras)
    return surface_from_node(bone)


def _upto(shown: Node) -> int | None:
    kept = shown.GetAttribute(UPTO) or ALL
    return None if kept == ALL else int(kept)


def _done(plan: Plan, upto: int | None) -> tuple[Planned, ...]:
    return passes_of(plan)[:upto]


def _stamp(plan: Plan, shown: Node) -> str:
    """Return what changes with the passes that are done and with the bone."""
    passes = passes_of(plan)
    done = [(p.kind, p.points, p.directions, _sizes(p)) for p in passes[: _upto(shown)]]
    told = repr((done, len(passes), stamp_of_bone(source_of(shown))))
    return hashlib.sha256(told.encode()).hexdigest()


def _sizes(planned: Planned) -> dict[str, Figure]:
    return {name: figure for name, figure in planned.figures.items() if not is_of_place(name)}
