"""Tests of segxl.tables."""
