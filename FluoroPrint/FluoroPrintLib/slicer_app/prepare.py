"""What the panel of FluoroPrint Prepare does: make models, check, compare, repair, shape, print, export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from ..catalog.anatomy import stage_parameters
from ..errors import FluoroPrintError
from ..files.mesh_formats import MeshFigures, check_mesh_name, write_mesh
from ..mesh.check import MeshCheck, check_mesh
from ..mesh.cleaning import RepairParameters
from ..mesh.comparison import Comparison, compare_with_segmentation
from ..mesh.fitness import FitnessRow, Level, fitness_rows, grouped, verdict_of
from ..mrml.case_parameters import kept_parameters, plan_stages, stored_parameters
from ..mrml.case_stages import case_models
from ..mrml.checks import keep_check, kept_check
from ..mrml.deviations import deviation_figures, keep_deviation, show_deviation, shows_deviation
from ..mrml.models import is_model, named_surface, surface_from_node
from ..mrml.nodes import Node
from ..mrml.print_files import register_print_files
from ..mrml.stages import model_stage, repair_stage
from ..progress import Progress
from .faults import faults_shown
from .offers import first_lacking, idle, offer
from .stage_work import start_stage
from .text_tables import ROW_PX, build_text_table, fit_height

LOOKS = {
    Level.GOOD: ("✔", "#2e8b57"),
    Level.LOOK: ("▲", "#c97a16"),
    Level.STOP: ("✖", "#d64545"),
    Level.UNKNOWN: ("–", "#808a94"),
}


def more_stages() -> tuple[str, ...]:
    """Return the names of the parameters that the panel shows beside those of the case's stages."""
    others = (*stage_parameters(), *plan_stages())
    return tuple(name for name in kept_parameters() if name not in others)


def repair_choices() -> dict[str, Any]:
    """Return the choices of the repair with the bounds that Slicer's parameter nodes hold them in."""
    from slicer.parameterNodeWrapper import Default, WithinRange

    return {
        "scale": Annotated[float, WithinRange(0.001, 1000.0), Default(1.0)],
        "min_piece_mm3": Annotated[float, WithinRange(0.0, 1e6)],
    }


def build_panel(panel: Any) -> None:
    """Add the parameters' rows and the sections of shaping and printing, and connect the widgets."""
    from .package_section import PackageSection
    from .print_section import PrintSection
    from .rows import add_rows
    from .shape_section import ShapeSection

    ui = panel.ui
    add_rows(ui.segmentationRows.layout(), "model")
    ui.scaleBox.decimals = 3
    panel.keep_path(ui.fileEdit, "file")
    _build_table(ui.checkTable)
    panel.shape, panel.printing = ShapeSection(panel), PrintSection(panel)
    panel.package = PackageSection(panel, panel.printing)
    for button, action in (
        (ui.applyButton, make_models),
        (ui.checkButton, check),
        (ui.deviationBox, toggle_deviation),
        (ui.compareButton, compare),
        (ui.repairButton, repair),
        (ui.exportButton, export),
    ):
        button.connect("clicked()", lambda action=action: _do(panel, action))


def _do(panel: Any, action: Callable[[Any], None]) -> None:
    if panel.chosen is not None and not panel.showing:
        with faults_shown(panel.title):
            action(panel)


def _build_table(table: Any) -> None:
    from slicer.i18n import tr as _

    build_text_table(table, [_("Check"), _("Found"), ""], 1)


def show_panel(panel: Any) -> None:
    """Show what can be done with what is chosen; what it changes by itself calls it in vain."""
    from slicer.i18n import tr as _

    if panel.showing:
        return
    panel.showing = True
    try:
        ui, free, model = panel.ui, idle(panel.work), _model(panel)
        has_segmentation = panel.chosen.segmentation is not None
        ui.hintLabel.text = _("Choose a segmentation to make models of, or a model to check and export.")
        ui.hintLabel.visible = not has_segmentation and model is None
        segmented = has_segmentation, _("Choose a segmentation first.")
        modelled = model is not None, _("Choose or make a model first.")
        offer(ui.applyButton, first_lacking(free, segmented))
        for button in (ui.checkButton, ui.repairButton):
            offer(button, first_lacking(free, modelled))
        offer(ui.compareButton, first_lacking(free, modelled, segmented))
        named = bool(panel.chosen.file), _("Choose a file to write first.")
        offer(ui.exportButton, first_lacking(free, modelled, named))
        _show_check(ui, kept_check(model) if model is not None else None)
        _show_deviation(ui, model)
        panel.shape.show(model)
        panel.printing.show(model)
        panel.package.show(model)
    finally:
        panel.showing = False


def _model(panel: Any) -> Node:
    node = panel.chosen.model
    return node if is_model(node) and node.GetPolyData() is not None else None


def _required(panel: Any) -> Node:
    node = _model(panel)
    if node is None:
        raise FluoroPrintError("There is no model yet: choose one, or make one of a segmentation.")
    return node


def make_models(panel: Any) -> None:
    """Make a model of each segment with the parameters of the case; the first one is chosen."""
    node = panel.chosen.segmentation
    parameters = stored_parameters(node.GetScene(), "model")
    start_stage(panel.work, model_stage(), node, parameters, lambda nodes: _choose(panel, nodes[0]))


def _choose(panel: Any, node: Node) -> None:
    if panel.chosen is not None:
        panel.chosen.model = node


def check(panel: Any) -> None:
    """Check the chosen model."""
    node = _required(panel)
    surface = surface_from_node(node)

    def compute(progress: Progress) -> MeshCheck:
        return check_mesh(surface, progress)

    def done(found: MeshCheck) -> None:
        keep_check(node, found)
        panel.refresh()

    panel.work.start(compute, done)


def _show_check(ui: Any, found: MeshCheck | None) -> None:
    rows = [] if found is None else fitness_rows(found)
    ui.verdictLabel.visible = ui.checkTable.visible = found is not None
    ui.verdictLabel.text = "" if found is None else f"<b>{verdict_of(found)}</b>"
    table = ui.checkTable
    table.setRowCount(len(rows))
    for number, row in enumerate(rows):
        _write_row(table, number, row)
    fit_height(table, len(rows))


def _write_row(table: Any, number: int, row: FitnessRow) -> None:
    import qt

    sign, colour = LOOKS[row.level]
    for column, text in enumerate((row.title, row.found, sign)):
        item = qt.QTableWidgetItem(text)
        item.setToolTip(f"{row.title}: {row.found}. {row.meaning}")
        if row.level != Level.GOOD or column == 2:
            item.setForeground(qt.QBrush(qt.QColor(colour)))
        table.setItem(number, column, item)
    table.setRowHeight(number, ROW_PX)


def toggle_deviation(panel: Any) -> None:
    """Colour the model by its deviations, or show it in its own colour again."""
    show_deviation(_required(panel), shown=bool(panel.ui.deviationBox.checked))
    panel.refresh()


def _show_deviation(ui: Any, model: Node) -> None:
    from slicer.i18n import tr as _

    figures = deviation_figures(model) if model is not None else None
    offer(ui.deviationBox, "" if figures is not None else _("Make or compare the model here first."))
    ui.deviationBox.checked = figures is not None and shows_deviation(model)
    if figures is None:
        ui.deviationLabel.text = _("Deviations are known once the model was made or compared here.")
        return
    words = _("From {reference}: mean {mean} mm, 95 % within {p95} mm, at most {largest} mm.")
    ui.deviationLabel.text = words.format(
        reference=figures.reference or _("its segment"),
        mean=f"{figures.mean_mm:.2f}",
        p95=f"{figures.p95_mm:.2f}",
        largest=f"{figures.max_mm:.2f}",
    )


def compare(panel: Any) -> None:
    """Measure how far the chosen model lies from the chosen segmentation."""
    from ..mrml.segmentations import segmentation_from_node

    node = _required(panel)
    if node.GetParentTransformNode() is not None:
        raise FluoroPrintError(f"{node.GetName()!r} stands under a transform: harden it before comparing.")
    surface, name = surface_from_node(node), str(node.GetName())
    segmentation = segmentation_from_node(panel.chosen.segmentation)

    def compute(progress: Progress) -> Comparison:
        return compare_with_segmentation(surface, name, segmentation, progress)

    def done(found: Comparison) -> None:
        keep_deviation(node, found.deviation, ", ".join(found.segments))
        show_deviation(node, shown=True)
        panel.refresh()

    panel.work.start(compute, done)


def repair(panel: Any) -> None:
    """Make a repaired model beside the chosen one, and choose it."""
    node = _required(panel)
    parameters = RepairParameters(scale=panel.chosen.scale, min_piece_mm3=panel.chosen.min_piece_mm3)

    def done(nodes: tuple[Node, ...]) -> None:
        panel.ui.repairLabel.text = _repair_words(nodes[0])
        _choose(panel, nodes[0])

    start_stage(panel.work, repair_stage(), node, parameters, done)


def _repair_words(node: Node) -> str:
    """Return what a repair did, by its table of figures."""
    from ..mrml.provenance import FIGURES_ROLE
    from ..mrml.tables import column_texts

    table = node.GetNodeReference(FIGURES_ROLE)
    columns = (column_texts(table, name) for name in ("Figure", "Value", "Unit"))
    items = (f"<li>{what}: {value} {unit}</li>" for what, value, unit in zip(*columns, strict=True))
    return f"<ul>{''.join(items)}</ul>"


def export(panel: Any) -> None:
    """Write the chosen model, or all of its case, and read the file back."""
    import slicer
    from slicer.i18n import tr as _

    node, path = _required(panel), Path(panel.chosen.file).absolute()
    check_mesh_name(path)
    question = _("{path} exists. Replace it?").format(path=path)
    if path.exists() and not slicer.util.confirmOkCancelDisplay(question, windowTitle=panel.title):
        return
    nodes = case_models(node) if panel.chosen.all_models else (node,)
    models = [named_surface(single) for single in nodes]

    def compute(progress: Progress) -> MeshFigures:
        progress(0.0, "Writing and reading back")
        return write_mesh(path, models)

    def done(written: MeshFigures) -> None:
        from ..mrml.cases import case_of

        case = case_of(node) or str(node.GetName())
        register_print_files(node.GetScene(), node, [path], case=case, folder=path.parent)
        panel.ui.exportLabel.text = _written_words(path, written)

    panel.work.start(compute, done)


def _written_words(path: Path, written: MeshFigures) -> str:
    from slicer.i18n import tr as _

    words = _(
        "{name} was written and read back: {triangles} triangles, {open} open edges, {volume} ml. "
        "Measure the print before you rely on it."
    )
    return str(
        words.format(
            name=path.name,
            triangles=grouped(written.triangles),
            open=written.open_edges,
            volume=f"{written.volume_mm3 / 1000:.4g}",
        )
    )
