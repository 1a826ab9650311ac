"""Permissions for the add-in in Excel for Windows, by its settings in the registry."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from segxl.excel.addin import registry
from segxl.excel.addin.places import ADDIN
from segxl.excel.buttons.conf import XLWINGS

_VERSION = "16.0"  # Excel 2016, 2019, 2021, 2024 and Microsoft 365
_EXCEL = rf"Software\Microsoft\Office\{_VERSION}\Excel"
_POLICIES = rf"Software\Policies\Microsoft\Office\{_VERSION}\Excel"
_CLICK_TO_RUN = r"HKLM\Software\Microsoft\Office\ClickToRun\Configuration"
_BITNESS = rf"HKLM\Software\Microsoft\Office\{_VERSION}\Outlook"
_TRUST_CENTER = "File, Options, Trust Center, Trust Center Settings"


def bits() -> int:
    """Whether Excel is 32 or 64 bit; 0 if unknown."""
    found = registry.values(_CLICK_TO_RUN).get("platform") or registry.values(_BITNESS).get("bitness")
    return {"x86": 32, "x64": 64}.get(str(found), 0)


def dlls() -> dict[int, Path]:
    """The DLLs of the right xlwings in this Python by their bits."""
    found = {bits: Path(sys.prefix) / f"xlwings{bits}-{XLWINGS}.dll" for bits in (32, 64)}
    return {bits: path for bits, path in found.items() if path.exists()}


def report(problems: list[str]) -> Iterator[str]:
    """Excel's version, the DLL for it, and settings that block it; errors go to ``problems``."""
    excel, here = bits(), dlls()
    words = f"{excel} bit" if excel else "32 or 64 bit not found in the registry"
    yield f"  Excel            {words}; Python {64 if sys.maxsize > 2**32 else 32} bit (they may differ)"
    yield f"  DLL              {', '.join(path.name for path in here.values()) or 'missing'}"
    if here and excel and excel not in here:
        problems.append(
            f"Excel is {excel} bit and needs xlwings{excel}-{XLWINGS}.dll in {sys.prefix}: "
            f"pip install --force-reinstall --no-deps xlwings=={XLWINGS}"
        )
    problems += _trust()
    if _is_disabled():
        problems.append(
            "Excel disabled the add-in after a crash: in Excel choose File, Options, Add-ins, Manage: Disabled Items, "
            f"Go, select {ADDIN} and Enable"
        )


def _trust() -> Iterator[str]:
    """Actions that Excel's settings block; a policy of the administrator overrides the user's own choice."""
    for name, forbids, (page, change) in _FORBIDS:
        for root, key, policy in (("HKCU", _POLICIES, True), ("HKLM", _POLICIES, True), ("HKCU", _EXCEL, False)):
            folder, _, value = name.rpartition("\\")
            found = registry.values("\\".join((root, key, folder)))
            if value in found:
                if found[value] in forbids:
                    what = forbids[found[value]]
                    do = "ask your IT administrator" if policy else f"{_TRUST_CENTER}, {page}: {change}"
                    yield f"{what}{' (a policy)' if policy else ''}: {do}"
                break


_MACROS: tuple[str, str] = ("Macro Settings", "choose “Disable VBA macros with notification”")
_FORBIDS: tuple[tuple[str, Mapping[object, str], tuple[str, str]], ...] = (
    (
        r"Security\vbawarnings",
        {
            4: "Excel disables all macros without asking",
            3: "Excel allows only signed macros, and those of segxl are not signed",
        },
        _MACROS,
    ),
    (
        r"Security\disablealladdins",
        {1: "Excel disables all add-ins"},
        ("Add-ins", "clear “Disable all Application Add-ins”"),
    ),
    (
        r"Security\requireaddinsig",
        {1: "Excel allows only signed add-ins, and segxl is not signed"},
        ("Add-ins", "clear “Require Application Add-ins to be signed by Trusted Publisher”"),
    ),
    (
        r"Security\Trusted Locations\alllocationsdisabled",
        {1: "Excel trusts no folder, so it may ask before it opens the add-in"},
        ("Trusted Locations", "clear “Disable all Trusted Locations”"),
    ),
)
"""By value in the registry: which of its contents forbid something, and where a person changes it."""


def _is_disabled() -> bool:
    """Whether the add-in is on Excel's list of disabled add-ins; names are UTF-16 there."""
    disabled = registry.values(rf"HKCU\{_EXCEL}\Resiliency\DisabledItems")
    wanted = ADDIN.encode("utf-16-le")
    return any(isinstance(value, bytes) and wanted in value.lower() for value in disabled.values())
