"""Rows of a form for the fields of a parameter dataclass; help, bounds and unit come from its annotations."""

from __future__ import annotations

from typing import Any

from ..mrml.case_parameters import PLANS, kept_parameters, parameter_name
from ..parameters import ParameterField, parameter_fields
from .parameter_nodes import is_text

DECIMALS, FEW_DECIMALS = 3, 1
NAMES = {
    "sid_mm": "Source to detector (SID)",
    "sod_mm": "Source to isocentre (SOD)",
    "pixel_mm": "Pixel size",
    "primary_start_deg": "First angle",
    "secondary_deg": "Secondary angle",
    "intensity": "Pixel values",
    "i0": "Air value (I0)",
    "principal_point": "Isocentre at",
    "voxel_mm": "Voxel size",
    "size_mm": "Volume size",
    "centre_mm": "Volume centre",
    "window": "Filter window",
    "cutoff": "Filter cut-off",
    "water_per_mm": "Water attenuation",
    "mask_field": "Blank outside the field",
    "lower_hu": "Bone above",
    "metal_lower_hu": "Metal above",
    "vessel_lower_hu": "Contrast above",
    "min_diameter_mm": "Thinnest vessel",
    "max_diameter_mm": "Widest vessel",
    "learned_model": "Model folder",
    "learned_sha256": "SHA-256 expected",
    "seed_vesselness": "Surely a tube",
    "lower_vesselness": "Still a tube",
    "seed_hu": "Seeds above",
    "neck_mm": "Narrowest neck",
    "gap_hu": "Gap depth",
    "size_limit": "Largest region (balls)",
    "reach_mm": "Farthest reach",
    "split_neck_mm": "Neck",
    "snap_max_mm": "Move at most",
    "snap_frames": "Frames to use",
    "edge_inside_px": "Edge inside (pixels)",
    "min_piece_mm3": "Smallest piece",
    "max_deviation_mm": "Simplify within",
    "min_island_mm3": "Smallest piece",
    "min_cavity_mm3": "Smallest cavity",
    "point_ras_mm": "Point of the plane (RAS)",
    "normal": "Normal, to part 2",
    "screw_clearance_mm": "Holes wider than screws by",
    "blade_mm": "Blade of planned cuts",
    "cut_implants": "Take implants out too",
    "implant_clearance_mm": "Room about implants",
    "rim_mm": "Wall about sockets",
    "peg_diameter_mm": "Diameter of pegs",
    "peg_length_mm": "Length of pegs",
    "peg_count": "Number of pegs",
    "clearance_mm": "Clearance of pegs",
    "entry_ras_mm": "Entry (RAS)",
    "drains": "Drain at",
    "drain_diameter_mm": "Diameter of drains",
    "drain_points": "Points to drain at",
    "text": "Other words",
    "at_ras_mm": "Middle (RAS)",
    "up": "Up",
    "height_mm": "Height of letters",
    "stroke_mm": "Width of strokes",
    "depth_mm": "Depth",
    "min_wall_mm": "Least wall",
    "margin_mm": "Margin about the model",
    "plan_screws_screws_margin_mm": "Bone beside the thread",
    "plan_corridor_corridor_margin_mm": "Bone beside the thread",
    "plan_electrode_electrode_margin_mm": "Room to what is spared",
    "sink_mm": "Sunk into a plinth by",
    "lift_mm": "Lifted above a plate by",
    "pillar_mm": "Diameter of pillars",
    "pillars": "Number of pillars",
    "longest_mm": "Longest bridge",
    "plane_mm": "Plane at",
    "orient": "Turn parts to lie well",
    "overhang_deg": "Overhangs below",
    "directions": "Directions tried",
    "layer_mm": "Layer",
    "walls": "Lines of a wall",
    "infill_percent": "Infill",
    "support": "Support overhangs",
}
"""What fields are called in forms, where their own names say too little or something else there."""
NAME_PROPERTY = "SlicerParameterName"


def add_rows(layout: Any, stage: str, names: tuple[str, ...] = ()) -> dict[str, Any]:
    """Add a row to a form for each named field of a stage's parameters.

    Parameters
    ----------
    layout : QFormLayout
    stage : a name of `kept_parameters`: "sweep", "bone", "model", "shape_drill", "print"
    names : the fields to show, in this order, others keep their values; all where left out

    Returns
    -------
    The widget of each field. It is called as the field is in the node of the case ("model_smoothing") and has
    the dynamic property SlicerParameterName, so that `case_parameters(scene)` binds to it.
    """
    fields = {field.name: field for field in parameter_fields(kept_parameters()[stage])}
    return {name: _row(layout, fields[name], stage) for name in names or fields}


def _row(layout: Any, field: ParameterField, stage: str) -> Any:
    from slicer.i18n import tr as _

    widget = _widget_of(field)
    name = parameter_name(stage, field.name)
    widget.objectName = name
    widget.setProperty(NAME_PROPERTY, name)
    widget.toolTip = f"{_(field.help)} ({field.name})"
    layout.addRow(_(label_of(field, stage)), widget)
    layout.labelForField(widget).toolTip = widget.toolTip
    return widget


def show_row(layout: Any, widget: Any, *, shown: bool) -> None:
    """Show or hide a row of a QFormLayout: a widget and its label."""
    widget.visible = shown
    layout.labelForField(widget).visible = shown


def label_of(field: ParameterField, stage: str = "") -> str:
    """Return what a field is called in a form: "voxel_mm" is "Voxel size:", "flip_rows" is "Flip rows:".

    Where `NAMES` has one for the stage ("metal_lower_hu"), that stands above the one for all stages. What is
    planned is called by its own names.
    """
    words = field.name.removesuffix(f"_{field.unit.lower()}") if field.unit else field.name
    words = words.removesuffix("_deg")
    own = words.replace("_", " ").capitalize()
    usual = own if stage.startswith(f"{PLANS}_") else NAMES.get(field.name, own)
    return NAMES.get(parameter_name(stage, field.name), usual) + ":"


def _widget_of(field: ParameterField) -> Any:
    import ctk
    import qt

    if field.choices:
        return qt.QComboBox()
    if is_text(field):
        return _line(field)
    if field.kind is bool:
        return qt.QCheckBox()
    widget = ctk.ctkDoubleSpinBox()
    widget.suffix = f" {field.unit}".rstrip().replace("mm3", "mm³")
    widget.decimals = _decimals(field)
    usual = float(field.default) or (field.bounds.high / 10.0 if field.bounds else 1.0)
    widget.singleStep = max(usual / 10.0, 10.0**-widget.decimals)
    return widget


def _decimals(field: ParameterField) -> int:
    if field.kind is not float:
        return 0
    return DECIMALS if float(field.default) < 10.0 else FEW_DECIMALS


def _line(field: ParameterField) -> Any:
    import qt
    from slicer.i18n import tr as _

    line = qt.QLineEdit()
    shape = f"{field.length} × {field.unit}" if field.length else field.unit
    left_out = _("automatic") if field.optional else ""
    line.placeholderText = f"{left_out} ({shape})" if left_out and shape else left_out or shape
    return line
