"""Tests of segxl.facts."""
