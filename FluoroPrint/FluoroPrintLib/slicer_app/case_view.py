"""What the home panel shows of a case: a line for each stage, and what comes next."""

from __future__ import annotations

from typing import Any

from ..mrml.case_stages import DONE, READY, WAITING, CaseState, StageState
from .offers import offer

MARKS = {DONE: "✔", READY: "▶", WAITING: "·"}
NAMES_SHOWN = 3


def show_stages(ui: Any, case: CaseState) -> None:
    """Write the state of each stage into its row (`<stage>Mark`, `<stage>State`, `<stage>Time`)."""
    for state in case.stages:
        key = state.stage.lower()
        getattr(ui, f"{key}Mark").text = MARKS[state.state]
        words = _words(state, case)
        getattr(ui, f"{key}State").text = words
        getattr(ui, f"{key}Time").text = "" if state.seconds is None else f"{state.seconds:.1f} s"
        lacking = f"{words[:1].upper()}{words[1:]}." if state.state == WAITING else ""
        offer(getattr(ui, f"{key}Button"), lacking)


def _words(state: StageState, case: CaseState) -> str:
    from slicer.i18n import tr as _

    names = [str(node.GetName()) for node in state.nodes]
    if names:
        more = (
            _(" and {count} more").format(count=len(names) - NAMES_SHOWN) if len(names) > NAMES_SHOWN else ""
        )
        return ", ".join(names[-NAMES_SHOWN:]) + more
    waits = {
        "Acquire": _("begin here"),
        "Segment": _("needs a volume"),
        "Model": _("needs a segmentation"),
        "Print": _("needs a model"),
        "Plan": _("needs a model and a sweep"),
    }
    return str(_("not begun") if state.state == READY and state.stage != "Acquire" else waits[state.stage])


def next_step(case: CaseState) -> str:
    """Return what comes next, as a sentence."""
    from slicer.i18n import tr as _

    if not case.title:
        return str(
            _(
                "Begin with a sweep: load one from the DICOM browser, take one from Sample Data, "
                "or choose a file under Run everything."
            )
        )
    done = {state.stage: state.state == DONE for state in case.stages}
    sentences = (
        ("Acquire", _("Next: reconstruct {name}."), case.sweep),
        ("Segment", _("Next: segment the bone of {name}."), case.volume),
        ("Model", _("Next: make a model of {name}."), case.segmentation),
        ("Print", _("Next: check {name} and export it."), case.model),
    )
    for stage, sentence, node in sentences:
        if not done[stage] and node is not None:
            return str(sentence.format(name=f"'{node.GetName()}'"))
    if not done["Plan"] and case.sweep is not None and case.model is not None:
        return str(_("Next: compare {name} with the sweep.").format(name=f"'{case.model.GetName()}'"))
    return str(_("Every stage was gone through."))
