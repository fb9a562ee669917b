"""What the effect "Vessel" shows and does beside the options of every method: points in the wanted ones."""

from __future__ import annotations

from typing import Any

from ..segmentation.methods import Hints
from .method_options import MethodOptions
from .point_chooser import PointChooser


class VesselOptions(MethodOptions):
    """The options of one editor's effect "Vessel": with points, the trees that they touch are kept."""

    def __init__(self, effect: Any) -> None:
        super().__init__(effect, "vessel")

    def _add_choosers(self) -> None:
        from slicer.i18n import tr as _

        self.seeds = PointChooser(
            "Vessel seeds",
            _("A list of points in vessels: only what is connected to one of them is kept. May be left out."),
            _("Click into each vessel that is wanted; press the right button to end."),
            self._on_parameters,
        )
        self._effect.addLabeledOptionsWidget(_("Connected to:"), self.seeds.row)

    def begin(self) -> None:
        """Be shown: offer the point lists too."""
        super().begin()
        self.seeds.begin()

    def end(self) -> None:
        """Be left: placing ends too."""
        self.seeds.end()
        super().end()

    def _hints(self) -> Hints:
        """Return the points in the segmentation's own frame, as the volume is; none where none are set."""
        points = self.seeds.points_in(self._effect.parameterSetNode().GetSegmentationNode())
        return Hints(seeds_ras=points if len(points) else None)
