"""Installing and removing the add-in in a pretend home of each system; removing leaves everything as it was."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xlwings
from click.testing import CliRunner

import segxl
from segxl.cli.commands import commands
from segxl.errors import SegxlError
from segxl.excel.addin import install as module
from segxl.excel.addin.install import install, remove
from segxl.excel.addin.places import packaged_addin, packaged_script, places
from segxl.excel.addin.version import version_of
from segxl.excel.buttons import conf
from segxl.render.shared.atomic_files import workbook_path
from tests import small

MAC_EXCEL = "Library/Containers/com.microsoft.Excel"


@dataclass(frozen=True)
class Computer:
    """A pretend home with Excel in it, and where segxl puts its files there."""

    home: Path
    addin: Path
    conf: Path
    key: str
    others: tuple[Path, ...]

    def listing(self) -> dict[str, Any]:
        return {**small.listing(self.home), **{str(one): None for one in self.home.rglob("*") if one.is_dir()}}


@pytest.fixture(params=["win32", "darwin"])
def computer(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Computer:
    home = tmp_path / "Ana é & Co"
    python = home / "python" / "python.exe"
    python.parent.mkdir(parents=True)
    python.touch()
    for name in ("CONDA_PREFIX", "OneDrive", "OneDriveCommercial", "OneDriveConsumer"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", request.param)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(Path, "home", lambda: home)
    if request.param == "win32":
        monkeypatch.setenv("USERPROFILE", str(home))
        monkeypatch.setenv("APPDATA", str(home / "AppData" / "Roaming"))
        (home / "AppData" / "Roaming" / "Microsoft" / "Excel").mkdir(parents=True)
        xlstart = home / "AppData" / "Roaming" / "Microsoft" / "Excel" / "XLSTART"
        folder = home / ".segxl"
        return Computer(
            home, xlstart / "segxl.xlam", folder / "segxl.conf", "INTERPRETER_WIN", (folder / "addin.json",)
        )
    (home / MAC_EXCEL / "Data").mkdir(parents=True)
    startup = home / "Library/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel"
    script = home / "Library/Application Scripts/com.microsoft.Excel" / f"xlwings-{conf.XLWINGS}.applescript"
    data = home / MAC_EXCEL / "Data"
    return Computer(
        home,
        startup / "segxl.xlam",
        data / "segxl.conf",
        "INTERPRETER_MAC",
        (script, data / "segxl-addin.json"),
    )


on_a_mac = pytest.mark.parametrize("computer", ["darwin"], indirect=True)


def _run(*arguments: str) -> tuple[int, str]:
    """Exit status and output of ``segxl addin``."""
    done = CliRunner().invoke(commands, ["addin", *arguments], standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.return_value, done.output


def _fails(work: Callable[[], object], computer: Computer, words: str) -> str:
    """It ends in one sentence, and nothing has changed."""
    before = computer.listing()
    with pytest.raises(SegxlError, match=words) as ended:
        work()
    assert computer.listing() == before
    assert "\n" not in str(ended.value)
    return str(ended.value)


def _put(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return text


def test_install_writes_its_files_and_no_other(computer: Computer) -> None:
    before = set(small.listing(computer.home))
    done = install()
    written = {computer.addin, computer.conf, *computer.others}
    assert {computer.home / one for one in set(small.listing(computer.home)) - before} == written
    assert computer.addin.read_bytes() == workbook_path("segxl.xlam").read_bytes()
    settings = conf.read_conf(computer.conf)
    assert settings[computer.key] == sys.executable
    assert settings["SEGXL_PACKAGE"] == str(Path(segxl.__file__).resolve())
    assert done.lines[-1] == f"Start Excel again to see the tab segxl. It uses {sys.executable}"
    assert f"written: {computer.addin}" in done.lines


@on_a_mac
def test_a_mac_gets_the_script_of_xlwings(computer: Computer) -> None:
    install()
    script = Path(str(xlwings.__file__)).with_name(f"xlwings-{conf.XLWINGS}.applescript")
    assert computer.others[0].read_bytes() == script.read_bytes()


def test_a_second_run_changes_nothing_and_says_so(computer: Computer) -> None:
    install()
    before = computer.listing()
    done = install()
    assert computer.listing() == before
    assert not done.changed
    assert done.lines == (f"already installed, nothing changed: {computer.addin}",)


def test_remove_leaves_everything_as_it_was(computer: Computer) -> None:
    before = computer.listing()
    install()
    done = remove()
    assert computer.listing() == before
    assert f"removed: {computer.addin}" in done.lines
    assert remove().lines == ("not installed, nothing changed",)


def test_the_person_s_own_settings_come_back_to_the_byte(computer: Computer) -> None:
    _put(computer.conf, '"show console","True"\n\n"ADD_WORKBOOK_TO_PYTHONPATH","true"\n')
    before = computer.listing()
    install()
    assert conf.read_conf(computer.conf)["SHOW CONSOLE"] == "True"
    assert conf.read_conf(computer.conf)["ADD_WORKBOOK_TO_PYTHONPATH"] == "false"
    remove()
    assert computer.listing() == before


def test_settings_that_were_edited_since_stay(computer: Computer) -> None:
    _put(computer.conf, '"SHOW CONSOLE","True"\n"ADD_WORKBOOK_TO_PYTHONPATH","true"\n')
    install()
    text = computer.conf.read_text().replace('"SHOW CONSOLE","True"', '"SHOW CONSOLE","False"\n"TEMP DIR","T"')
    computer.conf.write_text(text.replace(conf.wanted()["SEGXL_PACKAGE"], "elsewhere"))
    done = remove()
    assert conf.read_conf(computer.conf) == {
        "SHOW CONSOLE": "False",
        "TEMP DIR": "T",
        "ADD_WORKBOOK_TO_PYTHONPATH": "true",  # as before
        "SEGXL_PACKAGE": "elsewhere",  # not what segxl wrote
    }
    assert f"your own settings stay: {computer.conf}" in done.lines
    assert not any(one.exists() for one in (computer.addin, *computer.others))


def test_settings_that_were_edited_between_two_installations_stay(computer: Computer) -> None:
    install()
    _put(computer.conf, computer.conf.read_text() + '"TEMP DIR","T"\n')
    computer.addin.write_bytes(b"")
    install(overwrite=True)
    remove()
    assert conf.read_conf(computer.conf) == {"TEMP DIR": "T"}


def test_what_was_set_up_for_buttons_stays_for_them(computer: Computer) -> None:
    conf.write_conf()
    before = computer.listing()
    install()
    remove()
    assert computer.listing() == before


@on_a_mac
def test_a_script_that_xlwings_installed_stays(computer: Computer) -> None:
    _put(computer.others[0], packaged_script().decode())
    before = computer.listing()
    install()
    remove()
    assert computer.listing() == before


def test_an_update_replaces_the_add_in_of_an_earlier_segxl(computer: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    before = computer.listing()
    with monkeypatch.context() as earlier:
        earlier.setattr(module, "packaged_addin", lambda: b"the add-in of an earlier segxl")
        install()
    done = install()
    assert done.lines[0] == f"written: {computer.addin}"
    assert computer.addin.read_bytes() == packaged_addin()
    remove()
    assert computer.listing() == before


def test_a_file_of_another_author_is_not_overwritten_without_being_asked(computer: Computer) -> None:
    _put(computer.addin, "my own add-in")
    before = computer.listing()
    said = _fails(install, computer, "exists and is not of segxl: move it to another folder, or add --overwrite")
    assert said.startswith(str(computer.addin))
    install(overwrite=True)
    assert computer.addin.read_bytes() == packaged_addin()
    remove()
    assert computer.listing() == before


def test_an_add_in_that_the_person_changed_is_not_deleted_without_being_asked(computer: Computer) -> None:
    before = computer.listing()
    install()
    computer.addin.write_bytes(b"with macros of my own")
    done = remove()
    assert done.kept
    assert computer.addin.read_bytes() == b"with macros of my own"
    assert f"kept, because it was changed since: {computer.addin}; to delete it, add --overwrite" in done.lines
    assert _run("remove")[0] == 1 and computer.addin.exists()
    remove(overwrite=True)
    assert computer.listing() == before


def test_a_second_python_is_named_and_kept(computer: Computer) -> None:
    other = computer.home / "other" / "python.exe"
    _put(other, "")
    _put(computer.conf, f'"{computer.key}","{other}"\n')
    before = computer.listing()
    said = _fails(install, computer, "Excel uses another Python with segxl already")
    assert str(other) in said and sys.executable in said and "--overwrite" in said
    status, said = _run("status")
    assert status == 1
    assert f"Excel uses another Python: {other}. To use this one" in said
    done = install(overwrite=True)
    assert f"Excel used another Python before: {other}" in done.lines
    remove()
    assert computer.listing() == before


def test_a_python_that_was_removed_is_replaced(computer: Computer) -> None:
    _put(computer.conf, f'"{computer.key}","{computer.home / "gone" / "python.exe"}"\n')
    assert any("the Python that Excel used before is gone" in line for line in install().lines)


def test_a_damaged_line_is_named_before_anything_is_touched(computer: Computer) -> None:
    _put(computer.conf, '"TEMP DIR","T"\nno setting\n')
    _fails(install, computer, 'line 2: write "KEY","value", or delete the line')
    computer.conf.unlink()
    install()
    _put(computer.conf, computer.conf.read_text() + "no setting\n")
    _fails(remove, computer, 'write "KEY","value", or delete the line')


def test_a_lost_or_damaged_record_is_no_obstacle(computer: Computer) -> None:
    install()
    record = computer.others[-1]
    for damage in (record.unlink, lambda: record.write_text('{"files": [1]}')):
        damage()
        assert not install().changed
    record.unlink()
    assert f"removed: {computer.addin}" in remove().lines
    _put(computer.addin, "not the add-in of this segxl")
    done = remove()
    assert "was not written by this segxl: delete it yourself" in done.lines[1]
    assert computer.addin.exists()


@pytest.mark.parametrize("work", [install, remove])
def test_an_add_in_that_excel_has_open_is_left(
    work: Callable[[], object], computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(module, "packaged_addin", lambda: b"the add-in of an earlier segxl")
        install()
    opened = Path.open

    def locked(self: Path, mode: str = "r", *arguments: Any, **named: Any) -> Any:
        if self == computer.addin and "+" in mode:
            raise PermissionError(errno.EACCES, "in use", str(self))
        return opened(self, mode, *arguments, **named)

    monkeypatch.setattr(Path, "open", locked)
    _fails(work, computer, "cannot be changed: quit Excel and try again")


def test_all_files_are_written_or_none(computer: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Path.replace

    def refused(self: Path, target: Path) -> Path:
        if Path(target).name == "segxl.conf":
            raise PermissionError(errno.EACCES, "read-only", str(target))
        return replace(self, target)

    files = small.listing(computer.home)
    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(SegxlError, match=r"no permission to write .*ask your IT administrator"):
        install()
    assert small.listing(computer.home) == files


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("/u/.cache/uv/archive-v0/x1", r"temporary \(uvx: .* install segxl with uv tool install or pipx"),
        (r"C:\Users\Ana\AppData\Local\uv\cache\archive-v0\x1", r"temporary \(uvx"),
        ("/u/.local/pipx/.cache/x1", r"temporary \(pipx run"),
        ("/u/Library/Caches/pipx/x1", r"temporary \(pipx run"),
    ],
)
def test_a_temporary_python_is_refused(
    prefix: str, words: str, computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", prefix)
    _fails(install, computer, words)


@pytest.mark.parametrize(
    "prefix",
    ["/u/.local/share/uv/tools/segxl", "/u/.local/pipx/venvs/segxl", r"C:\Users\Ana\pipx\venvs\segxl", "/opt/conda"],
)
def test_a_python_that_lasts_is_taken(prefix: str, computer: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", prefix)
    assert install().changed


def test_python_of_the_microsoft_store_is_refused(computer: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows redirects what it writes into AppData to a folder of its own."""
    monkeypatch.setattr(sys, "base_prefix", r"C:\Program Files\WindowsApps\PythonSoftwareFoundation.Python.3.12_x64")
    _fails(install, computer, "Python is from the Microsoft Store")


@on_a_mac
def test_a_mac_whose_excel_was_never_started_says_so(computer: Computer) -> None:
    (computer.home / MAC_EXCEL / "Data").rmdir()
    (computer.home / MAC_EXCEL).rmdir()
    _fails(install, computer, "start Excel once, quit it, and try again")


def test_without_excel_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for work in (install, remove, places):
        with pytest.raises(SegxlError, match="this system has no desktop Excel"):
            work()
    status, said = _run("status")
    assert status == 0
    assert "this system has no desktop Excel" in said


def test_the_commands_end_as_they_should(computer: Computer) -> None:
    assert _run("install")[0] == 0
    computer.addin.write_bytes(b"changed")
    status, said = _run("status")
    assert status == 1
    assert f"problem: {computer.addin} is not of segxl: move it to another folder" in said
    assert _run("remove")[0] == 1
    assert _run("remove", "--overwrite")[0] == 0


def test_the_version_is_in_the_add_in() -> None:
    assert version_of(packaged_addin()) == segxl.__version__
    assert version_of(workbook_path("segxl.xlsm").read_bytes()) == ""
    assert version_of(b"no zip") == ""
