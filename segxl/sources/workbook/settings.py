"""The sheets Settings and Maps of an input workbook: the same settings as a segxl.toml, each mistake with its cell.

Settings has the columns key, value and help. A key is dotted, as in ``report.cohort`` or ``tables.leads.dates``; a list
is in one cell, comma-separated, or semicolon-separated if a word has a comma. Maps has the columns map, from and to:
*from* is the export's word, *to* is segxl's.

=================================  ======================  =======================
map                                from                    to
=================================  ======================  =======================
``types``                          New Business            new_logo
``stage_map``                      Evaluating              Consideration
``tables.leads.columns``           Lead ID                 lead_id
``tables.leads.values.source``     Web form                Website
``tables.leads.constants``         source                  Webinar
``tables.leads.where``             Country                 CH
``segments.named.Large.where``     employees.min           1000
``report.irrelevant``              type.not                New Business
=================================  ======================  =======================

A row whose map begins with ``example:`` is the template's and does not count.

In a rule (the last three) ``.min``, ``.max`` and ``.not`` behind the column say what is asked of it, and rows of one
column add up to a list; the word ``(blank)`` means blank cells. (``.is`` is meant otherwise, for a column
whose own name ends like that.)
"""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Union

import numpy as np
from pydantic import BaseModel

from segxl.errors import SegxlError, nearest
from segxl.periods import to_date
from segxl.settings.model import RuleTest, Settings, ValueMap
from segxl.settings.read import settings_from
from segxl.sources.files.excel_errors import EXCEL_ERRORS
from segxl.sources.files.raw import EXAMPLE, column_letters
from segxl.sources.files.sheets import cell_text
from segxl.sources.values.flags import flag
from segxl.sources.values.readers import AmbiguousDatesError, read_dates

SETTINGS, MAPS = "Settings", "Maps"

ValueKind = Literal["text", "list", "date", "flag", "number", "whole"]
Path = tuple[Any, ...]

CONDITIONS = ("is", "not", "min", "max")
"""The options after the column name of a rule."""

BLANK = "(blank)"
"""In a rule: the cells that are blank."""

FOR_FOLDERS = ("file", "table", "query", "order_by", "encoding", "delimiter")
"""Options of a table that only folders have."""

ENGINE_SETTINGS = ("engine", "connections")
"""Settings of tables in a warehouse."""


def kind_of(path: Sequence[Any]) -> tuple[ValueKind, tuple[str, ...]] | None:
    """The kind of a setting's value, and its choices if only some words are allowed; None for an unknown path."""
    found = _annotation(path)
    if found is RuleTest:
        return "list", ()
    origin = typing.get_origin(found)
    if origin is Literal:
        return "text", typing.get_args(found)
    if origin in (tuple, list):
        return "list", ()
    kinds: dict[Any, ValueKind] = {str: "text", dt.date: "date", bool: "flag", float: "number", int: "whole"}
    return (kinds[found], ()) if found in kinds else None


def _annotation(path: Sequence[Any]) -> Any:
    """The type of a settings path: a plain type, or a model or dict for a group of keys; None if there is none."""
    found: Any = Settings
    if tuple(path[:2]) == ("segments", "named"):
        path = [*path[:2], *path[3:]]  # all segments are alike
    for part in path:
        if found is ValueMap:
            return str
        if isinstance(found, type) and issubclass(found, BaseModel):
            fields = found.model_fields
            names = {one.alias or name: name for name, one in fields.items()}
            if part not in names:
                return None
            found = _plain(fields[names[part]].annotation)
        elif typing.get_origin(found) is dict:
            found = _plain(typing.get_args(found)[1])
        else:
            return None
    return found


def _keys_below(path: Sequence[Any]) -> list[str]:
    """The keys of a group, where a path is one; a name that the user chooses is NAME."""
    found = _annotation(path)
    if isinstance(found, type) and issubclass(found, BaseModel) and found is not RuleTest:
        return [one.alias or name for name, one in found.model_fields.items()]
    return ["NAME"] if typing.get_origin(found) is dict else []


def _plain(annotation: Any) -> Any:
    """An annotation without "or None" and without a validator; several of a model are that model."""
    while True:
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is typing.Annotated:
            annotation = arguments[0]
        elif origin in (Union, types.UnionType):
            annotation = next(one for one in arguments if one is not type(None))
        elif origin is tuple and isinstance(arguments[0], type) and issubclass(arguments[0], BaseModel):
            annotation = arguments[0]
        else:
            return annotation


@dataclass
class _Book:
    """The content of the two sheets so far: plain values as in the file, the cell of each path, and problems."""

    data: dict[str, Any] = field(default_factory=dict)
    cells: dict[Path, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)

    def put(self, path: Path, value: Any, cell: str, *, several: bool = False) -> None:
        """Set a value; of ``several`` the values of one path make a list."""
        if path[:2] == ("segments", "named") and len(path) > 3:
            path = (*path[:2], self._segment(str(path[2])), *path[3:])
        place: Any = self.data
        for part in path[:-1]:
            place = place[part] if isinstance(place, list) else place.setdefault(part, {})
            if not isinstance(place, dict | list):
                self._twice(path, cell)
                return
        last = path[-1]
        if last in place and not several:
            self._twice(path, cell)
            return
        place[last] = [*place.get(last, []), *value] if several else value
        for length in range(1, len(path) + 1):
            self.cells.setdefault(path[:length], cell)

    def _segment(self, name: str) -> int:
        if name not in self.named:
            self.named.append(name)
            self.data.setdefault("segments", {}).setdefault("named", []).append({"name": name})
        return self.named.index(name)

    def shown(self, path: Path) -> Path:
        """A path with the name of its segment instead of the segment's place."""
        if path[:2] == ("segments", "named") and len(path) > 2:
            return (*path[:2], self.named[path[2]], *path[3:])
        return path

    def ask_for_rules(self) -> None:
        """A segment with a date but no rule, as the rule is on the other sheet."""
        for at, segment in enumerate(self.data.get("segments", {}).get("named", ())):
            if "where" not in segment:
                place, name = self.place(("segments", "named", at)), segment["name"]
                rule = f"segments.named.{name}.where"
                self.problems.append(f"{place}segment {name!r} has no rule; add rows to {MAPS}: {rule}")
                segment["where"] = {}

    def _twice(self, path: Path, cell: str) -> None:
        other = next(self.cells[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.cells)
        shown = ".".join(map(str, path))
        self.problems.append(f"{cell}: {shown} is already set in {other}; keep one of the two")

    def place(self, path: Sequence[Any]) -> str:
        """The cell of a path, or of its longest prefix that has one."""
        for end in range(len(path), 0, -1):
            if tuple(path[:end]) in self.cells:
                return f"{self.cells[tuple(path[:end])]}: "
        return ""


def read_workbook_settings(
    name: str, settings: Sequence[Sequence[object]], maps: Sequence[Sequence[object]]
) -> Settings:
    """Settings of an input workbook from the cells of its two sheets, with their cells; either sheet may be empty.

    Raises:
        SegxlErrors: every mistake at once, each with its cell.
    """
    book = _Book()
    for row, cells, letters in _rows(SETTINGS, settings, ("key", "value"), book):
        _setting(book, cells, (f"{SETTINGS}!{letters[0]}{row}", f"{SETTINGS}!{letters[1]}{row}"))
    for row, cells, letters in _rows(MAPS, maps, ("map", "from", "to"), book):
        _mapped(book, cells, tuple(f"{MAPS}!{letter}{row}" for letter in letters))
    book.ask_for_rules()
    places = {".".join(map(str, book.shown(path))): cell for path, cell in book.cells.items()}
    return settings_from(book.data, name, book.place, book.problems).at(places)


_SOURCES_OWN = ("tables", "segments", "types", "stage_map")
"""Settings that describe the source's columns and words."""


def with_changes(settings: Settings, changes: Mapping[str, object]) -> Settings:
    """Settings with other values for some dotted keys, each a value of a cell. Blank values change nothing.

    Raises:
        SegxlErrors: unknown keys, settings that only the source can give, and wrong values.
    """
    problems: list[str] = []
    data = _given(settings)
    for key, cell in changes.items():
        path, kind = setting_path(key.strip()), kind_of(setting_path(key.strip()))
        if not cell_text(cell).strip():
            continue
        if path[0] in _SOURCES_OWN or (kind is not None and len(path) > 2):
            problems.append(f"{key}: change it in the source's own settings")
            continue
        try:
            value = cell_text(cell).strip() if kind is None else _value(cell, kind[0])
        except SegxlError as error:
            problems.append(f"{key}: {error}")
            continue
        section = data
        for part in path[:-1]:
            found = section.get(part, getattr(settings, part, None))
            section[part] = _given(found) if isinstance(found, BaseModel) else dict(found or {})
            section = section[part]
        section[path[-1]] = value
    return settings_from(data, "settings", found=problems).at(settings.cells)


def _given(model: BaseModel) -> dict[str, Any]:
    """The values that were set in a model; its groups are unchanged."""
    fields = type(model).model_fields
    return {fields[name].alias or name: getattr(model, name) for name in model.model_fields_set}


def _rows(
    sheet: str, grid: Sequence[Sequence[object]], columns: tuple[str, ...], book: _Book
) -> Iterator[tuple[int, tuple[object, ...], tuple[str, ...]]]:
    """The rows below the header: row number, the cells of the columns, and the columns' letters."""
    at: tuple[int, ...] = ()
    for row, cells in enumerate(grid, start=1):
        texts = [" ".join(cell_text(cell).casefold().rstrip("* ").split()) for cell in cells]
        if at:
            picked = tuple(cells[place] if place < len(cells) else None for place in at)
            failed = [(place, text) for place in at if place < len(cells) and (text := cells[place]) in EXCEL_ERRORS]
            if failed:
                book.problems += [
                    f"{sheet}!{column_letters(place)}{row}: {text} is an Excel error; fix the cell, or clear it"
                    for place, text in failed
                ]
            elif any(cell_text(cell).strip() for cell in picked):
                yield row, picked, tuple(column_letters(place) for place in at)
        elif all(column in texts for column in columns):
            at = tuple(texts.index(column) for column in columns)
    if not at and any(cell_text(cell).strip() for cells in grid for cell in cells):
        book.problems.append(f"{sheet}: no row has the headers {', '.join(columns)}; put them back above the entries")


def _setting(book: _Book, cells: tuple[object, ...], places: tuple[str, ...]) -> None:
    key, value = cell_text(cells[0]).strip(), cells[1]
    if not cell_text(value).strip():
        return  # the default
    if not key:
        book.problems.append(f"{places[0]}: is blank, but has the value {cell_text(value)!r}; write the setting's key")
        return
    path = setting_path(key)
    if path[:1] == ("tables",) and path[-1] in FOR_FOLDERS and len(path) == 3:
        book.problems.append(f"{places[0]}: {key} works only in a folder; in a workbook use tables.{path[1]}.sheet")
        return
    if path[0] in ENGINE_SETTINGS:
        book.problems.append(f"{places[0]}: {key} works only in a folder; a workbook has its tables on sheets")
        return
    kind = kind_of(path)
    if kind is None and (below := _keys_below(path)):
        book.problems.append(f"{places[0]}: {key} is a group of settings; use one of them, like {key}.{below[0]}")
        return
    if kind is None:
        book.put(path, cell_text(value), places[0])  # unknown: reported with the others, with the nearest key
        return
    try:
        book.put(path, _value(value, kind[0]), places[1])
    except SegxlError as error:
        book.problems.append(f"{places[1]}: {key}: {error}")


def setting_path(key: str) -> Path:
    """The path of a dotted key. Names of segments and of columns may have dots themselves."""
    parts: Path = tuple(key.split("."))
    if key.startswith("segments.named."):
        rest = key.removeprefix("segments.named.")
        segment, where, column = rest.partition(".where.")
        if where:
            return ("segments", "named", segment, "where", *_condition(column))
        segment, _, option = rest.rpartition(".")
        return ("segments", "named", segment, option)
    if parts[:1] == ("tables",) and len(parts) > 3:
        rest = ".".join(parts[3:])
        if parts[2] == "where":
            return (*parts[:3], *_condition(rest))
        if parts[2] == "values" and rest.endswith(".from"):
            return (*parts[:3], rest.removesuffix(".from"), "from")
        return (*parts[:3], rest)
    if parts[:2] == ("report", "irrelevant") and len(parts) > 2:
        return (*parts[:2], *_condition(".".join(parts[2:])))
    return parts


def _condition(column: str) -> Path:
    name, dot, asked = column.rpartition(".")
    return (name, {"is": "values"}.get(asked, asked)) if dot and asked in CONDITIONS else (column, "values")


def _mapped(book: _Book, cells: tuple[object, ...], places: tuple[str, ...]) -> None:
    name, source, target = (cell_text(cell).strip() for cell in cells)
    if name.casefold().startswith(EXAMPLE):
        return
    for text, place, what in zip((name, source), places, ("map", "from"), strict=False):
        if not text:
            book.problems.append(f"{place}: is blank; fill in the {what} of this row, or clear the row")
            return
    if name.endswith(".columns"):
        if target:
            book.put((*name.split("."), target), source, places[2])
        return
    if name.endswith(".where") or name == "report.irrelevant":
        if target:
            _asked(book, name, source, cells[2], places)
        return
    path = (*name.split(".", 3), source)
    if kind_of(path) is None:
        known = ("types", "stage_map", "report.irrelevant", *_maps_like(name))
        book.problems.append(f"{places[0]}: no map {name!r}{nearest(name, known)}")
        return
    book.put(path, target, places[2])


def _asked(book: _Book, name: str, source: str, target: object, places: tuple[str, ...]) -> None:
    """A row of a rule."""
    path = setting_path(f"{name}.{source}")
    kind = kind_of(path)
    if kind is None:
        book.problems.append(f"{places[0]}: no rule {name!r}{nearest(name, _maps_like(name))}")
        return
    if kind[0] == "list":
        word = cell_text(target).strip()
        book.put(path, ["" if word == BLANK else word], places[2], several=True)
        return
    try:
        book.put(path, _value(target, kind[0]), places[2])
    except SegxlError as error:
        book.problems.append(f"{places[2]}: {error}")


def _maps_like(name: str) -> list[str]:
    """The maps of the table that a map's name may mean."""
    table = name.split(".")[1] if name.count(".") else ""
    return [f"tables.{table}.{option}" for option in ("columns", "values", "constants", "where")]


def _value(value: object, kind: ValueKind) -> Any:
    """A cell as the value of a kind.

    Raises:
        SegxlError: it is none, or a date that can be read two ways.
    """
    text = cell_text(value).strip()
    if kind == "list":
        return split_list(text)
    if kind == "date":
        try:
            days, bad, _ = read_dates(np.array([text], dtype=object), order=None, timezone="UTC")
        except AmbiguousDatesError as error:
            ways = " or ".join(sorted({day for _, reading in error.readings for day in reading.values()}))
            raise SegxlError(f"{text!r} is ambiguous: {ways}; write it in one of these forms") from None
        if bad[0]:
            raise SegxlError(f"should be a date like 2026-10-31, not {text!r}")
        return to_date(int(days[0]))
    if kind == "flag":
        answer = flag(text)
        if answer not in (0, 1):
            raise SegxlError(f"should be yes or no, not {text!r}")
        return bool(answer)
    if kind in ("number", "whole"):
        try:
            number = float(text)
        except ValueError:
            raise SegxlError(f"should be a {'whole ' if kind == 'whole' else ''}number, not {text!r}") from None
        return int(number) if number.is_integer() and kind == "whole" else number
    return text


def split_list(text: str) -> list[str]:
    """The words of a list in one cell: separated by semicolons if there are any, else by commas."""
    mark = ";" if ";" in text else ","
    return [word.strip() for word in text.split(mark) if word.strip()]


def joined_list(words: Sequence[str]) -> str:
    """A list as the text of one cell, which :func:`split_list` reads back."""
    if any("," in word for word in words):
        return "; ".join(words) + (";" if len(words) == 1 else "")
    return ", ".join(words)
