"""Tests of segxl.dataset."""
