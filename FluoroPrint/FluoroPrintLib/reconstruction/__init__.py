"""From line integrals to a volume: weights, filter, projector pair, FDK."""
