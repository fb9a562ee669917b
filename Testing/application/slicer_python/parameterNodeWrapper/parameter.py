"""One parameter: its type, its default, and how it is kept in the node."""

import enum
import pathlib
import typing

import slicer
from qt_side.listing import NotInStandIn

from .annotations import Default, Validator

TEXT = {
    int: (str, int),
    float: (str, float),
    str: (str, str),
    bool: (lambda value: "True" if value else "False", lambda text: text == "True"),
    pathlib.Path: (str, pathlib.Path),
}
ACCEPTS = {float: (int, float)}
EMPTY = {int: 0, float: 0, str: "", bool: False, pathlib.Path: pathlib.Path()}


class Parameter:
    """A name and a type, read from and written to a node."""

    def __init__(self, name, annotated, assigned):
        self.name = name
        self.annotated = annotated
        is_annotated = typing.get_origin(annotated) is typing.Annotated
        self.kind, *self.annotations = typing.get_args(annotated) if is_annotated else (annotated,)
        self.is_node = isinstance(self.kind, type) and issubclass(self.kind, slicer.vtkMRMLNode)
        self.is_enum = isinstance(self.kind, type) and issubclass(self.kind, enum.Enum)
        if not (self.is_node or self.is_enum or self.kind in TEXT):
            raise NotInStandIn(f"parameterNodeWrapper: a parameter of type {self.kind}")
        self.default = self._default(assigned)

    def _default(self, assigned):
        if assigned is not None:
            return assigned
        told = self.first(Default)
        if told is not None:
            return told.value
        return None if self.is_node else next(iter(self.kind)) if self.is_enum else EMPTY[self.kind]

    def first(self, kind):
        """Return the first annotation of a class, None where there is none."""
        return next((a for a in self.annotations if isinstance(a, kind)), None)

    def check(self, value):
        """Raise where the parameter cannot take a value."""
        if value is None and not self.is_node:
            raise ValueError(f"{self.name} must not be None")
        if value is not None and not isinstance(value, ACCEPTS.get(self.kind, self.kind)):
            raise TypeError(f"{self.name} takes {self.kind}, not {value!r}")
        for validator in (a for a in self.annotations if isinstance(a, Validator)):
            validator.validate(value)

    def write(self, node, value):
        """Keep a value in the node."""
        self.check(value)
        if self.is_node:
            node.SetParameter(self.name, "")
            node.SetNodeReferenceID(self.name, value.GetID() if value is not None else None)
        else:
            node.SetParameter(self.name, value.name if self.is_enum else TEXT[self.kind][0](value))

    def read(self, node):
        """Return the value that the node keeps; the default is put there where it keeps none."""
        if not node.HasParameter(self.name):
            self.write(node, self.default)
        if self.is_node:
            return node.GetNodeReference(self.name)
        text = node.GetParameter(self.name)
        return self.kind[text] if self.is_enum else TEXT[self.kind][1](text)
