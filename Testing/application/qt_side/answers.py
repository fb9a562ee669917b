"""Dialogs that wait for the user: recorded, and answered as the test says; without an answer they raise."""

from .listing import NotInStandIn

MODAL_CLASSES = {"QFileDialog", "QInputDialog", "QColorDialog", "QFontDialog", "QMessageBox", "ctkMessageBox"}
MODAL_STARTS = ("get", "question", "information", "warning", "critical", "about")


class Desk:
    """What the dialogs asked, and what the test answers: a value, or a function of the dialog's arguments."""

    def __init__(self):
        self.clear()

    def clear(self):
        """Forget questions and answers."""
        self.asked = []
        self.messages = []
        self.answers = {}


DESK = Desk()


def is_modal(class_name, name):
    """Say whether a static method opens a dialog and waits."""
    return class_name in MODAL_CLASSES and name.startswith(MODAL_STARTS)


def asked(key, *arguments):
    """Record a question and return the test's answer.

    Raises
    ------
    NotInStandIn
        The test gives none.
    """
    DESK.asked.append((key, arguments))
    if key not in DESK.answers:
        raise NotInStandIn(f"{key} waits for the user: let the test answer it (application.answers[{key!r}])")
    answer = DESK.answers[key]
    return answer(*arguments) if callable(answer) else answer


def shown(dialog):
    """Stand in for exec_(): record a message box that only tells something; ask about every other dialog."""
    if dialog.inherits("QMessageBox"):
        DESK.messages.append(dialog.text)
        only = _only_button(dialog)
        if only is not None and f"{dialog.qt_name}.exec_" not in DESK.answers:
            return only
    return asked(f"{dialog.qt_name}.exec_", dialog)


def _only_button(dialog):
    buttons = dialog.real.standardButtons()
    return buttons if bin(int(buttons)).count("1") <= 1 else None
