"""The stages of a case, run without a window."""
