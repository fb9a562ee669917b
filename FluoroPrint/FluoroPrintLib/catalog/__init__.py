"""What the program knows as data: presets for anatomies."""
