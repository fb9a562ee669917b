"""MRML nodes to data and back; the scene is passed in."""
