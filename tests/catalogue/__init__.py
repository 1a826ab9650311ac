"""Tests of segxl.catalogue."""
