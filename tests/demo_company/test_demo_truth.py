"""The exports carry the planted truth: a stranger who reads the files with the csv module finds the same numbers.

That reader knows what ``segxl.toml`` says, and nothing of segxl or of the simulation. Then segxl itself reads the
exports, and its scorecards and its report say the planted numbers too.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.facts.arrays import Scope
from segxl.facts.engine import Facts
from segxl.facts.presence import Presence
from segxl.render.json.report import report_document
from segxl.render.json.scorecard import scorecard_document
from segxl.report.choices import Options
from segxl.report.compute import make as make_report
from segxl.report.states import LINES
from segxl.scorecard.compute import make as make_scorecard
from tests.demo_company.truth import NO_STAGE, ROLL_FORWARD, SEGMENTS, planted_truth

pytestmark = pytest.mark.slow

Row = dict[str, str]
Truth = dict[str, Any]
Folder = dict[str, list[Row]]

LAST_DAY = date(2026, 10, 31)
MONTHS = ["2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"]
STAGES = ["Target", "Awareness", "Consideration", "Decision", "Purchase"]


@pytest.fixture(scope="module")
def truth() -> Truth:
    return planted_truth()


@pytest.fixture(scope="module")
def exports(demo_exports: Path) -> Path:
    return demo_exports


@pytest.fixture(scope="module")
def files(exports: Path) -> Folder:
    return {path.name: read(path) for path in exports.glob("*.csv")}


def read(path: Path) -> list[Row]:
    body = path.read_bytes().decode("utf-8-sig").partition("\n\n")[0]
    return list(csv.DictReader(io.StringIO(body), delimiter=";" if path.name == "fx_rates.csv" else ","))


def cents(amount: float) -> Any:
    return pytest.approx(amount, abs=0.01)


@cache
def day(text: str) -> date:
    for form in ("%Y-%m-%d", "%m/%d/%Y", "%b %d, %Y", "%Y-%m-%d %H:%M"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise AssertionError(text)


def month(text: str) -> str:
    return f"{day(text):%Y-%m}" if text else ""


def end_of(label: str) -> date:
    first = date.fromisoformat(f"{label}-01")
    return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def before(label: str) -> str:
    return f"{date.fromisoformat(f'{label}-01') - timedelta(days=1):%Y-%m}"


def members(files: Folder) -> Callable[[str, str, date], bool]:
    accounts = {row["Account ID"]: row for row in files["accounts.csv"]}
    listed = defaultdict(list)
    for row in files["segment_members.csv"]:
        ends = row["Left"] or "9999-12-31"
        listed[row["Account ID"]].append((day(row["Joined"] or "2024-10-15"), date.fromisoformat(ends)))

    def is_member(segment: str, account: str, on: date) -> bool:
        if segment == "All accounts":
            return True
        if segment == "Strategic 50":
            return any(start <= on < end for start, end in listed[account])
        row = accounts.get(account)
        if row is None:
            return False
        if segment == "Regulated industries":
            return row["Industry"] in ("Financial Services", "Healthcare") and int(row["Employees"]) >= 200
        return row["Segment"] == segment

    return is_member


@pytest.mark.ci
@pytest.mark.parametrize("segment", SEGMENTS)
def test_leads(files: Folder, truth: Truth, segment: str) -> None:
    is_member = members(files)
    created = {row["Opportunity ID"]: row["Created Date"] for row in files["opportunities.csv"]}
    leads = {row["Lead ID"]: row for row in files["leads.csv"]}.values()
    sqos = {}
    for row in leads:
        if deal := row["Converted Opportunity ID"]:
            sqos[deal] = (row["Account ID"], row["Converted Date"] or created[deal])
    events = {
        "leads": [(row["Account ID"], row["Created Date"]) for row in leads],
        "mqls": [(row["Account ID"], row["MQL Date"]) for row in leads if row["MQL Date"]],
        "sqos": list(sqos.values()),
    }
    for name, found in events.items():
        counted = Counter(month(when) for account, when in found if is_member(segment, account, day(when)))
        assert truth["segments"][segment][name] == {label: counted[label] for label in MONTHS}


def balances(files: Folder, label: str) -> dict[str, dict[str, Fraction]]:
    """What each account pays at a month's end, by currency."""
    end = end_of(label)
    found: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for row in files["subscriptions.csv"]:
        if row["Status"] == "Draft" or row["MRR"] == "TBD":
            continue
        if day(row["Start Date"]) <= end and (not row["End Date"] or end < day(row["End Date"])):
            found[row["CRM Account ID"]][row["Currency"]] += Fraction(row["MRR"])
    return found


@pytest.mark.parametrize("segment", SEGMENTS)
def test_revenue(files: Folder, truth: Truth, segment: str) -> None:
    is_member = members(files)
    rates = {
        (row["Month"], row["Currency"]): Fraction(row["USD per unit"].replace(",", "."))
        for row in files["fx_rates.csv"]
    }

    def dollars(amounts: dict[str, Fraction], label: str) -> Fraction:
        return sum((cash * rates.get((label, money), 1) for money, cash in amounts.items()), Fraction(0))

    for label in MONTHS:
        then, now = balances(files, before(label)), balances(files, label)
        closing = {one: cash for one, cash in now.items() if is_member(segment, one, end_of(label))}
        opening = {one: cash for one, cash in then.items() if is_member(segment, one, end_of(before(label)))}
        mrr = truth["segments"][segment]["mrr"][label]
        assert mrr["opening"] == cents(float(sum(dollars(one, before(label)) for one in opening.values())))
        assert mrr["closing"] == cents(float(sum(dollars(one, label) for one in closing.values())))
        assert truth["segments"][segment]["customers"][label] == len(closing)
        churned = [
            dollars(cash, before(label))
            for one, cash in then.items()
            if one not in now and is_member(segment, one, end_of(label))
        ]
        assert mrr["churn"] == cents(float(sum(churned)))
        gained = [
            dollars(cash, before(label))
            for one, cash in now.items()
            if one not in then and is_member(segment, one, end_of(label))
        ]
        assert mrr["new"] + mrr["reactivation"] == cents(float(sum(gained)))


@pytest.mark.parametrize("segment", SEGMENTS)
def test_the_roll_forward_closes(truth: Truth, segment: str) -> None:
    months = truth["segments"][segment]["mrr"]
    for label in MONTHS:
        mrr = months[label]
        assert tuple(mrr) == ROLL_FORWARD
        up = sum(mrr[name] for name in ("new", "reactivation", "expansion", "exchange", "entering"))
        down = sum(mrr[name] for name in ("contraction", "churn", "leaving"))
        assert mrr["opening"] + up - down == pytest.approx(mrr["closing"], abs=0.05)
        if label != MONTHS[0]:
            assert mrr["opening"] == months[before(label)]["closing"]


def highest_stages(files: Folder, label: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in files["6sense_buying_stages.csv"]:
        if month(row["Date"]) == label and row["Buying Stage"] in STAGES:
            rank = STAGES.index(row["Buying Stage"])
            found[row["CRM Account ID"]] = max(rank, found.get(row["CRM Account ID"], rank))
    return found


def cohort(files: Folder, segment: str) -> list[str]:
    is_member = members(files)
    return [one["Account ID"] for one in files["accounts.csv"] if is_member(segment, one["Account ID"], LAST_DAY)]


@pytest.mark.parametrize("segment", SEGMENTS)
def test_stages(files: Folder, truth: Truth, segment: str) -> None:
    names, accounts, planted = [*STAGES, NO_STAGE], cohort(files, segment), truth["segments"][segment]
    assert planted["cohort"] == len(accounts)
    by_month = {label: highest_stages(files, label) for label in MONTHS}
    for label, ranks in by_month.items():
        counted = Counter(names[ranks.get(one, -1)] for one in accounts)
        assert planted["stages"][label] == {name: counted[name] for name in names}
    old, new = by_month[MONTHS[-2]], by_month[MONTHS[-1]]
    moved = Counter((old.get(one, -1), new.get(one, -1)) for one in accounts)
    grid = planted["movement"]
    for (was, now), number in moved.items():
        assert grid[names[was]][names[now]] == number
    assert sum(grid[one][other] for one in names for other in names) == len(accounts)
    assert grid["up"] + grid["down"] + grid["same"] == len(accounts)
    assert grid["up"] == sum(number for (was, now), number in moved.items() if now > was)


def named_accounts(files: Folder) -> Callable[[Row], str]:
    """Who a row without id is: by its domain, by its name before the comma and its country, by the answered list."""
    domains = {row["Website"].removeprefix("www."): row["Account ID"] for row in files["accounts.csv"]}
    names = {(row["Account Name"], row["Billing Country"]): row["Account ID"] for row in files["accounts.csv"]}
    answers = {
        row["name"]: row["candidate account_id"] if row["answer"] == "yes" else row["answer"]
        for row in files["account-review.csv"]
    }
    assert len(domains) == len(names) == len(files["accounts.csv"])

    def whose(row: Row) -> str:
        if row["Domain"]:
            return domains[row["Domain"].removeprefix("www.")]
        if row["Country"]:
            return names[row["Company Name"].partition(",")[0], row["Country"]]
        return answers[row["Company Name"]]

    return whose


def sightings(files: Folder) -> Iterable[tuple[str, str, str]]:
    """``source/kind``, account and date of every row that counts, as the settings' remarks say."""
    for row in files["website_visits.csv"]:
        if row["Account ID"]:
            yield f"{row['Visitor'].lower()}_web/engagement", row["Account ID"], row["Week Of"]
    for row in files["6sense_keywords.csv"]:
        yield "6sense_keyword/intent", row["CRM Account ID"], row["Date Researched"]
    whose = named_accounts(files)
    for row in files["bombora_surge.csv"]:
        if int(row["Composite Score"]) >= 60:
            yield "bombora_topic/intent", whose(row), row["Report Date"]
    for row in files["g2_buyer_intent.csv"]:
        yield "g2_intent/intent", row["crm_account_id"], row["visit_date"]
    for row in files["linkedin_ads.csv"]:
        yield "linkedin_campaign/reach", row["CRM Account ID"], row["Day"]
        if row["Paid Clicks"] != "0":
            yield "linkedin_campaign/engagement", row["CRM Account ID"], row["Day"]
    for row in files["display_ads.csv"]:
        if row["Campaign Type"] != "Retargeting":
            source = {"6sense": "6sense_campaign", "AdRiver": "external_campaign"}[row["Platform"]]
            kind = {"Impression": "reach", "Click": "engagement"}[row["Event"]]
            yield f"{source}/{kind}", row["Account ID"], row["Week"]
    for row in files["email_campaigns.csv"]:
        if row["Status"] != "Bounced":
            kind = {"Delivered": "reach", "Clicked": "engagement"}[row["Status"]]
            yield f"crm_map_campaign/{kind}", row["Account ID"], row["Activity Date"]
    for row in files["webinars.csv"]:
        if row["Attended"] == "Yes":
            yield "webinar/engagement", row["Account ID"], row["Date"]
    for row in files["event_members.csv"]:
        if row["Member Status"] != "Registered":
            source = row["Campaign Type"].lower().replace(" ", "_")
            yield f"{source}/engagement", row["Account ID"], row["Member First Associated Date"]
    for row in files["sales_activities.csv"]:
        kind = "reach" if row["Call Result"] in ("Left Voicemail", "Sent") else "engagement"
        yield f"crm_activity/{kind}", row["Account ID"], row["Date"]


def test_activities(files: Folder, truth: Truth) -> None:
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, account, when in sightings(files):
        seen[name, month(when)].add(account)
    for segment in SEGMENTS:
        accounts, planted = set(cohort(files, segment)), truth["segments"][segment]["activities"]
        assert {name for name, _ in seen} == set(planted)
        for name, months in planted.items():
            assert months == {label: len(seen[name, label] & accounts) for label in MONTHS}, (segment, name)


@pytest.mark.ci
def test_the_truth_of_another_length() -> None:
    short = planted_truth(months=2)
    assert short["months"] == MONTHS[-2:]
    assert set(short["segments"]) == set(SEGMENTS)


# -- segxl's own numbers


@pytest.fixture(scope="module")
def dataset(exports: Path) -> Dataset:
    return load(exports)


def test_scorecards_say_the_planted_numbers(dataset: Dataset, truth: Truth) -> None:
    facts = Facts(dataset)
    for label in MONTHS[-2:]:
        made = make_scorecard(facts, label, ())[0]
        assert [check.name for check in made.checks if not check.passed] == []
        document = scorecard_document(made)["segments"]
        assert set(document) == set(SEGMENTS)
        for segment, planted in truth["segments"].items():
            where, found = (label, segment), document[segment]["metrics"]
            for name in ("leads", "mqls", "sqos"):
                assert found[name]["views"]["total"]["value"] == planted[name][label], (*where, name)
            assert found["customers"]["views"]["running_total"]["value"] == planted["customers"][label], where
            # segxl rounds what each account pays to cents, the truth does not
            mrr, rolled = found["mrr"]["views"], facts.accounts.rollforward(Scope(segment, made.period.window))
            assert rolled is not None
            for name in ROLL_FORWARD:
                assert rolled[name] / 100 == pytest.approx(planted["mrr"][label][name], abs=0.10), (*where, name)
            assert mrr["total"]["value"] == rolled["opening"] / 100, where
            assert mrr["closing"]["value"] == rolled["closing"] / 100, where


def test_the_report_says_the_planted_numbers(dataset: Dataset, truth: Truth) -> None:
    presence = Presence(dataset)
    times = {"baseline": MONTHS[-2], "analysis": MONTHS[-1]}
    for segment, planted in truth["segments"].items():
        report = report_document(make_report(presence, Options(segments=(segment,)))[0])
        assert [check["name"] for check in report["checks"] if not check["passed"]] == []
        assert report["timeframes"] == times

        names, grid, summary = report["movement"]["stages"], planted["movement"], report["summary"]
        assert set(names) == {*STAGES, NO_STAGE}
        assert report["movement"]["counts"] == [[grid[was][now] for now in names] for was in names], segment
        assert summary["total_accounts"] == planted["cohort"], segment
        assert (summary["increased"], summary["decreased"]) == (grid["up"], grid["down"]), segment
        stages = {line["state"]: line for line in report["performance"] if line["state"] in names}
        for when, label in times.items():
            assert {name: line[when] for name, line in stages.items()} == planted["stages"][label], (segment, label)
        over_time = {one["period"]: one["counts"] for one in report["stages_over_time"]["periods"]}
        for label, counts in planted["stages"].items():
            assert over_time[label] == [counts[name] for name in names], (segment, label)

        lines = {(line["panel"], line["line"]): line for line in report["activities"]}
        compared = set()
        for line in (one for one in LINES if not one.total):
            key = f"{line.sources[0]}/{line.kind}"
            accounts = planted["activities"].get(key)  # none: the demo has no such source
            for when, label in times.items():
                assert lines[line.panel, line.name][when] == (accounts and accounts[label]), (segment, key, label)
            compared.add(key)
        assert compared >= set(planted["activities"])


def test_accounts_without_ids_are_found(dataset: Dataset, files: Folder) -> None:
    """Each of the three ways is needed, no question is open, and no row is left over."""
    surging = [row for row in files["bombora_surge.csv"] if int(row["Composite Score"]) >= 60]
    by_domain = sum(bool(row["Domain"]) for row in surging)
    by_name = sum(bool(row["Country"]) and not row["Domain"] for row in surging)
    by_answer = len(surging) - by_domain - by_name
    assert min(by_domain, by_name, by_answer) > 5
    entry = next(one for one in dataset.ledger.files if one.file == "bombora_surge.csv")
    for number, way in ((by_answer, "your answers"), (by_domain, "domain"), (by_name, "name and country")):
        assert [note for note in entry.notes if note.startswith(f"{number:,} rows matched to an account by {way}, ")]
    assert entry.used == len(surging)
    assert not [note for note in entry.notes if "not in the accounts table" in note]
    assert dataset.review.questions == ()
    assert sum(int(row["rows"]) for row in files["account-review.csv"]) == by_answer
