"""The Python packages of this installation."""

from __future__ import annotations

from importlib import metadata


def installed_version(package: str) -> str | None:
    """The version of a package; ``None`` where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
