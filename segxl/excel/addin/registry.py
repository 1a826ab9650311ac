"""The registry of Windows, read only: the one place that looks at it, which tests replace."""

from __future__ import annotations

import importlib
from collections.abc import Mapping


def values(key: str) -> Mapping[str, object]:
    """The values of a key, of ``HKCU`` or ``HKLM``, by their names in small letters; none where it is missing.

    Only Windows has a registry.
    """
    try:
        winreg = importlib.import_module("winreg")
    except ModuleNotFoundError:
        return {}
    root, _, path = key.partition("\\")
    roots = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}
    found: dict[str, object] = {}
    try:
        with winreg.OpenKey(roots[root], path, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened:
            for number in range(winreg.QueryInfoKey(opened)[1]):
                name, value, _ = winreg.EnumValue(opened, number)
                found[name.casefold()] = value
    except OSError:  # no such key, or no right to read it
        return found
    return found
