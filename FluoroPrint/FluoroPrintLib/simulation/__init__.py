"""C-arm sweeps made from a CT."""
