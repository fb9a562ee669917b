"""PythonQt's way to Qt objects, held strictly: each object of PySide6 is reached through a wrapper.

A property is an attribute and nothing else; what is no property is a method; enums are flat; a class is no
Python subclass of its base. What PythonQt would swallow (an unknown attribute, a wrong signature, a wrong
type) raises.
"""

import enum
import functools
import inspect
import weakref

import shiboken6
from PySide6 import QtCore, QtWidgets

from . import answers, generated, signals
from .arguments import check_arguments, check_value
from .listing import (
    LISTING,
    Method,
    NotInStandIn,
    Property,
    Signals,
    line_of,
    member,
    names_of_line,
    qt_class,
)

OWN = {"name": "objectName"}  # Slicer's own scripts read and set a widget's name so
TIMERS = weakref.WeakSet()
RENAMED = {"exec_": "exec"}


class QtType(type):
    """Gives a wrapped class its flat enums and its static methods."""

    def __getattr__(cls, name):
        if name.startswith("_"):
            raise AttributeError(name)
        found = _enum_value(cls.qt_name, name)
        if found is not None:
            return found
        static = _static_method(cls.qt_name, name)
        if static is None:
            raise AttributeError(f"{cls.qt_name} has neither an enum value nor a static method {name}")
        return static


class Wrapped(metaclass=QtType):
    """An object as PythonQt shows it; `real` is that of PySide6."""

    qt_name = ""

    def __init__(self, *arguments):
        kind = generated.real_class(self.qt_name)
        object.__setattr__(self, "real", kind(*unwrap(arguments)))
        _remember(self)
        if isinstance(self.real, QtCore.QTimer):
            TIMERS.add(self.real)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        found = _member_of(self, name)
        if isinstance(found, Property):
            return wrap(generated.read(self.real, found))
        if isinstance(found, Signals):
            return signals.Signal(self, found)
        return functools.partial(_call, self, found)

    def __setattr__(self, name, value):
        if name in vars(type(self)) or (type(self).qt_derived and member(self.qt_name, name) is None):
            object.__setattr__(self, name, value)
            return
        found = _member_of(self, name)
        if not isinstance(found, Property):
            raise AttributeError(f"{self.qt_name}.{name} is no property: it cannot be set")
        if not found.writable:
            raise AttributeError(f"{self.qt_name}.{name} can only be read")
        check_value(f"{self.qt_name}.{found.name}", found.kind, value)
        generated.write(self.real, found, unwrap(value))

    qt_derived = False

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        if "qt_name" not in vars(cls):
            cls.qt_derived = True
            _refuse_overrides(cls)

    def __eq__(self, other):
        return isinstance(other, Wrapped) and _identity(self.real) == _identity(other.real)

    def __hash__(self):
        return hash(_identity(self.real))

    def __bool__(self):
        return not isinstance(self.real, QtCore.QObject) or shiboken6.isValid(self.real)

    def __repr__(self):
        return f"<{self.qt_name} of the stand-in>"

    def connect(self, signal, *target):
        """Connect a signal, given by its signature, to a callable or to a slot of another object."""
        return signals.connect(self, signal, *target)

    def disconnect(self, signal, *target):
        """Undo a connection."""
        return signals.disconnect(self, signal, *target)

    def inherits(self, name):
        """Say whether the object's class is, or derives from, the class of a name."""
        return name in names_of_line(self.qt_name)

    def className(self):  # noqa: N802
        """Return the name of the C++ class."""
        return self.qt_name

    def delete(self):
        """Delete the object at once, as PythonQt's delete()."""
        shiboken6.delete(self.real)


def _refuse_overrides(cls):
    base = next(b for b in cls.__mro__[1:] if "qt_name" in vars(b))
    virtual = [n for n in vars(cls) if not n.startswith("_") and hasattr(qt_class(base.qt_name), n)]
    if virtual:
        raise NotInStandIn(f"{cls.__name__} overrides {', '.join(virtual)} of {base.qt_name}")


def _identity(real):
    return shiboken6.getCppPointer(real)[0] if isinstance(real, QtCore.QObject) else id(real)


def _member_of(wrapped, name):
    found = member(wrapped.qt_name, RENAMED.get(name, name))
    if found is None and name in OWN:
        found = member(wrapped.qt_name, OWN[name])
    if found is None and name in RENAMED and hasattr(wrapped.real, RENAMED[name]):
        found = Method(RENAMED[name], None)
    if found is None:
        raise AttributeError(f"Slicer's {wrapped.qt_name} has no {name}")
    return found


def _call(wrapped, method, *arguments):
    where = f"{wrapped.qt_name}.{method.name}"
    if method.overloads is not None:
        check_arguments(where, method.overloads, arguments)
        if not hasattr(type(wrapped.real), method.name):
            raise NotInStandIn(f"{where}() is Slicer's, but what it does is not known here")
    if method.name == "exec":
        return answers.shown(wrapped)
    return wrap(getattr(wrapped.real, method.name)(*unwrap(arguments)))


@functools.cache
def wrapped_class(name):
    """Return the class that stands for a class of Qt, CTK or Slicer."""
    listed, base = line_of(name)
    if not listed and base is None:
        raise AttributeError(f"neither Qt nor Slicer has a class {name}")
    return QtType(name, (Wrapped,), {"qt_name": name})


def _remember(wrapped):
    if isinstance(wrapped.real, QtCore.QObject):
        wrapped.real._wrapped = wrapped


def wrap(value):
    """Return what PythonQt would hand to Python for a value of PySide6."""
    if isinstance(value, list | tuple):
        return type(value)(wrap(item) for item in value)
    if isinstance(value, enum.Enum) or not _is_of_qt(value):
        return value
    known = getattr(value, "_wrapped", None)
    if known is not None:
        return known
    wrapped = object.__new__(wrapped_class(_name_of(value)))
    object.__setattr__(wrapped, "real", value)
    _remember(wrapped)
    return wrapped


def _is_of_qt(value):
    return any(kind.__module__.startswith("PySide6") for kind in type(value).__mro__)


def _name_of(value):
    listed = getattr(type(value), "listed_name", None)
    kinds = (kind.__name__ for kind in type(value).__mro__ if kind.__module__.startswith("PySide6"))
    return listed or next(name for name in kinds if qt_class(name))


def unwrap(value):
    """Return what PySide6 takes for a value that Python hands over."""
    if isinstance(value, Wrapped):
        return value.real
    if isinstance(value, QtType):
        return generated.real_class(value.qt_name)
    if isinstance(value, list | tuple):
        return type(value)(unwrap(item) for item in value)
    if inspect.isroutine(value) or isinstance(value, functools.partial):
        return signals.Relay(value)
    return value


def _enum_value(class_name, name):
    listed, base = line_of(class_name)
    for kind in listed:
        for group, names in LISTING[kind]["enums"].items():
            if name in names:
                return generated.enum_of(kind, group)[name]
    return _qt_enum_value(base, name) if base else None


@functools.cache
def _qt_enum_value(base, name):
    kinds = (
        k for b in base.__mro__ for k in vars(b).values() if inspect.isclass(k) and issubclass(k, enum.Enum)
    )
    return next((kind.__members__[name] for kind in kinds if name in kind.__members__), None)


def _static_method(class_name, name):
    listed, base = line_of(class_name)
    if any(s["name"] == name for kind in listed for s in LISTING[kind]["statics"]):
        known = getattr(generated.real_class(class_name), name)
        return lambda *arguments: wrap(known(*unwrap(arguments)))
    found = inspect.getattr_static(base, name, None) if base else None
    if found is None or member(class_name, name) is None:
        return None
    if answers.is_modal(class_name, name):
        return functools.partial(answers.asked, f"{class_name}.{name}")
    if not isinstance(found, staticmethod) and not inspect.isbuiltin(getattr(base, name)):
        return None
    return lambda *arguments: wrap(getattr(base, name)(*unwrap(arguments)))


def top_level_widgets():
    """Return the wrapped windows that are open or hidden."""
    return [wrap(widget) for widget in QtWidgets.QApplication.topLevelWidgets()]
