"""The settings that CuraEngine is run with, written from printer, material and settings.

CuraEngine reads a definition file but does not work out the formulas in it: each setting stands at its plain
default until it is given, so all that follow from layer, line, walls and infill are given here. Speeds and
accelerations are those of `profile`, so that both programs slice the same print.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import FluoroPrintError
from .machines import EXTRUSION, Material, Printer
from .profile import FILAMENT_MM, known, solid_layers_of, speeds
from .settings import PrintSettings, line_width_mm, required_layer

CuraSettings = Mapping[str, object]
TRAVEL_MM, RETRACTED_MM, RETRACTION_MM_S = 180.0, 0.8, 35.0
SUPPORT_SPACING_MM = 2.0
ALL_BOTTOM_LAYERS = 999_999
"""What Cura sets where the inside is solid."""
_LINES = (
    *("line_width", "wall_line_width", "wall_line_width_0", "wall_line_width_x", "skin_line_width"),
    *("roofing_line_width", "infill_line_width", "skirt_brim_line_width", "support_line_width"),
)
_PARTS = {
    "wall": "perimeter",
    "wall_x": "perimeter",
    "wall_0": "external_perimeter",
    "infill": "infill",
    "topbottom": "solid_infill",
    "roofing": "top_solid_infill",
    "support": "support_material",
    "support_infill": "support_material",
    "print": "perimeter",
    "layer_0": "first_layer",
    "print_layer_0": "first_layer",
}
"""Parts of a print by their names in Cura, and what PrusaSlicer calls them."""


def cura_settings_of(printer: Printer, material: Material, settings: PrintSettings) -> CuraSettings:
    """Return the settings of CuraEngine by their names.

    Raises
    ------
    FluoroPrintError
        CuraEngine does not slice for this technology, or a figure that it needs is not known.
    """
    if printer.technology != EXTRUSION:
        raise FluoroPrintError(
            f"{printer.title} ({printer.process}) is not sliced for by CuraEngine, which extrudes: choose "
            "another slicing program, or open the 3MF file in the printer's own."
        )
    layer, line = required_layer(printer, settings), line_width_mm(printer)
    return {
        **_machine(printer),
        **_heat(material),
        **_shell(printer, settings, layer, line),
        **_infill(settings, layer, line),
        **_support(settings, layer, line),
        **_motion(material, layer, line),
    }


def _machine(printer: Printer) -> CuraSettings:
    width, depth = printer.bed_mm
    return {
        "machine_width": width,
        "machine_depth": depth,
        "machine_height": printer.height_mm,
        "machine_center_is_zero": False,
        "machine_heated_bed": True,
        "machine_nozzle_size": printer.nozzle_mm or 0.4,
        "machine_start_gcode": "G28 ; home",
        "machine_end_gcode": "M104 S0\nM140 S0\nM84",
        "machine_extruder_count": 1,
        "center_object": False,
        "adhesion_type": "none",
        "material_diameter": FILAMENT_MM,
    }


def _heat(material: Material) -> CuraSettings:
    nozzle_c = known(material.nozzle_c, "nozzle temperature", material.title)
    bed_c = known(material.bed_c, "bed temperature", material.title)
    of_nozzle = ("", "_layer_0")
    return {
        **{f"material_print_temperature{part}": nozzle_c for part in of_nozzle},
        **dict.fromkeys(("material_initial_print_temperature", "material_final_print_temperature"), nozzle_c),
        **{f"material_bed_temperature{part}": bed_c for part in of_nozzle},
    }


def _shell(printer: Printer, settings: PrintSettings, layer: float, line: float) -> CuraSettings:
    solid, is_solid = solid_layers_of(printer, settings), settings.infill_percent >= 100
    bottom = ALL_BOTTOM_LAYERS if is_solid else solid
    walls_mm = settings.walls * line
    shrink = ("", "top_", "bottom_")
    return {
        "layer_height": layer,
        "layer_height_0": layer,
        **dict.fromkeys(_LINES, line),
        "wall_line_count": settings.walls,
        "wall_thickness": walls_mm,
        "top_layers": 0 if is_solid else solid,
        "bottom_layers": bottom,
        "initial_bottom_layers": bottom,
        **{f"{part}skin_preshrink": walls_mm for part in shrink},
        **{f"{part}skin_expand_distance": walls_mm for part in ("top_", "bottom_")},
        "expand_skins_expand_distance": walls_mm,
        "skin_overlap_mm": 0.05 * line,
    }


def _infill(settings: PrintSettings, layer: float, line: float) -> CuraSettings:
    share = settings.infill_percent / 100
    return {
        "infill_sparse_density": settings.infill_percent,
        "infill_pattern": "gyroid",
        "infill_line_distance": 0 if share == 0 else line / share,
        "infill_sparse_thickness": layer,
        "infill_overlap_mm": 0.1 * line,
    }


def _support(settings: PrintSettings, layer: float, line: float) -> CuraSettings:
    return {
        "support_enable": settings.support,
        "support_type": "everywhere",
        "support_angle": 45,
        "support_pattern": "zigzag",
        "support_wall_count": 0,
        "support_line_distance": SUPPORT_SPACING_MM + line,
        "support_initial_layer_line_distance": SUPPORT_SPACING_MM + line,
        "support_infill_sparse_thickness": layer,
        "support_top_distance": layer,
        "support_bottom_distance": layer,
    }


def _motion(material: Material, layer: float, line: float) -> CuraSettings:
    most = (material.max_flow_mm3_s or float("inf")) / (layer * line)
    told = {f"speed_{part}": min(speeds()[f"{name}_speed"], most) for part, name in _PARTS.items()}
    return {
        **told,
        **{f"speed_travel{part}": TRAVEL_MM for part in ("", "_layer_0")},
        **_accelerations(_PARTS),
        "acceleration_enabled": True,
        "jerk_enabled": False,
        "machine_max_feedrate_z": speeds()["machine_max_feedrate_z"],
        "machine_max_jerk_xy": speeds()["machine_max_jerk_x"],
        "retraction_amount": RETRACTED_MM,
        **{f"retraction{part}_speed": RETRACTION_MM_S for part in ("", "_retract", "_prime")},
    }


def _accelerations(parts: Iterable[str]) -> CuraSettings:
    plain = speeds()["default_acceleration"]
    wall, first = speeds()["perimeter_acceleration"], speeds()["first_layer_acceleration"]
    known_parts = {"wall": wall, "wall_0": wall, "wall_x": wall, "layer_0": first, "print_layer_0": first}
    told = {f"acceleration_{part}": known_parts.get(part, plain) for part in parts}
    return {**told, "acceleration_travel": plain, "acceleration_travel_layer_0": plain}
