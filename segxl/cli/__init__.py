"""The command line."""

from __future__ import annotations

from segxl.cli.commands import main

__all__ = ["main"]
