"""The pack as a model: every number on its pages is a formula over the data sheets, and recalculates to itself."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from segxl.catalogue.data_sheets import NoRows
from segxl.catalogue.measure import Measure, as_expression
from segxl.catalogue.measures import MEASURES
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.engine import Facts
from segxl.pages.audit.constants import share_of
from segxl.pages.data.sheet import words_of
from segxl.pages.data.workings import Workings, criterion
from segxl.pages.model import ColumnOf, Formula, NumberCell, Pack, Range
from segxl.pages.scorecard.executive import executive_pack
from segxl.pages.scorecard.pack import scorecard_pack
from segxl.periods import parse_period
from segxl.render.xlsx.writer import write_xlsx
from segxl.scorecard.figures import Figures
from segxl.scorecard.summary import executive_summary
from segxl.units import COUNT
from tests import office, small
from tests.catalogue.test_measures import ALL_TABLES
from tests.conftest import Folder
from tests.recalculated import Recalculated, recalculated

PAGES = ("Scorecard", "Breakdowns", "Bridges", "Chart data", "Cover")
"""The pages whose numbers are formulas, but for the first day of the period, which is entered."""


def pack_of(folder: Path, segment: str = ALL_ACCOUNTS, period: str = "2026-05") -> Pack:
    facts = small.facts_of(folder)
    return scorecard_pack(facts, small.scorecard_of(facts, period), segment)


def assert_live(pack: Pack, folder: Path) -> Recalculated:
    """All formulas recalculate to what is stored, and all numbers on the pages are formulas."""
    folder.mkdir(parents=True, exist_ok=True)
    write_xlsx(pack, folder / "pack.xlsx")
    found = recalculated(folder / "pack.xlsx", folder / "again")
    assert found.different == ()
    constant = [one for page in PAGES for one in found.constant.get(page, ()) if "First and last day" not in one]
    assert constant == []
    return found


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


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_whole_company(tmp_path_factory.mktemp("company"))


def headers_of(pack: Pack, key: str) -> list[str]:
    (records,) = (page.records for page in pack.pages if page.key == key)
    assert records is not None
    return [field.header for field in records.fields]


@pytest.mark.slow
def test_columns_of_deals_that_are_equal_stay_apart(tmp_path: Path) -> None:
    """A deal that changes may make them differ. The amounts at creation and at closing are one where no deal has
    another currency, whatever the amounts are."""
    small.write_company(tmp_path / "one")
    found = headers_of(pack_of(tmp_path / "one"), "deals")
    assert {"Open amount on 2026-05-31", "Bridge open at the end"} <= set(found)  # equal in each deal
    assert "Amount" in found and "Amount when closed" not in found
    euros = [(*deal, "EUR" if deal[0] == "W1" else "USD") for deal in small.OPPORTUNITIES]
    small.write_company(tmp_path / "two", settings=small.SETTINGS + '\n[tables.fx_rates]\nfile = "fx.csv"\n')
    small.write_csv(tmp_path / "two/opportunities.csv", (*small.HEADER, "currency"), euros)
    small.write_csv(tmp_path / "two/fx.csv", ("month", "currency", "rate"), [("2026-05", "EUR", "1.25")])
    found = headers_of(pack_of(tmp_path / "two"), "deals")  # W1 is created and closed in May, at one rate
    assert {"Amount when created", "Amount when closed"} <= set(found) and "Amount" not in found


@pytest.mark.slow
def test_a_window_moves_with_the_period_where_rows_have_days(company: Path) -> None:
    """MRR lost has a column for each window, so its window stays; won deals have days, so theirs moves."""
    (records,) = (page.records for page in pack_of(company).pages if page.key == "numbers")
    assert records is not None
    fields = {field.header: field for field in records.fields}
    rows = list(zip(fields["metric"].values, fields["view"].values, fields["window_start"].formulas, strict=True))
    assert [moves for metric, view, moves in rows if (metric, view) == ("churned_customers", "revenue")] == [None]
    assert all(moves is not None for metric, view, moves in rows if (metric, view) == ("won_revenue", "total"))


@pytest.mark.slow
def test_a_sum_that_a_row_has_already_is_not_calculated_again(company: Path) -> None:
    """A win rate's numerator is the cell of the deals won, and its denominator adds the deals lost to that numerator;
    a window's first day is the cell of the first row with that window."""
    (page,) = (page for page in pack_of(company).pages if page.key == "numbers")
    assert page.records is not None
    fields = {field.header: field for field in page.records.fields}
    words = list(zip(fields["metric"].values, fields["view"].values, strict=True))
    won, rate = words.index(("won_opportunities", "total")), words.index(("win_rate_count", "total"))
    above = len(page.rows) + 2  # the rows before the first record, counted from 1

    def cell(header: str, record: int) -> Range:
        column = 1 + list(fields).index(header)
        return Range("numbers", above + record, above + record, column, column)

    numerator, denominator = fields["numerator"].formulas[rate], fields["denominator"].formulas[rate]
    assert numerator is not None and numerator.parts == (cell("value", won),)
    assert denominator is not None and denominator.parts[:3] == (cell("numerator", rate), "+", "SUMIFS(")
    assert sum("Lost" in str(part) for part in denominator.parts) == 1
    assert not any("Won" in str(part) for part in denominator.parts)
    starts = fields["window_start"].formulas
    (again,) = (starts[rate] or Formula(())).parts
    assert isinstance(again, Range) and again < cell("window_start", rate)
    assert (starts[again.first_row - above] or Formula(())).parts[:1] != (again,)


@pytest.mark.slow
@pytest.mark.office
def test_a_company_with_all_tables_recalculates(company: Path, tmp_path: Path) -> None:
    found = assert_live(pack_of(company), tmp_path)
    assert sum(found.live[page] for page in PAGES) > 400


@pytest.mark.ci
@pytest.mark.office
@pytest.mark.parametrize("segment", [ALL_ACCOUNTS, "SMB", "R&D / EU"])
@pytest.mark.parametrize("period", ["2026-05", "2026-Q1", "2025-05"])
def test_each_segment_and_period_recalculates(company: Path, tmp_path: Path, segment: str, period: str) -> None:
    assert_live(pack_of(company, segment, period), tmp_path)


@pytest.mark.ci
@pytest.mark.office
@pytest.mark.parametrize("first", ['count_by = "parent"\n', '[toggles]\nmembership = "period_end"\n'])
def test_other_settings_recalculate(tmp_path: Path, first: str) -> None:
    """Parents that count once, and members of the period's last day."""
    settings = first if "count_by" in first else ""
    folder = write_whole_company(tmp_path / "company", settings)
    if not settings:
        path = folder / "segxl.toml"
        path.write_text(path.read_text(encoding="utf-8") + first, encoding="utf-8")
    for segment in (ALL_ACCOUNTS, "SMB"):
        assert_live(pack_of(folder, segment), tmp_path / segment)


@pytest.mark.ci
@pytest.mark.office
def test_another_first_day_gives_the_flows_of_that_month(company: Path, tmp_path: Path) -> None:
    """May's pack with 1 April entered says what April's pack says."""
    write_xlsx(pack_of(company), tmp_path / "may.xlsx")
    book = openpyxl.load_workbook(tmp_path / "may.xlsx")
    sheet = book["Scorecard"]
    place = book.defined_names["PeriodStart"].attr_text.rpartition("!")[2].replace("$", "")
    sheet[place] = date(2026, 4, 1)
    book.save(tmp_path / "moved.xlsx")
    again = openpyxl.load_workbook(office.recalculated(tmp_path / "moved.xlsx", tmp_path / "out"), data_only=True)
    moved = {str(row[0]): row[1] for row in again["Scorecard"].values}
    write_xlsx(pack_of(company, period="2026-04"), tmp_path / "april.xlsx")
    april = openpyxl.load_workbook(tmp_path / "april.xlsx", data_only=True)
    expected = {str(row[0]): row[1] for row in april["Scorecard"].values}
    for name in ("Won revenue", "Lost revenue", "Net new pipeline", "Won opportunities", "Leads", "Average deal size"):
        assert moved[name] == pytest.approx(expected[name]), name
    # The small company by hand: won in April 3,000 and 500.
    assert moved["Won revenue"] == expected["Won revenue"]


@pytest.mark.ci
@pytest.mark.office
def test_a_changed_deal_changes_the_page(tmp_path: Path) -> None:
    """W1 of 10,000 becomes 10,700 in the data sheet: won revenue of May is 13,300.50, deals of 3,325.125 each."""
    folder = small.write_company(tmp_path / "company")
    write_xlsx(pack_of(folder), tmp_path / "pack.xlsx")
    book = openpyxl.load_workbook(tmp_path / "pack.xlsx")
    rows = list(book["Deals"].iter_rows(min_row=4))
    header = {cell.value: cell.column - 1 for cell in rows[0]}
    deal = next(row for row in rows if row[header["Opportunity"]].value == "W1")
    assert deal[header["Amount"]].value == 10000
    deal[header["Amount"]].value = 10700
    book.save(tmp_path / "changed.xlsx")
    again = openpyxl.load_workbook(office.recalculated(tmp_path / "changed.xlsx", tmp_path / "out"), data_only=True)
    found = {str(row[0]): row[1] for row in again["Scorecard"].values}
    assert found["Won revenue"] == 12600.5 + 700
    assert found["Average deal size"] == (12600.5 + 700) / 4


@pytest.mark.ci
@pytest.mark.office
def test_the_demo_recalculates(demo_exports: Path, tmp_path: Path) -> None:
    for period in ("2026-10", "2026-Q3"):
        found = assert_live(pack_of(demo_exports, "Enterprise", period), tmp_path / period)
        print(f"{period}: {sum(found.live[page] for page in PAGES)} live numbers")


@pytest.mark.ci
@pytest.mark.office
@pytest.mark.parametrize("seed", range(3))
def test_a_motley_company_recalculates(tmp_path: Path, seed: int) -> None:
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
        assert_live(pack_of(folder, segment, period), tmp_path / f"{segment}-{period}")


def test_every_number_of_deals_leads_to_its_rows(tmp_path: Path) -> None:
    """Won in May, by hand: W1, W2, W3 and N1, in one block; the link of a number that is no block leads to the table's
    head, and its rows are known all the same."""
    pack = pack_of(small.write_company(tmp_path))
    deals = next(page for page in pack.pages if page.key == "deals").records
    assert deals is not None and deals.behind is not None
    ids = next(field.values for field in deals.fields if field.header == "Opportunity")
    scorecard = next(page for page in pack.pages if page.key == "scorecard")
    row = next(row for row in scorecard.rows if row.cells and row.cells[0] and row.cells[0].value == "Won revenue")
    cell = row.cells[1]
    assert cell is not None and cell.link is not None and cell.formula is not None
    (number,) = cell.formula.parts
    assert isinstance(number, NumberCell)
    assert {ids[at] for at in deals.behind(number.key)} == {"W1", "W2", "W3", "N1"}
    assert cell.link.last - cell.link.first == 3


def test_each_record_is_there_once(company: Path) -> None:
    for page in pack_of(company).pages:
        if page.key in ("deals", "leads", "accounts") and page.records is not None:
            ids = page.records.fields[0].values
            assert len(set(ids)) == len(ids), page.key


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.label)
def test_each_measure_has_the_formula_that_it_declares(folder: Folder, measure: Measure) -> None:
    """Its data sheet has the columns that the declaration names; a number without rows says why it has none."""
    facts = Facts(folder(**ALL_TABLES))
    period = parse_period("2025-05", facts.dataset.settings.fiscal)
    figures = Figures(facts, ALL_ACCOUNTS)
    figure = figures.figure(as_expression(measure), COUNT, period.window)
    workings = Workings(facts, figures.scope(period.window), [figure])
    (formula,) = workings.figure(figure, "A1", "B1", None)
    if isinstance(measure.in_pack, NoRows):
        assert formula is None and measure.in_pack.reason.endswith(".")
        return
    if measure.fact not in ("unallocated", "labor") and not len(
        facts.rows(measure.fact, figures.scope(period.window)).row
    ):
        return  # no row of this company counts, so no sheet has it
    assert formula is not None and str(formula.parts[0]).startswith("SUM")
    columns = {part.header for part in formula.parts if isinstance(part, ColumnOf)}
    assert columns <= {field.header for page in workings.pages("") for field in page.records.fields}  # type: ignore


def test_items_that_sumifs_takes_for_one_have_words_of_their_own(tmp_path: Path) -> None:
    accounts = [
        (one, name, geo, "SMB") for one, name, geo in (("A1", "A", "East"), ("A2", "B", "EAST"), ("A3", "C", "7"))
    ]
    facts = small.facts_of(small.write_company(tmp_path, accounts=accounts))
    words = words_of(facts, "geo")
    assert {words[geo] for geo in ("East", "EAST", "7")} == {"EAST", "East (2)", "7 (text)"}


def test_what_is_no_formula_is_listed_with_its_reason(company: Path) -> None:
    pack = pack_of(company)
    definitions = next(page for page in pack.pages if page.key == "definitions")
    rows = [[cell.value for cell in row.cells if cell is not None] for row in definitions.rows]
    at = next(number for number, row in enumerate(rows) if row[:1] == ["Numbers that are not formulas"])
    share = share_of(pack.pages)
    assert share.others == () and share.live == share.numbers > 400
    assert rows[at + 1] == [
        f"{share.numbers:,} of {share.numbers:,} numbers on the pages (100.0%) are formulas over the data sheets."
    ]
    assert {"First day of the period", "Plans", "market revenue of the year", "Toggles"} <= {
        row[0] for row in rows[at:]
    }


@pytest.mark.ci
@pytest.mark.office
@pytest.mark.parametrize("period", ["2026-05", "2026-Q1"])
def test_the_executive_pack_recalculates(company: Path, tmp_path: Path, period: str) -> None:
    facts = small.facts_of(company)
    result = small.scorecard_of(facts, period)
    assert result.executive is not None
    pack = executive_pack(facts, result, result.executive, executive_summary(facts, result))
    write_xlsx(pack, tmp_path / "pack.xlsx")
    found = recalculated(tmp_path / "pack.xlsx", tmp_path / "again")
    assert found.different == () and sum(found.live.values()) > 200
    assert share_of(pack.pages).others == ()


def test_a_criterion_meets_its_text_only() -> None:
    assert criterion("East") == '"East"'
    assert criterion('a "b"') == '"a ""b"""'
    assert criterion("<10M") == '"=<10M"'
    assert criterion("A*?~") == '"=A~*~?~~"'


def meets(value: Any, condition: str) -> bool:
    """Whether a reader who sets this filter sees the value."""
    if condition == "not blank":
        return value is not None
    if condition.startswith(">="):
        return value is not None and value >= float(condition[2:])
    first, _, last = condition.partition(" to ")
    if last and isinstance(value, date):
        return first <= value.isoformat() <= last
    return str(value) in condition.split(" or ")


def filter_of(words: str, columns: Mapping[str, object]) -> tuple[str, str]:
    """The column that a condition names, and what it asks of it."""
    header = max((one for one in columns if words.startswith(f"{one} ")), key=len)
    return header, words[len(header) + 1 :]


@pytest.mark.parametrize("key", ["scorecard", "breakdowns"])
def test_the_filter_that_a_link_names_leaves_its_rows(company: Path, key: str) -> None:
    """Applied as a reader would, each filter leaves as many rows as the link says."""
    pack = pack_of(company, "SMB")
    pages = {one.key: one for one in pack.pages}
    links = {cell.link for row in pages[key].rows for cell in row.cells if cell is not None and cell.link is not None}
    filtered = 0
    for link in links:
        count, _, conditions = link.tip.partition(". Filter: ")
        records = pages[link.page].records
        assert records is not None
        columns = {field.header: field.values for field in records.fields}
        if not conditions:
            assert link.last - link.first + 1 == int(count.split()[0].replace(",", ""))
            continue
        left = set()
        for either in conditions.split("; or "):
            asked = [filter_of(one, columns) for one in either.split("; ")]
            left |= {at for at in range(len(records)) if all(meets(columns[one][at], value) for one, value in asked)}
        assert len(left) == int(count.split()[0].replace(",", "")), link.tip
        filtered += 1
    assert filtered > 10
