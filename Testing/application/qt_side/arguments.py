"""Types of arguments and properties, checked as C++ would: PythonQt takes no other."""

import enum

import slicer

from .listing import argument_types

TYPES = {
    "bool": (bool, int),
    "int": (int,),
    "unsigned int": (int,),
    "double": (int, float),
    "float": (int, float),
    "QString": (str,),
    "char*": (str,),
    "QStringList": (list, tuple),
    "QList<int>": (list, tuple),
}
TAKE_TEXT = {"QVariant", "QByteArray", "QChar", "QKeySequence", "QUrl", "PyObject*"}


def fits(kind, value):
    """Say whether a value can be passed as a C++ type; true where the type is none that is known here."""
    if isinstance(value, bool):
        return kind in ("bool", "QVariant", "int", "unsigned int") or kind not in TYPES
    if kind == "QStringList":
        return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    if kind in TYPES:
        return isinstance(value, TYPES[kind]) and not isinstance(value, enum.Enum)
    if isinstance(value, str):
        return kind in TAKE_TEXT
    if kind.startswith("vtk") and kind.endswith("*"):
        of_vtk = getattr(slicer, kind[:-1], None)
        return value is None or of_vtk is None or isinstance(value, of_vtk)
    if kind.startswith("Q") and kind.endswith("*"):
        return value is None or (hasattr(value, "inherits") and value.inherits(kind[:-1]))
    return True


def check_value(what, kind, value):
    """Raise TypeError where a property cannot take a value."""
    if not fits(kind, value):
        raise TypeError(f"{what} takes {kind}, not {type(value).__name__} {value!r}")


def check_arguments(what, overloads, arguments):
    """Raise TypeError where no overload takes the arguments."""
    if not any(_takes(overload, arguments) for overload in overloads):
        raise TypeError(f"{what} takes ({') or ('.join(overloads)}), not {arguments!r}")


def _takes(overload, arguments):
    types, defaults = argument_types(overload)
    if not len(types) - defaults <= len(arguments) <= len(types):
        return False
    return all(fits(kind, value) for kind, value in zip(types, arguments, strict=False))
