"""IDs in one form: changes by spreadsheets and programs, undone where that is certain.

==================  =========  ==========================================================
a file has          for        who writes it
==================  =========  ==========================================================
``="0012"``         ``0012``   an export that Excel must not change
``'0012``           ``0012``   a person who types it into a cell
``12.0``, ``12,0``  ``12``     pandas, where the column has blanks
``12``              ``0012``   Excel, which drops the zeros before a number
``1.23457E+11``     an id      Excel, which shows 6 of the digits of a long number
``…345678000``      an id      Excel, which keeps 15 of the digits of a longer number
``zcrm_12``         ``12``     Zoho CRM's export, where its API has the number alone
==================  =========  ==========================================================

An id that the table it refers to does not have is read as the one id there that is the same number. Where there are
several, or none, it stays as it is, and a warning says so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from segxl.messages import counted
from segxl.sources.ledger import FileEntry, by_file
from segxl.sources.values.plain_ids import are_plain_ids, cases_of
from segxl.tables.codes import Mask
from segxl.tables.contracts import Contract, Table, Type
from segxl.tables.text_column import TextColumn

_FORMULA = re.compile(r'="(.*)"')
_FLOAT = re.compile(r"(\d+)(?:\.0+|,0)")
_ENDS_IN_ZERO = re.compile(r"\d[.,]0+\0")
_SHORTENED = re.compile(r"(\d)(?:[.,](\d+))?E\+(\d+)", re.IGNORECASE)
_ZOHO = "zcrm_"
_EXCEL_DIGITS, _FLOAT_DIGITS = 15, 17
KEYS: Mapping[str, str] = {"accounts": "account_id", "leads": "lead_id", "opportunities": "opportunity_id"}
"""The ids that other tables refer to, by table."""


def as_written(texts: Mapping[str, TextColumn], contract: Contract) -> dict[str, TextColumn]:
    """The columns of a file without the marks that keep Excel from changing a cell: ``="0012"``, and ``'0012``."""
    result = dict(texts)
    for column in contract.columns:
        if column.type in (Type.ID, Type.TEXT) and column.name in texts:
            result[column.name] = _without_marks(texts[column.name], typed=column.type is Type.ID)
    for name in _loose(texts, contract.names):
        result[name] = _without_marks(texts[name], typed=True)
    return result


def _loose(names: Collection[str], contract: Collection[str]) -> list[str]:
    """Ids that a file has and its contract does not: activities name leads."""
    return [name for name in KEYS.values() if name in names and name not in contract]


def _without_marks(column: TextColumn, *, typed: bool) -> TextColumn:
    """``typed``: a ``'`` at the start goes, too; a name may begin with one."""
    if are_plain_ids(column.shared[1]):
        return column
    joined = "\0" + "\0".join(column.in_use[1])
    if '\0="' not in joined and not (typed and "\0'" in joined):
        return column

    def plain(text: str) -> str:
        found = _FORMULA.fullmatch(text)
        text = found[1].replace('""', '"') if found else text
        return (text[1:] if typed and text.startswith("'") else text).strip()

    return column.changed(plain)


@dataclass
class _Family:
    """The columns with IDs of one table: its key, and those that refer to it."""

    key: tuple[str, str]
    columns: list[tuple[str, str]] = field(default_factory=list)


def one_form(tables: Mapping[str, Table], entries: Sequence[FileEntry]) -> dict[str, Table]:
    """The tables with each id in the form of the table it refers to; the ledger lists the changes and the uncertain
    IDs."""
    result = dict(tables)
    for family in _families(tables).values():
        _whole_numbers(result, family, entries)
        if family.key[0] in result:
            owner = result[family.key[0]].texts(family.key[1])
            for column in family.columns:
                theirs = result[column[0]].texts(column[1])
                if column != family.key and not are_plain_ids(theirs.shared[1]):
                    _as_known(result, column, family.key[0], owner.distinct.tolist(), entries)
        _warn_of_lost_digits(result, family, entries)
        _warn_of_case(result, family, entries)
    return result


def _families(tables: Mapping[str, Table]) -> dict[str, _Family]:
    families = {table: _Family((table, key)) for table, key in KEYS.items()}
    for name, table in tables.items():
        for column in table.contract.columns:
            owner = column.refers_to or (name if KEYS.get(name) == column.name else "")
            if column.type is Type.ID and owner:
                families[owner].columns.append((name, column.name))
        for loose in _loose(table.columns, table.contract.names):
            owner = next(table for table, key in KEYS.items() if key == loose)
            families[owner].columns.append((name, loose))
    return families


def _whole_numbers(tables: dict[str, Table], family: _Family, entries: Sequence[FileEntry]) -> None:
    """``12.0`` becomes ``12`` in a column where no id is another fraction, if some column of the family has ``12``."""
    floats: dict[tuple[str, str], dict[str, str]] = {}
    for name, column in family.columns:
        if are_plain_ids(tables[name].texts(column).shared[1]):
            continue
        texts = tables[name].texts(column).in_use[1]
        joined = "\0".join(texts) + "\0"
        if "0\0" not in joined or ("." not in joined and "," not in joined) or not _ENDS_IN_ZERO.search(joined):
            continue
        distinct = tables[name].texts(column).distinct
        found = {text: match[1] for text in distinct if (match := _FLOAT.fullmatch(text))}
        if not any("." in text and text not in found for text in distinct):
            floats[name, column] = found
    if not floats:
        return
    plain = {text for name, column in family.columns for text in tables[name].texts(column).distinct}
    for (name, column), found in floats.items():
        meant = {text: whole for text, whole in found.items() if whole in plain}
        _replaced(
            tables,
            (name, column),
            meant,
            entries,
            lambda rows, text, one: (
                f"{counted(rows, 'row has an ID', 'rows have IDs')} with a decimal, like {text!r}: read as {one!r}"
            ),
        )


def _as_known(
    tables: dict[str, Table],
    place: tuple[str, str],
    owner: str,
    known: Sequence[str],
    entries: Sequence[FileEntry],
) -> None:
    """Ids that the owner does not have, and that are the same number as one that it has."""
    table, column = tables[place[0]], place[1]
    strangers = set(table.texts(column).distinct.tolist()).difference(known)
    numbers = {text: number for text in strangers if (number := _number(text))}
    short = {text: match for text in strangers if (match := _SHORTENED.fullmatch(text)) and text not in numbers}
    if not numbers and not short:
        return
    by_number: dict[str, list[str]] = defaultdict(list)
    for one in known:
        if number := _number(one):
            by_number[number].append(one)
    forms: dict[str, list[str]] = defaultdict(list)
    for text in table.texts(column).distinct.tolist():
        if number := _number(text):
            forms[number].append(text)
    same = {text: by_number[number] for text, number in numbers.items() if number in by_number}
    certain = {
        text: ids[0]
        for text, ids in same.items()
        if len(ids) == 1 and set(forms[numbers[text]]) <= {text, *_as_float(text)}
    }
    doubtful = sorted(same.keys() - certain.keys())
    _replaced(
        tables,
        place,
        certain,
        entries,
        lambda rows, text, one: (
            f"{counted(rows, 'row has an ID', 'rows have IDs')} in another form than in {owner}, like {text!r}: read "
            f"as {one!r}"
        ),
    )
    if doubtful:
        text = doubtful[0]
        ids = " or ".join(repr(one) for one in sorted({*same[text], *(f for f in forms[numbers[text]] if f != text)}))
        _warn(
            tables,
            place,
            doubtful,
            entries,
            f"that is not in {owner} and may be another form of one, like {text!r} for {ids}",
            f"Use one form of IDs in the exports of {owner} and {place[0]}",
        )
    if short:
        _lengthened(tables, place, owner, short, by_number, entries)


def _lengthened(
    tables: dict[str, Table],
    place: tuple[str, str],
    owner: str,
    short: Mapping[str, re.Match[str]],
    by_number: Mapping[str, Sequence[str]],
    entries: Sequence[FileEntry],
) -> None:
    """Ids that Excel shortened, read as the only id that begins with their digits and has as many."""
    meant: dict[str, str] = {}
    for text, match in short.items():
        fitting = [one for number, ids in by_number.items() if _shortens_to(number, match) for one in ids]
        if len(fitting) == 1:
            meant[text] = fitting[0]
    if meant:
        text, one = next(iter(meant.items()))
        _warn(
            tables,
            place,
            meant,
            entries,
            f"shortened by Excel, like {text!r}, read as {one!r}, the only ID in {owner} that fits",
            "Format the column as text in Excel, and export it again",
        )
        _replaced(tables, place, meant, entries)


def _warn_of_lost_digits(tables: dict[str, Table], family: _Family, entries: Sequence[FileEntry]) -> None:
    """IDs that Excel has shortened and that match nothing, or of which it kept 15 digits: several may have become one.

    A number of 19 digits ends in four zeros once Excel has had it, and in two once it was a float. One such ID proves
    nothing; all of two or more do.
    """
    for place in family.columns:
        texts = tables[place[0]].texts(place[1])
        if are_plain_ids(texts.shared[1]):
            continue
        ids = texts.in_use[1].tolist()
        long = sorted(text for text in ids if len(text) > _EXCEL_DIGITS and text.isdecimal())
        kept = [_EXCEL_DIGITS if len(text) <= _FLOAT_DIGITS else _FLOAT_DIGITS for text in long]
        cut = (
            long if len(long) > 1 and not any(text[at:].strip("0") for text, at in zip(long, kept, strict=True)) else []
        )
        marked = ids if "E+" in "\0".join(ids).upper() else ()
        short = sorted(text for text in marked if _SHORTENED.fullmatch(text) and not _number(text))
        for lost, what in (
            (short, "shortened by Excel, like {!r}: the last digits are lost"),
            (cut, "of more than 15 digits that ends in zeros, like {!r}: Excel keeps 15 digits of a number"),
        ):
            if lost:
                _warn(
                    tables,
                    place,
                    lost,
                    entries,
                    f"{what.format(lost[0])}, so different IDs look the same",
                    "Format the column as text in Excel, and export it again",
                )


def _warn_of_case(tables: dict[str, Table], family: _Family, entries: Sequence[FileEntry]) -> None:
    """IDs that differ only in case: two of one key, and one that the table it refers to has in another case.

    They remain two IDs. Salesforce's 15-character IDs are case-sensitive, so these need no warning.
    """
    seen = [cases_of(tables[name].texts(column).shared[1]) for name, column in family.columns]
    if not (any(lower for lower, _ in seen) and any(upper for _, upper in seen)) or family.key[0] not in tables:
        return
    own: dict[str, list[str]] = defaultdict(list)
    for text in tables[family.key[0]].texts(family.key[1]).distinct.tolist():
        own[text.casefold()].append(text)
    known = {text for ids in own.values() for text in ids}
    for place in family.columns:
        ids = tables[place[0]].texts(place[1]).distinct.tolist()
        if place == family.key:
            alike = {text: [one for one in own[text.casefold()] if one != text] for text in ids}
            said = "that differs from another one only in upper and lower case, like {!r} and {!r}; they count as two"
            fix = "If they are one, write the ID the same way in all rows"
        else:
            alike = {text: own.get(text.casefold(), []) for text in ids if text not in known}
            said = f"that differs from one of {family.key[0]} only in upper and lower case, like {{!r}} and {{!r}}"
            fix = f"Write the ID the same way in the exports of {family.key[0]} and {place[0]}"
        found = sorted(text for text, others in alike.items() if others and len(text) != _CASE_COUNTS)
        if found:
            _warn(tables, place, found, entries, said.format(found[0], alike[found[0]][0]), fix)


_CASE_COUNTS = 15
"""The length of Salesforce's IDs in which ``…a`` and ``…A`` are two."""


def _number(text: str) -> str:
    """The whole number that an id is, without zeros before it; blank where it is none, or where digits are lost."""
    text = text.removeprefix(_ZOHO)
    if text.isdecimal():
        return text.lstrip("0") or "0"
    if match := _FLOAT.fullmatch(text):
        return match[1].lstrip("0") or "0"
    if match := _SHORTENED.fullmatch(text):
        digits, power = match[1] + (match[2] or ""), int(match[3])
        if len(digits) > power >= len(digits) - 1 or (7 < len(digits) <= power < 15):
            return digits + "0" * (power + 1 - len(digits))
    return ""


def _as_float(text: str) -> tuple[str, ...]:
    """Other forms that are the same id beyond doubt."""
    text = text.removeprefix(_ZOHO)
    whole = found[1] if (found := _FLOAT.fullmatch(text)) else text
    return (whole, f"{whole}.0", f"{whole},0", f"{_ZOHO}{whole}")


def _shortens_to(number: str, match: re.Match[str]) -> bool:
    """Whether Excel shows a number as a shortened ID: as many digits, and the first ones rounded."""
    digits = match[1] + (match[2] or "")
    if len(number) != int(match[3]) + 1 or len(number) < len(digits):
        return False
    unit = int(f"1{'0' * (len(number) - len(digits))}")
    return (2 * int(number) + unit) // (2 * unit) == int(digits)


def _files(
    table: Table, column: str, texts: Iterable[str], entries: Sequence[FileEntry]
) -> Iterable[tuple[FileEntry, Mask, str]]:
    """Each file that has some of the texts: its ledger entry, its rows as a mask, and the first text."""
    wanted = set(texts)
    hit = table.texts(column).which(wanted.__contains__)
    for entry, mine in by_file(table, hit, entries):
        yield entry, mine, str(table.texts(column).at(int(np.argmax(mine))))


def _replaced(
    tables: dict[str, Table],
    place: tuple[str, str],
    meant: Mapping[str, str],
    entries: Sequence[FileEntry],
    say: Callable[[int, str, str], str] | None = None,
) -> None:
    if not meant:
        return
    table, column = tables[place[0]], place[1]
    for entry, mine, text in _files(table, column, meant, entries):
        if say:
            entry.notes.append(say(table.count(mine), text, meant[text]))
    changed = table.texts(column).changed(lambda text: meant.get(text, text))
    tables[place[0]] = replace(table, columns={**table.columns, column: changed})


def _warn(
    tables: dict[str, Table],
    place: tuple[str, str],
    texts: Iterable[str],
    entries: Sequence[FileEntry],
    said: str,
    fix: str,
) -> None:
    wanted = set(texts)
    tables[place[0]] = table = tables[place[0]].apart(tables[place[0]].texts(place[1]).which(wanted.__contains__))
    for entry, mine, _ in _files(table, place[1], wanted, entries):
        header = entry.headers.get(place[1], place[1])
        entry.warn(
            "id", f"has an ID in {header!r} {said}", f"have an ID in {header!r} {said}", fix=fix, rows=table.row[mine]
        )
