"""The executive pack: its page, its sparklines in the workbook and on the web, the company against its segments."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest

from segxl.facts.engine import Facts
from segxl.pages.data.accounts import movement_header
from segxl.pages.model import STYLES, Cell, Pack, Page
from segxl.pages.scorecard.executive import executive_pack
from segxl.periods import Window
from segxl.publish import file_names
from segxl.publish import scorecard as publish
from segxl.render.html.writer import write_html
from segxl.render.xlsx.writer import write_xlsx
from segxl.scorecard.summary import executive_summary
from tests import small
from tests.conftest import Folder
from tests.scorecard.test_executive import ACCOUNTS, MEMBERS, OPPORTUNITIES, SETTINGS, made

pytestmark = pytest.mark.slow

_X14 = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"
_XM = "{http://schemas.microsoft.com/office/excel/2006/main}"


@pytest.fixture
def pack(folder: Folder) -> Pack:
    dataset = folder(SETTINGS, accounts=ACCOUNTS, segment_members=MEMBERS, opportunities=OPPORTUNITIES)
    result = made(dataset)
    assert result.executive is not None
    return executive_pack(Facts(dataset), result, result.executive, executive_summary(Facts(dataset), result))


def page(pack: Pack, key: str) -> Page:
    return next(page for page in pack.pages if page.key == key)


def line(page: Page, label: str, after: int = 0) -> list[object]:
    """The values of the first row with a label, or of the row ``after`` it."""
    at = next(at for at, row in enumerate(page.rows) if row.cells and row.cells[0] and row.cells[0].value == label)
    return [cell.value if cell else None for cell in page.rows[at + after].cells]


def cells(page: Page) -> Iterator[Cell]:
    return (cell for row in page.rows for cell in row.cells if cell is not None)


def test_its_pages(pack: Pack) -> None:
    keys = [page.key for page in pack.pages]
    assert keys == [
        *("executive", "contents", "segments", "reconciliation", "chart_data", "trend_data"),
        *("checks", "verification", "sources", "definitions", "rules", "numbers", "monthly"),
    ]
    for each in pack.pages:
        assert {cell.style for cell in cells(each)} <= set(STYLES)
        assert all(len(row.cells) <= len(each.widths) for row in each.rows)
        assert {cell.link.page for cell in cells(each) if cell.link} <= set(keys)
    assert page(pack, "executive").one_paper and page(pack, "segments").one_paper


def test_the_sums_of_each_month_and_segment(pack: Pack) -> None:
    records = page(pack, "monthly").records
    assert records is not None
    columns = {field.header: field.values for field in records.fields}
    found = {key: at for at, key in enumerate(zip(columns["Measure"], columns["Month"], strict=True))}
    may, april = (found["won revenue", date(2026, month, day)] for month, day in ((5, 31), (4, 30)))
    # East is A1 and A2: W1 and W2 in May, P1 in April. All: 10,000 + 2,000 + 5,000 + 700 + 300 + 90 + 40 + 8.
    assert columns["East"][may] == 12000 and columns["East"][april] == 4000
    assert columns["All accounts"][may] == 18138 and columns["All accounts"][april] == 4000
    assert columns["East"][found["# won", date(2026, 5, 31)]] == 2


def test_movements_of_mrr_are_amounts_of_the_month(folder: Folder) -> None:
    """A1 pays 100, 110 in April, 130 in May; A2 starts with 50.25 in May: amounts in the currency's units."""
    paid = ["A1,2025-12,100", "A1,2026-01,100", "A1,2026-02,100", "A1,2026-03,100", "A1,2026-04,110", "A1,2026-05,130"]
    revenue = "\n".join(["account_id,month,mrr", *paid, "A2,2026-05,50.25"])
    settings = 'run_date = 2026-06-05\n[segments]\nby = "region"\n'
    dataset = folder(settings, accounts="account_id,region\nA1,East\nA2,West", revenue=revenue)
    result = made(dataset)
    assert result.executive is not None
    pack = executive_pack(Facts(dataset), result, result.executive, executive_summary(Facts(dataset), result))
    records = page(pack, "monthly").records
    assert records is not None
    columns = {field.header: field.values for field in records.fields}
    moved = dict(zip(columns["Measure"], columns["All accounts"], strict=True))
    april, may = (Window(date(2026, month, 1), date(2026, month, day)) for month, day in ((4, 30), (5, 31)))
    assert moved[movement_header("expansion", april)] == 10
    assert [moved[movement_header(line, may)] for line in ("new", "expansion")] == [50.25, 20]


def test_its_numbers_leave_changes_of_items_to_the_segments(pack: Pack) -> None:
    records = page(pack, "numbers").records
    assert records is not None
    columns = {field.header: field.values for field in records.fields}
    views = {view for view, item in zip(columns["view"], columns["item"], strict=True) if item}
    assert "by_geo" in views and not [view for view in views if "_mom_" in str(view) or "_yoy_" in str(view)]
    assert "mom_change" in set(columns["view"])


def test_a_segment_has_its_numbers_and_below_them_its_changes(pack: Pack) -> None:
    first = page(pack, "segments")
    # Won revenue 12,000 after 4,000; 2 of 3 after 1 of 1; net new 32,000 after 4,000; open 20,000 after 0
    assert line(first, "East")[1:9:2] == [12000, pytest.approx(2 / 3), 32000, 20000]
    below = line(first, "East", 1)
    assert below[:2] == ["Δ month, Δ year", pytest.approx(2.0)]
    assert below[3] == pytest.approx(-100 / 3)  # percentage points
    assert below[7] == 20000  # on a base of zero the difference itself
    assert below[2] == "n/a"  # no data of a year before
    assert line(first, "In no segment")[1] == 830
    assert line(first, "All accounts (the company)")[1] == 18138


def test_changes_are_told_without_colour(pack: Pack) -> None:
    first = page(pack, "segments")
    at = next(at for at, row in enumerate(first.rows) if row.cells and row.cells[0] and row.cells[0].value == "East")
    up = first.rows[at + 1].cells[1]
    assert up is not None and up.style == "good" and "▲" in up.unit.excel
    # A win rate of 2 of 3 after 1 of 1 may be chance: grey, with how many it is made of, and neither good nor bad.
    rate, down = first.rows[at].cells[3], first.rows[at + 1].cells[3]
    assert rate is not None and rate.style == "muted" and "(n 3)" in rate.unit.excel
    assert down is not None and down.style == "muted" and "▽" not in down.unit.excel


def test_sentences_lead_to_the_row_they_speak_of(pack: Pack) -> None:
    first = page(pack, "segments")
    found = {
        str(row.cells[1].value): row.cells[0].link
        for row in first.rows
        if len(row.cells) > 1
        and row.cells[0]
        and row.cells[1]
        and str(row.cells[1].value)[:2] in ("▲ ", "△ ", "▼ ", "▽ ", "• ")
    }
    assert len(found) == 10
    for text, link in found.items():
        assert link is not None and link.page == "segments"
        target = first.rows[link.first - 1].cells[0]
        name = "All accounts (the company)" if "of the company:" in text else target.value if target else ""
        assert target is not None and target.value == name
        assert "company" in text or str(name) in text


def test_the_reconciliation_shows_each_part(pack: Pack) -> None:
    found = page(pack, "reconciliation")
    titles = ["Sum of segments", "Less: counted more than once", "Rows counted again", "Plus: in no segment"]
    assert line(found, "Metric")[1:5] == titles
    assert line(found, "Won revenue")[1:8] == [27308, -10000, 1, 830, 0, 18138, "PASS"]
    assert line(found, "Customers at the end")[1:8] == [4, -1, 1, 1, 1, 5, "PASS"]
    assert line(found, "East and Large") == ["East and Large", 1, 1, 10000, 1, 20000]


def test_checks_of_all_segments_are_counted(pack: Pack) -> None:
    found = page(pack, "checks")
    assert line(found, "All accounts: Won revenue: segments reconcile to the company")[1:4] == ["PASS", 18138, 18138]
    _, verdict, expected, actual, _ = line(found, "East: all checks of its pack pass")
    assert verdict == "PASS" and expected == actual
    first = page(pack, "segments")
    assert line(first, "Checks")[1] == "PASS"


@pytest.mark.filterwarnings("ignore:Sparkline Group extension")  # openpyxl reads the rest
def test_sparklines_in_the_workbook_show_the_months_of_their_row(pack: Pack, tmp_path: Path) -> None:
    path = tmp_path / "executive.xlsx"
    assert write_xlsx(pack, path) == ()
    root = ElementTree.fromstring(zipfile.ZipFile(path).read("xl/worksheets/sheet3.xml"))
    assert root[-1].tag.endswith("}extLst")
    lines = {found.findtext(f"{_XM}sqref"): found.findtext(f"{_XM}f") for found in root.iter(f"{_X14}sparkline")}
    book = openpyxl.load_workbook(path, data_only=True)
    first = book["Segments"]
    row = next(row[0].row for row in first.iter_rows() if row[0].value == "East")
    formula = lines[f"C{row}"]
    assert formula is not None
    found = re.fullmatch(r"'Trend data'!B(\d+):N(\d+)", formula)
    assert found is not None and found[1] == found[2]
    numbers = [cell.value for cell in book["Trend data"][int(found[1])]]
    assert numbers == ["East", *[None] * 11, 4000, 12000]
    assert first[f"C{row}"].value is None and first[f"C{row}"].hyperlink is None


def test_sparklines_on_the_web_can_be_read_out(pack: Pack, tmp_path: Path) -> None:
    write_html(pack, tmp_path / "executive.html")
    text = (tmp_path / "executive.html").read_text(encoding="utf-8")
    assert 'role="img" aria-label="Won revenue, East: 4,000 in 2026-04, 12,000 in 2026-05"' in text
    drawn = re.findall(r'<svg class="spark".*?</svg>', text)
    # A column for each month with a number, the last one darker. Pilot has no month before May in which anything was
    # closed, and nothing open: no picture of one month alone.
    assert drawn and all(len(re.findall(r"<rect", one)) >= 2 for one in drawn)
    assert all(len(set(re.findall(r'fill="(#\w+)"', one))) == 2 for one in drawn)
    assert "http" not in "".join(drawn)


def test_it_is_laid_out_for_the_paper_of_the_settings(folder: Folder) -> None:
    dataset = folder(
        'paper = "Letter"\n' + SETTINGS, accounts=ACCOUNTS, segment_members=MEMBERS, opportunities=OPPORTUNITIES
    )
    result = made(dataset)
    assert result.executive is not None
    summary = executive_summary(Facts(dataset), result)
    assert executive_pack(Facts(dataset), result, result.executive, summary).paper == "Letter"


def test_many_segments_take_more_than_one_paper(tmp_path: Path) -> None:
    accounts = [(f"A{number}", f"Account {number}", "East", f"Segment {number}") for number in range(40)]
    deals = [
        (f"W{number}", f"A{number}", "Ann", "2026-05-01", "2026-05-02", small.WON, 10, "", "") for number in range(40)
    ]
    facts = small.facts_of(small.write_company(tmp_path, accounts=accounts, opportunities=deals))
    result = small.scorecard_of(facts)
    assert result.executive is not None
    first = page(executive_pack(facts, result, result.executive, executive_summary(facts, result)), "segments")
    assert not first.one_paper
    assert first.repeat_rows is not None
    header = first.rows[first.repeat_rows[0] - 1].cells[0]
    assert header is not None and header.value == "Segment"


def test_the_files(tmp_path: Path) -> None:
    accounts = [("A1", "Alpha", "East", "Executive"), ("A2", "Beta", "West", "SMB"), ("A3", "Gamma", "West", "SMB")]
    facts: Facts = small.facts_of(small.write_company(tmp_path / "in", accounts=accounts))
    paths = publish(facts, small.scorecard_of(facts), tmp_path / "out", ["html"])
    names = [path.name for path, _ in paths]
    assert names[0] == "scorecard-2026-05-executive.html"
    assert "scorecard-2026-05-executive-2.html" in names  # the segment of that name
    alone = publish(facts, small.scorecard_of(facts, segments=["SMB"]), tmp_path / "alone", ["html"])
    assert [path.name for path, _ in alone] == ["scorecard-2026-05-smb.html"]
    assert file_names(("Executive",)) == {"Executive": "executive"}


@pytest.mark.parametrize(("due", "style"), [(90_000, "total_bad"), (150_000, "total"), (50_000, "total_bad")])
def test_coverage_is_orange_where_the_win_rate_misses_the_plan(folder: Folder, due: int, style: str) -> None:
    """Half of what closes is won; 60 is to be won: 90 is 1.5 times as much and gives 45, 150 gives 75."""
    deals = f"""
opportunity_id,account_id,created_on,closed_on,stage,amount,type,expected_close_on
W1,A1,2026-04-01,2026-06-10,Closed Won,100000,New,
L1,A1,2026-04-01,2026-06-10,Closed Lost,100000,New,
O1,A1,2026-04-01,,Proposal,{due},New,2026-08-01
"""
    plans = "metric,month,value\n" + "\n".join(f"won_revenue,2026-0{month},20000" for month in (7, 8, 9))
    settings = 'run_date = 2026-07-05\n[segments]\nby = "region"\n[types]\nNew = "new_logo"'
    dataset = folder(settings, accounts="account_id,region\nA1,East", opportunities=deals, targets=plans)
    result = made(dataset, "2026-06")
    assert result.executive is not None
    first = executive_pack(Facts(dataset), result, result.executive, executive_summary(Facts(dataset), result)).pages[0]
    table = next(row.cells for row in first.rows if row.cells and row.cells[0] and row.cells[0].value == "Company")
    (coverage,) = [one for one in table if one is not None and one.value == pytest.approx(due / 60_000)]
    assert coverage.style == style
    assert any(
        "Orange: a fall or pipeline too small at the 12-month win rate. " in str(one.value) for one in cells(first)
    )


def test_what_was_planned_stands_below_the_changes(folder: Folder) -> None:
    targets = "metric,month,value,segment\nwon_revenue,2026-05,10000,East\nwon_revenue,2026-05,20000,"
    dataset = folder(SETTINGS, accounts=ACCOUNTS, opportunities=OPPORTUNITIES, targets=targets)
    result = made(dataset)
    assert result.executive is not None
    first = page(
        executive_pack(Facts(dataset), result, result.executive, executive_summary(Facts(dataset), result)), "segments"
    )
    # East 12,000 of 10,000; the company 18,138 of 20,000; nothing was planned for Large
    assert line(first, "East", 2)[:4] == ["Δ plan, attained", 2000, 1.2, ""]
    assert line(first, "All accounts (the company)", 2)[1:3] == [-1862, pytest.approx(0.9069)]
    large = line(first, "Large", 2)
    assert large[0] != "Δ plan, attained"
    for row in first.rows:  # sentences still lead to their segment
        link, text = (row.cells[0].link, row.cells[1]) if len(row.cells) > 1 and row.cells[0] else (None, None)
        if link is not None and link.page == "segments" and text is not None and "Large gained" in str(text.value):
            target = first.rows[link.first - 1].cells[0]
            assert target is not None and target.value == "Large"
            break
    else:
        pytest.fail("no sentence about Large")


def test_a_chart_of_some_segments_says_of_how_many(folder: Folder) -> None:
    """R1 to R8 each won 100, after 110, 120 up to 180 a year before: all fell, so the six largest falls are shown."""
    names = [f"R{at}" for at in range(1, 9)]
    accounts = "account_id,region\n" + "\n".join(f"{name},{name}" for name in names)
    deals = "opportunity_id,account_id,created_on,closed_on,stage,amount\n"
    deals += "".join(f"N{name},{name},2026-05-01,2026-05-10,Closed Won,100\n" for name in names)
    deals += "".join(
        f"O{name},{name},2025-05-01,2025-05-10,Closed Won,{100 + 10 * at}\n" for at, name in enumerate(names, 1)
    )
    dataset = folder('[segments]\nby = "region"\n', accounts=accounts, opportunities=deals)
    result = made(dataset)
    assert result.executive is not None
    made_of = executive_pack(Facts(dataset), result, result.executive, executive_summary(Facts(dataset), result))
    told = {chart.title: chart.alt for chart in made_of.pages[0].charts}
    alt = told["No segment rose; R8 fell most, −80 (6 of 8 shown)"]
    assert sorted(alt.partition(". ")[2].split("; ")) == [f"R{at} −{10 * at}" for at in range(3, 9)]
