"""Geometry of sweeps and volumes. Patient RAS in mm; pixel (0, 0) is the centre of the first pixel."""
