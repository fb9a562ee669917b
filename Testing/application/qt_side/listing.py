"""What Slicer 5.12 and CTK list of each Qt class (slicer-qt-api.json), and what Qt tells of its own.

A member is looked up along the line of a class: the listed classes first, then the Qt class they derive from.
"""

import functools
import inspect
import json
import re
from dataclasses import dataclass
from pathlib import Path

from PySide6 import QtCore, QtGui, QtUiTools, QtWidgets

LISTING = json.loads(Path(__file__).with_name("slicer-qt-api.json").read_text())
QT_MODULES = (QtWidgets, QtGui, QtCore, QtUiTools)
TYPE_WORDS = {"int", "double", "float", "bool", "char", "long", "short"}
# Members that PySide6 adds, that PythonQt does not reach, or that Qt 5 lacks.
NOT_REACHED = {"emit", "tr", "exec", "receivers", "sender", "senderSignalIndex", "isSignalConnected"}
ONLY_QT_6 = {"checkStateChanged"}


class NotInStandIn(NotImplementedError):
    """The stand-in does not know how Slicer behaves here, and refuses to guess."""


@dataclass(frozen=True)
class Property:
    """A property: its C++ type and whether it can be set; `listed` where the listing, not Qt, tells of it."""

    name: str
    kind: str
    writable: bool
    listed: bool


@dataclass(frozen=True)
class Method:
    """A method of a name; `overloads` are its argument lists where the listing tells them."""

    name: str
    overloads: tuple[str, ...] | None


@dataclass(frozen=True)
class Signals:
    """The normalised signatures of the signals of one name."""

    name: str
    signatures: tuple[str, ...]
    listed: bool

    @property
    def full(self):
        """Signatures without those that only leave out default arguments."""
        longest = [s for s in self.signatures if not any(_shortens(s, other) for other in self.signatures)]
        return tuple(longest)


def _shortens(signature, other):
    return signature != other and other.startswith(
        signature[:-1].rstrip("(") + ("," if "()" not in signature else "(")
    )


def qt_class(name):
    """Return the PySide6 class of a name, None where there is none."""
    return next((found for module in QT_MODULES if (found := getattr(module, name, None))), None)


def line_of(name):
    """Listed classes of a class, most derived first, and the Qt class they end in, None where Qt lacks it."""
    listed = []
    while name in LISTING:
        listed.append(name)
        name = LISTING[name]["base"]
    return listed, qt_class(name)


def names_of_line(name):
    """Names of a class and all its bases, as C++ has them."""
    listed, base = line_of(name)
    return listed + [
        kind.__name__ for kind in (base.__mro__ if base else ()) if kind.__module__.startswith("PySide6")
    ]


@functools.cache
def member(class_name, name):
    """Return the Property, Signals or Method of a name; None where neither Slicer nor Qt has it."""
    listed, base = line_of(class_name)
    found = [f for kind in listed if (f := _listed_member(LISTING[kind], name))]
    if base and (of_qt := _qt_member(base, name)):
        found.append(of_qt)
    for kind in (Property, Signals, Method):
        for candidate in found:
            if isinstance(candidate, kind):
                return _joined(candidate, found)
    return None


def _joined(candidate, found):
    """Overloads of a method may stand in several classes of a line."""
    if not isinstance(candidate, Method) or candidate.overloads is None:
        return candidate
    overloads = [o for f in found if isinstance(f, Method) and f.overloads for o in f.overloads]
    return Method(candidate.name, tuple(overloads))


def _listed_member(entry, name):
    if name in entry["properties"]:
        told = entry["properties"][name]
        return Property(name, told["type"], told["writable"], True)
    signals = [s["args"] for s in entry["signals"] if s["name"] == name]
    if signals:
        return Signals(name, tuple(s for args in signals for s in _signatures(name, args)), True)
    overloads = [
        m["args"] for what in ("slots", "invokable", "statics") for m in entry[what] if m["name"] == name
    ]
    return Method(name, tuple(overloads)) if overloads else None


def _signatures(name, args):
    """The signature of a signal, and those that leave out its default arguments."""
    types, defaults = argument_types(args)
    return [f"{name}({','.join(types[:count])})" for count in range(len(types) - defaults, len(types) + 1)]


def argument_types(args):
    """Return the normalised types of a C++ argument list, and how many of them have defaults."""
    parts = [part for part in _split(args) if part]
    return [_type_of(part) for part in parts], sum("=" in part for part in parts)


def _split(args):
    return [part.strip() for part in re.split(r",(?![^<(]*[>)])", args)]


def _type_of(argument):
    """`const QString& path = QString()` is a QString."""
    bare = re.sub(r"\bconst\b|&", " ", argument.partition("=")[0])
    words = re.sub(r"\s*\*", "* ", bare).split()
    if len(words) > 1 and words[-1] not in TYPE_WORDS:
        words.pop()
    return " ".join(words)


def normalised(signature):
    """Return a signal's or slot's signature as Qt compares it."""
    name, bracket, rest = signature.partition("(")
    if not bracket or not rest.endswith(")"):
        return signature
    return f"{name.strip()}({','.join(argument_types(rest[:-1])[0])})"


def _qt_member(kind, name):
    meta = getattr(kind, "staticMetaObject", None)
    if name in ONLY_QT_6:
        return None
    if meta:
        index = meta.indexOfProperty(name)
        if index >= 0:
            told = meta.property(index)
            return Property(name, told.typeName(), told.isWritable(), False)
        signals = _qt_signals(meta).get(name)
        if signals:
            return Signals(name, signals, False)
    return Method(name, None) if _is_method(kind, name) else None


@functools.cache
def _qt_signals_of(class_name):
    meta = qt_class(class_name).staticMetaObject
    methods = [meta.method(index) for index in range(meta.methodCount())]
    found = {}
    for method in methods:
        if method.methodType() == QtCore.QMetaMethod.MethodType.Signal:
            signature = bytes(method.methodSignature()).decode()
            found.setdefault(signature.partition("(")[0], []).append(signature)
    return {name: tuple(signatures) for name, signatures in found.items()}


def _qt_signals(meta):
    return _qt_signals_of(meta.className())


def _is_method(kind, name):
    if name.startswith("_") or name in NOT_REACHED or name.endswith("Event"):
        return False
    found = inspect.getattr_static(kind, name, None)
    return (
        callable(getattr(kind, name, None)) and found is not None and not inspect.isclass(getattr(kind, name))
    )
