"""The settings file behind the buttons, and what the doctor says about it."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner

import segxl
from segxl.cli.commands import commands
from segxl.errors import SegxlError
from segxl.excel.addin import status
from segxl.excel.buttons import conf
from tests.places import ROOT


@pytest.fixture
def windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Windows with nothing set up; xlwings' DLL lies where its wheel puts it."""
    python = tmp_path / "Python"
    python.mkdir()
    (python / f"xlwings64-{conf.XLWINGS}.dll").touch()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "prefix", str(python))
    monkeypatch.setattr(sys, "executable", r"C:\Ana & Co\python.exe")
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "Ana"))
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    monkeypatch.delenv("OneDrive", raising=False)
    return tmp_path / "Ana" / ".segxl" / "segxl.conf"


def _problems() -> list[str]:
    problems: list[str] = []
    list(status.report(problems))
    return problems


def test_what_is_written_is_what_vba_reads(windows: Path) -> None:
    assert conf.write_conf() == windows
    package = Path(segxl.__file__).resolve()
    assert windows.read_bytes().decode().split("\r\n") == [
        r'"INTERPRETER_WIN","C:\Ana & Co\python.exe"',
        '"ADD_WORKBOOK_TO_PYTHONPATH","false"',
        f'"SEGXL_PACKAGE","{package}"',
        f'"SEGXL_XLWINGS","{metadata.version("xlwings")}"',
        "",
    ]
    assert _problems() == []


def test_the_person_s_own_settings_stay(windows: Path) -> None:
    windows.parent.mkdir(parents=True)
    windows.write_text('"ONEDRIVE_COMMERCIAL_WIN","D:\\Drive"\n\n"interpreter_win","C:\\old\\python.exe"\n')
    conf.write_conf()
    settings = conf.read_conf(windows)
    assert settings["ONEDRIVE_COMMERCIAL_WIN"] == "D:\\Drive"
    assert settings["INTERPRETER_WIN"] == r"C:\Ana & Co\python.exe"
    assert windows.read_text().casefold().count("interpreter_win") == 1


def test_a_conda_environment_is_activated(windows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDA_EXE", r"C:\conda\Scripts\conda.exe")
    monkeypatch.setenv("CONDA_DEFAULT_ENV", "gtm")
    monkeypatch.setenv("CONDA_PREFIX", sys.prefix)
    conf.write_conf()
    settings = conf.read_conf(windows)
    assert (settings["CONDA PATH"], settings["CONDA ENV"]) == (r"C:\conda", "gtm")
    monkeypatch.setenv("CONDA_PREFIX", "elsewhere")  # a virtual environment within an activated conda
    conf.write_conf()
    assert "CONDA PATH" not in conf.read_conf(windows)


def test_the_doctor_says_what_to_run(windows: Path) -> None:
    problems: list[str] = []
    setup = "not set up: run segxl addin install, or for workbooks with buttons only segxl doctor --write-conf"
    assert any(line.endswith(setup) for line in status.report(problems))
    assert problems == []  # not everyone wants buttons


def test_the_doctor_compares_the_settings_with_this_python(windows: Path) -> None:
    conf.write_conf()
    text = windows.read_text()
    windows.write_text(text.replace(r"C:\Ana & Co\python.exe", r"C:\old\python.exe"))
    (problem,) = _problems()
    assert problem == r"the Python that Excel uses was removed (C:\old\python.exe): run segxl addin install"
    windows.write_text("".join(line for line in text.splitlines(True) if "SEGXL_XLWINGS" not in line))
    (problem,) = _problems()
    assert problem.endswith("has no SEGXL_XLWINGS: run segxl doctor --write-conf")


def test_the_doctor_misses_the_dll(windows: Path) -> None:
    conf.write_conf()
    (Path(sys.prefix) / f"xlwings64-{conf.XLWINGS}.dll").rename(Path(sys.prefix) / "xlwings64-0.1.0.dll")
    (problem,) = _problems()
    assert problem.startswith("xlwings' DLL is missing from ")


def test_the_doctor_explains_another_xlwings(windows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conf.write_conf()
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "0.99.0" if name == "xlwings" else real(name))
    first, second = _problems()
    assert f"macros need xlwings {conf.XLWINGS}, but 0.99.0 is installed: pip install xlwings=={conf.XLWINGS}" in first
    assert f"SEGXL_XLWINGS is {conf.XLWINGS}, but this segxl needs 0.99.0" in second


def test_a_line_that_is_no_setting_is_named(windows: Path) -> None:
    windows.parent.mkdir(parents=True)
    windows.write_text('"INTERPRETER_WIN","C:\\python.exe"\nINTERPRETER_MAC\n')
    with pytest.raises(SegxlError, match=r'line 2: write "KEY","value"'):
        conf.write_conf()
    assert len(_problems()) == 1


def test_onedrive_is_mentioned(windows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conf.write_conf()
    monkeypatch.setenv("OneDrive", "D:/OneDrive")
    assert any("D:/OneDrive" in line for line in status.report([]))


def test_on_a_mac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    path = conf.write_conf()
    assert path == tmp_path / "Library/Containers/com.microsoft.Excel/Data/segxl.conf"
    assert conf.read_conf(path)["INTERPRETER_MAC"] == sys.executable
    assert _problems() == [
        "Excel is not allowed to start Python yet: run segxl addin install, or xlwings runpython install"
    ]
    script = tmp_path / "Library/Application Scripts/com.microsoft.Excel" / f"xlwings-{conf.XLWINGS}.applescript"
    script.parent.mkdir(parents=True)
    script.touch()
    assert _problems() == []


def test_without_excel_there_is_nothing_to_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert _problems() == []
    done = CliRunner().invoke(commands, ["doctor", "--write-conf"])
    assert isinstance(done.exception, SegxlError)


def test_the_workbook_and_the_requirement_name_one_version() -> None:
    requirement = f'"xlwings=={conf.XLWINGS}"'
    assert requirement in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
