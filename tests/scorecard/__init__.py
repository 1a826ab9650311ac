"""Tests of segxl.scorecard."""
