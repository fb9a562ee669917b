"""Warnings that files carry in their headers and comments, found again when a model is read."""

from __future__ import annotations

import re

_PATTERNS = {
    "Mirrored": re.compile(r"MIRRORED(?: [a-z]+-[a-z]+)?"),
    "Scaled": re.compile(r"Scaled to [\d.e+-]+ %"),
}
_ENDS = {
    "Mirrored": ": this model does not show the side that was imaged.",
    "Scaled": " of the patient's size.",
}
"""By the word of `shape.size`; an STL's header may cut the sentence short: only its start is looked for."""


def warnings_in(said: str) -> dict[str, str]:
    """Return the warnings within what a file says, whole sentences by a word each."""
    found = {word: pattern.search(said) for word, pattern in _PATTERNS.items()}
    return {word: hit.group() + _ENDS[word] for word, hit in found.items() if hit}
