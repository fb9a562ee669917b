"""What all panels share: the .ui file, parameters kept in the scene, work beside the window, clean ends."""

from __future__ import annotations

from typing import Any

import slicer
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleWidget
from slicer.util import VTKObservationMixin


class Panel(ScriptedLoadableModuleWidget, VTKObservationMixin):  # type: ignore[misc]
    """A module's panel: derive, set `choices`, override `build` and `update`.

    The panel is Resources/UI/<module>.ui with a qMRMLWidget at its root and an empty QFrame called
    ``workFrame``, where progress is shown. Widgets with the property SlicerParameterName are bound to
    `choices` or to the parameters of the case.

    Attributes
    ----------
    choices : annotations of what the user chooses in this panel, kept in the module's own parameter node
    title : of dialogs
    more_stages : names of `kept_parameters` that widgets are bound to beside the stages of the case
    ui : the widgets of the file by name
    chosen : the values of `choices`; None while there is no scene to keep them
    case : the parameters of all stages (see `case_parameters`); None likewise
    work : runs what takes long
    """

    choices: dict[str, Any]
    title: str
    more_stages: tuple[str, ...] = ()

    def setup(self) -> None:
        """Build the panel."""
        from .work import Work

        super().setup()
        root = slicer.util.loadUI(self.resourcePath(f"UI/{self.moduleName}.ui"))
        self.layout.addWidget(root)
        self.ui = slicer.util.childWidgetVariables(root)
        self.root = root
        self.showing = False
        self.chosen: Any = None
        self.case: Any = None
        self._told = ""
        self._paths: dict[str, Any] = {}
        self._bound: list[tuple[Any, int]] = []
        self.work = Work(self.title, self.ui.workFrame, self.refresh)
        self.build()
        root.setMRMLScene(slicer.mrmlScene)
        self._observe_scene()
        self._bind()

    def _observe_scene(self) -> None:
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.StartCloseEvent, self._on_scene_closing)
        self.addObserver(scene, scene.StartImportEvent, self._on_scene_importing)
        self.addObserver(scene, scene.EndCloseEvent, self._on_scene_come)
        self.addObserver(scene, scene.EndImportEvent, self._on_scene_come)

    def build(self) -> None:
        """Add parameter rows and connect the widgets; called once, before the scene is given."""

    def update(self) -> None:
        """Enable what can be done with what is chosen; called whenever a parameter or the work changes."""

    def keep_path(self, edit: Any, name: str) -> None:
        """Keep the path of a ctkPathLineEdit as text in a choice: an empty pathlib.Path would show as "."."""
        self._paths[name] = edit
        edit.connect("currentPathChanged(QString)", lambda path: self._on_path(name, path))

    def _on_path(self, name: str, path: str) -> None:
        if self.chosen is not None and self.chosen.getValue(name) != path:
            self.chosen.setValue(name, path)

    def refresh(self) -> None:
        """Call `update` where there is something to show; a fault in it is told once, not at each call."""
        if self.chosen is None:
            return
        try:
            self._show_paths()
            self.update()
            self._told = ""
        except Exception as error:  # noqa: BLE001 - VTK and Qt, which call this, would only print it
            self._tell_once(error)

    def _show_paths(self) -> None:
        for name, edit in self._paths.items():
            if edit.currentPath != self.chosen.getValue(name):
                edit.currentPath = self.chosen.getValue(name)

    def _tell_once(self, error: Exception) -> None:
        from .faults import show_fault

        if self._told != repr(error):
            self._told = repr(error)
            show_fault(self.title, error)

    def enter(self) -> None:
        """Be shown: take up the scene again where it was closed meanwhile."""
        self._bind()

    def exit(self) -> None:
        """Be left: everything goes on."""

    def cleanup(self) -> None:
        """Be unloaded: no work, timer or observer stays."""
        self.work.close()
        self._unbind()
        self.removeObservers()

    def _bind(self) -> None:
        """Take up what the scene keeps; where that is of no use the user is told, and nothing is bound."""
        if self.chosen is not None:
            return
        try:
            self._take_up()
        except Exception as error:  # noqa: BLE001 - VTK, which calls this, would only print it
            self._unbind()
            self._tell_once(error)
        self.refresh()

    def _take_up(self) -> None:
        from .parameter_nodes import case_parameters, kept_in

        own = kept_in(self._own_node(), f"{self.moduleName}Choices", self.choices)
        shared = case_parameters(slicer.mrmlScene, self.more_stages)
        for parameters in (own, shared):
            self._bound.append((parameters, self._connect(parameters)))
            self.addObserver(parameters.parameterNode, "ModifiedEvent", self._on_parameters)
        self.chosen, self.case = own, shared

    def _own_node(self) -> Any:
        from slicer.ScriptedLoadableModule import ScriptedLoadableModuleLogic

        logic = ScriptedLoadableModuleLogic()
        logic.moduleName = self.moduleName
        return logic.getParameterNode()

    def _connect(self, parameters: Any) -> int:
        import qt

        from .rows import NAME_PROPERTY

        named = {w.property(NAME_PROPERTY): w for w in self.root.findChildren(qt.QWidget)}
        return int(
            parameters.connectParametersToGui(
                {name: widget for name, widget in named.items() if name in parameters.allParameters}
            )
        )

    def _unbind(self) -> None:
        for parameters, tag in self._bound:
            parameters.disconnectGui(tag)
            self.removeObserver(parameters.parameterNode, "ModifiedEvent", self._on_parameters)
        self._bound, self.chosen, self.case = [], None, None

    def _on_parameters(self, _node: Any, _event: str) -> None:
        self.refresh()

    def _on_scene_closing(self, _scene: Any, _event: str) -> None:
        self.work.close()
        self._unbind()

    def _on_scene_importing(self, _scene: Any, _event: str) -> None:
        self._unbind()

    def _on_scene_come(self, _scene: Any, _event: str) -> None:
        if self.parent.isEntered or self.work.busy:
            self._bind()
