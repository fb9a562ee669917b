"""How large a reconstruction will be, before it is begun."""

from __future__ import annotations

from typing import Any

from ..errors import FluoroPrintError
from ..geometry.orbit import fit_orbit
from ..mrml.case_parameters import stored_parameters
from ..mrml.nodes import Node
from ..mrml.sweeps import GEOMETRY_ROLE, sweep_geometry_from_node
from ..reconstruction.checks import needed_bytes
from ..reconstruction.fdk import planned_size_ijk


def size_words(node: Node) -> str:
    """Return voxels and memory that the volume of a sweep will take; empty where that cannot be told."""
    from slicer.i18n import tr as _

    if node is None:
        return ""
    try:
        parameters: Any = stored_parameters(node.GetScene(), "reconstruction")
        geometry = sweep_geometry_from_node(node.GetNodeReference(GEOMETRY_ROLE))
        size = planned_size_ijk(geometry, fit_orbit(geometry), parameters)
    except FluoroPrintError as error:
        return str(error)
    voxels = " x ".join(str(count) for count in size)
    words = _("The volume will have {voxels} voxels; computing it takes {memory} MB.")
    return str(words.format(voxels=voxels, memory=round(needed_bytes(size) / 1e6)))
