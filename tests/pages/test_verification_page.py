"""The page Verification: it agrees on an unchanged pack, and finds each number that a change in the pack moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from segxl.dataset.check import Check
from segxl.pages.audit.checks import checks_row
from segxl.pages.audit.verification import KEY, RESULT, with_verification
from segxl.pages.model import Cell, ColumnOf, Field, Formula, NumberCell, Pack, Page, Range, Records, Row
from segxl.render.html.writer import write_html
from segxl.render.shared.atomic_files import template_path
from segxl.render.shared.theme import read_look
from segxl.render.xlsx.writer import write_xlsx
from segxl.units import COUNT, DATE, MONEY, MONEY_EXACT, RATE
from segxl.verify.compare import verify
from segxl.verify.formula_cells import Value

AMOUNT, OUTCOME = ColumnOf("deals", "Amount"), ColumnOf("deals", "Outcome")
WON = Formula(("SUMIFS(", AMOUNT, ",", OUTCOME, ',"Won")'))
LOST = Formula(("SUMIFS(", AMOUNT, ",", OUTCOME, ',"Lost")'))
RATE_OF = Formula((Range("front", 4, 4, 2, 2), "/(", Range("front", 4, 4, 2, 2), "+", Range("front", 5, 5, 2, 2), ")"))
WORD = Formula(("IF(", Range("front", 4, 4, 2, 2), '>100,"N/M","n/a")'))
CHECK = Check("Rows in = rows used", True, 3, 3, "")
QUICK = ("formualizer", "ironcalc")


def pages(check: Check = CHECK) -> tuple[Page, ...]:
    """Won 40.75 and lost 20.25: a rate of 40.75 / 61."""
    front = (
        checks_row([check], 6),
        Row((Cell("Revenue", "heading", span=3),)),
        Row((Cell("Line", "header"), Cell("May\n2026", "header_right"), Cell("Plan", "header_right"))),
        Row((Cell("Won", "label"), Cell(40.75, "value", MONEY, formula=WON), Cell(50, "value", MONEY))),
        Row((Cell("Lost", "label"), Cell(20.25, "value", MONEY, formula=LOST))),
        Row((Cell("Win rate", "label"), Cell(40.75 / 61, "value", RATE, formula=RATE_OF))),
        Row((Cell("Change", "label"), Cell("n/a", "muted", formula=WORD), Cell(date(2026, 5, 1), "value", DATE))),
        Row((Cell("Elsewhere", "label"), Cell(1, "value", COUNT, formula=Formula((NumberCell("nowhere"),))))),
    )
    deals = Records(
        (Field("Outcome", ["Won", "Lost", "Won"]), Field("Amount", [10.5, 20.25, 30.25], MONEY_EXACT)), "Deals"
    )
    checks = Page("checks", "Checks", (Row((Cell("Checks", "title"),)),), (10,))
    return (
        Page("front", "Front", front, (20, 12, 12, 12, 12, 12)),
        checks,
        Page("deals", "Deals", (Row((Cell("Deals", "title"),)),), (10, 10), deals),
    )


def written(path: Path, check: Check = CHECK) -> Path:
    write_xlsx(Pack("Title", "Subject", with_verification(pages(check), "Acme")), path)
    return path


def recalculated(path: Path, engine: str) -> dict[tuple[str, str], Value]:
    """The formula cells that change: openpyxl drops the stored values, so they are all there."""
    (found,) = verify(path, [engine]).recalculations
    return {(one.cell.sheet, one.cell.cell): one.calculated for one in found.differences}


def test_it_lists_each_formula_cell_that_is_written(tmp_path: Path) -> None:
    _, _, page, _ = with_verification(pages(), "Acme")
    assert page.key == KEY and page.records is not None  # behind the checks
    columns = {field.header: list(field.values) for field in page.records.fields}
    assert columns["line"] == ["Revenue · Won", "Revenue · Lost", "Revenue · Win rate", "Revenue · Change"]
    assert columns["column"] == ["May 2026"] * 4
    assert columns["segxl"] == columns["recalculated"] == [40.75, 20.25, 40.75 / 61, "n/a"]
    sheets = openpyxl.load_workbook(written(tmp_path / "pack.xlsx"))
    formulas = [cell for row in sheets["Front"].iter_rows() for cell in row if cell.data_type == "f"]
    assert len(formulas) == len(page.records) + 2  # the verdict and its words depend on them


@pytest.mark.parametrize("engine", QUICK)
def test_an_unchanged_pack_passes(tmp_path: Path, engine: str) -> None:
    result = verify(written(tmp_path / "pack.xlsx"), [engine])
    assert result.passed and len(result.book.cells) == 6 + 2 * 4 + 1 + 2


@pytest.mark.parametrize("engine", QUICK)
@pytest.mark.parametrize(
    ("place", "value", "different"),
    [
        ("B3", 10.51, 2),  # a cent: won and the rate move
        ("B3", 10.504, 1),  # less than a cent: the rate moves alone
        ("A3", "Lost", 3),
        ("B4", 20.25, 0),
        ("B5", 130.25, 3),  # won above 100: the word changes too
    ],
)
def test_a_change_in_the_data_is_found(
    tmp_path: Path, engine: str, place: str, value: float | str, different: int
) -> None:
    path = written(tmp_path / "pack.xlsx")
    book = openpyxl.load_workbook(path)
    book["Deals"][place] = value
    book.save(path)
    found = recalculated(path, engine)
    counts = [value for (sheet, cell), value in found.items() if sheet == "Verification" and cell == "D6"]
    assert counts == [different]
    assert found["Front", "B1"] == found["Verification", "B4"] == ("FAIL" if different else "PASS")
    differ = ", but numbers differ from those that segxl wrote: see Verification" if different else ""
    assert found["Front", "C1"] == f"all 1 checks passed{differ}"


def test_a_verdict_that_fails_looks_like_one(tmp_path: Path) -> None:
    """In the colours of the style for failures."""
    path = written(tmp_path / "pack.xlsx")
    rules = openpyxl.load_workbook(path)["Front"].conditional_formatting
    ((area, (rule,)),) = ((area.sqref, area.rules) for area in rules)
    sample = read_look(template_path("scorecard.xlsx")).samples["fail"]
    assert str(area) == "B1" and rule.formula == ['"FAIL"']
    assert rule.dxf.font.color == sample.font.color and rule.dxf.fill.bgColor == sample.fill.fgColor


def test_a_failed_check_stays_failed(tmp_path: Path) -> None:
    failed = replace(CHECK, passed=False, actual=2)
    book = openpyxl.load_workbook(written(tmp_path / "pack.xlsx", failed))
    assert book["Front"]["B1"].value == "FAIL"
    assert book.defined_names[RESULT].attr_text == "'Verification'!$B$4"


def test_a_pack_without_formulas_has_no_such_page(tmp_path: Path) -> None:
    """The cell of the verdict has none either: the cell that it asks is not there."""
    front = pages()[0]
    plain = replace(front, rows=(Row(front.rows[0].cells[:2]),))
    assert with_verification([plain], "Acme") == (plain,)
    write_xlsx(Pack("Title", "Subject", (plain,)), tmp_path / "pack.xlsx")
    assert openpyxl.load_workbook(tmp_path / "pack.xlsx")["Front"]["B1"].value == "PASS"


def test_the_web_page_has_no_verification(tmp_path: Path) -> None:
    write_html(Pack("Title", "Subject", with_verification(pages(), "Acme")), tmp_path / "pack.html")
    text = (tmp_path / "pack.html").read_text(encoding="utf-8")
    assert "PASS" in text and "Verification" not in text


def test_each_number_is_listed_once_and_comparisons_follow() -> None:
    """The same formula on a second page, and a difference of two numbers of a list."""
    numbers = Records((Field("value", [3, 4], COUNT),), "Numbers", places={"now": 0, "then": 1})
    now, then = NumberCell("now"), NumberCell("then")
    cells = [
        Cell(value, "value", COUNT, formula=Formula(parts)) for value, parts in ((3, (now,)), (-1, (now, "-", then)))
    ]
    front = [Page(key, key, (Row(tuple(cells)),), (10,)) for key in ("one", "two")]
    found = with_verification([*front, Page("numbers", "Numbers", (), (10,), numbers)], "Acme")[-1]
    assert found.records is not None
    assert [list(field.values) for field in found.records.fields[::3]] == [["one"], [3]]
