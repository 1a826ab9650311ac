"""One cell of a finished pack changes, and the pack calculates again: numbers worked by hand for the small company."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from segxl.api import load
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.verify.engines import ENGINES
from segxl.verify.formula_cells import Value, read_formulas
from tests.cli.test_no_false_warnings import RAVENSTACK
from tests.small import SETTINGS, write_company
from tests.verify.test_mutations import calculated, equal, numbers, table_of
from tests.verify.test_packs import published

METRICS = ("won_revenue", "lost_revenue", "average_deal_size", "win_rate_count", "won_opportunities")
"""Enough for the numbers below, and quicker than all."""
QUICK = ("formualizer", "ironcalc")
Key = tuple[str, ...]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All accounts in May 2026."""
    folder = tmp_path_factory.mktemp("small")
    few = SETTINGS + f"\n[scorecard]\nmetrics = {list(METRICS)}\n"
    written = (
        load(write_company(folder / "in", settings=few)).scorecard("2026-05", [ALL_ACCOUNTS]).write(folder / "out")
    )
    return written[0][0]


def cell_of(sheet: Any, record: str, header: str) -> Any:
    """The cell of a record of a data sheet."""
    top = next(row for row in sheet.iter_rows() if row[0].value == "Opportunity")
    column = next(cell.column for cell in top if cell.value == header)
    row = next(cell.row for cell in sheet["A"] if cell.value == record)
    return sheet.cell(row, column)


def edited(pack: Path, to: Path, engine: str, edit: Callable[[Any], None]) -> dict[Key, Value]:
    """Change the pack and calculate it: the numbers of the table Numbers that are formulas, by metric and view, those
    without an item."""
    workbook = openpyxl.load_workbook(pack)
    edit(workbook)
    workbook.save(to)
    book = read_formulas(to)
    (one,) = [one for one in ENGINES if one.key == engine]
    values = zip(book.cells, one.values(book), strict=True)
    live = {cell.cell: value for cell, value in values if cell.sheet == "Numbers"}
    sheet = workbook["Numbers"]
    (table,) = sheet.tables.values()
    top, *rows = sheet[table.ref]
    headers = [cell.value for cell in top]
    found: dict[Key, Value] = {}
    for row in rows:
        words = dict(zip(headers, row, strict=True))
        if not words["item"].value and words["value"].coordinate in live:
            key = str(words["metric"].value), str(words["view"].value)
            found.setdefault(key, live[words["value"].coordinate])
    return found


def with_deal(record: str, header: str, value: object) -> Callable[[Any], None]:
    """Put another value into a cell of the sheet Deals."""

    def edit(workbook: Any) -> None:
        cell_of(workbook["Deals"], record, header).value = value

    return edit


@pytest.mark.slow
@pytest.mark.parametrize("engine", QUICK)
def test_one_amount(pack: Path, tmp_path: Path, engine: str) -> None:
    """W1 is won for 11,000.25 instead of 10,000: 13,600.75 of May, in four deals; 8,600.75 more than April's 5,000."""
    now = edited(pack, tmp_path / "p.xlsx", engine, with_deal("W1", "Amount", 11000.25))
    assert now["won_revenue", "total"] == pytest.approx(13600.75, abs=1e-9)
    assert now["won_revenue", "mom_change"] == pytest.approx(8600.75, abs=1e-9)
    assert now["average_deal_size", "total"] == pytest.approx(13600.75 / 4, abs=1e-9)
    assert now["lost_revenue", "total"] == 5000
    assert now["won_revenue", "yoy_percent"] == pytest.approx(13600.75 / 8000 - 1, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("engine", QUICK)
def test_one_outcome(pack: Path, tmp_path: Path, engine: str) -> None:
    """L2 is won instead of lost: five of six, 13,600.50 won, 4,000 lost."""
    now = edited(pack, tmp_path / "p.xlsx", engine, with_deal("L2", "Outcome", "Won"))
    assert now["won_revenue", "total"] == pytest.approx(13600.50, abs=1e-9) and now["lost_revenue", "total"] == 4000
    assert now["win_rate_count", "total"] == pytest.approx(5 / 6, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("engine", QUICK)
def test_one_day(pack: Path, tmp_path: Path, engine: str) -> None:
    """W1 is closed in April instead of May: 2,600.50 in May, 15,000 in April."""
    now = edited(pack, tmp_path / "p.xlsx", engine, with_deal("W1", "Closed on", datetime(2026, 4, 30)))
    assert now["won_revenue", "total"] == pytest.approx(2600.50, abs=1e-9)
    assert now["won_revenue", "mom_base"] == 15000
    assert now["won_opportunities", "total"] == 3 and now["won_opportunities", "mom_base"] == 2


@pytest.mark.slow
@pytest.mark.parametrize("engine", QUICK)
def test_another_month(pack: Path, tmp_path: Path, engine: str) -> None:
    """The period's first day becomes 1 April 2026: won 5,000, lost 2,000, one of two deals won."""

    def edit(workbook: Any) -> None:
        ((sheet, place),) = workbook.defined_names["PeriodStart"].destinations
        workbook[sheet][place].value = datetime(2026, 4, 1)

    now = edited(pack, tmp_path / "p.xlsx", engine, edit)
    assert now["won_revenue", "total"] == 5000 and now["lost_revenue", "total"] == 2000
    assert now["win_rate_count", "total"] == 0.5


def _day(sheet: Any, formula: object) -> str:
    """A window's day as a formula; one that another row has too is the cell of that row."""
    while at := re.fullmatch(r"=([A-Z]{1,2}[0-9]+)", str(formula)):
        formula = sheet[at[1]].value
    return str(formula)


def of_the_period(sheet: Any) -> set[Key]:
    """The metrics, views and items of the table Numbers whose window is the period and moves with it."""
    first, last, headers = table_of(sheet)
    found = set()
    for row in range(first, last + 1):
        words = {header: sheet.cell(row, at).value for at, header in enumerate(headers, 1)}
        start, end = (_day(sheet, words[name]) for name in ("window_start", "window_end"))
        if start.startswith("=") and "EDATE" not in start and end.endswith(",0)"):
            found.add(tuple(str(words[name] or "") for name in ("metric", "view", "item")))
    return found


@pytest.mark.ci
@pytest.mark.parametrize(
    ("name", "settings", "segment", "period", "other", "first"),
    [
        ("maven_crm", None, "retail", "2017-10", "2017-09", datetime(2017, 9, 1)),
        ("maven_crm", None, "retail", "2017-Q3", "2017-Q2", datetime(2017, 4, 1)),
        ("ravenstack", RAVENSTACK, "FinTech", "2024-10", "2024-09", datetime(2024, 9, 1)),
    ],
)
def test_another_period_gives_the_numbers_of_its_own_pack(
    tmp_path: Path, name: str, settings: str | None, segment: str, period: str, other: str, first: datetime
) -> None:
    """Numbers whose window moves are those of segxl's pack of that period; the others keep their window."""
    published(name, settings)(tmp_path / "in")
    packs = {}
    for one in (period, other):
        written = load(tmp_path / "in").scorecard(one, [segment], allow_partial=True).write(tmp_path / one)
        (packs[one],) = [path for path, _ in written if "executive" not in path.name]
    stored = {cell.cell: cell.stored for cell in read_formulas(packs[other]).cells if cell.sheet == "Numbers"}
    there = numbers(openpyxl.load_workbook(packs[other])["Numbers"], stored)
    expected = {key[1:4]: number for key, number in there.items() if key[4] == other}
    book = openpyxl.load_workbook(packs[period])
    ((sheet, place),) = book.defined_names["PeriodStart"].destinations
    book[sheet][place].value = first
    book.save(packs[period])
    moving = of_the_period(book["Numbers"])
    assert len(moving) > 100 or name == "ravenstack"  # which has MRR alone: nothing of it is dated
    for _, live in calculated(packs[period]):
        found = {
            key[1:4]: one.value for key, one in numbers(book["Numbers"], live).items() if key[4] == period and one.live
        }
        shared = moving & found.keys() & expected.keys()
        assert len(shared) > 100 or name == "ravenstack"
        wrong = {key: (found[key], expected[key].value) for key in shared if not equal(expected[key], found[key])}
        assert not wrong
