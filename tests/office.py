"""LibreOffice for tests: the independent calculator and the eye. Tests skip where it is missing."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NoReturn

import pytest

_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


@functools.cache
def _profile() -> Path:
    """A profile of this process's own: two runs of LibreOffice cannot share one. It always recalculates."""
    folder = Path(tempfile.mkdtemp(prefix="segxl-office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "user").mkdir()
    (folder / "user" / "registrymodifications.xcu").write_text(_RECALCULATE)
    return folder


def _without(program: str) -> NoReturn:
    """Skip where a program is missing; fail where SEGXL_REQUIRE_OFFICE says that it must be there, as on CI."""
    if os.environ.get("SEGXL_REQUIRE_OFFICE"):
        pytest.fail(f"needs {program}, and SEGXL_REQUIRE_OFFICE is set")
    pytest.skip(f"needs {program}")


def convert(source: Path, kind: str, folder: Path) -> Path:
    """``source`` as a file of another kind, in LibreOffice's words (``"pdf"``, ``"xlsx:Calc …"``)."""
    program = shutil.which("soffice")
    if program is None:
        _without("LibreOffice (soffice)")
    folder.mkdir(parents=True, exist_ok=True)
    command = [program, f"-env:UserInstallation={_profile().as_uri()}", "--headless", "--norestore"]
    done = subprocess.run(
        [*command, "--convert-to", kind, "--outdir", str(folder), str(source)],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    made = folder / f"{source.stem}.{kind.split(':')[0]}"
    assert made.exists(), f"LibreOffice made nothing of {source.name}: {done.stdout}{done.stderr}"
    return made


def recalculated(source: Path, folder: Path) -> Path:
    """The workbook as LibreOffice calculates and saves it."""
    return convert(source, "xlsx:Calc MS Excel 2007 XML", folder)


def pdf(source: Path, folder: Path) -> Path:
    """The workbook as LibreOffice prints it."""
    return convert(source, "pdf", folder)


def pdf_text(source: Path) -> str:
    """The words of a PDF, laid out as on paper."""
    program = shutil.which("pdftotext")
    if program is None:
        _without("poppler (pdftotext)")
    return subprocess.run(
        [program, "-layout", str(source), "-"], capture_output=True, text=True, timeout=60, check=True
    ).stdout
