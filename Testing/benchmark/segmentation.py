"""Accuracy of the methods of segmentation, in one run on this machine: `make accuracy`.

FLUOROPRINT_DATA names a folder with sweeps/ and reference/ for the larger cases; the small ones are shipped.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def main() -> None:
    """Print a row for each case of each method: what was measured, and what is needed."""
    for file in sorted(HERE.glob("segmentation_*.py")):
        for case, figures, needed in importlib.import_module(file.stem).rows():
            print(f"{case:<28} {figures}  (needed {needed})", flush=True)


if __name__ == "__main__":
    main()
