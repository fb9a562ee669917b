"""Learned models of others, run on a volume: nnU-Net folders and TotalSegmentator; no weights are kept."""
