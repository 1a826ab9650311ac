"""How to set something, in the words of a message: a line of segxl.toml and where it goes, or a row on a sheet.

What a message quotes can be pasted as it is and where it says: right below the header of its section a line is valid
whatever follows, and dotted keys (``values.status."Won" = "won"``) can be added one by one. A section or an inline
table that the settings already have is named instead of opened a second time.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from segxl.settings.model import Settings, TableSettings


@dataclass(frozen=True)
class HowToSet:
    """How the settings of one table are written.

    ``source`` is what they say already; ``several`` whether the table has several sources; ``in_workbook`` whether the
    settings are the sheets Settings and Maps of an input workbook.
    """

    table: str
    source: TableSettings = field(default_factory=TableSettings)
    several: bool = False
    in_workbook: bool = False

    def option(self, name: str, value: str) -> str:
        """An option of the table: ``below the line [tables.leads] add dates = "day-first"``."""
        if self.in_workbook:
            return f"on the sheet Settings add a row: tables.{self.table}.{name} | {value}"
        return f"below the line {self.section} add {name} = {quoted(value)}"

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
        """What a word of the export means in a column."""
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


def set_toggle(settings: Settings, name: str, value: str, *, in_workbook: bool) -> str:
    """How a toggle is set."""
    if in_workbook:
        return f"on the sheet Settings set toggles.{name} to {value}"
    line = f"{name} = {quoted(value)}"
    if name in settings.toggles.model_fields_set:
        return f"below the line [toggles] change {name} to {quoted(value)}"
    return f"{_below_section(settings, 'toggles')} {line}"


def add_to_map(
    settings: Settings, name: Literal["types", "stage_map"], word: str, meaning: str, *, in_workbook: bool
) -> str:
    """How a word of the export gets its meaning in a map of the whole company."""
    if in_workbook:
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
