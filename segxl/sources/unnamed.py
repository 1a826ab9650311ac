"""Files of the folder that segxl.toml does not name: what they are, and the lines that would name them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from segxl.errors import SegxlError
from segxl.ledger_csv import DOMAINS_FILE, LEDGER_FILE, REJECTED_FILE
from segxl.settings import Settings
from segxl.sources.files import SHEET_SUFFIXES, TEXT_SUFFIXES, expand, read_file, sheet_names
from segxl.sources.formats import FORMATS
from segxl.sources.review import REVIEW_FILE
from segxl.sources.suggestions import columns_block, nearest_formats
from segxl.sources.workbook_settings import MAPS, SETTINGS
from segxl.tables import CONTRACTS

_SUFFIXES = (*TEXT_SUFFIXES, *SHEET_SUFFIXES, ".parquet")
_OWN = (REVIEW_FILE, LEDGER_FILE, REJECTED_FILE, DOMAINS_FILE)
"""What segxl writes itself."""
_LARGEST = 200_000_000
"""Bytes; what is larger is not looked into unasked."""


@dataclass(frozen=True)
class _Found:
    """A file: what it is by table, in the tables' order, or why nobody can tell."""

    name: str
    known: Mapping[str, str] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    problem: str = ""


def unnamed_files(folder: Path, settings: Settings) -> Iterator[str]:
    """A paragraph for each file that no table names, and for each that could feed one more table than it does."""
    named = _named(folder, settings)
    unnamed: list[_Found] = []
    for path in sorted(path for path in folder.iterdir() if _counts(path)):
        if path not in named:
            unnamed.append(_looked_into(path))
        elif named[path] & {"opportunities", "opportunity_history"}:
            yield from _also(_looked_into(path), named[path], settings)
    wanted = Counter(table for one in unnamed for table in one.known)
    wanted.update(settings.tables.keys())
    for one in unnamed:
        yield _described(one, {table for table, count in wanted.items() if count > 1}, settings)


def _named(folder: Path, settings: Settings) -> dict[Path, set[str]]:
    named: dict[Path, set[str]] = {}
    for table, sources in settings.tables.items():
        for source in sources:
            with suppress(SegxlError):
                for path in expand(folder, source.file or ""):
                    named.setdefault(path, set()).add(table)
    return named


def _counts(path: Path) -> bool:
    if not path.is_file() or path.suffix.casefold() not in _SUFFIXES or path.name.startswith((".", "~$")):
        return False
    return path.name not in _OWN and not _is_input_workbook(path)


def _is_input_workbook(path: Path) -> bool:
    """An input workbook beside the exports is a source of its own."""
    with suppress(SegxlError):
        return path.suffix.casefold() in SHEET_SUFFIXES and {SETTINGS, MAPS} <= set(sheet_names(path))
    return False


def _looked_into(path: Path) -> _Found:
    if path.stat().st_size > _LARGEST:
        return _Found(path.name, problem=f"larger than {_LARGEST // 1_000_000} MB, so it was not looked into")
    try:
        raw = read_file(path)
    except SegxlError as error:
        return _Found(path.name, problem=str(error))
    known = {one.table: one.name for one in reversed(FORMATS) if one.fits(raw.header)}
    known = known or _by_contract(raw.header)
    return _Found(path.name, {table: known[table] for table in CONTRACTS if table in known}, raw.header)


def _by_contract(header: Iterable[str]) -> dict[str, str]:
    """The table whose own columns most of the header are."""
    own = {name.casefold() for name in header}
    for table, contracts in CONTRACTS.items():
        for one in contracts:
            if own.issuperset(one.required) and 2 * len(own & set(one.names)) > len(own):
                return {table: f"a file with the columns of {table}"}
    return {}


def _also(found: _Found, named: set[str], settings: Settings) -> Iterator[str]:
    """What a deal's or a change's file holds for the other table, where no other file is named for that."""
    for table, name in found.known.items():
        if named < {"opportunities", "opportunity_history"} and table not in settings.tables:
            yield f"{found.name}: also recognised as {name}: add\n{_lines(found.name, table, set(), settings)}"


def _described(found: _Found, several: set[str], settings: Settings) -> str:
    if found.problem:
        return f"{found.name}: not named in segxl.toml, and not recognised: {found.problem}"
    if found.known:
        lines = "\n".join(_lines(found.name, table, several, settings) for table in found.known)
        return (
            f"{found.name}: recognised as {' and '.join(found.known.values())}, not named in segxl.toml: add\n{lines}"
        )
    said = f"{found.name}: not named in segxl.toml; its header is no known export's"
    likely = next((table for table in CONTRACTS if table in found.name.casefold()), None)
    near = nearest_formats(found.header, likely) or nearest_formats(found.header)
    if not near:
        return said
    table = next(one.table for one in FORMATS if near[0].startswith(f"{one.name} ("))
    lines = _lines(found.name, table, {*several, *settings.tables}, settings)
    return f"{said}, nearest: {', '.join(near)}; if it is one, add and complete\n{lines}\n" + columns_block(
        found.header, table
    )


def _lines(file: str, table: str, several: set[str], settings: Settings) -> str:
    if table not in several:
        return f'[tables.{table}]\nfile = "{file}"'
    there = f"   # and the [tables.{table}] that is there as [[tables.{table}]] too" if table in settings.tables else ""
    return f'[[tables.{table}]]{there}\nfile = "{file}"'
