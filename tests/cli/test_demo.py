"""The demo's exports, read back as a stranger would: with the csv module and segxl's calendar."""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from segxl.cli.demo import exports
from segxl.periods import month_end, to_month
from segxl.sources.matching.review_list import REVIEW_FILE
from tests.demo_company import dirt
from tests.demo_company.company import write_exports

pytestmark = pytest.mark.slow

Row = dict[str, str]

SEGMENTS = ("Enterprise", "Mid-Market", "SMB")
OPEN = ("Discovery", "Qualified", "Demo", "Proposal", "Negotiation")
WON, LOST = "Closed Won", "Closed Lost"
FIRST, LAST = date(2024, 9, 1), date(2026, 10, 31)
MONTHS = range(to_month(FIRST), to_month(LAST) + 1)
QUARTER_END_MONTHS = (1, 4, 7, 10)

CRM = ("accounts.csv", "opportunities.csv", "opportunity_history.csv", "users.csv")
CRM_SHA256 = "ba7f5b610ea8f5d063f8e9b20e14ec3e03215273850362e5e3989dc2f498f3f3"
"""Of the default company's CRM files in this order: the same on every platform and Python. What other tools export is
drawn from streams of its own and must not change it."""
SHA256 = "d3e29d3bde9a1dcc5928c1dd123af0a78a4d8240cee0467e11dfbff0424be441"
"""Of all of its files, ``segxl.toml`` too, in the order written. Renew it with the demo."""


@dataclass
class Exports:
    """The four tables without their footers, and each opportunity's history, oldest first."""

    accounts: list[Row]
    opportunities: list[Row]
    history: list[Row]
    users: list[Row]

    @property
    def by_id(self) -> dict[str, Row]:
        return {row["Opportunity ID"]: row for row in self.opportunities}

    @property
    def once(self) -> Iterable[Row]:
        return self.by_id.values()

    @property
    def lives(self) -> dict[str, list[Row]]:
        lives: dict[str, list[Row]] = defaultdict(list)
        for row in reversed(self.history):
            lives[row["Opportunity ID"]].append(row)
        return lives

    @property
    def segment_of(self) -> Callable[[Row], str]:
        segments = {row["Account ID"]: row["Segment"] for row in self.accounts}
        return lambda row: segments.get(row["Account ID"], "")


def body_and_footer(text: str) -> tuple[list[Row], list[str]]:
    body, _, footer = text.partition("\n\n")
    return list(csv.DictReader(io.StringIO(body))), footer.splitlines()


def read(folder: Path) -> Exports:
    def rows(name: str) -> list[Row]:
        return body_and_footer((folder / name).read_bytes().decode())[0]

    return Exports(rows("accounts.csv"), rows("opportunities.csv"), rows("opportunity_history.csv"), rows("users.csv"))


def day(text: str) -> date:
    return datetime.strptime(text, "%m/%d/%Y").date()


def month_of(row: Row) -> int:
    return to_month(day(row["Close Date"]))


def dollars(row: Row) -> float:
    return float(row["Amount"] or 0)


def sha256(files: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


@pytest.fixture(scope="session")
def folder(demo_exports: Path) -> Path:
    return demo_exports


@pytest.fixture(scope="session")
def demo(folder: Path) -> Exports:
    """The company that everybody sees."""
    return read(folder)


@pytest.fixture(scope="session", params=[2024, 7, 99])
def company(request: pytest.FixtureRequest, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Exports:
    """Companies of several seeds: what must hold for any."""
    if request.param == 2024:
        return read(folder)
    other = tmp_path_factory.mktemp("company")
    write_exports(other, seed=request.param)
    return read(other)


# --- the files ----------------------------------------------------------------------------------------------


@pytest.mark.ci
def test_the_same_bytes_each_time(folder: Path, tmp_path: Path) -> None:
    files = write_exports(tmp_path)
    assert files[0].name == "segxl.toml"
    assert sum(path.stat().st_size for path in files) < 12_000_000
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in files)
    assert sha256(folder / name for name in CRM) == CRM_SHA256
    assert sha256(files) == sha256(folder / path.name for path in files) == SHA256


def test_the_package_ships_what_the_company_exports(folder: Path) -> None:
    """After a change to the company: ``python -m tests.demo_company``."""
    shipped = exports()
    assert next(iter(shipped)) == "segxl.toml"
    assert shipped == {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.ci
def test_another_seed_is_another_company(demo: Exports, tmp_path: Path) -> None:
    write_exports(tmp_path, seed=2025)
    other = read(tmp_path)
    assert [row["Account Name"] for row in demo.accounts] != [row["Account Name"] for row in other.accounts]
    assert [row["Amount"] for row in demo.opportunities] != [row["Amount"] for row in other.opportunities]


@pytest.mark.parametrize("name", ["opportunities.csv", "opportunity_history.csv"])
def test_reports_end_with_the_footer(folder: Path, name: str) -> None:
    text = (folder / name).read_bytes().decode()
    rows, footer = body_and_footer(text)
    assert "\r" not in text
    assert footer == [
        f'"Grand Totals ({len(rows)} records)"',
        '"Confidential Information - Do Not Distribute"',
        '"Copyright © 2000-2026 salesforce.com, inc. All rights reserved."',
    ]


def test_headers_are_those_of_the_reports(demo: Exports) -> None:
    assert ", ".join(demo.opportunities[0]) == (
        "Opportunity Owner, Account Name, Opportunity Name, Stage, Fiscal Period, Amount, Probability (%), "
        "Age, Close Date, Created Date, Type, Lead Source, "
        "Opportunity ID, Account ID, Loss Reason, Product Category"
    )
    assert ", ".join(demo.history[0]) == (
        "Opportunity ID, Opportunity Name, From Stage, To Stage, Stage Duration, Last Modified, Amount, "
        "Close Date, Stage, Created Date"
    )


def test_sizes(demo: Exports) -> None:
    assert len(demo.accounts) == 2000
    assert 4800 <= len(demo.opportunities) <= 5200
    assert set(SEGMENTS) == {row["Segment"] for row in demo.accounts}
    assert len({row["Product Category"] for row in demo.opportunities}) == 3


def test_settings_name_what_is_there(folder: Path, demo: Exports) -> None:
    settings = tomllib.loads((folder / "segxl.toml").read_bytes().decode())
    assert settings["run_date"] == date(2026, 11, 5)
    named = set()
    for block in settings["tables"].values():
        for table in block if isinstance(block, list) else [block]:
            named.add(table["file"])
            header = (folder / table["file"]).read_text(encoding="utf-8-sig").splitlines()[0]
            own = set(next(csv.reader([header], delimiter=";" if ";" in header else ",")))
            assert set(table.get("columns", {}).values()) <= own
            assert {words["from"] for words in table.get("values", {}).values() if "from" in words} <= own
            assert set(table.get("where", {})) <= own
    assert named | {REVIEW_FILE} == {path.name for path in folder.glob("*.csv")}
    stages = {row["Stage"] for row in demo.opportunities}
    assert stages == {*settings["stages"], *settings["won_stages"], *settings["lost_stages"]}
    assert {row["Type"] for row in demo.opportunities} == set(settings["types"])
    assert settings["segments"]["by"] in demo.accounts[0]
    rule = settings["segments"]["named"][0]["where"]
    assert set(rule["Industry"]) <= {row["Industry"] for row in demo.accounts}


@pytest.mark.ci
def test_ids_have_18_characters_that_survive_lower_case(company: Exports) -> None:
    for prefix, rows, column in (
        ("001", company.accounts, "Account ID"),
        ("006", list(company.once), "Opportunity ID"),
    ):
        ids = [row[column] for row in rows]
        assert {(len(one), one[:3]) for one in ids} == {(18, prefix)}
        assert len({one.lower() for one in ids}) == len(ids)


def test_names_and_websites_are_unique(company: Exports) -> None:
    for column in ("Account Name", "Website"):
        assert len({row[column] for row in company.accounts}) == len(company.accounts)


# --- opportunities and their history agree ------------------------------------------------------------------


def test_the_last_history_row_is_the_opportunity(company: Exports) -> None:
    lives = company.lives
    for row in company.once:
        if not row["Created Date"]:
            continue
        first, last = lives[row["Opportunity ID"]][0], lives[row["Opportunity ID"]][-1]
        assert (last["To Stage"], last["Stage"]) == (row["Stage"], row["Stage"])
        assert (last["Amount"], last["Close Date"]) == (row["Amount"], row["Close Date"])
        assert first["Last Modified"] == first["Created Date"] == row["Created Date"]
        assert (first["From Stage"], last["Opportunity Name"]) == ("", row["Opportunity Name"])
        if row["Stage"] in (WON, LOST):
            assert last["Last Modified"] == row["Close Date"]


def test_history_is_newest_first_and_a_chain(company: Exports) -> None:
    days = [day(row["Last Modified"]) for row in company.history]
    assert days == sorted(days, reverse=True)
    for life in company.lives.values():
        for before, after in pairwise(life):
            assert after["From Stage"] == before["To Stage"]
            assert day(after["Last Modified"]) > day(before["Last Modified"])
            changed = [before[column] != after[column] for column in ("To Stage", "Amount", "Close Date")]
            assert any(changed)


def test_stage_durations_are_the_days_to_the_next_move(demo: Exports) -> None:
    for life in demo.lives.values():
        moves = [row for row in life if row["From Stage"] != row["To Stage"]]
        for move, following in pairwise(moves):
            stayed = day(following["Last Modified"]) - day(move["Last Modified"])
            assert move["Stage Duration"] == str(stayed.days)
        assert moves[-1]["Stage Duration"] == ""


def test_dates(company: Exports) -> None:
    for row in company.once:
        close = day(row["Close Date"])
        assert close.weekday() < 5
        if row["Stage"] in OPEN:
            assert row["Created Date"]
        else:
            assert FIRST <= close <= LAST
        if row["Created Date"]:
            created = day(row["Created Date"])
            assert date(2023, 9, 1) <= created <= LAST
            assert created < close
            assert row["Age"] == str((min(close, LAST) if row["Stage"] not in OPEN else LAST) - created).split()[0]


def test_probability_follows_the_stage_and_reasons_the_loss(company: Exports) -> None:
    probability = dict(zip((*OPEN, WON, LOST), (10, 20, 40, 60, 80, 100, 0), strict=True))
    for row in company.once:
        assert row["Probability (%)"] == str(probability[row["Stage"]])
        assert row["Stage"] == LOST or not row["Loss Reason"]


def test_fiscal_periods(demo: Exports) -> None:
    periods = {row["Close Date"]: row["Fiscal Period"] for row in demo.opportunities}
    assert {period for close, period in periods.items() if month_of({"Close Date": close}) == to_month(LAST)} == {
        "Q3-2027"
    }


def test_owners_are_users_and_segments_follow_employees(company: Exports) -> None:
    users = {row["Full Name"] for row in company.users}
    assert len(users) == len(company.users)
    assert {row["Opportunity Owner"] for row in company.opportunities} <= users
    assert {row["Account Owner"] for row in company.accounts} <= users
    for row in company.accounts:
        people = int(row["Employees"])
        assert row["Segment"] == SEGMENTS[(people < 1000) + (people < 200)]


def test_only_customers_renew_a_year_later(company: Exports) -> None:
    """Customers won before the export show by their renewals only: those of the first year follow nothing."""
    signed: dict[str, list[date]] = defaultdict(list)
    for row in company.once:
        if row["Stage"] == WON and row["Type"] in ("New Business", "Renewal"):
            signed[row["Account ID"]].append(day(row["Close Date"]))
    renewals = [row for row in company.once if row["Type"] == "Renewal" and row["Stage"] in (WON, LOST)]
    second = [row for row in renewals if day(row["Close Date"]) > date(2025, 11, 15)]
    assert len(second) > 500
    for row in second:
        gaps = [(day(row["Close Date"]) - before).days for before in signed[row["Account ID"]]]
        assert any(330 <= gap <= 400 for gap in gaps), row


def test_nobody_is_sold_a_first_contract_twice(company: Exports) -> None:
    first = Counter(row["Account ID"] for row in company.once if row["Type"] == "New Business" and row["Stage"] == WON)
    assert max(first.values()) == 1


def test_ways_through_the_stages(demo: Exports) -> None:
    """Most deals go straight; some skip, some fall back, a few are reopened, many change their amount."""
    seen: Counter[str] = Counter()
    for life in demo.lives.values():
        places = [(*OPEN, WON, LOST).index(row["To Stage"]) for row in life]
        seen["skipped"] += any(after - before > 1 for before, after in pairwise(places) if after < 5)
        seen["regressed"] += any(after < before < 5 for before, after in pairwise(places))
        seen["reopened"] += any(before > 4 > after for before, after in pairwise(places))
        amounts = [row["Amount"] for row in life if row["Amount"]]
        seen["revalued"] += len(set(amounts)) > 1
        seen["revalued in a stage"] += any(
            before["Amount"] != after["Amount"] and after["From Stage"] == after["To Stage"]
            for before, after in pairwise(life)
        )
        seen["all"] += 1
    share = {kind: count / seen["all"] for kind, count in seen.items()}
    assert 0.2 < share["skipped"] < 0.5
    assert 0.01 < share["regressed"] < 0.06
    assert 0.01 < share["reopened"] < 0.03
    assert 0.3 < share["revalued"] < 0.6
    assert share["revalued in a stage"] > 0.3


# --- the dirt -----------------------------------------------------------------------------------------------


def test_planted_dirt(company: Exports) -> None:
    known = {row["Account ID"] for row in company.accounts}
    rows = list(company.once)
    lost = [row for row in rows if row["Stage"] == LOST]
    without_account = [row for row in rows if not row["Account ID"]]
    assert len(without_account) == dirt.WITHOUT_ACCOUNT
    assert {row["Account Name"] for row in without_account} == {""}
    unknown = Counter(row["Account ID"] for row in rows if row["Account ID"] and row["Account ID"] not in known)
    assert len(unknown) == dirt.UNKNOWN_ACCOUNTS
    assert 9 <= sum(unknown.values()) <= 30
    assert sum(not row["Created Date"] for row in rows) == dirt.CARRIED_OVER
    assert sum(row["Amount"] == "0.00" for row in rows) == dirt.FREE_TRIALS
    assert sum(not row["Loss Reason"] for row in lost) == len(lost) // dirt.ONE_LOSS_REASON_BLANK_IN
    overdue = [row for row in rows if row["Stage"] in OPEN and day(row["Close Date"]) <= LAST]
    assert len(overdue) == dirt.OVERDUE
    assert {month_of(row) for row in overdue} == {to_month(LAST)}


def test_rows_that_stand_twice_are_identical(company: Exports) -> None:
    times = Counter(tuple(row.values()) for row in company.opportunities)
    assert sorted(times.values())[-dirt.ROWS_TWICE - 1 :] == [1] + [2] * dirt.ROWS_TWICE
    assert len(company.by_id) == len(company.opportunities) - dirt.ROWS_TWICE
    assert all(row[9] for row, count in times.items() if count == 2)


def test_deals_carried_over_have_no_history(company: Exports) -> None:
    with_history = {row["Opportunity ID"] for row in company.history}
    assert with_history == {row["Opportunity ID"] for row in company.once if row["Created Date"]}


def test_blank_amounts_are_those_of_deals_in_discovery(company: Exports) -> None:
    blank = [row for row in company.once if not row["Amount"]]
    assert 0.01 < len(blank) / len(company.by_id) < 0.04
    lives = company.lives
    for row in blank:
        assert {one["To Stage"] for one in lives[row["Opportunity ID"]]} <= {"Discovery", LOST}


def test_one_account_was_renamed(company: Exports) -> None:
    names: dict[str, set[str]] = defaultdict(set)
    for row in company.once:
        if row["Account ID"]:
            names[row["Account ID"]].add(row["Account Name"])
    (renamed,) = [account for account, spellings in names.items() if len(spellings) > 1]
    now = {row["Account ID"]: row["Account Name"] for row in company.accounts}[renamed]
    assert now.endswith(" Group")
    assert now in names[renamed]


# --- what a CFO would look at -------------------------------------------------------------------------------


def sums(rows: Iterable[Row], key: Callable[[Row], object], value: Callable[[Row], float]) -> dict[object, float]:
    added: dict[object, float] = defaultdict(float)
    for row in rows:
        added[key(row)] += value(row)
    return added


def closed(company: Exports, stage: str, segment: str = "", kind: str = "") -> list[Row]:
    segment_of = company.segment_of
    return [
        row
        for row in company.once
        if row["Stage"] == stage
        and row["Created Date"]
        and segment in ("", segment_of(row))
        and kind in ("", row["Type"])
    ]


def test_segments_differ_as_they_should(company: Exports) -> None:
    win_rates, sizes, days = [], [], []
    for segment in SEGMENTS:
        won = closed(company, WON, segment, "New Business")
        lost = closed(company, LOST, segment, "New Business")
        win_rates.append(len(won) / (len(won) + len(lost)))
        sizes.append(sum(map(dollars, won)) / len(won))
        days.append(sum(int(row["Age"]) for row in won) / len(won))
    assert 0.12 < win_rates[0] < win_rates[1] < win_rates[2] < 0.36
    assert sizes[0] > 2 * sizes[1] > 4 * sizes[2]
    assert days[0] > 1.4 * days[1] > 2 * days[2]


def test_renewals_are_won_more_often_than_anything_else(company: Exports) -> None:
    rates = {}
    for kind in ("New Business", "Cross-Sell", "Upsell", "Renewal"):
        won, lost = len(closed(company, WON, kind=kind)), len(closed(company, LOST, kind=kind))
        rates[kind] = won / (won + lost)
    assert rates["New Business"] < rates["Cross-Sell"] < rates["Upsell"] < rates["Renewal"]
    assert 0.84 < rates["Renewal"] < 0.93


@pytest.mark.parametrize("stage", [WON, LOST])
@pytest.mark.parametrize("segment", ["", *SEGMENTS])
def test_no_month_is_empty(company: Exports, stage: str, segment: str) -> None:
    deals = sums(closed(company, stage, segment), month_of, lambda row: 1)
    assert set(deals) == set(MONTHS)
    assert min(deals.values()) >= 3


def test_no_month_of_the_named_segment_is_empty(folder: Path, demo: Exports) -> None:
    settings = tomllib.loads((folder / "segxl.toml").read_bytes().decode())
    (named,) = settings["segments"]["named"]
    members = {
        row["Account ID"]
        for row in demo.accounts
        if row["Industry"] in named["where"]["Industry"] and int(row["Employees"]) >= named["where"]["Employees"]["min"]
    }
    for stage in (WON, LOST):
        assert {month_of(row) for row in closed(demo, stage) if row["Account ID"] in members} == set(MONTHS)


def test_growth(company: Exports) -> None:
    won = sums(closed(company, WON), month_of, dollars)
    latest, before = sum(won[month] for month in MONTHS[-12:]), sum(won[month] for month in MONTHS[-24:-12])
    assert 0.10 < latest / before - 1 < 0.45


def test_growth_of_the_default_company(demo: Exports) -> None:
    for segment, low, high in (("", 0.2, 0.3), ("Enterprise", 0.15, 0.3), ("SMB", 0.25, 0.4)):
        won = sums(closed(demo, WON, segment), month_of, dollars)
        growth = sum(won[month] for month in MONTHS[-12:]) / sum(won[month] for month in MONTHS[-24:-12]) - 1
        assert low < growth < high, segment


def test_seasons(company: Exports) -> None:
    won = sums(closed(company, WON), month_of, dollars)

    def mean(months: Callable[[int], bool]) -> float:
        values = [won[month] for month in MONTHS if months(month % 12 + 1)]
        return sum(values) / len(values)

    ordinary = mean(lambda month: month not in (*QUARTER_END_MONTHS, 8, 12))
    assert 1.2 < mean(lambda month: month in QUARTER_END_MONTHS) / ordinary < 2
    assert mean(lambda month: month == 8) < 1.05 * ordinary
    closings = [day(row["Close Date"]) for stage in (WON, LOST) for row in closed(company, stage)]
    december = [one for one in closings if one.month == 12]
    assert sum(one.day > 20 for one in december) < 0.2 * len(december)


def test_the_default_company_has_no_wild_month(demo: Exports) -> None:
    """Each month is near its neighbours of the same season; the last one is like the others."""
    for stage in (WON, LOST):
        amounts = sums(closed(demo, stage), month_of, dollars)
        year_on_year = [amounts[month] / amounts[month - 12] for month in MONTHS[12:]]
        assert min(year_on_year) > 0.7
        assert max(year_on_year) < 2
    won = sums(closed(demo, WON), month_of, dollars)
    quarter_ends = [won[month] for month in MONTHS if month % 12 + 1 in QUARTER_END_MONTHS]
    assert quarter_ends[-1] < 1.25 * quarter_ends[-2]
    august = to_month(date(2026, 8, 1))
    for month in (august, august - 12):
        assert won[month] == min(won[near] for near in range(month - 3, month + 3))
    for last in MONTHS[2:]:
        if last % 12 + 1 in QUARTER_END_MONTHS:
            assert won[last] > max(won[last - 1], won[last - 2])


def pipeline(company: Exports) -> dict[int, float]:
    """Open amounts at each month's end, as history has them."""
    ends = {month: month_end(month) for month in MONTHS}
    amounts = dict.fromkeys(MONTHS, 0.0)
    for life in company.lives.values():
        days = [day(row["Last Modified"]) for row in life] + [LAST + timedelta(days=1)]
        for row, since, until in zip(life, days, days[1:], strict=False):
            if row["To Stage"] in OPEN:
                for month in range(max(to_month(since), MONTHS[0]), min(to_month(until), MONTHS[-1]) + 1):
                    if since <= ends[month] < until:
                        amounts[month] += dollars(row)
    return amounts


def test_pipeline_covers_the_quarter_two_to_four_times(company: Exports) -> None:
    won, open_amounts = sums(closed(company, WON), month_of, dollars), pipeline(company)
    coverage = [open_amounts[month] / sum(won[month - n] for n in range(3)) for month in MONTHS[2:]]
    assert 2 < sum(coverage) / len(coverage) < 4
    assert min(coverage) > 1.4
    assert max(coverage) < 4
    growth = [after / before for before, after in pairwise(open_amounts.values())]
    assert min(growth) > 0.8
    assert max(growth) < 1.25
