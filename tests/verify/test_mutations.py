"""A finished pack of which a record changes: its formulas give what segxl gives for inputs changed the same way."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, assume, given, note, settings
from hypothesis import strategies as st
from openpyxl.utils import range_boundaries

from segxl.api import load
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.errors import SegxlError
from segxl.verify.compare import agree
from segxl.verify.engines import ENGINES
from segxl.verify.formula_cells import FormulaCell, Value, read_formulas
from tests.oracle.worlds import Row, World, periods, worlds, write_world

SHEETS = {"Deals": "Opportunity", "Stage moves": "Opportunity", "Accounts": "Account"}
"""Data sheets that a change of a deal may touch, and the column that names a record."""

Key = tuple[str, ...]


class Number(NamedTuple):
    """A row of the table Numbers."""

    value: Value
    number_format: str
    live: bool


def table_of(sheet: Any) -> tuple[int, int, list[str]]:
    """The rows of a sheet's table, first and last, and its headers."""
    (table,) = sheet.tables.values()
    _, top, right, bottom = range_boundaries(table.ref)
    return top + 1, bottom, [sheet.cell(top, column).value for column in range(1, right + 1)]


def numbers(sheet: Any, live: Mapping[str, Value]) -> dict[Key, Number]:
    """The values of the table Numbers, by what they are; those of formulas from ``live``, by cell."""
    first, last, headers = table_of(sheet)
    column = headers.index("value") + 1
    found: dict[Key, Number] = {}
    for row in range(first, last + 1):
        words = {header: sheet.cell(row, at).value for at, header in enumerate(headers, 1)}
        cell = sheet.cell(row, column)
        value = live[cell.coordinate] if cell.data_type == "f" else cell.value
        value = words["why"] if value is None else value
        found[_key(words)] = Number(
            float(value) if isinstance(value, int) else value, cell.number_format, cell.data_type == "f"
        )
    return found


def columns_of_accounts(book: Any) -> dict[Key, tuple[str, ...]]:
    """The columns of the sheet Accounts in the formulas of the table Numbers, by what the number is."""
    accounts, sheet = book["Accounts"] if "Accounts" in book.sheetnames else None, book["Numbers"]
    first, last, headers = table_of(sheet)
    found: dict[Key, tuple[str, ...]] = {}
    for row in range(first, last + 1):
        words = {header: sheet.cell(row, at).value for at, header in enumerate(headers, 1)}
        formulas = " ".join(str(words[name]) for name in ("value", "numerator", "denominator"))
        # A sum that another row has too is the cell of that row.
        for at in re.findall(r"(?<![A-Za-z!$])\$?([A-Z]{1,2}\$?[0-9]+)\b", formulas):
            formulas += f" {sheet[at.replace('$', '')].value}"
        named = re.findall(r"Accounts\[([^]]*)]", formulas)  # of a table of one row it names the cells
        named += [accounts[f"{letters}4"].value for letters in re.findall(r"Accounts!\$([A-Z]+)\$5:", formulas)]
        found[_key(words)] = tuple(named)
    return found


def _key(words: Mapping[str, Any]) -> Key:
    return tuple(str(words[name] or "") for name in ("segment", "metric", "view", "item", "period"))


def calculated(path: Path) -> Iterator[tuple[str, dict[str, Value]]]:
    """What each quick engine calculates for the sheet Numbers, by cell."""
    book = read_formulas(path)
    for engine in ENGINES[:2]:
        values = zip(book.cells, engine.values(book), strict=True)
        yield engine.name, {cell.cell: value for cell, value in values if cell.sheet == "Numbers"}


def records(sheet: Any, name: str) -> dict[str, list[int]]:
    """The rows of each record of a data sheet, by what ``name`` has."""
    first, last, headers = table_of(sheet)
    column = headers.index(name) + 1
    found: dict[str, list[int]] = {}
    for row in range(first, last + 1):
        found.setdefault(str(sheet.cell(row, column).value), []).append(row)
    return found


def carry_over(old: Any, fresh: Any, name: str) -> int:
    """Make the records of a data sheet say what the fresh one says; how many cells changed."""
    before, after = records(old, name), records(fresh, name)
    _, last, headers = table_of(old)
    columns = {header: at for at, header in enumerate(table_of(fresh)[2], 1)}
    changed, end = 0, last
    for key in dict.fromkeys([*before, *after]):
        mine, theirs = before.get(key, []), after.get(key, [])
        while len(mine) < len(theirs):
            end += 1
            mine = [*mine, end]
        for at, row in enumerate(mine):
            for column, header in enumerate(headers, 1):
                cell = old.cell(row, column)
                value = fresh.cell(theirs[at], columns[header]).value if at < len(theirs) else None
                if cell.data_type != "f" and cell.value != value and header not in ("Row", "File"):
                    cell.value = value
                    changed += 1
    (table,) = old.tables.values()
    table.ref = table.ref.replace(str(last), str(end)) if end > last else table.ref
    return changed


WORLDS = 20
"""Random worlds of which a deal changes."""

CHANGES = ("amount", "date", "type", "stage")


def change(data: st.DataObject, world: World) -> tuple[World, World, str]:
    """A world and the same one with one deal changed; the deal has no history, which would say otherwise."""
    deals: list[Row] = world["tables"]["opportunities"]
    what = data.draw(st.sampled_from(CHANGES))
    fit = [deal for deal in deals if deal["opportunity_id"] and _can_change(deal, what)]
    assume(fit)
    deal = data.draw(st.sampled_from(fit))
    name = deal["opportunity_id"]
    assume(sum(one["opportunity_id"] == name for one in deals) == 1)
    before = copy.deepcopy(world)
    history = before["tables"]["opportunity_history"]
    before["tables"]["opportunity_history"] = [row for row in history if row["opportunity_id"] != name]
    after = copy.deepcopy(before)
    (mine,) = [one for one in after["tables"]["opportunities"] if one["opportunity_id"] == name]
    if what == "amount":
        mine["amount"] += Decimal("1000.37")
    elif what == "date":
        mine["closed_on"] += timedelta(days=data.draw(st.integers(1, 45)))
    elif what == "type":
        others = [one["type"] for one in deals if one.get("type") and one["type"] != mine["type"]]
        assume(others)
        mine["type"] = data.draw(st.sampled_from(others))
    else:
        others = [one["stage"] for one in deals if one["stage"] != mine["stage"]]
        assume(others)
        mine["stage"] = data.draw(st.sampled_from(others))
    note(f"{what} of {name}: {deal} -> {mine}")
    return before, after, name


def _can_change(deal: Row, what: str) -> bool:
    if what == "date":
        return isinstance(deal.get("closed_on"), date)
    return bool(deal.get(what))


def headers_of(book: Any) -> dict[str, set[str]]:
    """The headers of the data sheets that a change of a deal may touch."""
    return {sheet: set(table_of(book[sheet])[2]) for sheet in SHEETS if sheet in book.sheetnames}


@pytest.mark.ci
def test_a_changed_record_gives_the_numbers_of_changed_inputs() -> None:
    """One amount, date, type or stage of one deal, on random worlds; at least 20 are compared."""
    drawn = Counter[str]()

    def only(fits: bool, otherwise: str) -> None:
        drawn[otherwise] += not fits
        assume(fits)

    @settings(
        max_examples=WORLDS,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def one_world(data: st.DataObject) -> None:
        world = data.draw(worlds(sub_cent=False))
        before, after, _ = change(data, world)
        period = data.draw(periods(before))
        with TemporaryDirectory() as folder:
            paths = [
                pack
                for name, one in (("before", before), ("after", after))
                if (pack := _pack(one, Path(folder) / name, period)) is not None
            ]
            only(len(paths) == 2, "the period has no data")
            old, fresh = paths
            book, other = openpyxl.load_workbook(old), openpyxl.load_workbook(fresh)
            only(headers_of(book) == headers_of(other), "a column comes or goes: another pack")
            mine, theirs = columns_of_accounts(book), columns_of_accounts(other)
            only(
                all(mine[key] == theirs[key] for key in mine.keys() & theirs.keys() if mine[key] and theirs[key]),
                "columns of accounts that hold the same are one, and differ after the change",
            )
            changed = sum(
                carry_over(book[sheet], other[sheet], name)
                for sheet, name in SHEETS.items()
                if sheet in book.sheetnames
            )
            only(bool(changed), "the pack has no cell that changes")
            book.save(old)
            stored = {cell.cell: cell.stored for cell in read_formulas(fresh).cells if cell.sheet == "Numbers"}
            expected = numbers(other["Numbers"], stored)
            for engine, live in calculated(old):
                found = numbers(book["Numbers"], live)
                wrong = [
                    f"{engine} {key}: {found[key].value}, segxl {wanted.value}"
                    for key, wanted in expected.items()
                    if key in found and found[key].live and not equal(wanted, found[key].value)
                ]
                assert not wrong, "\n".join([f"{changed} cells changed", *wrong])
        drawn["compared"] += 1

    one_world()
    print(dict(drawn))
    assert drawn["compared"] >= WORLDS, drawn


def _pack(world: World, folder: Path, period: str) -> Path | None:
    write_world(world, folder / "in")
    try:
        written = load(folder / "in").scorecard(period, [ALL_ACCOUNTS], allow_partial=True).write(folder / "out")
    except SegxlError:
        return None  # a period without data
    return written[0][0]


def equal(wanted: Number, found: Value) -> bool:
    """Whether a calculated value is the wanted one, to the cent or a billionth."""
    return agree(FormulaCell("", "A1", "", wanted.value, wanted.number_format, ""), found)
