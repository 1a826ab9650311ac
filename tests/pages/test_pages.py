"""Pages in unusual worlds: subsets, quarters, empty segments, many reasons, many rejections, strange names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from segxl.catalogue.formulas import READING
from segxl.catalogue.metrics import BY_KEY, CATALOGUE, find_metric
from segxl.dataset.check import Check
from segxl.pages.audit.checks import checks_of, checks_table
from segxl.pages.audit.sources import LISTED_REASONS, rejected_page, rows_row, sources_page
from segxl.pages.model import STYLES, Cell, Pack, Page
from segxl.pages.scorecard.cover import cover_page
from segxl.pages.scorecard.pack import scorecard_pack
from segxl.pages.scorecard.scorecard import marked
from segxl.publish import file_names
from segxl.publish import scorecard as publish
from segxl.render.html.number_formats import shown
from segxl.render.shared.ranges import range_values
from segxl.render.xlsx.writer import write_xlsx
from segxl.sources.ledger import REVIEW_TABLE, FileEntry, Ledger, Rejection
from segxl.units import POINTS
from tests import small


def pack_of(folder: Path, period: str = "2026-05", segment: str = "All accounts") -> Pack:
    facts = small.facts_of(folder)
    return scorecard_pack(facts, small.scorecard_of(facts, period), segment)


def page(pack: Pack, key: str) -> Page:
    return next(page for page in pack.pages if page.key == key)


def keys(pack: Pack) -> list[str]:
    return [page.key for page in pack.pages]


def cells(page: Page) -> Iterable[Cell]:
    return (cell for row in page.rows for cell in row.cells if cell is not None)


def texts(page: Page) -> list[str]:
    return [cell.value for cell in cells(page) if isinstance(cell.value, str) and cell.value]


def line(page: Page, label: str) -> list[Any]:
    """The values of the first row with a label."""
    row = next(row for row in page.rows if row.cells and row.cells[0] and row.cells[0].value == label)
    return [cell.value if cell else None for cell in row.cells]


def written(pack: Pack, folder: Path) -> Any:
    write_xlsx(pack, folder / "pack.xlsx")
    return openpyxl.load_workbook(folder / "pack.xlsx")


@pytest.fixture
def company(tmp_path: Path) -> Path:
    return small.write_company(tmp_path / "company")


# -- the page Scorecard


def test_the_row_of_the_periods_days_is_in_workbooks_only(company: Path) -> None:
    (row,) = [row for row in page(pack_of(company), "scorecard").rows if row.cells and row.cells[0] and
              row.cells[0].value == "First and last day"]  # fmt: skip
    assert not any(cell is not None and cell.on_web for cell in row.cells)


def test_lines_with_their_own_arithmetic_explain_themselves(company: Path) -> None:
    tips = {cell.value: cell.tip for cell in cells(page(pack_of(company), "scorecard")) if cell.style == "sublabel"}
    assert tips["Running total"] == "# SOM accounts engaged so far"
    assert tips["Customers at the end"] == ""  # the formula says no more


# -- the whole pack


def test_the_pages_in_order(company: Path) -> None:
    """None is lost or out of order. A new page may join them."""
    pack = pack_of(company)
    lists = ["numbers", "accounts", "deals"]
    pages = [
        "overview",
        "cover",
        "scorecard",
        "breakdowns",
        "charts",
        "bridges",
        "waterfalls",
        "chart_data",
        "checks",
        "sources",
        "toggles",
        "definitions",
        *lists,
    ]
    assert [key for key in keys(pack) if key in pages] == pages
    assert pack.title == "Segment scorecard 2026-05: All accounts"
    for each in pack.pages:
        assert {cell.style for cell in cells(each)} <= set(STYLES)
        assert all(not row.cells or len(row.cells) <= len(each.widths) for row in each.rows)


@pytest.mark.slow
def test_links_lead_to_pages_that_are_there(company: Path) -> None:
    for segment in ("All accounts", "SMB", "R&D / EU"):
        pack = pack_of(company, segment=segment)
        links = [cell.link for each in pack.pages for cell in cells(each) if cell.link]
        assert links and {link.page for link in links} <= set(keys(pack))


def test_the_cover_says_what_a_reader_asks_first(company: Path) -> None:
    cover = page(pack_of(company), "cover")
    assert line(cover, "Period")[1] == "2026-05 (1 May 2026 – 31 May 2026)"
    assert line(cover, "Data as of")[1] == "all dates in the exports"
    assert line(cover, "Sources")[1] == "2 files, 14 rows, 14 used"
    assert line(cover, "Checks")[1] == "PASS"
    for role in ("Prepared by", "Reviewed by", "Approved by"):
        assert role in texts(cover)
    assert line(cover, "Won revenue")[:3] == ["Won revenue", "Net new pipeline", "Open pipeline"]


@pytest.mark.slow
def test_a_cut_off_and_a_toggle_stand_on_the_cover(tmp_path: Path) -> None:
    settings = small.SETTINGS.replace("run_date", "as_of = 2026-05-31\nrun_date")
    settings += '\n[toggles]\nmembership = "period_end"\n'
    cover = page(pack_of(small.write_company(tmp_path, settings=settings)), "cover")
    assert line(cover, "Data as of")[1] == "2026-05-31"
    assert line(cover, "Toggles")[1].startswith("Date of segment membership: the last day of the window")


def test_the_scorecard_page_has_the_same_columns_everywhere(company: Path) -> None:
    scorecard = page(pack_of(company), "scorecard")
    assert line(scorecard, "Metric") == [
        "Metric",
        "2026-05",
        "Prior month\n2026-04",
        "Δ",
        "Δ %",
        "Prior year\n2025-05",
        "Δ",
        "Δ %",
        "12 months\n2025-06\u00a0–\u00a02026-05",
        "13 months",
        "Notes",
    ]
    won = line(scorecard, "Won revenue")
    assert won[1:9] == [12600.5, 5000, 7600.5, pytest.approx(1.5201), 8000, 4600.5, pytest.approx(0.5750625), 17600.5]
    rate = line(scorecard, "Win rate (count)")
    assert rate[1:5] == [pytest.approx(4 / 6), 0.5, pytest.approx(100 / 6), ""]  # percentage points, no per cent
    assert rate[10].startswith("4 / 6")
    assert line(scorecard, "Average deal size")[10].startswith("12,600.50 / 4")


def test_a_metric_has_its_definition_its_trend_and_its_name(company: Path) -> None:
    pack = pack_of(company)
    rows = {str(row.cells[0].value): row.cells for row in page(pack, "scorecard").rows if row.cells and row.cells[0]}
    for name, key in (("Won revenue", "won_revenue"), ("Win rate (count)", "win_rate_count")):
        metric, current, *_, trend, _ = rows[name]
        assert metric and current and trend and trend.sparkline
        assert metric.tip == f"{BY_KEY[key].definition}\nSource: {BY_KEY[key].source}"
        assert current.name == key
    assert trend.sparkline.alt == "Win rate (count): 100.0% in May 2025, 66.7% in May 2026"  # 1 of 1; 4 of 6
    values, _ = range_values(page(pack, "chart_data"), trend.sparkline.values)
    assert len(values) == 13 and values[-2:] == [0.5, pytest.approx(4 / 6)]
    lacking = [words for words in texts(page(pack, "scorecard")) if words.startswith("Not available: ")]
    assert len(lacking) == 6 and lacking[1].endswith(
        "customers, Monthly recurring revenue, Net revenue retention. Add the table revenue."
    )


@pytest.mark.slow
def test_zero_and_missing_bases_are_said_in_words(company: Path) -> None:
    lost = line(page(pack_of(company), "scorecard"), "Lost revenue")
    assert lost[5:8] == [0, 5000, "N/M"]
    renewal = [row for row in page(pack_of(company), "scorecard").rows if row.cells and row.cells[0]]
    rows = [[cell.value if cell else None for cell in row.cells] for row in renewal if row.cells[0].value == "Renewal"]
    assert [row[2] for row in rows if row[2] == "n/a"]


def test_favourable_changes_are_marked_without_colour(company: Path) -> None:
    scorecard = page(pack_of(company), "scorecard")
    changes = {
        row.cells[0].value: row.cells[3]
        for row in scorecard.rows
        if len(row.cells) > 8 and row.cells[0] and row.cells[0].style == "label"
    }
    won, lost = changes["Won revenue"], changes["Lost revenue"]  # both rose
    assert won and lost
    assert (won.style, lost.style) == ("good", "bad")
    assert won.unit.excel.startswith('"▲') and lost.unit.excel.startswith('"△')
    # From (26 + 0) / 1 = 26 days in April to 17.75: fewer is better.
    quicker = changes["Average time to close"]
    assert quicker
    assert (quicker.value, quicker.style) == (-8.25, "good")
    assert ';"▼' in quicker.unit.excel


def test_a_subset_of_metrics(tmp_path: Path) -> None:
    settings = small.SETTINGS + '\n[scorecard]\nmetrics = ["win_rate_count", "lost_revenue"]\n'
    pack = pack_of(small.write_company(tmp_path, settings=settings))
    scorecard = page(pack, "scorecard")
    labels = [cell.value for cell in cells(scorecard) if cell.style == "label"]
    assert labels == ["Lost revenue", "Win rate (count)"]
    definitions = page(pack, "definitions")
    shared = [name for name, _, _ in READING]
    assert [cell.value for cell in cells(definitions) if cell.style == "label"] == [*labels, *shared]
    assert "Win rate (count)" in texts(page(pack, "cover"))
    written(pack, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["won_revenue", "pipeline_by_stage", "lost_by_reason", "average_time_to_close"])
def test_a_single_metric(tmp_path: Path, metric: str) -> None:
    settings = small.SETTINGS + f'\n[scorecard]\nmetrics = ["{metric}"]\n'
    book = written(pack_of(small.write_company(tmp_path, settings=settings)), tmp_path)
    names = {one.name for one in CATALOGUE} & {cell.value for cell in book["Scorecard"]["A"]}
    assert names == {find_metric(metric).name}


@pytest.mark.slow
def test_a_quarter(tmp_path: Path) -> None:
    settings = small.SETTINGS.replace("run_date", "fiscal_year_start = 3\nrun_date")  # quarters: Mar, Jun, Sep, Dec
    folder = small.write_company(tmp_path, settings=settings)
    pack = pack_of(folder, "2027-Q1")
    scorecard = page(pack, "scorecard")
    header = line(scorecard, "Metric")
    assert header[1:3] == ["FY27 Q1\n(Mar–May 2026)", "Prior quarter\n2025-12\u00a0–\u00a02026-02"]
    assert header[5] == "Prior year\n2025-03\u00a0–\u00a005"
    assert header[8] == "12 months\n2025-06\u00a0–\u00a02026-05"
    assert line(scorecard, "Won revenue")[1] == 17600.5  # March to May
    assert line(page(pack, "cover"), "Period")[1] == "FY27 Q1 (1 Mar 2026 – 31 May 2026)"
    assert line(page(pack, "bridges"), "Due this quarter: FY27 Q1 (Mar–May 2026)")
    written(pack, tmp_path)


def test_few_months_of_data_are_counted(company: Path) -> None:
    header = line(page(pack_of(company, "2025-06"), "scorecard"), "Metric")
    assert header[8] == "3 of 12 months\n2024-07\u00a0–\u00a02025-06"


@pytest.mark.slow
@pytest.mark.parametrize("period", ["2026-05", "2026-Q1"])
def test_a_segment_without_any_data(tmp_path: Path, period: str) -> None:
    folder = small.write_company(tmp_path, accounts=[*small.ACCOUNTS, ("A9", "Nobody", "North", "Quiet")])
    pack = pack_of(folder, period, "Quiet")
    full = keys(pack_of(small.write_company(tmp_path / "full"), period))
    need_events = {"charts", "waterfalls", "deals"}
    assert need_events < set(full)
    assert keys(pack) == [key for key in full if key not in need_events]
    scorecard = page(pack, "scorecard")
    assert line(scorecard, "Won revenue")[1] == 0
    assert line(scorecard, "Win rate (count)")[1:5] == ["n/a"] * 4
    assert line(page(pack, "cover"), "Checks")[1] == "PASS"
    book = written(pack, tmp_path)
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "e"]


def test_a_company_of_one_open_deal(tmp_path: Path) -> None:
    deal = [row for row in small.OPPORTUNITIES if row[0] == "O1"]
    pack = pack_of(small.write_company(tmp_path, opportunities=deal))
    assert len(page(pack, "deals").records or ()) == 1
    assert line(page(pack, "scorecard"), "Net new pipeline")[1:5] == [20000, "n/a", "n/a", "n/a"]
    written(pack, tmp_path)


# -- charts


def lost_for(reasons: Sequence[str]) -> list[tuple[Any, ...]]:
    return [
        (f"L{number}", "A1", "Ann", "2026-05-01", "2026-05-02", small.LOST, number, small.NEW, reason)
        for number, reason in enumerate(reasons)
    ]


def reasons_chart(pack: Pack) -> tuple[list[Any], list[Any]] | None:
    """Names and counts of the chart of loss reasons."""
    charts = [chart for each in pack.pages for chart in each.charts if chart.subtitle == "lost opportunities by reason"]
    if not charts:
        return None
    rows = page(pack, "chart_data").rows
    names, values = charts[0].categories, charts[0].series[0].values
    cut = slice(names.first_column - 1, names.last_column)

    def numbers(row: int) -> list[Any]:
        return [cell.value if cell else None for cell in rows[row - 1].cells[cut]]

    return numbers(names.first_row), numbers(values.first_row)


@pytest.mark.slow
def test_a_hundred_and_twenty_loss_reasons(tmp_path: Path) -> None:
    reasons = [f"Reason {number:03d}" for number in range(120)] + ["Reason 007"] * 5
    pack = pack_of(small.write_company(tmp_path, opportunities=lost_for(reasons)))
    labels = texts(page(pack, "scorecard"))
    assert len([text for text in labels if text.startswith("Reason ")]) == 120
    found = reasons_chart(pack)
    assert found
    names, values = found
    assert (names[0], values[0]) == ("Reason 007", 6)
    assert names[-1] == "All others"
    assert sum(values) == 125
    assert len(names) <= 9
    written(pack, tmp_path)


def test_a_lone_last_reason_keeps_its_name(tmp_path: Path) -> None:
    found = reasons_chart(pack_of(small.write_company(tmp_path, opportunities=lost_for("ABCDEFG"))))
    assert found == (list("ABCDEFG"), [1] * 7)


def test_no_chart_where_no_reason_is_recorded(tmp_path: Path) -> None:
    assert reasons_chart(pack_of(small.write_company(tmp_path, opportunities=lost_for(["", ""])))) is None


def test_charts_run_over_thirteen_months(company: Path) -> None:
    pack = pack_of(company)
    assert line(page(pack, "chart_data"), "Won revenue")[1:] == [8000, *[0] * 10, 5000, 12600.5]
    won = page(pack, "charts").charts[0]
    assert won.title.startswith("Won revenue rose 58% on May 2025 to 13k: ")  # 12,600.50 / 8,000
    assert won.alt.endswith("(USD, won revenue by month). 8,000 in May 2025, 12,600.50 in May 2026")


@pytest.mark.slow
def test_charts_neither_overlap_nor_leave_the_page(company: Path) -> None:
    charts = page(pack_of(company), "charts")
    assert len({(chart.row, chart.column) for chart in charts.charts}) == len(charts.charts) == 6
    book_notes = write_xlsx(pack_of(company), company / "x.xlsx")
    assert not [note for note in book_notes or () if "overlap" in str(note) or "lies over" in str(note)]


# -- evidence


def rejected_of(entry: FileEntry) -> dict[str, list[Any]]:
    found = rejected_page(Ledger((entry,)), "")
    assert found is not None and found.records is not None
    return {field.header: list(field.values) for field in found.records.fields}


def test_rejected_rows_of_one_reason_are_one_line() -> None:
    """In the order of the file, whichever reason was found first."""
    entry = FileEntry("deals.csv", "opportunities", "")
    for row in (14, 9, 30):
        entry.reject(row, "Created", "soon" if row == 9 else "", "is not a date", "fill in the date")
    entry.reject(2, "Closed", "", "is blank, but required", "fill it in")
    assert rejected_of(entry) == {
        "File": ["deals.csv", "deals.csv"],
        "Rows": [1, 3],
        "Row numbers": ["2", "9, 14, 30"],
        "Column": ["Closed", "Created"],
        "Values": ["", "soon"],
        "Reason": ["is blank, but required", "is not a date"],
        "What to change": ["fill it in", "fill in the date"],
    }


def test_a_segments_pack_says_how_many_rows_were_rejected_and_where_they_are_listed(tmp_path: Path) -> None:
    pack = pack_of(small.write_company(tmp_path, opportunities=small.changed("W1", created_on="soon")))
    assert "rejected" not in [one.key for one in pack.pages]
    cells = next(row.cells for row in page(pack, "cover").rows if row.cells and row.cells[0].value == "Rejected rows")
    assert cells[1] and cells[1].link and cells[1].link.page == "sources"
    assert (
        cells[1].value
        == "1 row could not be used; segxl check lists them, and so does the executive pack if there is one"
    )


def test_more_rejections_than_a_sheet_lists() -> None:
    entry = FileEntry("deals.csv", "opportunities", "")
    for number in range(LISTED_REASONS + 1):
        entry.reject(number + 2, f"Column {number:04}", "", "is blank, but required", "fill it in")
    found = rejected_page(Ledger((entry,)), "")
    assert found is not None and found.records and len(found.records) == LISTED_REASONS == 1000
    words = "First 1,000 of 1,001 reasons. 1,001 rows rejected. `segxl check FOLDER --out DIR` lists each of them."
    assert words in texts(found)


def test_what_is_rejected_can_be_read_whole() -> None:
    file = "quarter_3_salesforce_opportunities.csv"
    reason = "is none of " + ", ".join(f"source number {number}" for number in range(6))
    entry = FileEntry(file, "activities", "")
    entry.reject(7, "Amount", "to be agreed with the client before long", reason, "map it in values.source")
    ledger = Ledger((entry,))
    rejected = rejected_page(ledger, "")
    assert rejected is not None and rejected.records is not None
    # In the workbook's font 100 letters need 85 characters of width (measured on paper).
    assert all(field.width >= 0.85 * len(str(field.values[0])) for field in rejected.records.fields)
    assert sources_page(ledger, "").widths[0] >= 0.85 * len(file)


def test_checks_that_compare_lists_show_them_whole() -> None:
    words = ", ".join(["1314"] * 6)
    widths = checks_table([Check("The grid's rows", True, words, words)], "").widths
    assert widths[2] == widths[3] >= 0.85 * len(words)
    assert checks_table([Check("Rows", True, 1, 1)], "").widths[2:4] == (16, 16)


def test_the_cover_counts_the_checks_of_its_own_page(company: Path) -> None:
    facts = small.facts_of(company)
    scorecard = small.scorecard_of(facts)
    broken = replace(scorecard, checks=(*scorecard.checks, Check("SMB: something: adds up", False, 1, 2)))
    for segment, verdict in (("SMB", "FAIL"), ("R&D / EU", "PASS")):
        pack = scorecard_pack(facts, broken, segment)
        results = [cell for cell in cells(page(pack, "checks")) if cell.style in ("pass", "fail")]
        cover = line(page(pack, "cover"), "Checks")
        assert cover[1] == verdict
        assert f"{len(results)} checks" in cover[2]
        assert (results[0].value, "fail" in {cell.style for cell in results}) == (verdict, verdict == "FAIL")
    bare = cover_page(broken, broken.segments["SMB"], [], lambda _: None)
    assert "failed: something: adds up" in line(bare, "Checks")[2]


def test_checks_of_segments_whose_names_begin_alike(company: Path) -> None:
    scorecard = small.scorecard_of(small.facts_of(company))
    smb = scorecard.segments["SMB"]
    named = replace(
        scorecard,
        segments={"EU": smb, "EU: north": smb},
        checks=(Check("All", True, 0, 0), Check("EU: a", True, 0, 0), Check("EU: north: a", False, 0, 1)),
    )
    assert [check.name for check in checks_of(named, "EU")] == ["All", "EU: a"]
    assert [check.name for check in checks_of(named, "EU: north")] == ["EU: north: a", "All"]


def test_sources_tell_every_row_and_the_fingerprint(company: Path) -> None:
    import hashlib

    entry = line(page(pack_of(company), "sources"), "opportunities.csv")
    assert entry[1:6] == ["opportunities", 11, 11, 0, 0]
    assert entry[7] == hashlib.sha256((company / "opportunities.csv").read_bytes()).hexdigest()


def test_definitions_have_an_example_each(company: Path) -> None:
    definitions = page(pack_of(company), "definitions")
    for row in definitions.rows[4 : 4 + len(CATALOGUE)]:
        assert all(cell is not None and cell.value for cell in row.cells[::2])  # between them are gaps
    firsts = [row.cells[0].value if row.cells and row.cells[0] else None for row in definitions.rows]
    at = firsts.index("Rules for all metrics")
    title = definitions.rows[at].cells[0]
    assert title is not None and title.span == len(definitions.widths)  # its rule is as wide as the table
    shared = definitions.rows[at + 1 : at + 1 + len(READING)]
    for row in shared:  # what all metrics share has a name, a definition and an example
        assert [bool(cell and cell.value) for cell in row.cells[::2]] == [True, True, False, True]


# -- names


def line_of(sheet: Any, label: str) -> Any:
    """What is next to a label."""
    return next(row[1].value for row in sheet.iter_rows() if row[0].value == label)


STRANGE = ("R&D / EU", "R&D, EU", "CON", "a" * 200, "=SUM(A1)", "Zürich: 東京", "..", "[x]*?", " spaced ")


@pytest.mark.ci
def test_strange_segment_names(tmp_path: Path) -> None:
    names = dict.fromkeys(name.strip() for name in STRANGE)
    accounts = [(f"A{number}", f"Account {number}", "East", name) for number, name in enumerate(names)]
    deals = [
        (f"W{number}", f"A{number}", "Ann", "2026-05-01", "2026-05-02", small.WON, number + 1, "", "")
        for number in range(len(names))
    ]
    folder = small.write_company(tmp_path / "in", accounts=accounts, opportunities=deals)
    facts = small.facts_of(folder)
    result = small.scorecard_of(facts)
    assert set(result.segments) == {"All accounts", *names}
    paths = publish(facts, result, tmp_path / "out", ["xlsx", "json"])
    assert len({str(path).casefold() for path, _ in paths}) == len(names) + 3  # All accounts, the JSON, the executive
    for (name, segment), (path, _) in zip(result.segments.items(), paths[2:], strict=True):
        assert len(path.name) < 130
        book = openpyxl.load_workbook(path, read_only=True)
        assert line_of(book["Cover"], "Segment") == name
        assert book["Cover"]["A2"].value.startswith(f"Acme · {name[:40]}")
        won = segment.metrics["won_opportunities"].total.current.value
        assert won == (len(names) if name == "All accounts" else 1)


def test_file_names_are_legal_and_apart() -> None:
    names = file_names(
        ("R&D / EU", "r&d / eu", "r d eu", "CON", "", "***", "a" * 300, "a" * 299 + "b", "東京", "京" * 90)
    )
    assert len(set(names.values())) == len(names)
    for name in names.values():
        assert name == name.casefold()
        assert 0 < len(name) <= 90
        assert len(name.encode()) <= 170  # a file's name has 255 bytes at most
        assert not set(name) & set('<>:"/\\|?*&. ')


@pytest.mark.slow
def test_very_long_names(tmp_path: Path) -> None:
    long = "Very " * 400 + "long"
    accounts = [("A1", long, long, "SMB"), *small.ACCOUNTS[1:]]
    rows = [tuple(long if value in ("Ann", "=Price", "O1") else value for value in row) for row in small.OPPORTUNITIES]
    settings = small.SETTINGS.replace('"Acme"', f'"{long}"')
    folder = small.write_company(tmp_path / "in", settings=settings, accounts=accounts, opportunities=rows)
    book = written(pack_of(folder), tmp_path)
    assert long in [cell.value for cell in book["Deals"]["B"]]
    assert line_of(book["Cover"], "Company") == long
    for sheet in book:
        for row in sheet.iter_rows(max_row=3):  # titles run over the page's columns: a long one would widen the paper
            assert all(len(str(cell.value or "")) <= 260 for cell in row)
    heights = [row.height for sheet in book for row in sheet.row_dimensions.values() if row.height]
    assert max(heights) <= 409  # Excel's tallest row


@pytest.mark.slow
def test_a_long_segment_name_on_every_page(tmp_path: Path) -> None:
    name = "Segment " * 25
    accounts = [(*account[:3], name.strip()) for account in small.ACCOUNTS]
    pack = pack_of(small.write_company(tmp_path / "in", accounts=accounts), segment=name.strip())
    book = written(pack, tmp_path)
    assert all(len(str(sheet.oddFooter.left.text or "")) <= 255 for sheet in book)


@pytest.mark.slow
def test_dates_are_dates(company: Path, tmp_path: Path) -> None:
    sheet = written(pack_of(company), tmp_path)["Deals"]
    header = next(row for row in sheet.iter_rows() if row[0].value == "Opportunity")
    at = {cell.value: cell.column for cell in header}
    first = header[0].row + 1
    assert sheet.cell(first, at["Created on"]).value.date() == date(2026, 5, 1)
    assert sheet.cell(first, at["Closed on"]).number_format == "yyyy-mm-dd"


def test_a_change_that_rounds_to_nothing_is_neither_good_nor_bad(tmp_path: Path) -> None:
    # Won: 1,000,000 in April, 999,900 in May. (100) less is 0.01%, which reads 0.0%: no sign, no colour, no triangle.
    rows = [
        ("W1", "A1", "Ann", "2026-03-01", "2026-04-10", small.WON, "1000000", small.NEW, ""),
        ("W2", "A1", "Ann", "2026-03-01", "2026-05-10", small.WON, "999900", small.NEW, ""),
    ]
    found = page(pack_of(small.write_company(tmp_path, opportunities=rows)), "scorecard")
    row = next(row for row in found.rows if row.cells and row.cells[0] and row.cells[0].value == "Won revenue")
    _, _, _, difference, percent, *_ = row.cells
    assert difference is not None and percent is not None
    assert (shown(difference.value, difference.unit).text, difference.style) == ("▽ −100", "bad")
    assert (shown(percent.value, percent.unit).text, percent.style) == ("0.0%", "subvalue")


@pytest.mark.parametrize(
    ("points", "good", "text", "style"),
    [(-0.04, False, "0.0 pp", "subvalue"), (0.04, True, "0.0 pp", "subvalue"), (-0.05, False, "▽ −0.1 pp", "bad")],
)
def test_a_triangle_stands_only_where_something_can_be_read(points: float, good: bool, text: str, style: str) -> None:
    cell = marked(points, POINTS, good)
    assert (shown(cell.value, cell.unit).text, cell.style, cell.value) == (text, style, points)


@pytest.mark.slow
def test_the_paper_is_the_settings(company: Path) -> None:
    settings = company / "segxl.toml"
    assert pack_of(company).paper == "A4"
    settings.write_text('paper = "Letter"\n' + settings.read_text(encoding="utf-8"), encoding="utf-8")
    pack = pack_of(company)
    assert {sheet.page_setup.paperSize for sheet in written(pack, company)} == {1}  # Excel's number of Letter


def test_the_cover_says_how_long_the_lists_are(company: Path) -> None:
    pack = pack_of(company)
    found = page(pack, "deals").records
    assert found is not None
    words = line(page(pack, "cover"), "Deals")[1]
    assert words.endswith(f"one row each ({len(found):,} rows)")
    assert "rows)" not in line(page(pack, "cover"), "Bridges")[1]


def test_the_lists_come_last_and_the_cover_says_so(company: Path) -> None:
    pack = pack_of(company)
    listed = [one.records is not None for one in pack.pages if one.key != "verification"]
    assert listed == sorted(listed) and any(listed)
    cover = page(pack, "cover")
    firsts = [row.cells[0].value if row.cells and row.cells[0] else None for row in cover.rows]
    at = firsts.index("Data and proof (the pack prints without them)")
    assert firsts.index("Contents") < firsts.index("Definitions") < at < firsts.index("Deals")


def test_the_line_of_rows_read_adds_up_and_names_the_most_frequent_reasons() -> None:
    """Of 20 and 5 rows 14 and 2 are used, 4 + 2 and 1 excluded, none of them a deal: one is a duplicate. Two deals are
    rejected, one of them for two reasons."""
    ads = FileEntry("ads.csv", "activities", "", rows=20, used=14)
    ads.exclude("filtered out by your where rule on Clicks", 4, short="Clicks below 1")
    ads.exclude("duplicate row", 2)
    deals = FileEntry("deals.csv", "opportunities", "", rows=5, used=2, excluded={"duplicate row": 1})
    deals.rejected = [Rejection("deals.csv", row, column, "", "is blank, but required", "fill it in") for row, column in
                      ((2, "Amount"), (2, "Created"), (4, "Amount"))]  # fmt: skip
    questions = FileEntry("account-review.csv", REVIEW_TABLE, "", rows=90, used=1, excluded={"not answered yet": 89})
    ledger = Ledger((ads, deals, questions))  # its own questions are no file of the company's
    label, said = rows_row(ledger, 15).cells
    assert label is not None and said is not None and label.value == "Company's rows"
    assert said.value == (
        "16 used + 7 excluded (most: 4 activities, Clicks below 1; no deals) + 2 rejected (deals: Amount is blank) "
        "= 25 rows"
    )
    assert said.link is not None and said.link.page == "sources"
    assert line(sources_page(ledger, ""), "account-review.csv")[2] == 90


def test_the_line_of_rows_read_says_how_many_deals_and_how_much_revenue_is_missing() -> None:
    """Of deals a rule excludes 3, and 1 is blank; 2 are rejected for a reason each, and 2 rows of revenue for one."""
    deals = FileEntry("deals.csv", "opportunities", "", rows=9, used=3)
    deals.exclude("filtered out by your where rule on Type", 3, short="Type other than 'New'")
    deals.exclude("empty row", 1)
    deals.rejected = [Rejection("deals.csv", 2, "Created", "", "is blank", ""),
                      Rejection("deals.csv", 3, "Amount", "x", "is not an amount", "")]  # fmt: skip
    money = FileEntry("mrr.csv", "revenue", "", rows=2)
    money.rejected = [Rejection("mrr.csv", row, "MRR", "TBD", "is not an amount", "") for row in (2, 3)]
    said = rows_row(Ledger((deals, money)), 15).cells[1]
    assert said is not None and said.value == (
        "3 used + 4 excluded (most: 3 deals, Type other than 'New') + 4 rejected "
        "(most: 2 revenue rows, MRR is not an amount; 2 deals) = 11 rows"
    )


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"lead_id": "lead_id", "created_on": "created_on"}, "segxl's own column names"),
        ({"lead_id": "lead_id", "created_on": "Created"}, "columns mapped in the settings"),
    ],
)
def test_sources_say_who_named_the_columns(headers: dict[str, str], said: str) -> None:
    sources = sources_page(Ledger((FileEntry("leads.csv", "leads", "", headers=headers),)), "")
    assert line(sources, "leads.csv")[6] == said
