"""LibreOffice as a calculator: it opens a workbook, calculates it again and saves it."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from segxl.errors import SegxlError
from segxl.verify.formula_cells import FormulaBook, Value, stored_values

_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
    "C:/Program Files (x86)/LibreOffice/program/soffice.exe",
)
_PATIENCE = 1800
"""Seconds: a pack of many formulas over many rows takes minutes, a program that asks something takes for ever."""

RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
"""A profile's settings that make LibreOffice calculate each workbook that it opens."""


def program() -> str | None:
    """The path of LibreOffice; ``None`` where it is not installed."""
    return shutil.which("soffice") or next((place for place in _PLACES if Path(place).is_file()), None)


def new_profile(folder: Path) -> Path:
    """A profile in ``folder`` that always recalculates: two runs of LibreOffice cannot share one."""
    (folder / "user").mkdir(parents=True)
    (folder / "user" / "registrymodifications.xcu").write_text(RECALCULATE)
    return folder


def convert(source: Path, kind: str, folder: Path, profile: Path, patience: int = _PATIENCE) -> Path:
    """``source`` as a file of another kind, in LibreOffice's words (``"pdf"``, ``"xlsx:Calc …"``).

    Raises:
        SegxlError: LibreOffice is missing, takes too long or writes nothing.
    """
    office = program()
    if office is None:
        raise SegxlError("LibreOffice is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    command = [office, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
    command += ["--convert-to", kind, "--outdir", str(folder), str(source)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=patience, check=False)
    except subprocess.TimeoutExpired:
        raise SegxlError(f"LibreOffice was stopped after {patience // 60} minutes") from None
    made = folder / f"{source.stem}.{kind.split(':')[0]}"
    if not made.exists():
        raise SegxlError(f"LibreOffice wrote nothing: {done.stdout}{done.stderr}".strip())
    return made


RECALCULATED = "xlsx:Calc MS Excel 2007 XML"
"""The kind of file that keeps formulas and their results."""


class LibreOffice:
    """The engine; see :class:`segxl.verify.engines.Engine`."""

    name = "LibreOffice"
    key = "libreoffice"
    needs = "install LibreOffice from libreoffice.org"

    @staticmethod
    @functools.cache
    def version() -> str | None:
        """Its version; ``None`` where it is not installed."""
        office = program()
        if office is None:
            return None
        said = subprocess.run([office, "--version"], capture_output=True, text=True, timeout=60, check=False).stdout
        number = re.search(r"\d+(\.\d+)+", said)
        return number[0] if number else "unknown version"

    def values(self, book: FormulaBook) -> Sequence[Value]:
        """The value of each formula cell."""
        with tempfile.TemporaryDirectory(prefix="segxl-", ignore_cleanup_errors=True) as folder:
            place = Path(folder)
            (place / "pack.xlsx").write_bytes(book.cleared)
            made = convert(place / "pack.xlsx", RECALCULATED, place / "out", new_profile(place / "profile"))
            return stored_values(made, book.cells)
