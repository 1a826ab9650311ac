"""The version that made a pack."""

__version__ = "0.1.0"
