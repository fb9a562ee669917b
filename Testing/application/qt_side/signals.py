"""Signals as PythonQt connects them, with a signature that does not exist refused.

As in PythonQt a Python function gets as many of a signal's arguments as it takes. What a slot raises, Qt can
only print; here it is kept too, and the test that caused it fails.
"""

import inspect
import sys
import traceback

from PySide6 import QtCore

from .handlers import call, noted
from .listing import NotInStandIn, Signals, member, normalised

FAULTS = []


class Signal:
    """`widget.clicked`: to connect, to disconnect, or to call, which emits."""

    def __init__(self, wrapped, told):
        self._wrapped = wrapped
        self._told = told

    def _signature(self, function=None):
        full = self._told.full
        if len(full) > 1 and (function is None or _count_of_arguments(function) != 0):
            raise AttributeError(
                f"{self._wrapped.qt_name}.{self._told.name} is overloaded: "
                f"use connect() with one of {', '.join(full)}"
            )
        return full[0]

    def connect(self, function):
        """Connect to a function; of an overloaded signal only to one that takes no argument."""
        return connect(self._wrapped, self._signature(function), function)

    def disconnect(self, function):
        """Undo the connection to a function."""
        return disconnect(self._wrapped, self._signature(function), function)

    def __call__(self, *arguments):
        emit(self._wrapped, self._signature(), *arguments)

    emit = __call__


class Relay:
    """Hands a signal's arguments on to a function."""

    def __init__(self, function, entry=None):
        self._function = function
        self._entry = entry
        self._count = _count_of_arguments(function)

    def __call__(self, *arguments):
        from .facade import wrap

        try:
            call(self._entry, self._function, [wrap(argument) for argument in arguments[: self._count]])
        except BaseException as fault:
            FAULTS.append(fault)
            traceback.print_exc(file=sys.stderr)
            if not isinstance(fault, Exception):
                raise


def _count_of_arguments(function):
    """How many of a signal's arguments a function gets; None is all."""
    if not (inspect.isfunction(function) or inspect.ismethod(function)):
        return None
    code = function.__code__
    if code.co_flags & inspect.CO_VARARGS:
        return None
    return code.co_argcount - inspect.ismethod(function)


def checked(wrapped, signal):
    """Return the normalised signature and the signals of its name.

    Raises
    ------
    AttributeError
        The class has no such signal.
    """
    signature = normalised(signal)
    told = member(wrapped.qt_name, signature.partition("(")[0])
    if told is None or not isinstance(told, Signals):
        told = _shadowed_signal(wrapped, signature)
    if told is None or signature not in told.signatures:
        known = f": it has {', '.join(told.signatures)}" if told else ""
        raise AttributeError(f"Slicer's {wrapped.qt_name} has no signal {signal}{known}")
    return signature, told


def _shadowed_signal(wrapped, signature):
    """Signals that a property of the same name hides from attribute access can still be connected to."""
    from .listing import LISTING, _listed_member, _qt_member, line_of

    listed, base = line_of(wrapped.qt_name)
    name = signature.partition("(")[0]
    found = [_listed_member(LISTING[kind], name) for kind in listed] + [
        _qt_member(base, name) if base else None
    ]
    return next((f for f in found if isinstance(f, Signals)), None)


def connect(wrapped, signal, *target):
    """Connect `signal` to a callable, or to an object and the signature of its slot; return True."""
    signature, told = checked(wrapped, signal)
    function = _function_of(target)
    relay = Relay(function, noted(wrapped, signature, function))
    _relays(wrapped.real).append((signature, function, relay))
    if not told.listed:
        QtCore.QObject.connect(wrapped.real, QtCore.SIGNAL(signature), relay)
    return True


def disconnect(wrapped, signal, *target):
    """Undo a connection; return whether there was one."""
    signature, told = checked(wrapped, signal)
    function = _function_of(target) if target else None
    relays = _relays(wrapped.real)
    gone = [r for r in relays if r[0] == signature and (function is None or r[1] == function)]
    for entry in gone:
        relays.remove(entry)
        if not told.listed:
            QtCore.QObject.disconnect(wrapped.real, QtCore.SIGNAL(signature), entry[2])
    return bool(gone)


def _function_of(target):
    if len(target) == 1 and callable(target[0]):
        return target[0]
    if len(target) == 2 and isinstance(target[1], str):
        return getattr(target[0], normalised(target[1]).partition("(")[0])
    raise TypeError(f"a signal connects to a callable, or to an object and a slot, not to {target!r}")


def _relays(real):
    if not hasattr(real, "_relays"):
        real._relays = []
    return real._relays


def connections(wrapped):
    """Return the signatures and functions that an object's signals are connected to."""
    return [(signature, function) for signature, function, _relay in _relays(wrapped.real)]


def emit(wrapped, signal, *arguments):
    """Emit a signal, as the object itself would."""
    signature, told = checked(wrapped, signal)
    if told.listed:
        send(wrapped.real, signature, *arguments)
        return
    if len(told.full) > 1:
        raise NotInStandIn(f"emitting the overloaded {signal}")
    getattr(wrapped.real, told.name).emit(*arguments)


def send(real, signature, *arguments):
    """Call what a listed signal is connected to."""
    if real.signalsBlocked():
        return
    for connected, _function, relay in list(_relays(real)):
        if connected == signature:
            relay(*arguments)
