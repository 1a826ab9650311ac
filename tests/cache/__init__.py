"""Tests of segxl.cache."""
