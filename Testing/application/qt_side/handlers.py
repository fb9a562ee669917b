"""Which functions of the extension were connected to signals, and which of them a signal has called.

A connection belongs to the module that is being made, set up, or whose handler runs; one that is made at
another time belongs to none. A call does not count while the module's panel only shows what it has: then
it changes widgets by itself, and its handlers have nothing to do.
"""

import contextlib
import functools

import slicer

EXTENSION = ("FluoroPrint", "SegmentEditorFluoroPrint")


class Log:
    """What was connected and called since `clear`, and whose the connections are that are made now."""

    def __init__(self):
        self.module = ""
        self.clear()

    def clear(self):
        """Forget what was connected and called."""
        self.connected, self.called = set(), set()

    @contextlib.contextmanager
    def of(self, module):
        """Let the connections that are made in the block be those of a module."""
        before, self.module = self.module, module
        try:
            yield
        finally:
            self.module = before


LOG = Log()


def noted(wrapped, signature, function):
    """Note a connection; return (module, what it connects), None where the function is another's."""
    while isinstance(function, functools.partial):
        function = function.func
    if not (getattr(function, "__module__", None) or "").startswith(EXTENSION):
        return None
    sender = wrapped.real.objectName() or wrapped.qt_name
    entry = (LOG.module, f"{sender}.{signature} -> {function.__qualname__}")
    LOG.connected.add(entry)
    return entry


def call(entry, function, arguments):
    """Call a connected function; note the call where the connection was noted."""
    if entry is None:
        function(*arguments)
        return
    with LOG.of(entry[0]):
        if not _only_shows(entry[0]):
            LOG.called.add(entry)
        function(*arguments)


def _only_shows(module):
    panel = getattr(slicer.modules, f"{module}Widget", None)
    return getattr(panel, "showing", False)
