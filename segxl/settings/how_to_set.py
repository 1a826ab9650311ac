"""The wording of a setting in a message: its line of segxl.toml with its place, or its row on a sheet.

Quoted lines work as pasted, in the quoted place: below the header of its section a line is valid before any other, and
dotted keys (``values.status."Won" = "won"``) can be added one by one. A section or an inline table that already exists
is named instead of opened a second time.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from segxl.errors import UnsetError
from segxl.settings.model import Settings, TableSettings


@dataclass(frozen=True)
class HowToSet:
    """The wording of one table's settings.

    ``source`` is the current settings; ``several`` whether the table has several sources; ``cells`` the cell of each
    setting if they are the sheets Settings and Maps of an input workbook, else None.
    """

    table: str
    source: TableSettings = field(default_factory=TableSettings)
    several: bool = False
    cells: Mapping[str, str] | None = None

    @property
    def in_workbook(self) -> bool:
        """Whether the settings are sheets of an input workbook."""
        return self.cells is not None

    def name(self, *path: str) -> str:
        """A setting of the table in a message: ``tables.leads.where.Country``, or its cell of an input workbook."""
        return _name(self.cells, ("tables", self.table, *path))

    @property
    def sources(self) -> str:
        """The setting that lists the table's files or sheets."""
        return self.name("sheet") if self.in_workbook else self.name()

    def option(self, name: str, *values: str) -> str:
        """An option of the table, one of some values: ``below the line [tables.leads] add dates = "day-first"``."""
        return self.options(name, [(value, "") for value in values])

    def options(self, name: str, choices: Sequence[tuple[str, str]]) -> str:
        """The same, each value with a note."""
        given = getattr(self.source, name) is not None
        if self.in_workbook:
            values = " or ".join(f"{value}{note}" for value, note in choices)
            if given and self.name(name).startswith(f"{_SETTINGS}!"):
                return f"change {self.name(name)} to {values}"
            return f"on the sheet Settings add a row: key tables.{self.table}.{name}, value {values}"
        if given:
            values = " or ".join(f"{quoted(value)}{note}" for value, note in choices)
            return f"below the line {self.section} change {name} to {values}"
        lines = " or ".join(f"{name} = {quoted(value)}{note}" for value, note in choices)
        return f"below the line {self.section} add {lines}"

    def solve(self, error: UnsetError) -> str:
        """The message of an error that an option solves, with where to set it."""
        return f"{error.before}{self.options(error.option, error.choices)}{error.after}"

    def words_from(self, column: str) -> str:
        """The header that has the words of a column."""
        if self.in_workbook:
            return f"on the sheet Settings add a row: key tables.{self.table}.values.{column}.from, value your header"
        return f'below the line {self.section} add values.{key_of(column)}.from = "your header"'

    def leave_out_blank(self, column: str) -> str:
        """A rule that filters out rows with a blank cell in a column."""
        return self._rule(column, ".not", "(blank)", '{ not = [""] }')

    def leave_out(self, column: str, word: str) -> str:
        """A rule that filters out rows with a word in a column."""
        return self._rule(column, ".not", word, f"{{ not = [{quoted(word)}] }}")

    def keep_only(self, column: str, word: str) -> str:
        """A rule that keeps only rows with a word in a column."""
        return self._rule(column, "", word, f"[{quoted(word)}]")

    def word(self, column: str, word: str, meaning: str) -> str:
        """The meaning of an export's word in a column."""
        key = f"tables.{self.table}.values.{column}"
        if self.in_workbook:
            return f"on the sheet Maps add a row: {key} | {word} | {meaning}"
        line = f"{quoted(word)} = {quoted(meaning)}"
        if column.casefold() in {name.casefold() for name in self.source.values}:
            return f"to values.{key_of(column)} of {self.section} add {line}"
        return f"below the line {self.section} add values.{key_of(column)}.{line}"

    def column(self, name: str, header: str = "your header") -> str:
        """The export's header of a column."""
        if self.in_workbook:
            return f"on the sheet Maps add a row: tables.{self.table}.columns | {header} | {name}"
        if name in self.source.columns:
            return f"in columns of {self.section} change {name} to {quoted(header)}"
        return self._below("columns", f"{name} = {quoted(header)}", given=bool(self.source.columns))

    def constant(self, name: str, value: str) -> str:
        """A value that a column has in all rows."""
        if self.in_workbook:
            return f"on the sheet Maps add a row: tables.{self.table}.constants | {name} | {value}"
        return self._below("constants", f"{name} = {quoted(value)}", given=bool(self.source.constants))

    @property
    def section(self) -> str:
        """The line of segxl.toml that the table's options follow."""
        return f"[[tables.{self.table}]] of this file" if self.several else f"[tables.{self.table}]"

    def _rule(self, column: str, asked: str, word: str, condition: str) -> str:
        if self.in_workbook:
            return f"on the sheet Maps add a row: tables.{self.table}.where | {column}{asked} | {word}"
        return self._below("where", f"{key_of(column)} = {condition}", given=bool(self.source.where))

    def _below(self, group: str, line: str, *, given: bool) -> str:
        if given:
            return f"to {group} of {self.section} add {line}"
        return f"below the line {self.section} add {group}.{line}"


def of_table(settings: Settings, table: str) -> HowToSet:
    """The wording of a table's settings."""
    sources = settings.tables.get(table, ())
    return HowToSet(table, sources[0] if sources else TableSettings(), len(sources) > 1, settings.cells)


_SETTINGS, _MAPS = "Settings", "Maps"
"""The sheets of an input workbook."""


def setting_name(settings: Settings, *path: str) -> str:
    """A setting in a message: ``report.irrelevant.type``, or its cell of an input workbook,
    ``Maps!C12 (report.irrelevant | type)``."""
    return _name(settings.cells, path)


def _name(cells: Mapping[str, str] | None, path: Sequence[str]) -> str:
    key = ".".join(path)
    if cells is None:
        match tuple(path):
            case ("segments", "named", name, *rest):
                return ", ".join([f"segments.named {name!r}", *([".".join(rest)] if rest else [])])
        return key
    at = _columns_of_map(path)
    shown = f"{'.'.join(path[:at])} | {'.'.join(path[at:])}" if at and at < len(path) else key
    return f"{cells.get(key) or f'the sheet {_MAPS if at else _SETTINGS}'} ({shown})"


def _columns_of_map(path: Sequence[str]) -> int:
    """The number of steps that a row of Maps has in its first column; 0 for a setting of the sheet Settings."""
    match tuple(path):
        case ("types" | "stage_map", *_):
            return 1
        case ("report", "irrelevant", *_):
            return 2
        case ("tables", _, "columns" | "constants" | "where", *_):
            return 3
        case ("tables", _, "values", _, *rest):
            return 0 if rest == ["from"] else 4
        case ("segments", "named", _, "where", *_):
            return 4
    return 0


def set_toggle(settings: Settings, name: str, value: str) -> str:
    """The fix that sets a toggle."""
    if settings.cells is not None:
        return f"on the sheet Settings set toggles.{name} to {value}"
    line = f"{name} = {quoted(value)}"
    if name in settings.toggles.model_fields_set:
        return f"below the line [toggles] change {name} to {quoted(value)}"
    return f"{_below_section(settings, 'toggles')} {line}"


def add_to_map(settings: Settings, name: Literal["types", "stage_map"], word: str, meaning: str) -> str:
    """The fix that gives a word of the export its meaning in a map for all tables."""
    if settings.cells is not None:
        return f"on the sheet Maps add a row: {name} | {word} | {meaning}"
    return f"{_below_section(settings, name)} {quoted(word)} = {quoted(meaning)}"


def _below_section(settings: Settings, section: str) -> str:
    if section in settings.model_fields_set:
        return f"below the line [{section}] add"
    return f"at the end of segxl.toml add a line [{section}], and below it"


def closest(word: str, known: Sequence[str]) -> str:
    """The known word that an example of a map names: the one most alike, else the first."""
    return (difflib.get_close_matches(word.casefold(), known, n=1) or [*known])[0]


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def key_of(name: str) -> str:
    """A key as TOML writes it: bare where it may be, else in quotation marks."""
    bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if bare else quoted(name)
