"""Shaping of closed surfaces for a print: cuts, holes, hollows, labels and more, each a pure function."""
