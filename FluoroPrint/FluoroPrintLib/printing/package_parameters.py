"""What a user says of the files of a package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ..parameters import Help, Parameters


@dataclass(frozen=True)
class PackageParameters(Parameters):
    """Which files a package holds."""

    for_prusaslicer: Annotated[
        bool,
        Help("Write the models as model.prusaslicer.3mf: parts of one object, which keep their places."),
    ] = False
