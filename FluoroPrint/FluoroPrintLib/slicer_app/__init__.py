"""What needs Slicer's window: forms derived from parameters, work with progress, cancel and error message."""
