"""Scorecards and reports as JSON."""
