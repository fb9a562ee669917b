"""What the effect "Learned models" shows and does beside the options of every method: the model's licence."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import slicer

from ..errors import FluoroPrintError
from ..learned.models import (
    DENTAL_RUNNER,
    TOTAL_RUNNER,
    LearnedParameters,
    Model,
    check_ready,
    chosen_model,
    model_key,
)
from ..mrml.case_parameters import stored_parameters
from .method_options import MethodOptions
from .offers import button, first_lacking, idle, offer

LICENCE_HEIGHT = 110
ONLY_NNUNET, ONLY_TOTAL = ("folds", "mirroring"), ("task", "quality")


class LearnedOptions(MethodOptions):
    """The options of one editor's effect "Learned models".

    A model takes minutes, so nothing runs before a button is pressed: a changed parameter ends the preview
    instead of making it anew.

    Attributes
    ----------
    agreed : the models, each with the Python that runs it, whose licence was agreed to since Slicer started:
        neither the scene of somebody else nor another model begins with a tick
    """

    agreed: ClassVar[set[Any]] = set()

    def __init__(self, effect: Any) -> None:
        self._seen: LearnedParameters | None = None
        super().__init__(effect, "learned-model")

    def _add_choosers(self) -> None:
        import qt
        from slicer.i18n import tr as _

        tip = _("The folder of a trained model, or that of TotalSegmentator's weights.")
        self.folderButton = button(_("Choose the model's folder…"), tip, self._on_folder)
        self.licenceText = qt.QTextBrowser()
        self.licenceText.maximumHeight = LICENCE_HEIGHT
        self.licenceText.toolTip = _("The licence of the model, or what is lacking before it can run.")
        self._effect.addOptionsWidget(self.folderButton)
        self._effect.addOptionsWidget(self.licenceText)
        self.lackingLabel = qt.QLabel()
        self.lackingLabel.wordWrap = True
        self._effect.addOptionsWidget(self.lackingLabel)

    def begin(self) -> None:
        """Be shown: say what is lacking."""
        super().begin()
        self._on_parameters()

    def source_changed(self) -> None:
        """Drop what belongs to another volume; a run for it ends."""
        from slicer.i18n import tr as _

        self._drop(_("The source volume was changed: nothing was written.") if self.work.busy else "")

    def _drop(self, message: str) -> None:
        """Leave the preview and end the work, if any; say why."""
        busy = self.work.busy
        self._result = None
        self._hide()
        self._set_previewing(False)
        self.work.close()
        if busy or message:
            self.work.say(message)
        self._on_work()

    def _on_folder(self) -> None:
        import qt
        from slicer.i18n import tr as _

        chosen = qt.QFileDialog.getExistingDirectory(None, _("Folder of the model"), self._folder() or "")
        if chosen:
            self._case.learned_model = chosen

    def _folder(self) -> str | None:
        try:
            return self._parameters().model
        except FluoroPrintError:
            return None

    def _parameters(self) -> LearnedParameters:
        stored = stored_parameters(slicer.mrmlScene, self._method.stage)
        assert isinstance(stored, LearnedParameters)
        return stored

    def _on_parameters(self, _node: Any = None, _event: str = "") -> None:
        """Follow a parameter: untick the licence of another model, end what was begun with others."""
        from slicer.i18n import tr as _

        try:
            now = self._parameters()
        except FluoroPrintError:
            self._delay.start()  # a text that is no value yet; what is lacking is told soon
            return
        if now == self._seen:
            return
        before, self._seen = self._seen, now
        self._fill_weights(now)
        self._hold_licence(before, now)
        for name in (*ONLY_NNUNET, *ONLY_TOTAL):
            self.rows[f"learned_{name}"].enabled = (name in ONLY_TOTAL) == (now.runner == TOTAL_RUNNER)
        if self.previewButton.checked and before is not None:
            self._drop(_("A parameter was changed: click Preview to run the model anew."))
        self._delay.start()

    def _fill_weights(self, now: LearnedParameters) -> None:
        if now.runner == DENTAL_RUNNER and not now.model and (found := dental_weights()):
            self._case.learned_model = found

    def _hold_licence(self, before: LearnedParameters | None, now: LearnedParameters) -> None:
        """Keep what was agreed to by ticking it here; take a tick back that came in another way."""
        if not now.licence_read:
            self.agreed.discard(_run_key(now))
        elif before is not None and not before.licence_read and _run_key(before) == _run_key(now):
            self.agreed.add(_run_key(now))
        elif _run_key(now) not in self.agreed:
            self._case.learned_licence_read = False

    def _follow(self) -> None:
        """Say what is lacking, once nothing was typed for a moment."""
        self._on_work()

    def _on_work(self) -> None:
        super()._on_work()
        lacking = self._lacking()
        self._tell(lacking)
        needs = (idle(self.work), (not lacking, lacking))
        offer(self.applyButton, first_lacking(*needs))
        offer(self.previewButton, "" if self.previewButton.checked else first_lacking(*needs))

    def _tell(self, lacking: str) -> None:
        """Write what is lacking above the buttons, unless it stands in the place of the licence."""
        self.lackingLabel.text = "" if lacking == self.licenceText.plainText else lacking
        self.lackingLabel.visible = bool(self.lackingLabel.text)

    def _lacking(self) -> str:
        """Return what is lacking before the model can run; show its licence where it is whole."""
        try:
            parameters = self._parameters()
            self._show_licence(chosen_model(parameters))
        except FluoroPrintError as error:
            self.licenceText.plainText = str(error)
            return str(error)
        try:
            check_ready(parameters)
        except FluoroPrintError as error:
            return str(error)
        return ""

    def _show_licence(self, model: Model) -> None:
        from slicer.i18n import tr as _

        trust = _("A checkpoint can hold program code: run only models whose makers you trust.")
        self.licenceText.plainText = f"{model.title}\n\n{model.licence}\n\n{trust}"

    def _let_go(self) -> None:
        super()._let_go()
        self._seen = None


def _run_key(parameters: LearnedParameters) -> Any:
    return model_key(parameters), parameters.python


def dental_weights() -> str:
    """Return where the extension DentalSegmentator keeps its weights; empty where it is not installed."""
    module = getattr(slicer.modules, "dentalsegmentator", None)
    folder = Path(module.path).parent / "Resources" / "ML" if module is not None else None
    return str(folder) if folder is not None and folder.is_dir() else ""
