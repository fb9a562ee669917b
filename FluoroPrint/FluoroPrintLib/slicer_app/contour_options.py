"""What the effect "Fluoro contour" shows and does: contours in slices, or outlines in frames."""

from __future__ import annotations

from typing import Any

from .frame_contours import FrameContours
from .section import Section
from .slice_contours import SliceContours


class ContourOptions:
    """The options of one editor's effect: a choice, and the part that is chosen.

    Parameters
    ----------
    effect : qSlicerSegmentEditorScriptedEffect
    """

    def __init__(self, effect: Any) -> None:
        import qt
        from slicer.i18n import tr as _

        self._effect = effect
        self.modeBox = qt.QComboBox()
        self.modeBox.addItems([_("In slices"), _("In frames")])
        self.modeBox.toolTip = _("Contour slices of the volume, or outline the bone on frames of its sweep.")
        effect.addLabeledOptionsWidget(_("Contour:"), self.modeBox)
        self._sections = Section(effect), Section(effect)
        self.slices, self.frames = SliceContours(self._sections[0]), FrameContours(self._sections[1])
        self._chosen: Any = self.slices
        self._sections[1].frame.visible = False
        self.modeBox.connect("currentIndexChanged(int)", self._on_mode)

    @property
    def drawing(self) -> SliceContours | None:
        """What takes clicks in slices; None while frames are outlined."""
        return self.slices if self._chosen is self.slices else None

    def begin(self) -> None:
        """Be shown: the chosen part begins."""
        self._chosen.begin()

    def end(self) -> None:
        """Be left: nothing drawn, no work and no observer stays."""
        self._chosen.end()

    def dispose(self) -> None:
        """Be deleted."""
        for part in (self.slices, self.frames):
            part.dispose()

    def source_changed(self) -> None:
        """Work on another volume from now on."""
        self._chosen.source_changed()

    def _on_mode(self, index: int) -> None:
        self._chosen.end()
        if self._chosen is self.frames:
            self.frames.show_volume()
        self._chosen = (self.slices, self.frames)[index]
        for number, section in enumerate(self._sections):
            section.frame.visible = number == index
        if self._effect.active():
            self._chosen.begin()
