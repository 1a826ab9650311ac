"""Whatever a disk, a pipe or another program refuses: every command ends in one sentence and exit status 2, leaves no
half-written file, and what was there stays as it was."""

from __future__ import annotations

import errno
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import click
import pytest

from segxl.cli.commands import commands
from segxl.cli.main import main
from segxl.excel.addin import install, status
from segxl.excel.addin.places import Places
from segxl.excel.buttons import conf
from segxl.render.shared import atomic_files as files
from tests import small
from tests.conftest import write_folder

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="the system has no disk that is always full")
Place = Callable[[str], Path]


@dataclass(frozen=True)
class Call:
    """How a command is called, by the places of a test: ``source`` and ``book`` are read, ``out`` is saved in."""

    arguments: tuple[str, ...]
    reads: bool = True
    writes: bool = True

    def at(self, folder: Path, **others: Path) -> list[str]:
        """The arguments with the places of a folder in them."""
        places = {"source": folder / "source", "book": folder / "out" / "book.xlsx", "out": folder / "out"}
        return [one.format(**{**places, **others}) for one in self.arguments]


CALLS = {
    "scorecard": Call(("scorecard", "{source}", "--segment", "SMB", "--format=json", "--format=html", "--out={out}")),
    "scorecard xlsx": Call(("scorecard", "{source}", "--segment", "SMB", "--out={out}")),
    "scorecard of a workbook": Call(("scorecard", "{book}", "--segment", "SMB", "--format=json", "--out={out}")),
    "report": Call(("report", "{source}", "--segment", "SMB", "--format=xlsx", "--format=json", "--out={out}")),
    "check": Call(("check", "{source}", "--out={out}")),
    "check review": Call(("check", "{source}", "--review={out}/review.csv")),
    "metrics": Call(("metrics",), reads=False, writes=False),
    "metrics of one": Call(("metrics", "won_revenue"), reads=False, writes=False),
    "help": Call(("help",), reads=False, writes=False),
    "explain": Call(("explain", "{source}", "won_revenue"), writes=False),
    "explain report": Call(
        ("explain", "{source}", "report", "--part=summary", "--cell=total_accounts", "--segment", "SMB"), writes=False
    ),
    "demo": Call(("demo", "{out}"), reads=False),
    "template": Call(("template", "{out}/inputs.xlsx"), reads=False),
    "template with buttons": Call(("template", "{out}/inputs.xlsm"), reads=False),
    "template of a source": Call(("template", "{out}/inputs.xlsx", "--from", "{source}")),
    "run scorecard": Call(("run", "{book}", "scorecard")),
    "run report": Call(("run", "{book}", "report")),
    "run check": Call(("run", "{book}", "check")),
    "run publish": Call(("run", "{book}", "publish")),
    "doctor": Call(("doctor",), reads=False, writes=False),
    "doctor --write-conf": Call(("doctor", "--write-conf"), reads=False),
    "addin install": Call(("addin", "install"), reads=False),
    "addin remove": Call(("addin", "remove"), reads=False, writes=False),
    "addin status": Call(("addin", "status"), reads=False, writes=False),
    "cache": Call(("cache",), reads=False, writes=False),
    "cache clear": Call(("cache", "clear"), reads=False, writes=False),
}
"""Each command, and each of its ways to write. A new one joins the list; the first test counts them."""

WRITERS = [name for name, call in CALLS.items() if call.writes]
READERS = [name for name, call in CALLS.items() if call.reads]
LONG = ("demo",)  # it works for seconds when nothing stops it
SETTINGS = """\
run_date = 2026-06-05
stages = ["Discovery", "Proposal"]

[segments]
by = "tier"

[types]
"New Business" = "new_logo"
"""


class Run(tuple[int, str, str]):
    """Exit status, standard output, standard error."""

    @property
    def status(self) -> int:
        return self[0]

    @property
    def err(self) -> str:
        return self[2]


Runs = Callable[[list[str]], Run]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Runs:
    """Runs segxl with arguments in this process, as a user with an empty home."""
    for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))

    def go(arguments: list[str]) -> Run:
        monkeypatch.setattr(sys, "argv", ["segxl", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        assert "fault of segxl" not in err
        return Run((int(ended.value.code or 0), out, err))

    return go


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source with a question about an account, and a workbook of it, in a folder that everybody may read."""
    folder = tmp_path_factory.mktemp("sources")
    header = ",".join(small.HEADER)
    tables = {
        "accounts": ",".join(small.ACCOUNT_HEADER) + "\nA1,Alpha,East,SMB\nA2,Beta,West,SMB\nA3,Beta,East,SMB",
        "opportunities": f"{header}\nW1,A1,Ann,2026-05-01,2026-05-31,Closed Won,10000,New Business,",
        "leads": "lead_id,created_on,account_name\nL1,2026-05-02,Beta",
    }
    write_folder(folder / "source", tables, SETTINGS)
    (folder / "out").mkdir()
    command = ["template", str(folder / "out" / "book.xlsx"), "--from", str(folder / "source")]
    assert commands.main(command, standalone_mode=False) == 0
    return folder


@pytest.fixture
def place(sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sources; Excel's settings belong into its folder too."""
    shutil.copytree(sources, tmp_path / "place")
    home = tmp_path / "place" / "out" / "home"
    excel = Places(home / "segxl.xlam", home / "segxl.conf", None, home / "addin.json")
    monkeypatch.setattr(conf, "conf_path", lambda: excel.conf)
    for module in (install, status):
        monkeypatch.setattr(module, "places", lambda: excel)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "place"


def one_sentence(done: Run, *words: str) -> None:
    """It ended as not done, with one line on standard error that holds the words."""
    assert done.status == 2, done
    assert len(done.err.strip().splitlines()) == 1, done.err
    assert done.err.strip().startswith("segxl: "), done.err
    for each in words:
        assert each in done.err


def test_every_command_and_button_is_tried() -> None:
    # verify reads a finished pack and writes nothing: tests/verify
    assert {call.arguments[0] for call in CALLS.values()} | {"verify"} == set(commands.commands)
    (buttons,) = (one.type for one in commands.commands["run"].params if one.name == "button")
    assert isinstance(buttons, click.Choice)
    tried = {call.arguments[2] for call in CALLS.values() if call.arguments[0] == "run"}
    assert tried == set(buttons.choices)
    for command in commands.commands.values():
        written = [one.opts[0] for one in command.params if {"--out", "--review", "--write-conf"} & {*one.opts}]
        for option in written:
            mine = [call for call in CALLS.values() if call.arguments[0] == command.name and call.writes]
            assert any(option in argument for call in mine for argument in call.arguments), (command.name, option)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CALLS if name not in LONG])
def test_without_a_failure_every_call_is_done_without_a_temporary_folder(
    run: Runs, place: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the other tests stop would have worked. No command needs a place that it was not given."""

    def refuse(*_: object, **__: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    for function in ("mkdtemp", "mkstemp", "gettempdir", "NamedTemporaryFile", "TemporaryFile"):
        monkeypatch.setattr(tempfile, function, refuse)
    monkeypatch.setattr("openpyxl.worksheet._writer.NamedTemporaryFile", refuse)
    done = run(CALLS[name].at(place))
    assert done.status in (0, 1), done
    left = [path for path in small.listing(place) if Path(path).name.startswith(".segxl")]
    assert left == []


# -- files


@contextmanager
def full_disk(patch: pytest.MonkeyPatch, _: Path) -> Iterator[None]:
    """Files that are written end on the device that is always full."""
    beside = files._beside

    def on_the_full_disk(path: Path) -> Path:
        found = beside(path)
        if path.name != "probe":
            found.parent.mkdir(parents=True, exist_ok=True)
            found.symlink_to(FULL)
        return found

    patch.setattr(files, "_beside", on_the_full_disk)
    yield


@contextmanager
def limited_size(_: pytest.MonkeyPatch, __: Path) -> Iterator[None]:
    """Files may hold 100 bytes."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def interrupted(patch: pytest.MonkeyPatch, _: Path) -> Iterator[None]:
    """Somebody presses Ctrl+C when the last file has been written and none is in place."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    patch.setattr(files, "_put_in_place", stop)
    yield


@contextmanager
def as_nobody(place: Path) -> Iterator[None]:
    """Root may all, so another user runs the command, who may look into the folders of the test.

    The folders above stay open: tests that run at the same time share them.
    """
    if os.geteuid() != 0:
        yield
        return
    for folder in (place, *place.parents):
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o055)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def no_permission(_: pytest.MonkeyPatch, place: Path) -> Iterator[None]:
    """The folder may not be written to."""
    out = place / "out"
    (out / "home").mkdir(exist_ok=True)
    for folder in (out / "home", out):
        folder.chmod(0o555)
    try:
        with as_nobody(place):
            yield
    finally:
        for folder in (out, out / "home"):
            folder.chmod(0o755)


FAILURES: Mapping[str, tuple[Callable[..., Any], str]] = {
    "full disk": (full_disk, "the disk is full: "),
    "limited size": (limited_size, "is too large for the disk or this computer's limits; "),
    "interrupted": (interrupted, "stopped; no file was left incomplete"),
    "no permission": (no_permission, "no permission to write "),
}
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="the failures are made as POSIX systems make them")


@pytest.mark.slow
@on_posix
@needs_full
@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("name", WRITERS)
def test_what_cannot_be_written_ends_in_a_sentence_and_leaves_nothing(
    run: Runs, place: Path, name: str, failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if failure == "no permission" and name not in LONG:  # the other user may not import what is needed on the way
        shutil.copytree(place, place.parent / "first")
        run(CALLS[name].at(place.parent / "first"))
    fail, words = FAILURES[failure]
    before = small.listing(place)
    with monkeypatch.context() as patch, fail(patch, place):
        done = run(CALLS[name].at(place))
    one_sentence(done, words)
    assert small.listing(place) == before


IN_PLACE = ("run scorecard", "run report", "run check")
"""What they write is what they read: its folder is there."""


@pytest.mark.parametrize("name", [name for name in WRITERS if name not in IN_PLACE])
def test_a_file_in_the_place_of_the_folder_is_named(run: Runs, place: Path, name: str) -> None:
    out = place / "out"
    call = CALLS[name]
    if name == "run publish":
        (out / "segxl packs").write_bytes(b"mine")
    else:
        shutil.move(out / "book.xlsx", place / "book.xlsx")
        out.rmdir()
        out.write_bytes(b"mine")
    before = small.listing(place)
    done = run(call.at(place, book=place / "book.xlsx") if out.is_file() else call.at(place))
    one_sentence(done, " is a file, not a folder; ")
    assert small.listing(place) == before


@pytest.mark.slow
@on_posix
@pytest.mark.parametrize("parts", [("n" * 300,), ("d" * 200,) * 25], ids=["name", "path"])
@pytest.mark.parametrize("name", [name for name in WRITERS if any("{out}" in one for one in CALLS[name].arguments)])
def test_a_name_that_no_disk_takes_is_named(run: Runs, place: Path, name: str, parts: tuple[str, ...]) -> None:
    before = small.listing(place)
    one_sentence(run(CALLS[name].at(place, out=place.joinpath("out", *parts))), "choose a shorter one")
    assert small.listing(place) == before


@pytest.mark.slow
@pytest.mark.parametrize("name", ["scorecard", "report", "run publish"])
def test_files_of_one_command_are_put_in_place_together_or_not_at_all(
    run: Runs, place: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second of them cannot be replaced, as a program that came in between has it open."""
    arguments = CALLS[name].at(place)
    assert run(arguments).status in (0, 1)
    settings = place / "source" / "segxl.toml"
    settings.write_text('name = "Another"\n' + settings.read_text(encoding="utf-8"), encoding="utf-8")
    deals = place / "source" / "opportunities.csv"
    deals.write_text(deals.read_text(encoding="utf-8").replace("10000", "20000"), encoding="utf-8")
    if name == "run publish":
        book = place / "out" / "book.xlsx"
        assert run(["template", str(book), "--from", str(place / "source"), "--overwrite"]).status == 0
    before = small.listing(place)
    replace, moved = Path.replace, []

    def second_is_open(self: Path, target: Path) -> Path:
        if self.name.startswith(".segxl") and not target.name.startswith(".segxl"):
            moved.append(target)
            if len(moved) == 2:
                raise PermissionError(errno.EACCES, "in use", str(target))
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", second_is_open)
        done = run([*arguments, "--overwrite"] if name != "run publish" else arguments)
    one_sentence(done, "cannot be replaced; if it is open in Excel, close it there and try again")
    assert len(moved) >= 2
    assert small.listing(place) == before


@pytest.mark.ci
@pytest.mark.parametrize(
    ("name", "lock"),
    [
        (name, lock)
        for name in WRITERS
        for lock in ("~${}", ".~lock.{}#")
        if name not in (*LONG, "doctor --write-conf", "addin install")
        and not (name in IN_PLACE and lock.startswith("."))  # looked for where a file is replaced; the same is not
    ],
)
def test_a_file_that_is_open_elsewhere_stays(run: Runs, place: Path, name: str, lock: str) -> None:
    """Of a command that replaces what is there, every file is open; it has to change for that."""
    arguments = CALLS[name].at(place)
    overwrite = (
        ["--overwrite"] if any(one.name == "overwrite" for one in commands.commands[arguments[0]].params) else []
    )
    before = small.listing(place)
    assert run(arguments).status in (0, 1)
    for path, data in small.listing(place).items():
        if before.get(path) != data:
            written = place / path
            if arguments[0] != "run" or name == "run publish":
                written.write_bytes(data.splitlines(keepends=True)[0] if path.endswith(".csv") else b"older")
            written.with_name(lock.format(written.name)).write_bytes(b"")
    before = small.listing(place)
    one_sentence(run([*arguments, *overwrite]), " is open in ")
    assert small.listing(place) == before


# -- standard output and standard error


@contextmanager
def ending(stream: str, failure: str, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a standard stream be one that takes nothing."""
    if failure == "closed":
        patch.setattr(sys, stream, None)
        yield
        return
    reader = -1
    if failure == "broken pipe":
        reader, writer = os.pipe()
        os.close(reader)
    else:
        writer = os.open(
            FULL if failure.startswith("full") else os.devnull, os.O_WRONLY if "full" in failure else os.O_RDONLY
        )
    unbuffered = failure == "full, unbuffered"
    raw: Any = io.FileIO(writer, "w") if unbuffered else io.BufferedWriter(io.FileIO(writer, "w"))
    text: TextIO = io.TextIOWrapper(raw, encoding="utf-8", write_through=unbuffered)
    patch.setattr(sys, stream, text)
    try:
        yield
    finally:
        with suppress(OSError):
            text.close()


LOST = {
    "full": "segxl: the disk is full and the output is incomplete: free some space, or send the output elsewhere\n",
    "full, unbuffered": "segxl: the disk is full and the output is incomplete: free some space, "
    "or send the output elsewhere\n",
    "closed": "segxl: standard output is closed: send it to a file or a terminal\n",
    "broken pipe": "",  # as when `head` has enough: no one is left to tell
}


@pytest.mark.ci
@on_posix
@needs_full
@pytest.mark.parametrize("failure", LOST)
@pytest.mark.parametrize("name", CALLS)
def test_a_standard_output_that_takes_nothing_is_told_of(
    run: Runs, place: Path, name: str, failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = CALLS[name].at(place)
    with monkeypatch.context() as patch, ending("stdout", failure, patch):
        done = run(arguments)
    assert (done.status, done.err) == (2, LOST[failure])
    assert [path for path in small.listing(place) if ".segxl-" in path] == []


@on_posix
@needs_full
@pytest.mark.parametrize("failure", ["full", "closed", "broken pipe"])
@pytest.mark.parametrize("name", [name for name in READERS if not name.startswith("run")])
def test_a_standard_error_that_takes_nothing_is_no_fault(
    run: Runs, place: Path, name: str, failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is known there: of a source that is not there, not even that."""
    arguments = [one.replace(str(place / "source"), str(place / "nowhere")) for one in CALLS[name].at(place)]
    with monkeypatch.context() as patch, ending("stderr", failure, patch):
        done = run([one.replace("book.xlsx", "nowhere.xlsx") for one in arguments])
    assert (done.status, done.err) == (2, "")


@pytest.mark.ci
@on_posix
@needs_full
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("redirected", [">/dev/full", ">/dev/full 2>&1", "| true", ">&-", ">&- 2>&-", "2>&-"])
@pytest.mark.parametrize("arguments", ["metrics", "--help", "--version", "nothing-like-this"])
def test_nothing_is_left_to_complain_of_when_python_ends(arguments: str, redirected: str, unbuffered: str) -> None:
    """What is in the buffers is written once more then, and a fault would give status 120."""
    code = "from segxl.cli import main; main()"
    shell = f'set -o pipefail; "$0" -c "$1" {arguments} {redirected}'
    done = subprocess.run(
        ["bash", "-c", shell, sys.executable, code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )
    assert done.returncode == (0 if redirected == "2>&-" and arguments != "nothing-like-this" else 2)
    assert "Traceback" not in done.stderr
    assert "ignored" not in done.stderr


# -- what is read


def unreadable(path: Path) -> None:
    path.chmod(0)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def gone(path: Path) -> None:
    path.unlink()


def a_link_in_a_circle(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


READ = [
    (name, file)
    for name in READERS
    for file in (["out/book.xlsx"] if "{book}" in CALLS[name].arguments else ["source/segxl.toml", "source/leads.csv"])
]


@pytest.mark.ci
@on_posix
@pytest.mark.parametrize("spoil", [unreadable, a_folder, gone, a_link_in_a_circle])
@pytest.mark.parametrize(("name", "file"), READ)
def test_an_input_that_cannot_be_read_ends_in_a_sentence(
    run: Runs, place: Path, name: str, file: str, spoil: Callable[[Path], None]
) -> None:
    if spoil is unreadable:  # the other user may not import what is needed on the way
        shutil.copytree(place, place.parent / "first")
        run(CALLS[name].at(place.parent / "first"))
    before = small.listing(place)
    spoil(place / file)
    with as_nobody(place) if spoil is unreadable else nullcontext():
        one_sentence(run(CALLS[name].at(place)))
    if spoil is unreadable:
        (place / file).chmod(0o644)
    after = small.listing(place)
    assert {key: data for key, data in before.items() if key != file} == {
        key: data for key, data in after.items() if key != file
    }


@pytest.mark.parametrize("error", [FileNotFoundError, PermissionError, OSError])
@pytest.mark.parametrize("name", READERS)
def test_an_input_that_goes_away_while_it_is_read_ends_in_a_sentence(
    run: Runs, place: Path, name: str, error: type[OSError], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was there when the folder was listed."""
    numbers = {FileNotFoundError: errno.ENOENT, PermissionError: errno.EACCES, OSError: errno.EIO}
    read = Path.read_bytes

    def away(self: Path) -> bytes:
        if self.name in ("opportunities.csv", "book.xlsx") and place in self.parents:
            raise error(numbers[error], os.strerror(numbers[error]), str(self))
        return read(self)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", away)
        one_sentence(run(CALLS[name].at(place)))
