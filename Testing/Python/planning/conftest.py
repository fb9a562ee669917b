"""What the tests of planning share: solids on grids (`planning_solids`)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
