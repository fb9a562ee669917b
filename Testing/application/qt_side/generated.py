"""Real widgets for the listed classes: the behaviour known here, on the Qt class that the listing names."""

import enum
import functools

from . import signals
from .listing import LISTING, NotInStandIn, line_of, normalised, qt_class

BEHAVIOURS = {}
REPLACED = {}  # classes of Qt itself that are held more strictly
NUMBERED = {"ConfirmationResult"}  # counted from 0 in Slicer's source, and used as a number


def behaviour(cls):
    """Register a class as what the listed class of its name does."""
    if cls.__name__ not in LISTING:
        raise NameError(f"Slicer lists no class {cls.__name__}")
    BEHAVIOURS[cls.__name__] = cls
    return cls


class Listed:
    """What every real object of a listed class has; properties are kept where no behaviour reads them."""

    listed_name = ""
    defaults = {}

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.kept = {}
        for kind in reversed(type(self).__mro__):
            self.kept.update(vars(kind).get("defaults", {}))
        self.build()

    def build(self):
        """Make the parts of the widget."""

    def send(self, signature, *arguments):
        """Emit a signal of the listing."""
        name = normalised(signature)
        listed = line_of(self.listed_name)[0]
        of_name = [
            s for kind in listed for s in LISTING[kind]["signals"] if s["name"] == name.partition("(")[0]
        ]
        if not any(normalised(f"{s['name']}({s['args']})") == name for s in of_name):
            raise NameError(f"{self.listed_name} lists no signal {signature}")
        signals.send(self, name, *arguments)


def real_class(name):
    """Return the class to construct for a class of Qt or of the listing.

    Raises
    ------
    NotInStandIn
        Slicer lists the class, but what it does is not known here.
    """
    if name in LISTING and name not in BEHAVIOURS:
        raise NotInStandIn(f"{name} is Slicer's, but what it does is not known here")
    return _class_of(name)


@functools.cache
def _class_of(name):
    """Class of a name; one that only others derive from needs no behaviour."""
    if name not in LISTING:
        return REPLACED.get(name) or qt_class(name)
    base = LISTING[name]["base"]
    own = (BEHAVIOURS[name],) if name in BEHAVIOURS else ()
    bases = (*own, _class_of(base)) if base in LISTING else (*own, Listed, _class_of(base))
    return type(bases[-1])(name, bases, {"listed_name": name})


@functools.cache
def enum_of(class_name, group):
    """Return an enum with a listed enum's names; its numbers are the stand-in's own."""
    names = LISTING[class_name]["enums"][group]
    if group in NUMBERED:
        return enum.IntEnum(f"{class_name}.{group}", names, start=0)
    return enum.Flag(f"{class_name}.{group}", names)


def read(real, told):
    """Return a property's value."""
    if told.listed:
        reader = getattr(real, f"read_{told.name}", None)
        if reader:
            return reader()
        if told.name not in real.kept:
            raise NotInStandIn(f"what {real.listed_name}.{told.name} is before it is set is not known here")
        return real.kept[told.name]
    return _qt_read(real, told.name)


def _qt_read(real, name):
    for getter in (name, f"is{name[0].upper()}{name[1:]}"):
        if callable(method := getattr(real, getter, None)):
            return method()
    return real.property(name)


def write(real, told, value):
    """Set a property."""
    if told.listed:
        writer = getattr(real, f"write_{told.name}", None)
        if writer:
            writer(value)
        else:
            real.kept[told.name] = value
        return
    setter = getattr(real, f"set{told.name[0].upper()}{told.name[1:]}", None)
    if setter is None:
        real.setProperty(told.name, value)
    else:
        setter(value)
