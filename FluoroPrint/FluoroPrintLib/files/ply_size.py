"""Is a PLY file as long as its header says? VTK's reader crashes the program on one that was cut short."""

from __future__ import annotations

from pathlib import Path

_BYTES = {
    **dict.fromkeys(("char", "uchar", "int8", "uint8"), 1),
    **dict.fromkeys(("short", "ushort", "int16", "uint16"), 2),
    **dict.fromkeys(("int", "uint", "float", "int32", "uint32", "float32"), 4),
    **dict.fromkeys(("double", "float64"), 8),
}
LEAST_IN_LIST = 3  # a face has three corners at least
LONGEST_HEADER = 65536


def ply_is_whole(path: Path) -> bool:
    """Tell whether a PLY file has a sound header and at least the bytes (or lines) that it promises.

    Exact for triangles; where faces have more corners, a file cut short in its last faces passes.
    """
    with path.open("rb") as file:
        head, end, _ = file.read(LONGEST_HEADER).partition(b"end_header")
        if not end or not head.startswith(b"ply"):
            return False
        file.seek(len(head) + len(end))
        file.readline()
        try:
            return _has_enough(head.decode("latin-1").splitlines(), file.read())
        except (KeyError, ValueError, IndexError):
            return False


def _has_enough(lines: list[str], body: bytes) -> bool:
    is_text, promised = False, 0
    count = 0
    for words in (line.split() for line in lines if line.strip()):
        if words[0] == "format":
            is_text = words[1] == "ascii"
        elif words[0] == "element":
            count = int(words[2])
            promised += count if is_text else 0
        elif words[0] == "property" and not is_text:
            promised += count * _least_bytes(words)
    return promised <= (len(body.splitlines()) if is_text else len(body))


def _least_bytes(words: list[str]) -> int:
    if words[1] == "list":
        return _BYTES[words[2]] + LEAST_IN_LIST * _BYTES[words[3]]
    return _BYTES[words[1]]
