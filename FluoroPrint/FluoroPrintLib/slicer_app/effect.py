"""What FluoroPrint's Segment Editor effects share: the hooks that Slicer calls, options built when chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from SegmentEditorEffects import AbstractScriptedSegmentEditorEffect
from slicer.i18n import tr as _

HELP_URL = (
    "https://github.com/FluoroPrint/SlicerFluoroPrint/blob/main/docs/modules/SegmentEditorFluoroPrint.md"
)


class FluoroEffect(AbstractScriptedSegmentEditorEffect):  # type: ignore[misc]
    """Derive in a file of SegmentEditorFluoroPrintLib; override `title`, `make_options` and `help_words`.

    The options are built when the effect is first chosen, since that loads the library: an editor makes its
    copies of all effects when it opens. They have `begin`, `end`, `source_changed` and `dispose`.

    Attributes
    ----------
    file : the file of the derived class, which Slicer reads for every editor
    name : what modules and scripts find the effect by
    """

    file: str
    name: str

    def __init__(self, scriptedEffect: Any) -> None:
        scriptedEffect.name = self.name
        scriptedEffect.title = self.title()
        scriptedEffect.perSegment = True
        scriptedEffect.requireSegments = True
        scriptedEffect.showEffectCursorInSliceView = False
        super().__init__(scriptedEffect)
        self.options: Any = None

    def title(self) -> str:
        """Return what the user reads, translated."""
        raise AssertionError(f"{type(self).__name__} has no title")

    def make_options(self) -> Any:
        """Return the options, in the frame of the effect."""
        raise AssertionError(f"{type(self).__name__} makes no options")

    def help_words(self) -> str:
        """Return what the editor shows beside the effect, as HTML."""
        raise AssertionError(f"{type(self).__name__} has no help")

    def clone(self) -> Any:
        """Make the effect of another editor."""
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        effect = effects.qSlicerSegmentEditorScriptedEffect(None)
        effect.setPythonSource(Path(self.file).as_posix())
        return effect

    def icon(self) -> Any:
        """Return the picture on the effect's button, Resources/Icons/<class>.png beside the package."""
        import qt

        icons = Path(self.file).parent.parent / "Resources" / "Icons"
        return qt.QIcon(str(icons / f"{type(self).__name__}.png"))

    def helpText(self) -> str:  # noqa: N802 - Slicer's name
        """Return the help with a link to the effect's page."""
        return f'<html>{self.help_words()}<a href="{HELP_URL}">{_("More")}</a></html>'

    def activate(self) -> None:
        """Be chosen."""
        self.options = self.options or self.make_options()
        self.options.begin()

    def deactivate(self) -> None:
        """Be left: previews and work are dropped."""
        if self.options:
            self.options.end()

    def sourceVolumeNodeChanged(self) -> None:  # noqa: N802 - Slicer's name
        """Work on another volume from now on."""
        if self.options and self.scriptedEffect.active():
            self.options.source_changed()

    def cleanup(self) -> None:
        """Be deleted with the editor."""
        if self.options:
            self.options.dispose()
            self.options = None
