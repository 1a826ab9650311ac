"""Writing files: all or nothing, plain words when it fails."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from segxl.errors import SegxlError
from segxl.render.shared import atomic_files as files
from segxl.render.shared.atomic_files import Together, check_writable, template_path, write_atomically


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _writes(data: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(data) and None


def _raises(error: BaseException) -> Callable[[Path], None]:
    def produce(path: Path) -> None:
        path.write_bytes(b"half")
        raise error

    return produce


def _fail(error: BaseException) -> Callable[..., None]:
    def call(*_: object, **__: object) -> None:
        raise error

    return call


def test_writes_a_new_file_and_makes_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "packs" / "march" / "out.xlsx"
    assert write_atomically(path, _writes(b"new"), overwrite=False)
    assert path.read_bytes() == b"new"
    assert _names(path.parent) == ["out.xlsx"]


def test_the_temporary_file_keeps_the_suffix_and_is_beside(tmp_path: Path) -> None:
    seen: list[Path] = []

    def produce(path: Path) -> None:
        seen.append(path)
        path.write_bytes(b"x")

    write_atomically(tmp_path / "out.xlsx", produce, overwrite=False)
    assert seen[0].parent == tmp_path
    assert seen[0].suffix == ".xlsx"


@pytest.mark.parametrize("overwrite", [True, False])
def test_the_same_bytes_are_left_alone(tmp_path: Path, overwrite: bool) -> None:
    path = tmp_path / "out.xlsx"
    path.write_bytes(b"same" * 1_000_000)
    os.utime(path, (1, 1))
    assert not write_atomically(path, _writes(b"same" * 1_000_000), overwrite=overwrite)
    assert path.stat().st_mtime == 1
    assert _names(tmp_path) == ["out.xlsx"]


@pytest.mark.parametrize("data", [b"newer", b"new bytes of another length"])
def test_other_bytes_need_overwrite(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "out.xlsx"
    path.write_bytes(b"older")
    with pytest.raises(SegxlError, match="exists already; add --overwrite to replace it, or name another"):
        write_atomically(path, _writes(data), overwrite=False)
    assert path.read_bytes() == b"older"
    assert write_atomically(path, _writes(data), overwrite=True)
    assert path.read_bytes() == data
    assert _names(tmp_path) == ["out.xlsx"]


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), SystemExit(1), SegxlError("bad")])
def test_a_failure_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "out.xlsx"
    with pytest.raises(type(error)):
        write_atomically(path, _raises(error), overwrite=True)
    assert _names(tmp_path) == []
    path.write_bytes(b"old")
    with pytest.raises(type(error)):
        write_atomically(path, _raises(error), overwrite=True)
    assert path.read_bytes() == b"old"
    assert _names(tmp_path) == ["out.xlsx"]


def test_files_that_are_written_together_are_all_written_or_none(tmp_path: Path) -> None:
    one, two = tmp_path / "one.xlsx", tmp_path / "two.xlsx"
    with pytest.raises(SegxlError, match="bad"), Together(overwrite=True) as files:
        files.add(one, _writes(b"new"))
        files.add(two, _raises(SegxlError("bad")))
    assert _names(tmp_path) == []
    with pytest.raises(SegxlError, match=r"two\.xlsx exists already"), Together(overwrite=False) as files:
        files.add(one, _writes(b"new"))
        files.add(two, _writes(b"new"))
        two.write_bytes(b"somebody else's, meanwhile")
    assert _names(tmp_path) == ["two.xlsx"]
    with Together(overwrite=True) as files:
        files.add(one, _writes(b"new"))
        files.add(two, _writes(b"new"))
    assert files.written == [(one, True), (two, True)]
    assert one.read_bytes() == two.read_bytes() == b"new"
    assert _names(tmp_path) == ["one.xlsx", "two.xlsx"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_killed_half_way_the_old_file_stands(tmp_path: Path, sign: signal.Signals) -> None:
    path = tmp_path / "out.xlsx"
    path.write_bytes(b"old")
    code = """
import sys, time
from pathlib import Path
from segxl.render.shared.atomic_files import write_atomically
def produce(path):
    path.write_bytes(b"half")
    print("writing", flush=True)
    time.sleep(60)
write_atomically(Path(sys.argv[1]), produce, overwrite=True)
"""
    child = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert child.stdout is not None
    child.stdout.readline()
    child.send_signal(sign)
    assert child.wait(timeout=30) != 0
    assert path.read_bytes() == b"old"
    if sign == signal.SIGINT:
        assert _names(tmp_path) == ["out.xlsx"]


def test_what_a_killed_run_left_is_cleared_later(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".segxl-0123456789ab.xlsx", tmp_path / ".segxl-ba9876543210.xlsx"
    for left in (old, fresh):
        left.write_bytes(b"half")
    os.utime(old, (time.time() - 200_000,) * 2)
    write_atomically(tmp_path / "out.xlsx", _writes(b"x"), overwrite=False)
    assert not old.exists()
    assert fresh.exists()  # another run may be writing it


@pytest.mark.parametrize(("lock", "program"), [("~$out.xlsx", "Excel"), (".~lock.out.xlsx#", "LibreOffice")])
def test_a_file_open_elsewhere_is_not_replaced(tmp_path: Path, lock: str, program: str) -> None:
    path = tmp_path / "out.xlsx"
    path.write_bytes(b"old")
    (tmp_path / lock).write_bytes(b"")
    with pytest.raises(SegxlError, match=f"open in {program}; close it there and try again"):
        write_atomically(path, _writes(b"new"), overwrite=True)
    assert path.read_bytes() == b"old"
    assert not write_atomically(path, _writes(b"old"), overwrite=True)  # nothing to replace


def test_a_refused_replacement_says_close_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.xlsx"
    path.write_bytes(b"old")
    monkeypatch.setattr(Path, "replace", _fail(PermissionError(errno.EACCES, "in use", str(path))))
    with pytest.raises(SegxlError, match="if it is open in Excel, close it"):
        write_atomically(path, _writes(b"new"), overwrite=True)
    assert _names(tmp_path) == ["out.xlsx"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EACCES, "no permission to write"),
        (errno.EROFS, "is on a read-only disk"),
        (errno.ENAMETOOLONG, "the name is too long"),
        (errno.EIO, "cannot be written: "),
    ],
)
def test_the_system_s_refusals_in_plain_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    path = tmp_path / "out.xlsx"
    with pytest.raises(SegxlError, match=words) as caught:
        write_atomically(path, _raises(OSError(number, os.strerror(number))), overwrite=True)
    assert "out.xlsx" in str(caught.value)
    assert _names(tmp_path) == []
    monkeypatch.setattr(os, "fsync", _fail(OSError(number, os.strerror(number))))
    with pytest.raises(SegxlError, match=words):
        write_atomically(path, _writes(b"x"), overwrite=True)
    assert _names(tmp_path) == []


def test_errors_about_other_files_pass_as_they_are(tmp_path: Path) -> None:
    missing = tmp_path / "elsewhere" / "input.csv"
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "out.xlsx", lambda _: missing.read_bytes() and None, overwrite=True)


def test_a_folder_or_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "out.xlsx").mkdir()
    with pytest.raises(SegxlError, match="is a folder; name a file"):
        write_atomically(tmp_path / "out.xlsx", _writes(b"x"), overwrite=True)
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "file", tmp_path / "file" / "deeper"):
        with pytest.raises(SegxlError, match="is a file, not a folder"):
            write_atomically(folder / "out.xlsx", _writes(b"x"), overwrite=True)
        with pytest.raises(SegxlError, match="is a file, not a folder"):
            check_writable(folder)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.xlsx", tmp_path / "link.xlsx"
    real.write_bytes(b"old")
    try:
        link.symlink_to(real)
    except OSError:
        pytest.skip("no symbolic links here")
    write_atomically(link, _writes(b"new"), overwrite=True)
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes among its files")
@pytest.mark.parametrize("by_a_link", [False, True])
def test_a_pipe_or_a_device_stays(tmp_path: Path, by_a_link: bool) -> None:
    """With a link to a device, and the rights for it, a file would take the device's place."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    path = tmp_path / "link.csv" if by_a_link else pipe
    if by_a_link:
        path.symlink_to(pipe)
    with pytest.raises(SegxlError, match="is a pipe or a device and cannot be replaced"):
        write_atomically(path, _writes(b"new"), overwrite=True)
    assert pipe.is_fifo()


def test_a_link_in_a_circle_is_refused(tmp_path: Path) -> None:
    circle = tmp_path / "circle"
    try:
        circle.symlink_to("circle")
    except OSError:
        pytest.skip("no symbolic links here")
    with pytest.raises(SegxlError, match="circle"):
        write_atomically(circle / "new.csv", _writes(b"new"), overwrite=True)
    with pytest.raises(SegxlError, match="circle"):
        check_writable(circle)
    assert circle.is_symlink()


def test_check_writable_makes_the_folder_and_leaves_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "a" / "b")
    assert _names(tmp_path / "a" / "b") == []


def test_check_writable_says_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "write_bytes", _fail(PermissionError(errno.EACCES, "no", str(tmp_path))))
    with pytest.raises(SegxlError, match="no permission to write"):
        check_writable(tmp_path)
    monkeypatch.setattr(Path, "mkdir", _fail(PermissionError(errno.EACCES, "no", str(tmp_path))))
    with pytest.raises(SegxlError, match="no permission to write"):
        check_writable(tmp_path / "new")


@pytest.mark.skipif(sys.platform == "win32" or getattr(os, "geteuid", lambda: 0)() == 0, reason="root may all")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(SegxlError, match="no permission to write"):
            check_writable(tmp_path)
        with pytest.raises(SegxlError, match="no permission to write"):
            write_atomically(tmp_path / "out.xlsx", _writes(b"x"), overwrite=True)
    finally:
        tmp_path.chmod(0o700)


def test_templates_are_found_in_the_package_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert template_path("scorecard.xlsx").name == "scorecard.xlsx"
    package = tmp_path / "segxl"
    monkeypatch.setattr(files.resources, "files", lambda _: package)
    for folder in (tmp_path / "templates", package / "templates"):
        folder.mkdir(parents=True)
        (folder / "scorecard.xlsx").write_bytes(b"")
        assert template_path("scorecard.xlsx") == folder / "scorecard.xlsx"
    with pytest.raises(SegxlError, match=r"the template other\.xlsx is missing"):
        template_path("other.xlsx")
