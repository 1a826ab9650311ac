"""Where tests find what they do not make themselves."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The project's root."""
DATA = ROOT.parent / "shared" / "data"
"""Exports that others made; tests that need them skip, saying so, where there are none."""
