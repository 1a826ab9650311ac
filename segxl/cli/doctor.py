"""Check the installation: parts, versions, problems."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterable

from segxl._version import __version__
from segxl.errors import SegxlError
from segxl.excel.addin import status
from segxl.packages import installed_version
from segxl.render.shared.atomic_files import template_path
from segxl.sources.warehouse.sessions import DRIVERS, SHARED

_NEEDED = ("click", "numpy", "openpyxl", "pandas", "pydantic", "python-calamine", "tzdata", "xlsxwriter", "xlwings")
_OPTIONAL = {
    "pyarrow": "reads Parquet exports; install segxl[parquet]",
    "formualizer": "recalculates packs; install segxl[verify]",
    "ironcalc": "recalculates packs; install segxl[verify]",
}


def examine() -> tuple[str, bool]:
    """A report for a person, and whether everything that segxl needs is there."""
    lines = [f"segxl {__version__}", f"Python {platform.python_version()} at {sys.executable}", platform.platform(), ""]
    problems: list[str] = []
    lines += _packages(problems)
    lines += ["", *_engines(), ""]
    lines += _templates(problems)
    lines += ["", _excel(), *status.report(problems)]
    lines += ["", "no problems found" if not problems else "\n".join(f"problem: {problem}" for problem in problems)]
    return "\n".join(lines), not problems


def _packages(problems: list[str]) -> Iterable[str]:
    for name in _NEEDED:
        if (version := installed_version(name)) is None:
            problems.append(f"{name} is not installed; reinstall segxl")
        yield f"  {name:<16} {version or 'missing'}"
    for name, purpose in _OPTIONAL.items():
        yield f"  {name:<16} {installed_version(name) or f'not installed: {purpose}'}"


def _engines() -> Iterable[str]:
    """Each engine for tables in a warehouse: the versions of its driver, or what to install. None is needed."""
    yield "Engines for tables in a warehouse (segxl help warehouse):"
    for kind, driver in DRIVERS.items():
        versions = {name: installed_version(name) for name in (driver, *SHARED)}
        found = ", ".join(f"{name} {version}" for name, version in versions.items())
        java = "; Java is missing: install Java 17" if kind == "spark" and shutil.which("java") is None else ""
        lacking = None in versions.values()
        yield f"  {kind:<16} " + (f'not installed: pip install "segxl[{kind}]"' if lacking else found + java)


def _templates(problems: list[str]) -> Iterable[str]:
    try:
        yield f"  pack template: {template_path('scorecard.xlsx')}"
    except SegxlError as error:
        problems.append(str(error))


def _excel() -> str:
    if platform.system() in ("Windows", "Darwin"):
        return "Excel: packs open in Excel 2016 or later. Buttons, add-in and functions need:"
    return "Excel: not on this system. segxl writes packs without it; they open in Excel 2016 or later."
