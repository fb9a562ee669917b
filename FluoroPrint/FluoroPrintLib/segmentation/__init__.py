"""Segmentation of bone in C-arm volumes: functions on arrays with spacing."""
