"""Models held against the frames of a sweep: silhouettes and their distance to what the frames show."""
