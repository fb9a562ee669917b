"""The two exceptions a caller needs to know."""

from __future__ import annotations


class FluoroPrintError(Exception):
    """Something the user can put right.

    The message is one sentence for the person at the screen: what is wrong, where, what to do.
    Every fault of the input, the parameters or the machine reaches the user as this type.
    """


class Cancelled(Exception):  # noqa: N818 - a wish of the user, not an error
    """Raised by a progress callback to stop the work; nothing half-made is left behind."""
