"""A prepared print in the scene: each plate a transform beside the models, with its bed and its parts.

The plates only show something: they are no results of the case, and the next preparation takes them away.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkCellArray

from ..arrays import Float64Array
from ..errors import FluoroPrintError
from ..mesh.named import NamedModel
from ..mesh.polydata import polydata_from
from ..printing.machines import Material, Printer
from ..printing.orientation import OrientationParameters
from ..printing.preparation import PrintJob, prepare_print
from ..printing.settings import PrintSettings
from ..progress import Progress, part_of, silent
from .cases import case_of, leave_case, place_in_case, place_in_folder, remove_folder
from .models import add_model, named_surface
from .nodes import SHOWN, Node, Scene, new_node, vtk_matrix
from .print_tables import add_print_tables
from .provenance import SOURCE_ROLE

PLATE = "print plate"
"""What the attribute `SHOWN` of all these nodes says."""
STAGE, FOLDER = "Print", "Plates"
BESIDE_MM = 40.0
"""Room between the models and the plates, and between these."""
BED_COLOUR, BED_OPACITY = (0.55, 0.6, 0.65), 0.35
_CASE = "FluoroPrint.Case"


def prepare_plates(
    scene: Scene,
    nodes: Sequence[Node],
    printer: Printer,
    material: Material,
    orientation: OrientationParameters = OrientationParameters(),  # noqa: B008 - frozen
    settings: PrintSettings = PrintSettings(),  # noqa: B008 - frozen
    progress: Progress = silent,
    known: Sequence[Material] = (),
) -> PrintJob:
    """Prepare models for a printer and show the plates; see `prepare_print`.

    Parameters
    ----------
    scene : vtkMRMLScene
    nodes : vtkMRMLModelNode each; they stay as they are
    printer, material, orientation, settings : what it is prepared for
    progress : told how far the work is; may cancel
    known : materials of the catalogue, among which the models' own are looked for

    Raises
    ------
    FluoroPrintError
        There is no model, or a part does not fit; the scene stays as it was.
    Cancelled
        `progress` stopped the work; the scene stays as it was.
    """
    models = [named_surface(node) for node in nodes]
    share = part_of(progress, 0.0, 0.95)
    job = prepare_print(models, printer, material, orientation, settings, share, known)
    add_plates(scene, job, nodes)
    return job


def add_plates(scene: Scene, job: PrintJob, nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Show a job's plates in place of those of an earlier one, and tell of it in tables.

    Parameters
    ----------
    scene : vtkMRMLScene
    job : of the models of `nodes`, in their order
    nodes : vtkMRMLModelNode each

    Returns
    -------
    vtkMRMLLinearTransformNode of each plate.
    """
    if any(node.GetScene() is not scene for node in nodes):
        raise FluoroPrintError("A model was removed meanwhile: prepare the print anew.")
    remove_plates(scene)
    case = case_of(nodes[0]) or str(nodes[0].GetName())
    first, step = _first_corner(nodes, job.printer), job.printer.bed_mm[0] + BESIDE_MM
    corners = [first + (number * step, 0.0, 0.0) for number in range(len(job.estimates))]
    plates = tuple(_added_plate(scene, number, corner) for number, corner in enumerate(corners))
    for number, plate in enumerate(plates):
        _put(_added_bed(scene, job.printer, number), plate, case)
        plate.SetAttribute(_CASE, case)
        place_in_folder(scene, plate, case, STAGE, FOLDER)
    for node, part in zip(nodes, job.parts, strict=True):
        shown = add_model(scene, part.placed, f"{part.placed.name} on plate {part.placed.plate + 1}")
        shown.SetNodeReferenceID(SOURCE_ROLE, node.GetID())
        _put(shown, plates[part.placed.plate], case)
    for table in add_print_tables(scene, job):
        table.SetAttribute(SHOWN, PLATE)
        place_in_case(scene, table, case, STAGE)
    return plates


def remove_plates(scene: Scene) -> None:
    """Take all plates out of the scene, with their beds, parts and tables."""
    shown = [node for node in _nodes(scene) if node.GetAttribute(SHOWN) == PLATE]
    cases = {node.GetAttribute(_CASE) for node in shown} - {None}
    for node in reversed(shown):
        for number in reversed(range(_displays(node))):
            scene.RemoveNode(node.GetNthDisplayNode(number))
        leave_case(node)
        scene.RemoveNode(node)
    for case in cases:
        remove_folder(scene, case, STAGE, FOLDER)


def plates_of(scene: Scene) -> tuple[Node, ...]:
    """Return the transforms of the plates that a scene shows, in their order."""
    nodes = (node for node in _nodes(scene) if node.GetAttribute(SHOWN) == PLATE)
    return tuple(node for node in nodes if node.IsA("vtkMRMLLinearTransformNode"))


def _first_corner(nodes: Sequence[Node], printer: Printer) -> Float64Array:
    """Return the front left corner of the first plate: to the right of the models, on their lowest place."""
    bounds = np.zeros((len(nodes), 6))
    for node, row in zip(nodes, bounds, strict=True):
        node.GetRASBounds(row)
    low, high = bounds[:, ::2].min(0), bounds[:, 1::2].max(0)
    return np.array([high[0] + BESIDE_MM, (low[1] + high[1] - printer.bed_mm[1]) / 2, low[2]])


def _added_plate(scene: Scene, number: int, corner: Float64Array) -> Node:
    matrix = np.eye(4)
    matrix[:3, 3] = corner
    plate = new_node(scene, "vtkMRMLLinearTransformNode", f"Plate {number + 1}")
    plate.SetMatrixTransformToParent(vtk_matrix(matrix))
    plate.SetAttribute(SHOWN, PLATE)
    return plate


def _added_bed(scene: Scene, printer: Printer, number: int) -> Node:
    (width, depth), height = printer.bed_mm, printer.height_mm
    corners = np.array([[x, y, z] for z in (0.0, height) for y in (0.0, depth) for x in (0.0, width)])
    surface = polydata_from(corners, np.array([[0, 1, 3], [0, 3, 2]]))
    surface.SetLines(_edges())
    bed = add_model(scene, NamedModel(f"Bed {number + 1}: {printer.title}", BED_COLOUR, surface))
    bed.GetDisplayNode().SetOpacity(BED_OPACITY)
    bed.GetDisplayNode().SetVisibility2D(False)
    return bed


def _edges() -> vtkCellArray:
    """Return the edges of the room above a bed; the numbers of their corners differ in one bit."""
    edges = vtkCellArray()
    for corner in range(8):
        for bit in (1, 2, 4):
            if not corner & bit:
                edges.InsertNextCell(2, (corner, corner | bit))
    return edges


def _put(node: Node, plate: Node, case: str) -> None:
    node.SetAttribute(SHOWN, PLATE)
    node.SetAndObserveTransformNodeID(plate.GetID())
    place_in_folder(node.GetScene(), node, case, STAGE, FOLDER)


def _displays(node: Node) -> int:
    return int(node.GetNumberOfDisplayNodes()) if node.IsA("vtkMRMLDisplayableNode") else 0


def _nodes(scene: Scene) -> list[Node]:
    return [scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())]
