"""Tests of segxl.sources."""
