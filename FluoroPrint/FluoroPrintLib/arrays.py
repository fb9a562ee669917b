"""Names for array types, so that signatures read well."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
UInt8Array = npt.NDArray[np.uint8]
IntArray = npt.NDArray[np.int64]
AnyArray = npt.NDArray[Any]
