"""Surfaces of segments: closed, smooth, checked, repaired."""
