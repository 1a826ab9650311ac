"""Tests of segxl.report."""
