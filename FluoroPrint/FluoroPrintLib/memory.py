"""Refusing what does not fit into memory before the machine is brought to a halt by it."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from .errors import FluoroPrintError

_MEMINFO = Path("/proc/meminfo")
_GROUP_LIMITS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ),
)


def require_memory(needed_bytes: float, what: str, remedy: str) -> None:
    """Refuse work that needs more memory than is free.

    Parameters
    ----------
    needed_bytes : what the work allocates beyond what is in use now
    what : begins the sentence: "A volume of 512 x 512 x 512 voxels"
    remedy : ends it: "choose larger voxels"

    Raises
    ------
    FluoroPrintError
        There is less memory than that; where the machine does not tell, nothing is refused.
    """
    free = free_memory_bytes()
    if free is not None and needed_bytes > free:
        raise FluoroPrintError(
            f"{what} needs about {needed_bytes / 1e9:.1f} GB of memory, but {free / 1e9:.1f} GB are free: "
            f"{remedy}."
        )


def free_memory_bytes() -> int | None:
    """Return how much memory a program may take without swapping; None where the machine does not tell.

    On Linux what the kernel holds available, within the limits of a container; on Windows the free, on
    macOS the built-in memory.
    """
    if sys.platform == "win32":
        return _windows_free()
    return min(
        (bytes_ for bytes_ in (_linux_available(), *_group_rooms()) if bytes_ is not None),
        default=_built_in(),
    )


def _linux_available() -> int | None:
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB", _MEMINFO.read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(found.group(1)) * 1024 if found else None


def _group_rooms() -> list[int]:
    """Return the room under each limit that a container sets."""
    rooms = []
    for limit, usage in _GROUP_LIMITS:
        try:
            rooms.append(int(limit.read_text()) - int(usage.read_text()))
        except (OSError, ValueError):  # no such limit, or the word "max"
            continue
    return rooms


def _built_in() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _windows_free() -> int | None:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "free", "a", "b", "c", "d", "e")),
        )

    status = Status(length=ctypes.sizeof(Status))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - only there on Windows
    return int(status.free) if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else None
