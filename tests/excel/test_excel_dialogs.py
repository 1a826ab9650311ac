"""The file dialog of the import button: what Excel and macOS answer, and the outcome of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from segxl.errors import SegxlError
from segxl.excel.buttons.dialogs import choose_files


def _excel_answering(answer: Any, asked: list[Any]) -> Any:
    def get_open_filename(*arguments: Any) -> Any:
        asked.append(arguments)
        return answer

    return SimpleNamespace(api=SimpleNamespace(GetOpenFilename=get_open_filename))


@pytest.mark.parametrize(
    ("answer", "files"),
    [
        (False, []),  # declined
        ((r"C:\Ana & Co\ópps.csv",), [r"C:\Ana & Co\ópps.csv"]),
        ((r"C:\a.csv", r"C:\b.xlsx"), [r"C:\a.csv", r"C:\b.xlsx"]),
        (r"C:\a.csv", [r"C:\a.csv"]),
    ],
)
def test_on_windows_excel_asks(answer: Any, files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    asked: list[Any] = []
    assert [str(one) for one in choose_files(_excel_answering(answer, asked))] == files
    ((filters, which, _title, _button, several),) = asked
    assert several is True
    assert which == 1
    assert filters.split(",")[1].split(";") == ["*.csv", "*.tsv", "*.txt", "*.xlsx", "*.xlsm", "*.parquet"]


@pytest.mark.parametrize(
    ("status", "out", "err", "files"),
    [
        (0, "/Users/ana/a b.csv\n/Users/ana/é$.xlsx\n\n", "", ["/Users/ana/a b.csv", "/Users/ana/é$.xlsx"]),
        (1, "", "execution error: User canceled. (-128)\n", []),
    ],
)
def test_on_a_mac_the_system_asks(
    status: int, out: str, err: str, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, status, out, err)

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "run", run)
    assert choose_files(None) == [Path(one) for one in files]
    assert commands[0][0] == "osascript"
    assert "multiple selections allowed" in " ".join(commands[0])


def test_a_mac_that_refuses_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    refused = subprocess.CompletedProcess([], 1, "", "execution error: Not authorised (-1743)")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: refused)
    with pytest.raises(SegxlError, match="Not authorised"):
        choose_files(None)


def test_without_excel_there_is_no_dialog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(SegxlError, match="the file dialog needs Excel"):
        choose_files(None)
