"""Slicer's Qt side stood in for: PythonQt's rules and Slicer's listed classes on top of PySide6."""
