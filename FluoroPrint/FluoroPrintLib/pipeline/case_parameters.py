"""The parameters of every stage of a case, together."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, cast

from ..files.sweep_parameters import SweepParameters
from ..mesh.model import ModelParameters
from ..mrml.case_parameters import stored_parameters
from ..mrml.nodes import Scene
from ..parameters import Parameters
from ..reconstruction.fdk import ReconstructionParameters
from ..segmentation.bone import BoneParameters


@dataclass(frozen=True)
class CaseParameters:
    """The parameters of every stage of a case."""

    sweep: SweepParameters = field(default_factory=SweepParameters)
    reconstruction: ReconstructionParameters = field(default_factory=ReconstructionParameters)
    bone: BoneParameters = field(default_factory=BoneParameters)
    model: ModelParameters = field(default_factory=ModelParameters)

    @classmethod
    def stages(cls) -> dict[str, type[Parameters]]:
        """Return the parameter dataclass of each stage by the name of its field."""
        return {
            stage.name: cast(type[Parameters], stage.default_factory) for stage in dataclasses.fields(cls)
        }

    @classmethod
    def of_scene(cls, scene: Scene) -> CaseParameters:
        """Return the parameters that a scene keeps for its case.

        Raises
        ------
        FluoroPrintError
            A text that was typed is no value of its field, or out of bounds.
        """
        kept: dict[str, Any] = {name: stored_parameters(scene, name) for name in cls.stages()}
        return cls(**kept)
