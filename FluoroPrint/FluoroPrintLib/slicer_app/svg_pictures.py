"""Pictures drawn as SVG, for labels of a panel."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def picture_of_svg(svg: str, name: str) -> Any:
    """Return an SVG as a QPixmap; `name` is that of the file in the application's folder for such."""
    import qt
    import slicer

    path = Path(slicer.app.temporaryPath) / f"FluoroPrint{name}.svg"
    path.write_text(svg, encoding="utf-8")
    return qt.QPixmap(str(path))
