"""The effects; Slicer loads each from its file."""
