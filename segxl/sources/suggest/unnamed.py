"""Files of the folder that segxl.toml does not name: their likely tables, and the lines that would name them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from segxl.cache.fingerprint import counts
from segxl.errors import SegxlError
from segxl.settings.how_to_set import quoted
from segxl.settings.model import Settings
from segxl.sources.files.delimited import UndecodableError
from segxl.sources.files.disguises import PARQUET
from segxl.sources.files.files import SHEET_SUFFIXES, TEXT_SUFFIXES, expand, read_file, sheet_names
from segxl.sources.files.raw import RawTable
from segxl.sources.formats import FORMATS
from segxl.sources.ledger import DOMAINS_FILE, LEDGER_FILE, REJECTED_FILE
from segxl.sources.matching.review_list import REVIEW_FILE, is_list
from segxl.sources.suggest.side_tables import side_table, stages_of
from segxl.sources.suggest.suggestions import (
    NO_HEADER,
    SAME_IN_ALL_ROWS,
    columns_block,
    likeliest_table,
    looks_like_data,
    may_be,
    nearest_formats,
)
from segxl.sources.workbook.settings import MAPS, SETTINGS
from segxl.tables.contracts import CONTRACTS

_SUFFIXES = (*TEXT_SUFFIXES, *SHEET_SUFFIXES, PARQUET, ".xls", ".xlsb", ".ods", ".numbers")
_OWN = (REVIEW_FILE, LEDGER_FILE, REJECTED_FILE, DOMAINS_FILE)
"""Files that segxl writes itself."""
ONE_COPY = ("accounts", "opportunities", "opportunity_history", "leads", "revenue")
"""Tables of records: a second export of the same records is more often a mistake than for activities or costs."""
_LARGEST = 200_000_000
"""Bytes; larger files are not opened unasked."""


@dataclass(frozen=True)
class UnnamedFile:
    """A file, or one sheet of a workbook that has several: its likely exports by table, in the tables' order, or why
    they are unknown. ``raw`` is its rows; None if it cannot be read. ``encoding``: the encoding in which it can be read
    if it is not UTF-8, as ``known`` or as ``raw``."""

    name: str
    known: Mapping[str, str] = field(default_factory=dict)
    raw: RawTable | None = None
    problem: str = ""
    sheet: str | None = None
    encoding: str = ""

    @property
    def header(self) -> tuple[str, ...]:
        """The file's header."""
        return self.raw.header if self.raw is not None else ()

    @property
    def shown(self) -> str:
        """Its name in messages."""
        return f"{self.name}, sheet {self.sheet!r}" if self.sheet else self.name


def unnamed_files(folder: Path, settings: Settings) -> Iterator[str]:
    """A paragraph for each file that no table names, and for each that could be read as one more table."""
    named = _named(folder, settings)
    unnamed: list[UnnamedFile] = []
    for path in export_files(folder):
        if path not in named:
            unnamed += looked_into(path)
        elif named[path] & {"opportunities", "opportunity_history"}:
            for one in looked_into(path):
                yield from _also(one, named[path], settings)
    unnamed = each_its_own(unnamed, settings.tables)
    wanted = Counter(table for one in unnamed for table in one.known)
    wanted.update(settings.tables.keys())
    for one in unnamed:
        yield _described(one, {table for table, count in wanted.items() if count > 1}, settings)


def export_files(folder: Path) -> list[Path]:
    """The files at the top of a folder that may be exports, by name; without segxl's own files and input workbooks.

    Links that lead out of the folder are not followed.
    """
    inside = folder.resolve()
    return sorted(path for path in folder.iterdir() if _counts(path) and path.resolve().is_relative_to(inside))


def each_its_own(found: Iterable[UnnamedFile], fed: Iterable[str] = ()) -> list[UnnamedFile]:
    """The same, without a history as a second source of opportunities that other files, or ``fed``, have already."""
    found = list(found)
    if "opportunities" not in fed and all(_is_history(one) for one in found if "opportunities" in one.known):
        return found
    return [
        replace(one, known={table: name for table, name in one.known.items() if table != "opportunities"})
        if _is_history(one)
        else one
        for one in found
    ]


def _is_history(found: UnnamedFile) -> bool:
    """Whether a file is mainly a history, rather than a list of deals with some dates of their stages."""
    name = found.known.get("opportunity_history")
    return any(one.name == name and not one.derived for one in FORMATS)


def _named(folder: Path, settings: Settings) -> dict[Path, set[str]]:
    named: dict[Path, set[str]] = {}
    for table, sources in settings.tables.items():
        for source in sources:
            with suppress(SegxlError):
                for path in expand(folder, source.file or ""):
                    named.setdefault(path, set()).add(table)
    if settings.account_review:
        named.setdefault(folder / settings.account_review, set())
    return named


def _counts(path: Path) -> bool:
    if path.suffix.casefold() not in _SUFFIXES or path.name in _OWN or not counts(path):
        return False
    return not _is_input_workbook(path)


def _is_input_workbook(path: Path) -> bool:
    """An input workbook in the folder of the exports is a separate source."""
    with suppress(SegxlError):
        return path.suffix.casefold() in SHEET_SUFFIXES and {SETTINGS, MAPS} <= set(sheet_names(path))
    return False


def looked_into(path: Path) -> list[UnnamedFile]:
    """The likely table of a file; for a workbook with several sheets, of each sheet."""
    if path.stat().st_size > _LARGEST:
        return [UnnamedFile(path.name, problem=f"larger than {_LARGEST // 1_000_000} MB, so segxl did not scan it")]
    sheets: Sequence[str] = ()
    if path.suffix.casefold() in SHEET_SUFFIXES:
        with suppress(SegxlError):
            sheets = sheet_names(path)
    return [_read(path, sheet) for sheet in (sheets if len(sheets) > 1 else (None,))]


def _read(path: Path, sheet: str | None) -> UnnamedFile:
    try:
        raw = read_file(path, sheet=sheet)
    except UndecodableError as error:
        return _read_in(path, error)
    except SegxlError as error:
        return UnnamedFile(path.name, problem=str(error), sheet=sheet)
    return UnnamedFile(path.name, _known(raw.header), raw, sheet=sheet)


def _read_in(path: Path, error: UndecodableError) -> UnnamedFile:
    """A text file that is not UTF-8: as the known export that it is in some encoding, else in the likeliest one."""
    found = UnnamedFile(path.name, problem=str(error))
    for encoding in error.fitting:
        with suppress(SegxlError):
            raw = read_file(path, encoding=encoding)
            if known := _known(raw.header):
                return replace(found, known=known, encoding=encoding)
            if found.raw is None:
                found = replace(found, raw=raw, encoding=encoding)
    return found


def _known(header: Iterable[str]) -> Mapping[str, str]:
    """The known exports that a header matches, by table, in the tables' order."""
    header = list(header)
    known = {one.table: one.name for one in reversed(FORMATS) if one.fits(header)} or _by_contract(header)
    return {table: known[table] for table in CONTRACTS if table in known}


def _by_contract(header: Iterable[str]) -> dict[str, str]:
    """The table with the contract columns that most of the header's names match."""
    own = {name.casefold() for name in header}
    for table, contracts in CONTRACTS.items():
        for one in contracts:
            if own.issuperset(one.required) and 2 * len(own & set(one.names)) > len(own):
                return {table: f"a file with the columns of {table}"}
    return {}


def _also(found: UnnamedFile, named: set[str], settings: Settings) -> Iterator[str]:
    """The rows of a deal's or a change's file that could be used for the other table, if no other file is named for
    it."""
    for table, name in found.known.items():
        if named < {"opportunities", "opportunity_history"} and table not in settings.tables:
            yield f"{found.shown}: also recognised as {name}: add\n{_lines(found, table, set(), settings)}"


def _described(found: UnnamedFile, several: set[str], settings: Settings) -> str:
    if found.problem:
        problem = f"{found.shown}: not in segxl.toml, and not recognised: {found.problem}"
        if not found.known and (found.raw is None or likely(found)[0] is None):
            return problem
        if not found.known:
            return f"{problem}\n{_described(replace(found, problem=''), several, settings)}"
        to_paste = "\n".join(_lines(found, table, several, settings) for table in found.known)
        return f"{problem}; in {found.encoding} it is {' and '.join(found.known.values())}: add\n{to_paste}"
    if found.known:
        lines = "\n".join(_lines(found, table, several, settings) for table in found.known)
        once = any(table in settings.tables for table in found.known if table in ONE_COPY)
        add = "add it, unless another file has the same data" if once else "add"
        said = f"{found.shown}: recognised as {' and '.join(found.known.values())}, but not in segxl.toml"
        return f"{said}: {add}\n{lines}"
    if is_list(found.header):
        read = settings.account_review or REVIEW_FILE
        return (
            f"{found.shown}: an account review list, but segxl reads answers only from {read}: if your answers are "
            f'here, save this file as "CSV UTF-8" under that name'
        )
    said = f"{found.shown}: not in segxl.toml, and not a known export"
    said += f"; {NO_HEADER}" if looks_like_data(found.header) else ""
    if side := side_table(found.header):
        return f"{found.shown}: {side.name}; not a segxl table: {side.note}{_how_to_name(found, settings)}"
    table, near = likely(found)
    if table is None:
        return said
    lines = _lines(found, table, {*several, *settings.tables}, settings)
    nearest = f", nearest: {', '.join(near)}" if near else ""
    return f"{said}{nearest}; if it is {table}, add and complete\n{lines}\n" + columns_block(
        found.header, table, found.raw
    )


def likely(found: UnnamedFile) -> tuple[str | None, list[str]]:
    """For an unknown header: the table that it looks like, None where it is like none, and the nearest exports."""
    if side_table(found.header):
        return None, []
    table = likeliest_table(found.header, found.name, found.raw)
    near = nearest_formats(found.header, table) or ([] if table else nearest_formats(found.header))
    if near and table is None:
        nearest = next(one.table for one in FORMATS if near[0].startswith(f"{one.name} ("))
        table = nearest if may_be(nearest, found.header, found.name, found.raw) else None
    return table, near if table else []


def _how_to_name(found: UnnamedFile, settings: Settings) -> str:
    """Settings that name stages with IDs, by a stage of the list itself; blank if they have no IDs or the settings name
    them already."""
    if any("stage" in source.values for source in settings.tables.get("opportunities", ())):
        return ""
    stages = stages_of(found.raw) if found.raw is not None else []
    named = next((one for one in stages if one.label != one.id), None)
    if named is None:
        return ""
    return (
        "; to show stage labels instead of IDs, add a line per stage, like\n"
        f"[tables.opportunities.values.stage]\n{quoted(named.id)} = {quoted(named.label)}\n"
        "and the same under [tables.opportunity_history.values.stage], if you use it; then use the labels in stages, "
        "won_stages and lost_stages"
    )


def _lines(found: UnnamedFile, table: str, several: set[str], settings: Settings) -> str:
    there = f"   # and the [tables.{table}] that is there as [[tables.{table}]] too" if table in settings.tables else ""
    first, *others = named_lines(found, table, several=table in several)
    return "\n".join([f"{first}{there}" if table in several else first, *others])


def named_lines(found: UnnamedFile, table: str, *, several: bool) -> list[str]:
    """The lines of segxl.toml that name a file as the source, or one of several sources, of a table."""
    lines = [f"[[tables.{table}]]" if several else f"[tables.{table}]", f"file = {quoted(found.name)}"]
    lines += [f"sheet = {quoted(found.sheet)}"] if found.sheet else []
    lines += [f"encoding = {quoted(found.encoding)}"] if found.encoding else []
    format = next((one for one in FORMATS if one.name == found.known.get(table)), None)
    for name in format.lacking(found.header) if format and found.raw is not None else ():
        if name in SAME_IN_ALL_ROWS:
            lines.append(
                f'# constants.{name} = "{SAME_IN_ALL_ROWS[name]}"   # required: no column found; same for all rows'
            )
        else:
            lines.append(f'# columns.{name} = "…"   # required: no column found; name one, or add it to the export')
    return lines
