"""Reads settings strictly, and reports every mistake at once."""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from segxl.cache.fingerprint import note_file
from segxl.errors import SegxlError, SegxlErrors, nearest
from segxl.messages import counted
from segxl.settings.connections import Connection
from segxl.settings.model import NamedSegment, RuleTest, Settings, TableSettings, setting_groups
from segxl.settings.toml_faults import in_plain_words
from segxl.tables.contracts import CONTRACTS


def read_settings(path: Path) -> Settings:
    """Read a `segxl.toml`.

    Raises:
        SegxlErrors: every unknown key, wrong value and unknown table at once, each with its key.
    """
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise SegxlError(f"{path}: cannot be read: it is not a file")
    try:
        data_bytes = path.read_bytes()
        note_file(path, data_bytes)
        utf_16 = data_bytes.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # as PowerShell's > writes it
        text = data_bytes.decode("utf-16" if utf_16 else "utf-8-sig")
    except FileNotFoundError:
        raise SegxlError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise SegxlError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise SegxlError(f"{path}: cannot be read: {error.strerror}; allow reading it, or copy it") from error
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise SegxlError(f"{path}: is not valid TOML: too many nested brackets") from None
    except ValueError as error:  # TOML's own, or a number of thousands of digits
        raise SegxlError(f"{path}: is not valid TOML: {in_plain_words(str(error), text)}") from None
    return settings_from(data, path.name)


Place = Callable[[Sequence[Any]], str]
"""The cell of a setting, by its path: ``"Settings!B7: "``; blank for a file, where keys are enough."""


def settings_from(
    data: Mapping[str, Any], origin: str, place: Place = lambda _: "", found: Sequence[str] = ()
) -> Settings:
    """Settings from plain values; ``origin`` names the file in messages, ``found`` are problems seen before.

    Raises:
        SegxlErrors: every problem at once, each with its key and its place.
    """
    problems = [*found]
    settings = Settings()
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        problems += [_explain(item, data, place) for item in error.errors()]
    problems += _unknown_tables(data, place)
    if problems:
        raise SegxlErrors(problems, f"{origin}: fix {counted(len(problems), 'setting')}")
    return settings


def _unknown_tables(data: Mapping[str, Any], place: Place) -> list[str]:
    tables = data.get("tables")
    if not isinstance(tables, dict):
        return []
    unknown = [name for name in tables if name not in CONTRACTS]
    return [f"{place(['tables', name])}tables.{name}: no such table{nearest(name, CONTRACTS)}" for name in unknown]


_PLAIN_WORDS = {
    "missing": "is missing",
    "string_type": "should be text in quotes",
    "tuple_type": 'should be a list, like ["a", "b"]',
    "dict_type": 'should be a table of keys and values, like { key = "value" }',
    "model_type": "should be a table of keys and values",
    "model_attributes_type": "should be a table of keys and values",
    "int_type": "should be a whole number",
    "int_parsing": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_type": "should be a number",
    "float_parsing": "should be a number",
    "bool_type": "should be true or false, without quotes",
}
"""Plain words for pydantic's kinds of error."""


def _explain(error: Any, data: Mapping[str, Any], place: Place) -> str:
    """One of pydantic's errors in plain words, with the key as in the file."""
    path = _path_in_file(error["loc"], data)
    return place(path or error["msg"].removeprefix("Value error, ").partition(":")[0].split(".")) + _said(error, path)


def _said(error: Any, path: list[Any]) -> str:
    key = ".".join(str(part) for part in path)
    kind, given = error["type"], error.get("input")
    if kind == "extra_forbidden":
        return f"{key}: unknown key{nearest(str(path[-1]), _known_keys(path[:-1]))}"
    if kind == "value_error":
        message = error["msg"].removeprefix("Value error, ")
        return f"{key}: {message}" if key else message
    if kind.startswith("date"):
        message = "should be a date like 2026-10-31"
    else:
        message = _PLAIN_WORDS.get(kind, error["msg"].removeprefix("Input "))
    shown = f", not {given!r}" if isinstance(given, str | int | float) and kind != "missing" else ""
    return f"{key}: {message}{shown}"


def _path_in_file(loc: tuple[Any, ...], data: Mapping[str, Any]) -> list[Any]:
    """The path of an error, without steps that are not in the file."""
    path = [{"source": "from"}.get(part, part) if "values" in loc[:at] else part for at, part in enumerate(loc)]
    if loc[:1] == ("tables",) and len(loc) > 2 and not isinstance(data["tables"][loc[1]], list):
        del path[2]  # one table counts as a list of one
    short_form = "where" in path and "values" in path[path.index("where") :]
    return [part for part in path if part not in ("words", "filled") and not (short_form and part == "values")]


def _known_keys(path: list[Any]) -> list[str]:
    """The keys that the settings know at a place in the file."""
    sections = setting_groups()
    model: type[BaseModel] = Settings
    if path and path[0] == "tables":
        model = RuleTest if "where" in path[2:] else TableSettings
    elif path and path[0] == "connections":
        model = Connection
    elif path and path[0] in sections:
        model = sections[str(path[0])]
        if path[0] == "segments" and len(path) > 1:
            model = RuleTest if "where" in path else NamedSegment
    return [field.alias or name for name, field in model.model_fields.items()]
