"""The profile that PrusaSlicer is run with, written from printer, material and settings.

It is a plain profile: its G-code homes, heats and prints, without what a maker's own profile adds
(levelling, purging). Speeds and accelerations are those of PrusaSlicer's "0.20mm QUALITY" for the MK3S, so
that estimate and slicing speak of the same print.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from ..errors import FluoroPrintError
from .machines import EXTRUSION, VAT, Material, Printer
from .settings import (
    SUPPORT_BELOW_DEG,
    SUPPORT_SPACING_MM,
    PrintSettings,
    line_width_mm,
    required_layer,
    shell_mm,
)

Profile = Mapping[str, object]
FILAMENT_MM = 1.75
SUPPORT_LIFT_MM = 5.0
"""Resin parts hang on their supports this far from the plate."""
_SPEEDS: Profile = {
    "perimeter_speed": 45,
    "external_perimeter_speed": 25,
    "small_perimeter_speed": 25,
    "infill_speed": 80,
    "solid_infill_speed": 80,
    "top_solid_infill_speed": 40,
    "gap_fill_speed": 40,
    "bridge_speed": 25,
    "support_material_speed": 50,
    "travel_speed": 180,
    "first_layer_speed": 20,
    "default_acceleration": 1000,
    "perimeter_acceleration": 800,
    "infill_acceleration": 1000,
    "first_layer_acceleration": 800,
    "machine_limits_usage": "time_estimate_only",
    "machine_max_acceleration_extruding": 1250,
    "machine_max_acceleration_retracting": 1250,
    "machine_max_acceleration_x": 1000,
    "machine_max_acceleration_y": 1000,
    "machine_max_acceleration_z": 200,
    "machine_max_feedrate_x": 200,
    "machine_max_feedrate_y": 200,
    "machine_max_feedrate_z": 12,
    "machine_max_feedrate_e": 120,
    "machine_max_jerk_x": 8,
    "machine_max_jerk_y": 8,
}


def profile_of(printer: Printer, material: Material, settings: PrintSettings) -> Profile:
    """Return the settings of PrusaSlicer by their names.

    Raises
    ------
    FluoroPrintError
        PrusaSlicer does not slice for this technology, or a figure that it needs is not known.
    """
    if printer.technology == EXTRUSION:
        return _extrusion(printer, material, settings)
    if printer.technology == VAT and printer.pixels is not None:
        return _mask(printer, material, settings, printer.pixels)
    raise FluoroPrintError(
        f"{printer.title} ({printer.process}) has a slicing program of its own: write the plates without "
        "slicing and open the 3MF file there."
    )


def speeds() -> Mapping[str, float]:
    """Return speeds in mm/s and accelerations in mm/s2 by their names in PrusaSlicer."""
    return {name: float(value) for name, value in _SPEEDS.items() if isinstance(value, int)}


def solid_layers_of(printer: Printer, settings: PrintSettings) -> int:
    """Return how many solid layers top and bottom have: they are as thick as the walls."""
    return math.ceil(shell_mm(printer, settings) / required_layer(printer, settings) - 1e-9)


def profile_text(profile: Profile) -> str:
    """Return a profile as the file that PrusaSlicer loads."""
    return "".join(f"{name} = {value}\n" for name, value in profile.items())


def known(value: float | None, what: str, owner: str) -> float:
    """Return a figure; FluoroPrintError where it is not known."""
    if value is None:
        raise FluoroPrintError(f"The {what} of {owner} is not known: add it in a catalogue of your own.")
    return value


def _volume(printer: Printer) -> Profile:
    width, depth = printer.bed_mm
    return {
        "bed_shape": f"0x0,{width:g}x0,{width:g}x{depth:g},0x{depth:g}",
        "max_print_height": f"{printer.height_mm:g}",
    }


def _extrusion(printer: Printer, material: Material, settings: PrintSettings) -> Profile:
    layer, line = required_layer(printer, settings), line_width_mm(printer)
    nozzle_c = known(material.nozzle_c, "nozzle temperature", material.title)
    bed_c = known(material.bed_c, "bed temperature", material.title)
    solid_layers = solid_layers_of(printer, settings)
    widths = ("", "perimeter_", "external_perimeter_", "infill_", "solid_infill_", "top_infill_")
    return {
        "printer_technology": "FFF",
        **_volume(printer),
        "nozzle_diameter": f"{printer.nozzle_mm or 0.4:g}",
        "gcode_flavor": "marlin",
        "layer_height": f"{layer:g}",
        "first_layer_height": f"{layer:g}",
        **{f"{name}extrusion_width": f"{line:g}" for name in widths},
        "perimeters": settings.walls,
        "top_solid_layers": solid_layers,
        "bottom_solid_layers": solid_layers,
        "fill_density": f"{settings.infill_percent:g}%",
        "fill_pattern": "gyroid" if settings.infill_percent < 100 else "rectilinear",
        "skirts": 0,
        "support_material": int(settings.support),
        "support_material_auto": 1,
        "support_material_threshold": SUPPORT_BELOW_DEG,
        "support_material_spacing": SUPPORT_SPACING_MM,
        "filament_diameter": FILAMENT_MM,
        "filament_density": f"{material.density_g_cm3 or 0:g}",
        "filament_max_volumetric_speed": f"{material.max_flow_mm3_s or 0:g}",
        "temperature": f"{nozzle_c:g}",
        "first_layer_temperature": f"{nozzle_c:g}",
        "bed_temperature": f"{bed_c:g}",
        "first_layer_bed_temperature": f"{bed_c:g}",
        **_SPEEDS,
    }


def _mask(
    printer: Printer, material: Material, settings: PrintSettings, pixels: tuple[float, float]
) -> Profile:
    layer = required_layer(printer, settings)
    exposure = known(material.exposure_s, "exposure", material.title)
    first = known(material.first_exposure_s, "first exposure", material.title)
    return {
        "printer_technology": "SLA",
        **_volume(printer),
        "display_width": f"{printer.bed_mm[0]:g}",
        "display_height": f"{printer.bed_mm[1]:g}",
        "display_pixels_x": f"{pixels[0]:g}",
        "display_pixels_y": f"{pixels[1]:g}",
        "display_orientation": "landscape",
        "layer_height": f"{layer:g}",
        "initial_layer_height": f"{layer:g}",
        "exposure_time": f"{exposure:g}",
        "initial_exposure_time": f"{first:g}",
        "supports_enable": int(settings.support),
        "support_object_elevation": f"{SUPPORT_LIFT_MM:g}",
        "pad_enable": int(settings.support),
        "material_density": f"{material.density_g_cm3 or 1:g}",
        "fast_tilt_time": 2.5,
        "slow_tilt_time": 5,
        "area_fill": 45,
    }
