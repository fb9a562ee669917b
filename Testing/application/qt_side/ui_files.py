"""Designer's .ui files, loaded by Qt itself, each class, property and connection held against the listing.

Qt's loader skips what it does not know; here each of these raises. The properties of listed widgets and all
connections are taken out of the file first, and set and made through the wrapper.
"""

import xml.etree.ElementTree as ElementTree

from PySide6 import QtCore, QtUiTools

from . import generated
from .facade import wrap, wrapped_class
from .listing import LISTING, Property, member, normalised

PLAIN = {"string": str, "cstring": str, "number": int, "double": float, "enum": str, "set": str}


class Loader(QtUiTools.QUiLoader):
    """Makes the real object of each listed class."""

    def createWidget(self, class_name, parent=None, name=""):
        """Make a widget of a class of Qt or of Slicer."""
        if class_name in LISTING:
            widget = (
                generated.real_class(class_name)(parent) if parent else generated.real_class(class_name)()
            )
            widget.setObjectName(name)
            return widget
        return super().createWidget(class_name, parent, name)

    def load(self, device, parent=None):
        """Return the root widget of an open file, held against the listing."""
        return loaded(device.readAll().data(), parent)


generated.REPLACED["QUiLoader"] = Loader


def loaded(xml, parent=None):
    """Return the root widget of a .ui file's bytes.

    Raises
    ------
    AttributeError
        The file names a class, property, signal or slot that Slicer does not have.
    """
    tree = ElementTree.fromstring(xml)
    kept = _taken_out(tree)
    connections = list(tree.findall("connections/connection"))
    for found in tree.findall("connections"):
        tree.remove(found)
    root = _loaded_by_qt(ElementTree.tostring(tree), parent)
    for name, properties in kept.items():
        widget = wrap(_named(root, name))
        for element in properties:
            setattr(widget, element.get("name"), _value(widget, element))
    for connection in connections:
        _connect(root, connection)
    return root


def _loaded_by_qt(xml, parent):
    buffer = QtCore.QBuffer()
    buffer.setData(xml)
    buffer.open(QtCore.QIODevice.OpenModeFlag.ReadOnly)
    loader = Loader()
    root = QtUiTools.QUiLoader.load(loader, buffer, parent)
    if root is None:
        raise ValueError(f"Qt cannot load the .ui file: {loader.errorString()}")
    return root


def _taken_out(tree):
    """Take the listed widgets' properties out of the tree; return them by the widget's name."""
    _refuse_unknown_classes(tree)
    kept = {}
    for widget in tree.iter("widget"):
        class_name = widget.get("class")
        for element in list(widget.findall("property")):
            told = _told(class_name, element)
            if isinstance(told, Property) and told.listed:
                widget.remove(element)
                kept.setdefault(widget.get("name"), []).append(element)
    return kept


def _refuse_unknown_classes(tree):
    for widget in tree.iter("widget"):
        wrapped_class(widget.get("class"))
    for custom in tree.iter("customwidget"):
        name, base = custom.findtext("class"), custom.findtext("extends")
        header = custom.findtext("header")
        wrapped_class(name)
        if header != f"{name}.h":
            raise AttributeError(f"the .ui file takes {name} from {header}: it is in {name}.h")
        if base not in ("QWidget", LISTING[name]["base"]):
            raise AttributeError(
                f"the .ui file lets {name} extend {base}: it extends {LISTING[name]['base']}"
            )


def _told(class_name, element):
    name = element.get("name")
    told = member(class_name, name)
    dynamic = element.get("stdset") == "0" and name[0].isupper()
    if not isinstance(told, Property) and not dynamic:
        raise AttributeError(f"Slicer's {class_name} has no property {name}, which the .ui file sets")
    return told


def _named(root, name):
    return root if root.objectName() == name else root.findChild(QtCore.QObject, name)


def _value(widget, element):
    """The Python value of a <property>."""
    told = element[0]
    if told.tag == "bool":
        return told.text == "true"
    if told.tag == "stringlist":
        return [part.text or "" for part in told.findall("string")]
    if told.tag in ("enum", "set"):
        values = [getattr(type(widget), part.rpartition("::")[2]) for part in told.text.split("|")]
        joined = values[0]
        for value in values[1:]:
            joined |= value
        return joined
    return PLAIN[told.tag](told.text or "")


def _connect(root, connection):
    sender, signal, receiver, slot = (
        connection.findtext(k) for k in ("sender", "signal", "receiver", "slot")
    )
    ends = {name: _named(root, name) for name in (sender, receiver)}
    for name, end in ends.items():
        if end is None:
            raise AttributeError(f"the .ui file connects {name}, which is not in it")
    target = wrap(ends[receiver])
    name = normalised(slot).partition("(")[0]
    told = member(target.qt_name, name)
    if told is None or isinstance(told, Property) and not hasattr(target.real, name):
        raise AttributeError(f"Slicer's {target.qt_name} has no slot {slot}, which the .ui file connects")
    wrap(ends[sender]).connect(signal, _slot(target, name))


def _slot(target, name):
    return lambda *arguments: getattr(target.real, name)(*_bare(arguments))


def _bare(arguments):
    return [getattr(argument, "real", argument) for argument in arguments]
