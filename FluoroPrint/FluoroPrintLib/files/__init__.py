"""Files to data and back. LPS in files, RAS inside."""
