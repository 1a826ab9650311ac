"""Tests of segxl.pages."""
