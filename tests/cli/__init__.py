"""Tests of segxl.cli."""
