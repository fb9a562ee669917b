"""Stand-in for slicer.i18n: nothing is translated, but a text that cannot be is refused."""

import re


def tr(text):
    """Return the text; it must be one that the translators' tool can find.

    Raises
    ------
    TypeError
        It is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"a text to translate is a str, not {text!r}")
    return text


def translate(context, text):
    """Return the text; the context is that of a C++ class or a Python file.

    Raises
    ------
    ValueError
        The context is no name.
    """
    if not re.fullmatch(r"[\w.]+", context):
        raise ValueError(f"{context!r} is no context of translation")
    return tr(text)
