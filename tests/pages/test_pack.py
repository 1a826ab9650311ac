"""The pack as a workbook: every number leads to the rows it was made of, text stays text, the bytes stay the same."""

from __future__ import annotations

import hashlib
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import range_boundaries

from segxl.catalogue.measure import Measure, Ratio
from segxl.catalogue.metrics import CATALOGUE
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.pages.scorecard.pack import scorecard_pack
from segxl.publish import file_names
from segxl.publish import scorecard as publish
from segxl.render.xlsx.writer import write_xlsx
from tests import office, small
from tests.places import ROOT

pytestmark = pytest.mark.slow

Sheets = dict[str, dict[tuple[int, int], Any]]

CURRENT, PREVIOUS, YEAR_AGO, TRAILING = 2, 3, 6, 9
"""Columns of the scorecard sheet that hold figures; the others are differences."""


def build(folder: Path, out: Path, segment: str = ALL_ACCOUNTS, period: str = "2026-05") -> Path:
    facts = small.facts_of(folder)
    result = small.scorecard_of(facts, period)
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{file_names([segment])[segment]}.xlsx"
    write_xlsx(scorecard_pack(facts, result, segment), path)
    return path


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small.write_company(tmp_path_factory.mktemp("company"))


@pytest.fixture(scope="module")
def pack(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(company, tmp_path_factory.mktemp("out"))


@dataclass(frozen=True)
class Number:
    """A figure of the scorecard sheet: its metric, its line, where it stands, and the listed rows it leads to."""

    metric: str
    line: str
    column: int
    value: float
    remark: str
    rows: list[dict[str, Any]] | None

    @property
    def where(self) -> str:
        return f"{self.metric} / {self.line}, column {self.column}"


def numbers(path: Path) -> Iterator[Number]:
    book = openpyxl.load_workbook(path)
    sheet = book["Scorecard"]
    header = next(row[0].row for row in sheet.iter_rows(max_col=1) if row[0].value == "Metric")
    metric = ""
    lists = {each.title: list(each.iter_rows(values_only=True)) for each in book if each["A4"].value == "List"}
    for row in sheet.iter_rows(min_row=header + 1):
        label = row[0]
        if label.value in {one.name for one in CATALOGUE}:
            metric = str(label.value)  # also above a metric that is told by its items alone
        if not isinstance(label.value, str) or len(row) < TRAILING or row[CURRENT - 1].value is None:
            continue  # the name of an area
        if not label.alignment.indent:
            metric = label.value
        for column in (CURRENT, PREVIOUS, YEAR_AGO, TRAILING):
            cell = row[column - 1]
            if isinstance(cell.value, int | float):
                rows = list(listed(lists, cell.hyperlink.location)) if cell.hyperlink else None
                remark = str(row[TRAILING].value or "")
                yield Number(metric, label.value, column, cell.value, remark, rows)


def listed(lists: dict[str, list[tuple[Any, ...]]], location: str | None) -> Iterator[dict[str, Any]]:
    """The rows of a list that a link leads to, by the list's headers."""
    found = re.fullmatch(r"'?(.+?)'?!(.+)", location or "")
    assert found, location
    rows = lists[found[1].replace("''", "'")]
    _, first, last_column, last = range_boundaries(found[2].replace("$", ""))
    header = [str(value) for value in rows[3]]
    assert last_column == len(header)
    assert first is not None and last is not None and 4 < first <= last <= len(rows)
    for row in rows[first - 1 : last]:
        yield dict(zip(header, row, strict=True))


def by_the_formula(number: Number) -> Fraction:
    """What the rows behind a number make by its metric's formula, each measure being those with its word."""
    metric = next(one for one in CATALOGUE if one.name == number.metric)
    cut = next((cut for cut in metric.cuts if cut.companion and cut.label == number.line), metric.cuts[0])

    def added(terms: tuple[tuple[int, Measure], ...]) -> Fraction:
        total = Fraction()
        for sign, measure in terms:
            rows = [row for row in number.rows or [] if row["Outcome"] == measure.row_word.capitalize()]
            if "timed" in measure.fact:
                rows = [row for row in rows if row["Days"] >= 0]
            column = {"cents": "Amount", "days": "Days"}.get(measure.quantity)
            total += sign * sum((Fraction(str(row[column])) if column else Fraction(1) for row in rows), Fraction())
        return total

    expression, _ = metric.of(cut)
    if isinstance(expression, Ratio):
        return added(expression.numerator.terms) / added(expression.denominator.terms)
    return added(expression.terms)


def made_of(number: Number) -> Fraction:
    """What the rows behind a number say that it is, by nothing but adding up and counting."""
    rows = number.rows or []
    outcomes = ("Won", "Lost", "Created", "Open")
    count: dict[str, int] = {outcome: sum(row["Outcome"] == outcome for row in rows) for outcome in outcomes}
    amount: dict[str, Fraction] = {
        outcome: sum((Fraction(str(row["Amount"])) for row in rows if row["Outcome"] == outcome), Fraction())
        for outcome in count
    }
    if number.metric in ("Won opportunities", "Lost opportunities", "Lost opportunities by reason"):
        if "revenue" in number.line.lower():
            return sum(amount.values(), Fraction())
        return Fraction(len(rows))
    if number.metric in ("Won revenue", "Lost revenue", "Pipeline by stage"):
        return sum(amount.values(), Fraction())
    if number.metric == "Net new pipeline":
        return amount["Created"] - amount["Lost"]
    if number.metric == "Average deal size":
        return amount["Won"] / count["Won"]
    if number.metric == "Average time to close":
        days = [row["Days"] for row in rows if row["Outcome"] == "Won" and row["Days"] >= 0]
        return Fraction(sum(days), len(days))
    if number.metric == "Win rate (count)":
        return Fraction(count["Won"], count["Won"] + count["Lost"])
    if number.metric == "Win rate (revenue)":
        return amount["Won"] / (amount["Won"] + amount["Lost"])
    return by_the_formula(number)  # a metric that is not named here


OF_DEALS = {metric.name for metric in CATALOGUE if {measure.listed for measure in metric.all_measures} == {"deals"}}


NO_ROWS, NO_ROWS_LINE = {"Market share"}, "Labor not allocated to a source"
"""Numbers that are no sum over rows."""


def whole(number: Number) -> Fraction:
    """What a ratio is a part of: the amounts of its rows, else how many there are; accounts by what they count as."""
    rows = number.rows or []
    amounts = [row["Amount"] for row in rows if row.get("Amount") is not None]
    if amounts:
        return sum((Fraction(str(amount)) for amount in amounts), Fraction())
    if "Counted as" in rows[0]:
        return Fraction(len({row["Counted as"] for row in rows}))
    return Fraction(len(rows))


def assert_accounts_leads_and_phases(number: Number, others: dict[tuple[str, str, int], Number]) -> None:
    """The number again from its rows alone; of a ratio of several lists the part from its other number."""
    rows = number.rows or []
    assert len({row["List"] for row in rows}) == 1, number.where
    expected: Fraction | float = whole(number)
    outcomes = [row.get("Outcome") for row in rows]
    parts = re.findall(r"([\d,.]*\d) / ([\d,.]*\d)", number.remark) if number.column == CURRENT else []
    if number.metric.startswith("Conversion rate") or number.metric == "Phase conversion":
        good = sum(outcome in ("Lead converted", "MQL converted", "Advanced") for outcome in outcomes)
        expected = Fraction(good, len(rows))
    elif number.line.startswith("% of SOM"):
        line = "Running total" if "running" in number.line else number.metric
        expected = Fraction(str(others[number.metric, line, number.column].value)) / expected
    elif number.metric == "Monthly recurring revenue" and number.column == TRAILING:
        headline = others[number.metric, number.line, CURRENT].remark
        told = re.search(r"12 months: only (\d+) of 12", headline)
        expected /= int(told[1]) if told else 12
    elif number.metric in ("Net revenue retention", "Cost per SQO"):
        # The other part is no list; it is so many cents, or so many customers, and the remark tells it.
        part = number.value * float(expected) * (1 if number.line == "Logo churn" else 100)
        spread = number.line.startswith("Lead source")  # shares of labor are exact, not rounded to the cent
        assert spread or part == pytest.approx(round(part), abs=1e-3), number.where
        assert not parts or Fraction(parts[-1][1].replace(",", "")) == expected, number.where
        if spread or not parts:
            return
        expected = Fraction(parts[-1][0].replace(",", "")) / expected
    assert number.value == pytest.approx(float(expected), rel=1e-12), number.where


def assert_every_number_is_its_rows(path: Path) -> int:
    checked = 0
    found = list(numbers(path))
    others = {(one.metric, one.line, one.column): one for one in found}
    for number in found:
        if number.metric not in OF_DEALS:
            if number.rows is None:
                assert number.value == 0 or number.metric in NO_ROWS or number.line == NO_ROWS_LINE, number.where
                continue
            assert_accounts_leads_and_phases(number, others)
            checked += 1
            continue
        if number.rows is None:
            assert number.value == 0, f"no rows behind {number.where}: {number.value}"
            continue
        expected = made_of(number)
        assert number.value == pytest.approx(float(expected), rel=1e-12), number.where
        assert len({row["List"] for row in number.rows}) == 1, number.where
        checked += 1
    return checked


@pytest.mark.parametrize("segment", [ALL_ACCOUNTS, "SMB", "R&D / EU"])
@pytest.mark.parametrize("period", ["2026-05", "2026-04", "2026-Q1", "2025-05"])
def test_every_number_is_what_its_rows_add_up_to(company: Path, tmp_path: Path, segment: str, period: str) -> None:
    assert_every_number_is_its_rows(build(company, tmp_path, segment, period))


MORE_SETTINGS = """
[tables.leads]
file = "leads.csv"

[tables.revenue]
file = "revenue.csv"

[tables.activities]
file = "activities.csv"

[tables.costs]
file = "costs.csv"

[tables.opportunity_history]
file = "history.csv"
"""


def write_whole_company(folder: Path, first: str = "") -> Path:
    """The small company with leads, MRR, activities, costs and a history: each table has rows in several months."""
    accounts = [(*account, parent) for account, parent in zip(small.ACCOUNTS, ("", "", "A2"), strict=True)]
    small.write_company(folder, settings=first + small.SETTINGS + MORE_SETTINGS)
    small.write_csv(folder / "accounts.csv", (*small.ACCOUNT_HEADER, "parent_id"), accounts)
    leads = (
        ("1", "A1", "Web", "2026-05-02", "2026-05-04", "2026-05-20", ""),
        ("2", "A2", "Web", "2026-05-03", "", "", "2026-05-09"),
        ("3", "A3", "Fair", "2026-04-03", "2026-05-01", "", "2026-05-30"),
        ("4", "A3", "", "2026-04-03", "2026-04-09", "2026-05-11", ""),
        ("5", "", "Fair", "2025-05-03", "2025-05-09", "2025-05-11", ""),
    )
    header = ("lead_id", "account_id", "source", "created_on", "mql_on", "sqo_on", "rejected_on")
    small.write_csv(folder / "leads.csv", header, leads)
    paid = {
        "A1": (100, 100, 0),
        "A2": (50.5, 80, 60.25),
        "A3": (0, 40, 40),
        "Z9": (10, 10, 10),
    }  # Z9: in no other table
    months = [f"{2025 + at // 12}-{at % 12 + 1:02}" for at in range(3, 17)]  # 2025-04 to 2026-05
    rows = [(account, month, mrr[min(at // 6, 2)]) for account, mrr in paid.items() for at, month in enumerate(months)]
    small.write_csv(folder / "revenue.csv", ("account_id", "month", "mrr"), [row for row in rows if row[2]])
    touches = (
        ("A1", "2026-05-05", "linkedin_campaign", "reach"),
        ("A2", "2026-04-05", "webinar", "engagement"),
        ("A3", "2025-05-05", "crm_activity", "reach"),
        ("A3", "2026-05-06", "crm_activity", "engagement"),
    )
    small.write_csv(folder / "activities.csv", ("account_id", "date", "source", "kind"), touches)
    small.write_csv(folder / "costs.csv", ("month", "amount", "lead_source"), [("2026-05", "900.10", "Web")])
    steps = (
        ("W1", "2026-05-01", "Discovery"),
        ("W1", "2026-05-10", "Proposal"),
        ("L1", "2026-03-01", "Discovery"),
        ("W4", "2026-03-15", "Discovery"),
        ("W4", "2026-04-02", "Proposal"),
    )
    small.write_csv(folder / "history.csv", ("opportunity_id", "changed_at", "stage"), steps)
    return folder


@pytest.mark.ci
@pytest.mark.parametrize("count_by", ["account", "parent"])
def test_accounts_leads_and_phases_behind_the_numbers(tmp_path: Path, count_by: str) -> None:
    folder = write_whole_company(tmp_path / "company", f'count_by = "{count_by}"\n')
    for segment in (ALL_ACCOUNTS, "SMB", "R&D / EU"):
        for period in ("2026-05", "2026-Q1", "2025-05"):
            assert_every_number_is_its_rows(build(folder, tmp_path / "out", segment, period))
    path = build(folder, tmp_path / "out")
    assert assert_every_number_is_its_rows(path) > 120
    found = {(one.metric, one.line): one for one in numbers(path) if one.column == CURRENT}
    listed_of = {key: one.rows or [] for key, one in found.items()}
    som = listed_of["SOM accounts (serviceable obtainable market)", "Geo: West"]
    assert [row["Account"] for row in som] == ["A2", "A3"]
    assert found["SOM accounts (serviceable obtainable market)", "Geo: West"].value == (
        2 if count_by == "account" else 1
    )
    opening = listed_of["Monthly recurring revenue", "Monthly recurring revenue"]
    assert {row["Account"]: row["Amount"] for row in opening} == {"A2": 60.25, "A3": 40, "Z9": 10}
    assert next(row for row in opening if row["Account"] == "Z9")["Account file"] is None
    sales_qualified = listed_of["Sales qualified opportunities (SQOs)", "Sales qualified opportunities (SQOs)"]
    assert {row["Lead"] for row in sales_qualified} == {"1", "4"}
    assert listed_of["Cost per SQO", "Cost per SQO"] == sales_qualified
    left = listed_of["Phase conversion", "Discovery"]
    assert [(row["Opportunity"], row["Outcome"]) for row in left] == [("W1", "Advanced"), ("L1", "Lost from the stage")]


def test_numbers_with_the_same_rows_share_a_list(tmp_path: Path) -> None:
    path = build(write_whole_company(tmp_path / "company"), tmp_path / "out")
    sheet = openpyxl.load_workbook(path)["Accounts"]
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for row in sheet.iter_rows(min_row=5, values_only=True):
        rows.setdefault(str(row[0]), []).append(row[1:])
    whole_lists = [tuple(found) for label, found in rows.items() if "; by " not in label]
    assert len(set(whole_lists)) == len(whole_lists)
    assert any("Opening MRR, 2026-05" in label and "closing MRR, 2026-05, 2026-04" in label for label in rows)


def test_a_list_that_is_too_long_is_left_out_and_named(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segxl.pages.drillthrough.opportunities.ROW_LIMIT", 6)
    facts = small.facts_of(company)
    pack = scorecard_pack(facts, small.scorecard_of(facts), ALL_ACCOUNTS)
    page = next(page for page in pack.pages if page.key == "accounts")
    note = page.rows[2].cells[0]
    assert note is not None and str(note.value).startswith("Too long for a sheet")
    assert "SOM accounts at the end, 2026-05" in str(note.value)
    links = [cell.link for one in pack.pages for row in one.rows for cell in row.cells if cell and cell.link]
    assert all(link.last <= 6 for link in links if link.page == "accounts")


def test_the_small_company_has_numbers_to_check(pack: Path) -> None:
    assert assert_every_number_is_its_rows(pack) > 60


def test_numbers_worked_out_by_hand(pack: Path) -> None:
    found = {(one.metric, one.line): one for one in numbers(pack) if one.column == CURRENT}
    assert found["Won revenue", "Won revenue"].value == 12600.5
    assert {row["Opportunity"] for row in found["Won revenue", "Won revenue"].rows or []} == {"W1", "W2", "W3", "N1"}
    assert found["Win rate (count)", "Win rate (count)"].value == pytest.approx(4 / 6)
    assert found["Average time to close", "Average time to close"].value == 17.75
    assert "71 days / 4" in found["Average time to close", "Average time to close"].remark
    assert found["Net new pipeline", "Net new pipeline"].value == 33600.5 - 5000
    assert found["Pipeline by stage", "Discovery"].value == 20000
    assert found["Pipeline by stage", "Proposal"].value == 7000


@pytest.mark.ci
def test_a_real_company(demo_exports: Path, tmp_path: Path) -> None:
    path = build(demo_exports, tmp_path / "out", "Enterprise", "2026-10")
    assert assert_every_number_is_its_rows(path) > 300


@pytest.mark.ci
@pytest.mark.parametrize("seed", range(3))
def test_a_motley_company(tmp_path: Path, seed: int) -> None:
    """All types and outcomes at random, amounts blank, zero and negative, dates the wrong way round, no account."""
    dice = random.Random(seed)
    days = [date(2025, 3, 1) + timedelta(days=number) for number in range(450)]
    rows = []
    for number in range(150):
        created, closed = dice.choice(days), dice.choice(days)
        stage = dice.choice([small.WON, small.WON, small.LOST, "Discovery", "Proposal", "Elsewhere"])
        rows.append(
            (
                f"X{number}",
                dice.choice(["A1", "A2", "A3", "A3", ""]),
                "Ann",
                created,
                closed if stage in (small.WON, small.LOST) else "",
                stage,
                dice.choice(["", "0", "-25.10", f"{dice.randrange(10**7) / 100}"]),
                dice.choice([small.NEW, "Upsell", "Cross", "Renewal", "Partner", ""]),
                dice.choice(["Price", "Timing", ""]),
            )
        )
    settings = small.SETTINGS + 'Cross = "cross_sell"\n'
    folder = small.write_company(tmp_path, settings=settings, opportunities=rows)
    for segment, period in ((ALL_ACCOUNTS, "2026-05"), (ALL_ACCOUNTS, "2026-Q1"), ("SMB", "2026-Q1")):
        assert_every_number_is_its_rows(build(folder, tmp_path / "out", segment, period))


def test_an_opportunity_that_closed_before_it_was_created(tmp_path: Path) -> None:
    """It is won all the same; only the time to close leaves it out, and says so."""
    folder = small.write_company(tmp_path, opportunities=small.changed("W3", created_on="2026-05-12"))
    path = build(folder, tmp_path / "out")
    assert_every_number_is_its_rows(path)
    found = next(one for one in numbers(path) if one.line == "Average time to close" and one.column == CURRENT)
    assert found.value == pytest.approx(31 / 3)
    assert "W3" in found.remark


def test_every_link_of_the_cover_leads_somewhere(pack: Path) -> None:
    book = openpyxl.load_workbook(pack)
    links = [cell.hyperlink.location for row in book["Cover"].iter_rows() for cell in row if cell.hyperlink]
    assert len(links) >= len(book.sheetnames) - 1
    for location in links:
        sheet = str(location).rsplit("!", 1)[0].strip("'").replace("''", "'")
        assert sheet in book.sheetnames


def test_headline_figures_are_one_click_from_their_rows(pack: Path) -> None:
    book = openpyxl.load_workbook(pack)
    figures = [
        cell for row in book["Cover"].iter_rows(max_row=6) for cell in row if isinstance(cell.value, int | float)
    ]
    assert [cell.value for cell in figures[:3]] == [12600.5, 28600.5, 27000]
    assert all(cell.hyperlink for cell in figures)


def cells(path: Path) -> Iterator[Any]:
    for sheet in openpyxl.load_workbook(path).worksheets:
        for row in sheet.iter_rows():
            yield from row


def test_text_stays_text(pack: Path) -> None:
    found = [cell for cell in cells(pack) if isinstance(cell.value, str) and cell.value.startswith("=")]
    assert {cell.value for cell in found} == {"=Alpha & <Sons>", "=Price"}
    assert {cell.data_type for cell in found} == {"s"}


def test_no_error_values(pack: Path) -> None:
    assert not [cell.coordinate for cell in cells(pack) if cell.data_type == "e"]
    words = [cell.value for cell in cells(pack) if isinstance(cell.value, str)]
    assert not [text for text in words if re.search(r"#(DIV|REF|N/A|VALUE|NAME|NUM)|\bnan\b|\bNone\b|\binf\b", text)]


def test_sheet_titles_are_legal(pack: Path) -> None:
    titles = openpyxl.load_workbook(pack).sheetnames
    assert titles[:2] == ["Cover", "Scorecard"]
    assert len({title.casefold() for title in titles}) == len(titles)
    for title in titles:
        assert 0 < len(title) <= 31
        assert not set(title) & set("[]:*?/\\")
        assert title[0] != "'" and title[-1] != "'"


AGAIN = """
import sys
from pathlib import Path
from tests.pages.test_pack import build
print(build(Path(sys.argv[1]), Path(sys.argv[2])))
"""


@pytest.mark.ci
def test_the_same_bytes_again_and_in_another_process(company: Path, pack: Path, tmp_path: Path) -> None:
    expected = hashlib.sha256(pack.read_bytes()).hexdigest()
    assert hashlib.sha256(build(company, tmp_path / "same").read_bytes()).hexdigest() == expected
    for seed in ("1", "4242"):
        where = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Pacific/Auckland"}
        command = [sys.executable, "-c", AGAIN, str(company), str(tmp_path / seed)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=where, cwd=ROOT)
        assert hashlib.sha256(Path(done.stdout.strip()).read_bytes()).hexdigest() == expected


def test_the_wall_clock_is_not_in_it(pack: Path) -> None:
    properties = openpyxl.load_workbook(pack).properties
    assert properties.created == properties.modified


def test_a_pack_does_not_depend_on_the_segments_beside_it(company: Path, tmp_path: Path) -> None:
    facts = small.facts_of(company)
    alone = publish(facts, small.scorecard_of(facts, segments=["SMB"]), tmp_path / "alone", ["xlsx"])
    among = publish(facts, small.scorecard_of(facts), tmp_path / "among", ["xlsx"])
    assert alone[0][0].read_bytes() == among[-1][0].read_bytes()


@pytest.mark.ci
@pytest.mark.office
@pytest.mark.parametrize(("segment", "period"), [(ALL_ACCOUNTS, "2026-05"), ("R&D / EU", "2026-Q1")])
def test_libreoffice_opens_recalculates_and_prints_it(company: Path, tmp_path: Path, segment: str, period: str) -> None:
    path = build(company, tmp_path, segment, period)
    again = office.recalculated(path, tmp_path / "again")
    assert openpyxl.load_workbook(again).sheetnames == openpyxl.load_workbook(path).sheetnames
    assert not [cell.coordinate for cell in cells(again) if cell.data_type == "e"]
    text = office.pdf_text(office.pdf(path, tmp_path / "pdf"))
    assert "Segment scorecard" in text
    assert "##" not in text
    assert not re.search(r"#(DIV|REF|VALUE|NAME|NUM)", text)
