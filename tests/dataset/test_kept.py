"""Kept datasets: the same results as from the source, never taken when anything has changed, and no harm if damaged."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings

from segxl import api
from segxl.cache import fingerprint, folder
from segxl.cli.commands import commands
from segxl.dataset import kept
from segxl.errors import SegxlError
from segxl.excel.functions import kept_sheets
from segxl.excel.input_workbook.write import template
from segxl.render.ledger.csv import ledger_csv, rejected_csv
from segxl.render.ledger.text import ledger_text
from tests.oracle.all_tables_worlds import all_tables_worlds, write_all_tables_world
from tests.oracle.worlds import World
from tests.places import DATA
from tests.small import OPPORTUNITIES, SETTINGS, changed, listing, write_company
from tests.warehouses import moved


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own; it is not there yet."""
    made = tmp_path / "cache"
    monkeypatch.setenv(folder.VARIABLE, str(made))
    return made


@pytest.fixture
def company(tmp_path: Path) -> Path:
    return write_company(tmp_path / "company")


@contextmanager
def reads() -> Iterator[list[object]]:
    """The sources that are read inside; a kept one is not."""
    found: list[object] = []
    original = kept._load

    def noted(source: Any, *others: Any) -> Any:
        found.append(source)
        return original(source, *others)

    kept._load = noted
    try:
        yield found
    finally:
        kept._load = original


def is_read(source: Path, **options: Any) -> bool:
    """Whether loading it reads it."""
    with reads() as found:
        api.load(source, **options)
    return bool(found)


def outcome(source: Path, *, cache: bool) -> list[object]:
    """All that a source gives: ledger, warnings, scorecard and report, or the errors."""
    try:
        analysis = api.load(source, cache=cache)
    except SegxlError as error:
        return [str(error)]
    dataset = analysis.dataset
    found: list[object] = [ledger_csv(dataset.ledger), rejected_csv(dataset.ledger), ledger_text(dataset)]
    found += [repr(dataset.settings), repr(dataset.review), dataset.months, dataset.name]
    for compute in (analysis.scorecard, analysis.report):
        try:
            result = compute()
            found += [result.json(), analysis.messages(result), analysis.faulty(result)]
        except SegxlError as error:
            found.append(str(error))
    return found


def same_from_the_cache(source: Path) -> None:
    """The outcome is the same read, read and kept, and kept."""
    from_source, written = outcome(source, cache=False), outcome(source, cache=True)
    with reads() as found:
        from_cache = outcome(source, cache=True)
    assert not found or len(from_source) == 1, "it was not kept"
    assert from_source == written == from_cache


@pytest.mark.ci
def test_the_demo_is_the_same(demo_exports: Path, cache: Path, tmp_path: Path) -> None:
    same_from_the_cache(demo_exports)
    packs = []
    for name, use in (("source", False), ("kept", True)):
        analysis = api.load(demo_exports, cache=use)
        analysis.scorecard(None, ["Strategic 50"]).write(tmp_path / name)
        analysis.report().write(tmp_path / name)
        packs.append(listing(tmp_path / name))
    assert len(packs[0]) >= 2 and packs[0] == packs[1]


@pytest.mark.skipif(not DATA.is_dir(), reason="the public exports are not here")
def test_a_public_export_is_the_same(cache: Path) -> None:
    same_from_the_cache(DATA / "maven_crm")


TROUBLE = sorted(path.parent for path in DATA.parent.glob("trouble/*/segxl.toml"))


@pytest.mark.slow
@pytest.mark.parametrize("source", TROUBLE, ids=lambda path: path.name)
def test_trouble_is_the_same(source: Path, cache: Path) -> None:
    same_from_the_cache(source)


@pytest.mark.ci
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(all_tables_worlds(disputed=True))
def test_random_worlds_are_the_same(cache: Path, tmp_path: Path, world: World) -> None:
    source = tmp_path / "world"
    source.mkdir(exist_ok=True)
    for old in source.iterdir():
        old.unlink()
    write_all_tables_world(world, source)
    same_from_the_cache(source)


def test_an_input_workbook_is_the_same(company: Path, cache: Path, tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    template(book, company, overwrite=False)
    same_from_the_cache(book)
    assert not is_read(book)
    template(book, write_company(tmp_path / "other", opportunities=OPPORTUNITIES[:-1]), overwrite=True)
    assert is_read(book)


def _one_cent(company: Path) -> None:
    write_company(company, opportunities=changed("W1", amount="10001"))  # as many bytes as before


def _same_time(company: Path) -> None:
    """A change of as many bytes that keeps the file's date."""
    path = company / "opportunities.csv"
    about = path.stat()
    _one_cent(company)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def _toggle(company: Path) -> None:
    write_company(company, settings=SETTINGS + '\n[toggles]\nmembership = "period_end"\n')


def _segments(company: Path) -> None:
    write_company(company, settings=SETTINGS.replace('by = "tier"', 'by = "geo"'))


def _accounts(company: Path) -> None:
    path = company / "accounts.csv"
    path.write_text(path.read_text().replace("Gamma,West,SMB", "Gamma,West,SMC"))


def _answers(company: Path) -> None:
    (company / "account-review.csv").write_text("name,answer\nGamma Ltd,A3\n")


def _linked(company: Path) -> None:
    """The file is now a link out of the folder, to the same bytes."""
    path = company / "accounts.csv"
    path.rename(company.parent / "accounts.csv")
    path.symlink_to(company.parent / "accounts.csv")


@pytest.mark.parametrize("change", [_one_cent, _same_time, _toggle, _segments, _accounts, _answers])
def test_every_change_of_a_file_reads_again(company: Path, cache: Path, change: Callable[[Path], None]) -> None:
    assert is_read(company) and not is_read(company)
    change(company)
    assert is_read(company) and not is_read(company)
    same_from_the_cache(company)


def test_every_change_of_a_parquet_file_reads_again(tmp_path: Path, cache: Path) -> None:
    """It is read in parts, so its bytes are hashed apart from its reading."""
    folder, file = tmp_path / "parquet", tmp_path / "parquet" / "signals.parquet"
    folder.mkdir()
    (folder / "segxl.toml").write_text('[tables.activities]\nfile = "signals.parquet"\n')
    for accounts in (["A1"], ["A2"], ["A1", "A2"]):
        days, sources = [date(2026, 1, 2)] * len(accounts), ["webinar"] * len(accounts)
        columns = {"account_id": accounts, "date": days, "source": sources, "kind": ["engagement"] * len(accounts)}
        pyarrow.parquet.write_table(pyarrow.table(columns), file)
        assert is_read(folder) and not is_read(folder)
        assert api.load(folder).dataset.tables["activities"]["account_id"].tolist() == accounts


def test_a_new_file_that_a_pattern_finds_reads_again(company: Path, cache: Path) -> None:
    write_company(company, settings=SETTINGS.replace('"opportunities.csv"', '"opp*.csv"'))
    assert is_read(company) and not is_read(company)
    header, last = (company / "opportunities.csv").read_text().splitlines()[:2]
    (company / "opportunities-2.csv").write_text(f"{header}\n{last.replace('W1', 'W9')}\n")
    assert is_read(company) and not is_read(company)
    (company / "opportunities-2.csv").unlink()
    assert is_read(company)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_file_that_became_a_link_out_of_the_folder_is_refused(company: Path, cache: Path) -> None:
    api.load(company)
    _linked(company)
    with pytest.raises(SegxlError, match="link to outside"):
        api.load(company)


def test_a_deleted_file_is_missing(company: Path, cache: Path) -> None:
    api.load(company)
    (company / "accounts.csv").unlink()
    with pytest.raises(SegxlError, match=r"no file 'accounts\.csv'"):
        api.load(company)


def test_other_options_are_kept_apart(company: Path, cache: Path) -> None:
    assert is_read(company)
    assert is_read(company, as_of=date(2026, 5, 15)) and not is_read(company, as_of=date(2026, 5, 15))
    assert is_read(company, run_date=date(2026, 6, 20))
    changes = {"toggles.membership": "period_end"}
    assert is_read(company, settings=changes) and not is_read(company, settings=dict(changes))
    assert not is_read(company)
    assert api.load(company, as_of=date(2026, 5, 15)).dataset.as_of == date(2026, 5, 15)


def test_a_copy_of_the_folder_has_its_own_name(company: Path, cache: Path, tmp_path: Path) -> None:
    write_company(company, settings=SETTINGS.replace('name = "Acme"\n', ""))
    api.load(company)
    company.rename(tmp_path / "renamed")
    assert api.load(tmp_path / "renamed").dataset.name == "renamed"


def test_the_next_day_reads_again(company: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a run date, today decides which periods are available."""

    class Tomorrow(kept.datetime):  # type: ignore[name-defined, misc]
        """A clock that is a day ahead."""

        @classmethod
        def now(cls, zone: Any = None) -> Any:
            return super().now(zone) + (date(2026, 1, 2) - date(2026, 1, 1))

    assert is_read(company) and not is_read(company)
    monkeypatch.setattr(kept, "datetime", Tomorrow)
    assert not is_read(company), "this company's run date is set"
    monkeypatch.undo()
    monkeypatch.setenv(folder.VARIABLE, str(cache))
    write_company(company, settings=SETTINGS.replace("run_date = 2026-06-05\n", ""))
    assert is_read(company) and not is_read(company)
    monkeypatch.setattr(kept, "datetime", Tomorrow)
    assert is_read(company)


def test_another_version_or_another_library_reads_again(
    company: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    api.load(company)
    for change in (
        lambda: monkeypatch.setattr(fingerprint, "__version__", "9.9"),
        lambda: (tmp_path / "pandas-99.0.dist-info").mkdir(),
    ):
        monkeypatch.syspath_prepend(str(tmp_path))
        fingerprint.reader.cache_clear()
        api.load(company)
        assert not is_read(company)
        change()
        fingerprint.reader.cache_clear()
        assert is_read(company) and not is_read(company)
    monkeypatch.undo()
    fingerprint.reader.cache_clear()


def test_without_the_cache_nothing_is_kept(company: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api.load(company, cache=False)
    assert not cache.exists()
    monkeypatch.setenv(folder.VARIABLE, "OFF")
    assert is_read(company) and is_read(company)
    assert folder.everything() == [] and not cache.exists()


def test_an_error_is_not_kept(company: Path, cache: Path) -> None:
    (company / "accounts.csv").write_text("")
    for _ in range(2):
        with pytest.raises(SegxlError, match="is empty"):
            api.load(company)
    assert folder.everything() == []


@pytest.mark.parametrize("damage", ["cut", "empty", "bit", "foreign", "longer", "other"])
def test_a_damaged_file_is_made_again(company: Path, cache: Path, damage: str) -> None:
    api.load(company)
    (one,) = folder.everything()
    data = one.path.read_bytes()
    middle = len(data) // 2
    one.path.write_bytes(
        {
            "cut": data[:-1],
            "empty": b"",
            "bit": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
            "foreign": b"PK\3\4" + data,
            "longer": data + b"\0",
            "other": data.replace(b"segxl cache 1", b"segxl cache 0"),
        }[damage]
    )
    assert is_read(company) and not is_read(company)
    same_from_the_cache(company)


def test_every_bit_of_a_kept_file_is_checked(company: Path, cache: Path) -> None:
    api.load(company)
    (one,) = folder.everything()
    data = one.path.read_bytes()
    for at in range(0, len(data), 97):
        one.path.write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
        assert folder.read(one.path.stem) is None


def test_it_may_be_deleted_at_any_time(company: Path, cache: Path) -> None:
    expected = outcome(company, cache=False)
    api.load(company)
    analysis = api.load(company)
    assert folder.clear()[0] == 1
    cache.rmdir()
    assert analysis.scorecard().json() == expected[7]
    assert is_read(company) and not is_read(company)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_only_its_user_may_open_it(company: Path, cache: Path) -> None:
    os.umask(before := os.umask(0))
    os.umask(0)
    try:
        api.load(company)
    finally:
        os.umask(before)
    assert cache.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in cache.iterdir()] == [0o600]
    cache.chmod(0o777)  # others may have written what is there
    assert is_read(company) and is_read(company)
    assert "others may write to it" in shown("cache")


def test_a_place_that_cannot_be_written_does_no_harm(
    company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(folder.VARIABLE, str(tmp_path / "file" / "cache"))
    assert outcome(company, cache=True) == outcome(company, cache=False)


def test_an_interrupt_leaves_nothing(company: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(folder.zlib, "crc32", interrupted)
    with pytest.raises(KeyboardInterrupt):
        api.load(company)
    assert list(cache.iterdir()) == []


def test_the_files_used_longest_ago_go_first(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    big = "x" * 1000
    for at, name in enumerate(("first", "second", "third")):
        assert folder.write(name, None, big)
        os.utime(cache / f"{name}.kept", (at, at))
    assert folder.read("first") is not None  # used now
    monkeypatch.setattr(folder, "MOST_BYTES", 3300)
    assert folder.write("fourth", None, big)
    assert [one.path.stem for one in folder.everything()] == ["third", "first", "fourth"]
    assert not folder.write("huge", None, "x" * 4000)
    assert len(folder.everything()) == 3


def test_what_was_never_finished_is_removed(cache: Path) -> None:
    assert folder.write("one", None, 1)
    for name, age in (("old", 2 * 24 * 3600), ("new", 60)):
        path = cache / f"{name}.unfinished"
        path.write_text("")
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    assert folder.write("two", None, 2)
    assert sorted(path.name for path in cache.iterdir()) == ["new.unfinished", "one.kept", "two.kept"]


def test_results_are_kept_next_to_their_dataset(company: Path, cache: Path) -> None:
    made: list[int] = []

    def make() -> list[int]:
        made.append(1)
        return [4]

    assert api.load(company, cache=False).dataset.shelf.get("four", list, make) == [4]
    for _ in range(3):
        assert api.load(company).dataset.shelf.get("four", list, make) == [4]
    assert len(made) == 2
    assert api.load(company).dataset.shelf.get("four", dict, dict) == {}, "kept as another type"
    _one_cent(company)
    assert api.load(company).dataset.shelf.get("four", list, make) == [4]
    assert len(made) == 3
    assert len(folder.everything()) == 2, "what belongs to the former state is gone"


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(commands, arguments, standalone_mode=False)
    assert result.exception is None
    return result.output


def test_the_command_shows_and_clears(company: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(company.parent / "home"))
    assert shown("cache") == f"{cache}\n0 files, 0 bytes of at most 2.0 GB\n"
    shown("scorecard", str(company), "--format", "json", "--no-cache")
    assert folder.everything() == []
    shown("scorecard", str(company), "--format", "json")
    (one,) = folder.everything()
    assert one.path.name in shown("cache") and "1 file, " in shown("cache")
    kept_sheets.keep("Book.xlsx", [])
    assert shown("cache").splitlines()[-2:] == [
        str(kept_sheets.cache_folder()),
        f"1 workbook of Excel's functions, {kept_sheets.kept_files()[0][1]} bytes",
    ]
    assert shown("cache", "clear").startswith("2 files deleted, ")
    assert folder.everything() == kept_sheets.kept_files() == []
    monkeypatch.setenv(folder.VARIABLE, "off")
    assert "The cache is off" in shown("cache")


@pytest.mark.parametrize("command", ["check", "scorecard", "report", "explain"])
def test_every_command_that_computes_can_do_without(command: str) -> None:
    assert "--no-cache" in shown(command, "--help")


@pytest.mark.parametrize(
    ("system", "variables", "expected"),
    [
        ("linux", {}, "home/.cache/segxl"),
        ("linux", {"XDG_CACHE_HOME": "/var/x"}, "/var/x/segxl"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "home/.cache/segxl"),
        ("darwin", {}, "home/Library/Caches/segxl"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/segxl/Cache"),
        ("win32", {}, "home/AppData/Local/segxl/Cache"),
        ("linux", {folder.VARIABLE: "/elsewhere"}, "/elsewhere"),
    ],
)
def test_where_it_is(
    system: str, variables: dict[str, str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (folder.VARIABLE, "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(folder.sys, "platform", system)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    assert folder.cache_folder() == tmp_path / expected


def test_what_was_read_from_an_engine_is_never_kept(cache: Path, tmp_path: Path) -> None:
    company = moved(write_company(tmp_path / "files"), "duckdb", tmp_path / "warehouse")
    with reads() as found:
        first, second = api.load(company), api.load(company)
    assert len(found) == 2 and not listing(cache)
    assert first.scorecard("2026-05").json() == second.scorecard("2026-05").json()
