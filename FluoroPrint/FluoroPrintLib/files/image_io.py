"""SimpleITK as the reader of pictures: its faults in a sentence, its warnings kept quiet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import FluoroPrintError


@contextmanager
def quiet_itk() -> Iterator[None]:
    """Keep ITK's warnings off the terminal within the block."""
    import SimpleITK

    shown = SimpleITK.ProcessObject.GetGlobalWarningDisplay()
    SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
    try:
        yield
    finally:
        SimpleITK.ProcessObject.SetGlobalWarningDisplay(shown)


def image_header(path: Path) -> Any:
    """Return a SimpleITK.ImageFileReader that has read the header of a picture, not its pixels.

    Raises
    ------
    FluoroPrintError
        The file is missing, empty, damaged or of no known kind.
    """
    import SimpleITK

    _refuse_nothing(path)
    reader = SimpleITK.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        with quiet_itk():
            reader.ReadImageInformation()
    except RuntimeError as error:
        raise FluoroPrintError(
            f"{path} cannot be read as a picture: it is damaged or of an unknown kind."
        ) from error
    return reader


def read_image(path: Path) -> Any:
    """Return the SimpleITK image of a file of single numbers, colour refused.

    Raises
    ------
    FluoroPrintError
        The file is missing, empty, damaged, of no known kind, or in colour.
    """
    reader = image_header(path)
    if reader.GetNumberOfComponents() != 1:
        raise FluoroPrintError(f"{path} holds colour or vectors: export it in grey values.")
    return read_pixels(reader)


def read_pixels(reader: Any) -> Any:
    """Return the SimpleITK image of a reader that `image_header` made, of any number of components.

    Raises
    ------
    FluoroPrintError
        The file is damaged.
    """
    try:
        with quiet_itk():
            return reader.Execute()
    except RuntimeError as error:
        raise FluoroPrintError(
            f"{reader.GetFileName()} is cut short or damaged: copy or export it again."
        ) from error


def _refuse_nothing(path: Path) -> None:
    if path.is_dir():
        raise FluoroPrintError(f"{path} is a folder: choose a file.")
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise FluoroPrintError(
            f"{path} cannot be opened ({error.strerror}): check its name and rights."
        ) from error
    if size == 0:
        raise FluoroPrintError(f"{path} is empty: copy or export it again.")
