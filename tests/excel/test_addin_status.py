"""What ``segxl doctor`` and ``segxl addin status`` find on a computer with Excel, and what they advise."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from segxl.excel.addin import install as installing
from segxl.excel.addin import registry, status
from segxl.excel.addin.install import install, remove
from segxl.excel.buttons import conf
from segxl.excel.buttons.conf import XLWINGS

EXCEL = r"HKCU\Software\Microsoft\Office\16.0\Excel"
POLICIES = r"HKCU\Software\Policies\Microsoft\Office\16.0\Excel"
CLICK_TO_RUN = r"HKLM\Software\Microsoft\Office\ClickToRun\Configuration"

Registry = dict[str, dict[str, object]]


@pytest.fixture
def windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A Windows with the add-in installed; the registry is the dictionary, names of values in small letters."""
    python = tmp_path / "Python"
    python.mkdir()
    for bits in (32, 64):
        (python / f"xlwings{bits}-{XLWINGS}.dll").touch()
    (python / "python.exe").touch()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "prefix", str(python))
    monkeypatch.setattr(sys, "base_prefix", str(python))
    monkeypatch.setattr(sys, "executable", str(python / "python.exe"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "Ana"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "Ana" / "Roaming"))
    for name in ("CONDA_PREFIX", "OneDrive", "OneDriveCommercial", "OneDriveConsumer"):
        monkeypatch.delenv(name, raising=False)
    found: Registry = {CLICK_TO_RUN: {"platform": "x64"}}

    def values(key: str) -> Mapping[str, object]:
        return found.get(key, {})

    monkeypatch.setattr(registry, "values", values)
    install()
    return found


def _found() -> tuple[list[str], list[str]]:
    problems: list[str] = []
    lines = list(status.report(problems))
    return lines, problems


def test_everything_in_its_place_is_no_problem(windows: Registry, tmp_path: Path) -> None:
    lines, problems = _found()
    assert problems == []
    text = "\n".join(" ".join(line.split()) for line in lines)
    assert f"VBA for xlwings {XLWINGS}; installed: {XLWINGS}" in text
    assert f"add-in segxl {segxl_version()} at {tmp_path / 'Ana' / 'Roaming'}" in text
    assert "Excel uses this Python" in text
    assert "Excel 64 bit; Python 64 bit (they may differ)" in text
    assert f"DLL xlwings32-{XLWINGS}.dll, xlwings64-{XLWINGS}.dll" in text
    assert f"this Python installation {sys.prefix}" in text


def segxl_version() -> str:
    import segxl

    return segxl.__version__


def test_an_add_in_of_another_version_is_updated(
    windows: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "__version__", "0.2.0")
    assert _found()[1] == [f"the add-in is of segxl {segxl_version()}, but 0.2.0 is installed: run segxl addin install"]


def test_an_add_in_with_other_macros_is_replaced(windows: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same version, and not the same bytes."""
    monkeypatch.setattr(status, "packaged_addin", lambda: b"other")
    (problem,) = _found()[1]
    assert problem.endswith(
        "is not the add-in of this segxl any more: run segxl addin install --overwrite to replace it"
    )


def test_excel_of_32_bits_needs_its_dll(windows: Registry) -> None:
    windows[CLICK_TO_RUN] = {"platform": "x86"}
    (Path(sys.prefix) / f"xlwings32-{XLWINGS}.dll").unlink()
    (problem,) = _found()[1]
    assert problem == (
        f"Excel is 32 bit and needs xlwings32-{XLWINGS}.dll in {sys.prefix}: "
        f"pip install --force-reinstall --no-deps xlwings=={XLWINGS}"
    )
    (Path(sys.prefix) / f"xlwings64-{XLWINGS}.dll").unlink()
    (problem,) = _found()[1]
    assert problem.startswith(f"xlwings' DLL is missing from {sys.prefix}")


def test_excel_without_click_to_run_is_found(windows: Registry) -> None:
    del windows[CLICK_TO_RUN]
    windows[r"HKLM\Software\Microsoft\Office\16.0\Outlook"] = {"bitness": "x86"}
    assert any("Excel            32 bit" in line for line in _found()[0])
    windows.clear()
    lines, problems = _found()
    assert any("32 or 64 bit not found in the registry" in line for line in lines)
    assert problems == []


@pytest.mark.parametrize(
    ("key", "value", "number", "words"),
    [
        (EXCEL, "vbawarnings", 4, "Excel disables all macros without asking: File, Options, Trust Center"),
        (EXCEL, "vbawarnings", 3, "Excel allows only signed macros, and those of segxl are not signed: File, "),
        (POLICIES, "vbawarnings", 4, "Excel disables all macros without asking (a policy): ask your IT administrator"),
        (EXCEL, "disablealladdins", 1, "Excel disables all add-ins: File, Options"),
        (POLICIES, "requireaddinsig", 1, "and segxl is not signed (a policy): ask your IT administrator"),
        (EXCEL, r"Trusted Locations\alllocationsdisabled", 1, "Excel trusts no folder"),
    ],
)
def test_what_the_trust_settings_forbid_is_said(
    key: str, value: str, number: int, words: str, windows: Registry
) -> None:
    folder, _, name = rf"{key}\Security\{value}".rpartition("\\")
    windows[folder] = {name: number}
    (problem,) = _found()[1]
    assert words in problem


def test_a_policy_wins_over_the_person_s_choice(windows: Registry) -> None:
    windows[rf"{EXCEL}\Security"] = {"vbawarnings": 4}
    windows[rf"{POLICIES}\Security"] = {"vbawarnings": 2}
    assert _found()[1] == []


def test_an_add_in_that_excel_disabled_after_a_crash_is_named(windows: Registry) -> None:
    path = r"C:\Users\Ana\AppData\Roaming\Microsoft\Excel\XLSTART\SEGXL.xlam"
    windows[rf"{EXCEL}\Resiliency\DisabledItems"] = {"1a2b": b"\x03\x00" + path.encode("utf-16-le")}
    (problem,) = _found()[1]
    assert "Manage: Disabled Items, Go, select segxl.xlam and Enable" in problem


def test_another_python_is_named_once(windows: Registry, tmp_path: Path) -> None:
    other = tmp_path / "other.exe"
    other.touch()
    path = conf.conf_path()
    path.write_text(path.read_text().replace(sys.executable, str(other)))
    (problem,) = _found()[1]
    assert problem.startswith(f"Excel uses another Python: {other}. To use this one ({sys.executable}), run ")
    other.unlink()
    (problem,) = _found()[1]
    assert problem == f"the Python that Excel uses was removed ({other}): run segxl addin install"


def test_what_only_matters_to_the_add_in_is_no_problem_before_it_is_installed(windows: Registry) -> None:
    windows[rf"{EXCEL}\Security"] = {"vbawarnings": 4}
    remove()
    lines, problems = _found()
    assert problems == []
    assert any(line.startswith("  before you do    Excel disables all macros without asking: ") for line in lines)


def test_a_mac_without_excel_has_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    lines, problems = _found()
    assert problems == []
    assert lines[-1].endswith("start Excel once, quit it, and try again")


def test_a_damaged_line_of_the_settings_is_named(windows: Registry) -> None:
    path = conf.conf_path()
    path.write_text(path.read_text() + "no setting\n")
    lines, (problem,) = _found()
    assert problem.endswith('write "KEY","value", or delete the line')
    assert any(line.startswith("  add-in           segxl ") for line in lines)


def test_an_add_in_without_settings_is_named(windows: Registry) -> None:
    conf.conf_path().unlink()
    assert _found()[1] == ["the add-in does not know which Python to use: run segxl addin install"]


def test_environments_are_named(windows: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "base_prefix", r"C:\Python312")
    assert any(f"virtual environment {sys.prefix}, of Python C:\\Python312" in line for line in _found()[0])
    (Path(sys.prefix) / "conda-meta").mkdir()
    assert any(f"conda environment {sys.prefix}" in line for line in _found()[0])


def test_a_python_in_onedrive_is_named(windows: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OneDriveCommercial", str(tmp_path))
    lines, (problem,) = _found()
    assert problem.startswith(f"this Python is in OneDrive ({tmp_path})")
    assert any(line.startswith("  OneDrive") for line in lines)
    monkeypatch.setenv("OneDriveCommercial", str(tmp_path / "Pyth"))  # a name that only begins like it
    assert _found()[1] == []


def test_a_temporary_python_is_named(windows: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """It had installed the add-in before install refused such Pythons."""
    monkeypatch.setattr(sys, "prefix", r"C:\Users\Ana\AppData\Local\uv\cache\archive-v0\x")
    assert any("this Python is temporary (uvx" in problem for problem in _found()[1])


def test_an_add_in_that_cannot_be_read_is_named(windows: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_bytes

    def refused(self: Path) -> bytes:
        if self.suffix == ".xlam" and "XLSTART" in self.parts:
            raise PermissionError(13, "Permission denied", str(self))
        return read(self)

    monkeypatch.setattr(Path, "read_bytes", refused)
    (problem,) = _found()[1]
    assert problem.endswith("segxl.xlam cannot be read (Permission denied): ask your IT administrator")


def test_the_registry_is_empty_elsewhere() -> None:
    if sys.platform != "win32":
        assert registry.values(CLICK_TO_RUN) == {}
    assert installing.same_path("a", "a") and not installing.same_path("a", "b")
