"""Stand-in for slicer.parameterNodeWrapper: typed parameters in a scripted module node, bound to widgets.

Types: int, float, bool, str, pathlib.Path, enums and MRML nodes, with bounds, choices and defaults. Parameter
packs, lists and unions are Slicer's alone and refused.
"""

from .annotations import Choice, Decimals, Default, Maximum, Minimum, SingleStep, WithinRange
from .wrapper import parameterNodeWrapper

__all__ = [
    "Choice",
    "Decimals",
    "Default",
    "Maximum",
    "Minimum",
    "SingleStep",
    "WithinRange",
    "parameterNodeWrapper",
]
