"""Tests of segxl.excel."""
