"""Tests of segxl.render."""
