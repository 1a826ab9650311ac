"""`segxl verify`: what it compares, what it prints, how it ends, and what it refuses. The values are worked by hand."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from click.testing import CliRunner
from openpyxl.comments import Comment

from segxl.cli.commands import commands
from segxl.errors import SegxlError
from segxl.verify import compare
from segxl.verify.compare import Recalculation, verify
from segxl.verify.engines import ENGINES
from segxl.verify.formula_cells import NOT_CALCULATED, CellError, FormulaBook, read_formulas
from segxl.verify.text import verification_text
from tests.verify.books import DAY, FORMULAS, MONEY, RATE, WON, write_book

QUICK = ("formualizer", "ironcalc")
ALL = [*QUICK, pytest.param("libreoffice", marks=[pytest.mark.office, pytest.mark.slow])]


def of(path: Path, engine: str) -> Recalculation:
    """What one engine finds."""
    if engine == "libreoffice" and ENGINES[-1].version() is None:
        pytest.skip("needs LibreOffice (soffice)")
    (found,) = verify(path, [engine]).recalculations
    return found


def run(*arguments: str) -> tuple[int, str]:
    """Exit status and standard output of `segxl verify`."""
    result = CliRunner().invoke(commands, ["verify", *arguments], standalone_mode=False)
    assert result.exception is None
    return result.return_value, result.output


@pytest.mark.parametrize("engine", ALL)
def test_each_engine_gives_the_values_worked_by_hand(tmp_path: Path, engine: str) -> None:
    found = of(write_book(tmp_path / "pack.xlsx"), engine)
    assert (found.formulas, found.equal, found.differences, found.failure) == (len(FORMULAS), len(FORMULAS), [], "")


@pytest.mark.parametrize("engine", ALL)
def test_a_value_that_is_a_cent_off_is_shown_with_its_label(tmp_path: Path, engine: str) -> None:
    found = of(write_book(tmp_path / "pack.xlsx", {"B4": (WON, MONEY, 3000.31)}), engine)
    (difference,) = found.differences
    cell = difference.cell
    assert (cell.sheet, cell.cell, cell.label, cell.stored) == ("Page", "B4", "Won revenue", 3000.31)
    assert difference.calculated == pytest.approx(3000.30, abs=1e-9)
    assert not found.passed and found.equal == len(FORMULAS) - 1 and found.errors == 0


@pytest.mark.parametrize("engine", ALL)
def test_a_changed_record_changes_the_values(tmp_path: Path, engine: str) -> None:
    """The third deal is won instead of lost: 7,000.70 and three of three, worked by hand."""
    path = write_book(tmp_path / "pack.xlsx")
    book = openpyxl.load_workbook(path)
    book["It's data"]["B5"] = "Won"
    for cell in FORMULAS:  # openpyxl keeps no stored values
        assert book["Page"][cell].data_type == "f"
    book.save(path)
    calculated = {one.cell.cell: one.calculated for one in of(path, engine).differences}
    assert calculated["B4"] == pytest.approx(7000.70, abs=1e-9)
    assert calculated["B6"] == 1


@pytest.mark.parametrize("engine", ALL)
def test_an_emptied_cell_is_empty(tmp_path: Path, engine: str) -> None:
    """The third deal loses its day: it is no longer among those up to March, 1,000.10 + 2,000.20 by hand. openpyxl
    saves an emptied cell as a number without a value."""
    up_to = 'SUMIFS(Deals[Amount],Deals[Closed],"<="&DATE(2026,3,31))'
    path = write_book(tmp_path / "pack.xlsx", {"B9": (up_to, MONEY, 3000.30)})
    book = openpyxl.load_workbook(path)
    book["It's data"]["C5"].number_format = DAY
    book["It's data"]["C5"].value = None
    book.save(path)
    part = zipfile.ZipFile(path).read("xl/worksheets/sheet2.xml")
    assert re.search(rb'<c r="C5" s="\d+" t="n" ?/>', part)
    calculated = {one.cell.cell: one.calculated for one in of(path, engine).differences}
    assert calculated["B9"] == pytest.approx(3000.30, abs=1e-9)  # openpyxl keeps no stored values


@pytest.mark.parametrize("engine", ALL)
def test_notes_where_openpyxl_saves_them(tmp_path: Path, engine: str) -> None:
    path = write_book(tmp_path / "pack.xlsx")
    book = openpyxl.load_workbook(path)
    book["Page"]["A4"].comment = Comment("closed in the period", "")
    book.save(path)
    calculated = {one.cell.cell: one.calculated for one in of(path, engine).differences}
    assert calculated["B4"] == pytest.approx(3000.30, abs=1e-9)  # openpyxl keeps no stored values


def test_the_engines_get_no_stored_value(tmp_path: Path) -> None:
    """Otherwise an engine that calculates nothing would give back what it read."""
    book = read_formulas(write_book(tmp_path / "pack.xlsx"))
    values = openpyxl.load_workbook(io.BytesIO(book.cleared), data_only=True)["Page"]
    formulas = openpyxl.load_workbook(io.BytesIO(book.cleared))["Page"]
    for cell, (formula, _, _) in FORMULAS.items():
        assert values[cell].value == NOT_CALCULATED
        assert formulas[cell].value == f"={formula}"
    assert values["A4"].value == "Won revenue"


@pytest.mark.parametrize(
    ("form", "stored", "equal"),
    [
        (MONEY, 3000.3049, True),  # the same cent
        (MONEY, 3000.306, False),
        ("#,##0", 3000.306, False),
        (RATE, 3000.3, True),
        (RATE, 3000.30001, False),  # a rate has no cents
        ('0.0" pp"', 3000.304, False),
        ('0.0"×"', 3000.304, False),
        (MONEY, "3000.3", False),  # a text is not a number
        (MONEY, "", False),
    ],
)
def test_amounts_agree_to_the_cent_and_rates_to_a_billionth(
    tmp_path: Path, form: str, stored: Any, equal: bool
) -> None:
    found = of(write_book(tmp_path / "pack.xlsx", {"B4": (WON, form, stored)}), "ironcalc")
    assert found.passed is equal


def test_small_and_large_numbers_agree_by_a_billionth_of_themselves(tmp_path: Path) -> None:
    changed = {
        "D1": ("1/3*10^12", MONEY, 10**12 / 3 + 100),  # 3e-10 of it
        "D2": ("1/3*10^12", MONEY, 10**12 / 3 + 1000),  # 3e-9
        "D3": ("1/3", "General", 0.3333333333),  # without a format of rates: a cent
        "D4": ("1/3", RATE, 0.3333333333),
        "D5": ("1/3", RATE, 0.333333331),
    }
    found = of(write_book(tmp_path / "pack.xlsx", changed), "formualizer")
    assert [one.cell.cell for one in found.differences] == ["D2", "D5"]


@pytest.mark.parametrize("engine", ALL)
def test_errors_are_counted_even_where_both_have_one(tmp_path: Path, engine: str) -> None:
    changed = {"D1": ("1/0", MONEY, "#DIV/0!"), "D2": ("NA()", MONEY, 7), "D3": ('"#"&"x"', "@", "#x")}
    found = of(write_book(tmp_path / "pack.xlsx", changed), engine)
    errors = {one.cell.cell: one.calculated for one in found.differences}
    assert found.errors == 2 and all(isinstance(value, CellError) for value in errors.values())
    assert errors == {"D1": CellError("#DIV/0!"), "D2": CellError("#N/A")}


def test_the_report_names_engines_counts_and_differences(tmp_path: Path) -> None:
    path = write_book(tmp_path / "pack.xlsx", {"B4": (WON, MONEY, 3000.31)})
    status, text = run(str(path), "--engine", "ironcalc")
    lines = text.splitlines()
    assert status == 1
    assert lines[0] == "pack.xlsx: 6 formulas on 1 sheet"
    assert lines[1].startswith("IronCalc ") and lines[1].endswith(": 6 formulas, 5 equal, 1 different, 0 errors: FAIL")
    assert lines[2] == "  Page!B4 (Won revenue): segxl 3000.31, IronCalc 3000.3"
    assert lines[-2:] == ["Functions and names: PASS", "FAIL"]


def test_a_right_pack_passes_with_status_0(tmp_path: Path) -> None:
    status, text = run(str(write_book(tmp_path / "pack.xlsx")), "--engine", "ironcalc", "--engine", "formualizer")
    assert status == 0 and text.endswith("\nPASS\n") and "FAIL" not in text


def test_json_has_every_difference(tmp_path: Path) -> None:
    changed = {f"D{row}": ("1+1", MONEY, 3) for row in range(1, 31)}
    path = write_book(tmp_path / "pack.xlsx", changed)
    status, text = run(str(path), "--engine", "formualizer", "--format", "json")
    found = json.loads(text)
    (engine,) = found["engines"]
    assert status == 1 and found["verdict"] == engine["verdict"] == "FAIL"
    assert (engine["formulas"], engine["equal"], engine["different"], engine["errors"]) == (36, 6, 30, 0)
    first = engine["differences"][0]
    assert len(engine["differences"]) == 30
    assert first == {"sheet": "Page", "cell": "D1", "label": "", "formula": "=1+1", "segxl": 3, "calculated": 2}
    assert "and 10 more; --format json lists all" in run(str(path), "--engine", "formualizer")[1]


def test_a_column_of_a_table_has_its_header_in_the_label(tmp_path: Path) -> None:
    def add(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Rows")
        columns = [{"header": "metric"}, {"header": "view"}, {"header": "value"}]
        sheet.add_table("A2:C3", {"name": "Rows", "columns": columns})
        sheet.write_row("A3", ["win_rate", "total"])
        sheet.write_formula("C3", "=1+1", None, 3)

    found = of(write_book(tmp_path / "pack.xlsx", more=add), "ironcalc")
    assert [one.cell.label for one in found.differences] == ["win_rate · total · value"]


def test_sparklines_are_not_formulas_of_cells(tmp_path: Path) -> None:
    def add(book: xlsxwriter.Workbook) -> None:
        book.worksheets()[0].add_sparkline("E1", {"range": "Page!B4:B6"})

    path = write_book(tmp_path / "pack.xlsx", more=add)
    assert len(read_formulas(path).cells) == len(FORMULAS) and of(path, "ironcalc").passed


def test_numbers_that_are_values_are_counted_and_named(tmp_path: Path) -> None:
    """Of six formulas four are numbers: the others are a date and a word. A date that is a value does not count."""

    def add(book: xlsxwriter.Workbook) -> None:
        page = book.worksheets()[0]
        page.write_row("A10", ["Rows", 12, "used", 11])
        book.add_worksheet("No formulas").write_number("A1", 5)

    path = write_book(tmp_path / "pack.xlsx", more=add)
    status, text = run(str(path), "--engine", "ironcalc")
    assert "Pages: 4 of 6 numbers are formulas (66.7%); values: Page 2\n" in text and status == 0
    _, found = run(str(path), "--engine", "ironcalc", "--format", "json")
    assert json.loads(found)["pages"] == {
        "formulas": 4,
        "values": [
            {"sheet": "Page", "cell": "B10", "label": "Rows"},
            {"sheet": "Page", "cell": "D10", "label": "Rows · used"},
        ],
    }


class _Broken:
    name, key, needs = "Broken", "broken", ""

    def version(self) -> str | None:
        return "1.0"

    def values(self, book: FormulaBook) -> list[Any]:
        raise ValueError("no such thing")


def test_an_engine_that_breaks_fails_with_its_reason(tmp_path: Path) -> None:
    book = read_formulas(write_book(tmp_path / "pack.xlsx"))
    found = compare.recalculate(book, _Broken())
    assert not found.passed and found.equal == 0
    result = compare.Verification(book, [found], [])
    assert "Broken 1.0: FAIL, it could not calculate the workbook: no such thing" in verification_text(result)
    assert not result.passed


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_book(tmp_path / "pack.xlsx")
    monkeypatch.setattr("segxl.verify.engines.installed_version", lambda package: None)
    with pytest.raises(SegxlError, match=r'^not installed: formualizer, IronCalc; pip install "segxl\[verify\]"$'):
        verify(path)


def test_libreoffice_is_used_only_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segxl.verify.libreoffice.LibreOffice.version", staticmethod(lambda: None))
    result = verify(write_book(tmp_path / "pack.xlsx"))
    assert [one.engine for one in result.recalculations] == ["formualizer", "IronCalc"] and result.passed
    assert "LibreOffice: not installed, not used" in verification_text(result)
    with pytest.raises(SegxlError, match="not installed: LibreOffice; install LibreOffice"):
        verify(tmp_path / "pack.xlsx", ["libreoffice"])


def _torn(path: Path) -> None:
    """A sheet whose XML ends in the middle of a cell."""
    write_book(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"</c></row>", b"</row>", 1)
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)


def _no_formulas(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write(0, 0, 1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "no such file; name a pack"),
        (lambda path: path.mkdir(), "is a folder; name a pack"),
        (lambda path: path.write_bytes(b""), "the file is empty; name a pack"),
        (lambda path: path.write_text("a,b\n1,2\n"), "is not a readable Excel workbook"),
        (lambda path: path.write_bytes(write_book(path).read_bytes()[:2000]), "is not a readable Excel workbook"),
        (_torn, r"is damaged \(.*\): run segxl again to write a new pack"),
        (_no_formulas, "has no formulas, so there is nothing to recalculate"),
    ],
)
def test_what_is_no_pack_is_refused_plainly(tmp_path: Path, make: Callable[[Path], Any], message: str) -> None:
    path = tmp_path / "pack.xlsx"
    make(path)
    with pytest.raises(SegxlError, match=message):
        verify(path)


def test_dates_are_compared_as_days(tmp_path: Path) -> None:
    for engine in QUICK:
        found = of(write_book(tmp_path / "pack.xlsx", {"B3": ("EOMONTH(PeriodStart,0)", DAY, 46111)}), engine)
        assert ("B3", 46112) in [(one.cell.cell, one.calculated) for one in found.differences]
