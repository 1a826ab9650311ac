"""LibreOffice for tests: the independent calculator and the eye. Tests skip where it is missing."""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest

from segxl.verify import libreoffice


@functools.cache
def _profile() -> Path:
    """A profile of this process's own: two runs of LibreOffice cannot share one. It always recalculates."""
    folder = Path(tempfile.mkdtemp(prefix="segxl-office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return libreoffice.new_profile(folder)


def _without(program: str) -> NoReturn:
    """Skip where a program is missing; fail where SEGXL_REQUIRE_OFFICE says that it must be there, as on CI."""
    if os.environ.get("SEGXL_REQUIRE_OFFICE"):
        pytest.fail(f"needs {program}, and SEGXL_REQUIRE_OFFICE is set")
    pytest.skip(f"needs {program}")


def convert(source: Path, kind: str, folder: Path) -> Path:
    """``source`` as a file of another kind, in LibreOffice's words (``"pdf"``, ``"xlsx:Calc …"``)."""
    if libreoffice.program() is None:
        _without("LibreOffice (soffice)")
    return libreoffice.convert(source, kind, folder, _profile(), patience=180)


def recalculated(source: Path, folder: Path) -> Path:
    """The workbook as LibreOffice calculates and saves it."""
    return convert(source, libreoffice.RECALCULATED, folder)


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


_TALL = 1.221
"""The height of a line of Calibri and of Carlito, which has its metrics, in font sizes."""


def smallest_print(source: Path) -> float:
    """The font size of the smallest words on the first page of a PDF, without its header and footer, in points."""
    program = shutil.which("pdftotext")
    if program is None:
        _without("poppler (pdftotext)")
    command = [program, "-f", "1", "-l", "1", "-bbox", str(source), "-"]
    text = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    paper = float(re.findall(r'<page width="[\d.]+" height="([\d.]+)"', text)[0])
    words = [(float(top), float(end)) for top, end in re.findall(r'yMin="([\d.]+)"[^>]*yMax="([\d.]+)"', text)]
    margin = 30.0
    return min(end - top for top, end in words if top > margin and end < paper - margin) / _TALL


def session(files: Sequence[tuple[Path, Sequence[Sequence[Any]]]], *, as_template: bool = False) -> list[list[Any]]:
    """Open each file in LibreOffice with its macros allowed, take its steps, and give their answers.

    Steps are those of ``tests/office_session.py``: a name and its arguments. ``as_template`` opens a new workbook made
    of the file, one that was never saved.
    """
    program = libreoffice.program()
    if program is None:
        _without("LibreOffice (soffice)")
    order = {
        "program": program,
        "profile": _profile().as_uri(),
        "as_template": as_template,
        "files": [{"url": file.absolute().as_uri(), "steps": steps} for file, steps in files],
    }
    done = subprocess.run(
        [_office_python(program), str(Path(__file__).with_name("office_session.py"))],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[list[Any]] = json.loads(done.stdout)
    return answers


@functools.cache
def _office_python(program: str) -> str:
    """A Python that speaks with LibreOffice: its own, the system's (python3-uno of Debian), or this one."""
    for python in (str(Path(program).resolve().with_name("python")), "/usr/bin/python3", sys.executable):
        if shutil.which(python) and not subprocess.run([python, "-c", "import uno"], capture_output=True).returncode:
            return python
    _without("a Python that speaks with LibreOffice (python3-uno)")
