"""The command line."""

from __future__ import annotations

from segxl.cli.main import main

__all__ = ["main"]
