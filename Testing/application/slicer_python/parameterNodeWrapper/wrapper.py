"""The class decorator: annotated names become properties that live in a vtkMRMLScriptedModuleNode."""

import typing

import qt
import slicer
import vtk

from .connectors import connector_of
from .parameter import Parameter

PROPERTY = "SlicerParameterName"


class Wrapper:
    """What every wrapped class has."""

    allParameters = {}

    def __init__(self, parameterNode):
        self.parameterNode = parameterNode
        self._connected = {}
        self._updating = False
        for parameter in self.allParameters.values():
            parameter.read(parameterNode)

    def getValue(self, name):
        """Return a parameter's value."""
        return self.allParameters[name].read(self.parameterNode)

    def setValue(self, name, value):
        """Set a parameter; observers are called once it is."""
        with slicer.util.NodeModify(self.parameterNode):
            self.allParameters[name].write(self.parameterNode, value)

    def AddObserver(self, event, callback):
        """Observe the node."""
        return self.parameterNode.AddObserver(event, callback)

    def RemoveObserver(self, tag):
        """End an observation."""
        self.parameterNode.RemoveObserver(tag)

    def connectGui(self, gui):
        """Bind the widgets that have a SlicerParameterName; return a tag to disconnect them by."""
        widgets = gui.findChildren(qt.QWidget) if hasattr(gui, "isWidgetType") else vars(gui).values()
        return self.connectParametersToGui({w.property(PROPERTY): w for w in widgets if w.property(PROPERTY)})

    def connectParametersToGui(self, mapping):
        """Bind widgets by parameter; return a tag to disconnect them by.

        Raises
        ------
        ValueError
            A parameter of that name does not exist.
        """
        for name in mapping:
            if name not in self.allParameters:
                raise ValueError(f"there is no parameter {name}: there are {', '.join(self.allParameters)}")
        connectors = {
            name: connector_of(widget, self.allParameters[name]) for name, widget in mapping.items()
        }
        for name, connector in connectors.items():
            connector.write(self.getValue(name))
            connector.follow(self._take(name, connector))
        tag = self.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda _node, _event: self._show())
        self._connected[tag] = connectors
        return tag

    def disconnectGui(self, tag):
        """Undo connectGui."""
        for connector in self._connected.pop(tag, {}).values():
            connector.follow(None)
        self.RemoveObserver(tag)

    def _take(self, name, connector):
        def take():
            if not self._updating:
                self.setValue(name, connector.read())

        return take

    def _show(self):
        if self._updating:
            return
        self._updating = True
        try:
            for connectors in self._connected.values():
                for name, connector in connectors.items():
                    connector.write(self.getValue(name))
        finally:
            self._updating = False


def parameterNodeWrapper(described):
    """Return a class with a property for each annotated name of the described one."""
    hints = typing.get_type_hints(described, include_extras=True)
    parameters = {name: Parameter(name, kind, vars(described).get(name)) for name, kind in hints.items()}
    members = {key: value for key, value in vars(described).items() if key not in ("__dict__", "__weakref__")}
    members |= {name: _property(name) for name in parameters}
    return type(described.__name__, (Wrapper,), members | {"allParameters": parameters})


def _property(name):
    return property(lambda self: self.getValue(name), lambda self, value: self.setValue(name, value))
