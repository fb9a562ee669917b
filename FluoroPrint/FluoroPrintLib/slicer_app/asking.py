"""Questions to the user that several sections ask."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def asked_folder(title: str, caption: str, names: Sequence[str]) -> Path | None:
    """Return a folder that the user chooses for files; None where none, or where earlier ones shall stay.

    Parameters
    ----------
    title : of the dialog that asks whether earlier files are replaced
    caption : of the dialog that asks for the folder
    names : of the files to come
    """
    import qt
    import slicer
    from slicer.i18n import tr as _

    chosen = qt.QFileDialog.getExistingDirectory(None, caption, "")
    if not chosen:
        return None
    folder = Path(chosen)
    there = [name for name in names if (folder / name).exists()]
    question = _("{path} exists. Replace it?").format(path=folder / there[0]) if there else ""
    if there and not slicer.util.confirmOkCancelDisplay(question, windowTitle=title):
        return None
    return folder
