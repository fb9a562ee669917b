"""Warnings that files carry in their headers and comments, found again when a model is read."""

from __future__ import annotations

import re

_PATTERNS = {
    "Mirrored": re.compile(r"MIRRORED(?: [a-z-]+: [^.\"\n]*\.?)?"),
    "Scaled": re.compile(r"Scaled to [\d.e+-]+ %(?: of the patient's size\.)?"),
}
"""By the word of `shape.size`; an STL's header may cut the sentence short."""


def warnings_in(said: str) -> dict[str, str]:
    """Return the warnings within what a file says, sentences by a word each."""
    found = {word: pattern.search(said) for word, pattern in _PATTERNS.items()}
    return {word: hit.group().strip() for word, hit in found.items() if hit}
