"""Rows of an effect's form for the parameters of a stage, bound to the case while the effect is chosen."""

from __future__ import annotations

from typing import Any

from ..mrml.case_parameters import parameter_name
from ..parameters import parameter_fields


class BoundRows:
    """The rows of one stage in a form.

    Parameters
    ----------
    layout : QFormLayout
    stage : a name of `catalog.anatomy.stage_parameters`
    names : the fields to show; all of the stage where left out
    """

    def __init__(self, layout: Any, stage: str, names: tuple[str, ...] = ()) -> None:
        from ..catalog.anatomy import stage_parameters
        from .rows import add_rows

        names = names or tuple(field.name for field in parameter_fields(stage_parameters()[stage]))
        rows = add_rows(layout, stage, names)
        self.widgets = {parameter_name(stage, name): widget for name, widget in rows.items()}
        self._case: Any = None
        self._tag = 0

    def bind(self, scene: Any) -> None:
        """Show the parameters that the scene keeps, and keep there what is set."""
        from .parameter_nodes import case_parameters

        if self._case is None:
            self._case = case_parameters(scene)
            self._tag = self._case.connectParametersToGui(self.widgets)

    def release(self) -> None:
        """Leave the scene's parameters alone."""
        if self._case is not None:
            self._case.disconnectGui(self._tag)
            self._case = None
