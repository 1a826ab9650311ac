"""``count_by = "parent"`` in the segment performance report: by hand, and families of the slow oracle's accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from segxl.facts.presence import Presence
from segxl.pages.drillthrough.report_accounts import AccountLists
from segxl.pages.report.report import report_pack
from segxl.render.json.report import report_document
from segxl.report.choices import Options
from segxl.report.compute import make
from segxl.report.explain import explain
from segxl.report.model import Selector
from segxl.report.states import LINES
from tests.agreement import World, as_known, loaded_report, options_of, unknown_category
from tests.conftest import Folder
from tests.oracle import report as oracle
from tests.oracle.report_worlds import cases
from tests.report_tables import NOW, SNAPSHOTS, activities, counts, deals, of_line, of_state, report, stages

BY_PARENT = NOW + 'count_by = "parent"\n' + SNAPSHOTS
# Acme Ltd and Acme GmbH belong to Acme, which belongs to Holding; B1 and B2 to a parent that no table has.
FAMILIES = """account_id,name,parent_id,geo
Holding,Holding,,North
Acme,Acme,Holding,East
Ltd,Acme Ltd,Acme,West
GmbH,Acme GmbH,Acme,West
B1,Beta,Unlisted,South
B2,Beta Inc,Unlisted,West
C,Gamma,,West
"""
TABLES = {
    "accounts": FAMILIES,
    "buying_stages": stages(
        "Ltd,2025-09-05,Target",
        "GmbH,2025-09-06,Decision",  # the family: Decision
        "Ltd,2025-10-05,Purchase",  # the family: Purchase
        "B2,2025-10-01,Awareness",  # its family had no stage
    ),
    "activities": activities(
        "Ltd,2025-10-05,webinar,engagement",
        "GmbH,2025-10-08,webinar,engagement",
        "B1,2025-10-02,webinar,engagement",
        "C,2025-09-02,webinar,engagement",
    ),
    "opportunities": deals(
        "1,Ltd,2025-10-05,,Discovery,100,USD",
        "2,GmbH,2025-10-06,,Discovery,30,USD",
        "3,B1,2025-10-07,,Discovery,5,USD",
        columns=",currency",
    ),
}


def test_a_family_is_one_account_at_its_highest_stage(folder: Folder) -> None:
    document = report(folder(BY_PARENT, **TABLES), type="buying-stage")
    assert document["options"]["count_by"] == "parent"
    assert document["summary"]["total_accounts"] == 3
    assert document["summary"]["increased"] == 2
    assert counts(document, "baseline") == {
        "No stage": 2, "Target": 0, "Awareness": 0, "Consideration": 0, "Decision": 1, "Purchase": 0
    }  # fmt: skip
    assert counts(document, "analysis")["Purchase"] == counts(document, "analysis")["Awareness"] == 1
    assert document["summary"]["new_pipeline"] == 135
    assert of_state(document, "Purchase")["new_pipeline"] == 130  # of both accounts of the family
    assert of_state(document, "Awareness")["new_pipeline"] == 5  # B1's opportunity, B2's stage
    webinars = of_line(document, "Engagement", "Webinars")
    assert (webinars["baseline"], webinars["analysis"], webinars["new_pipeline"]) == (1, 2, 135)
    assert any(note.startswith("Counted by parent: 7 accounts of the cohort count as 3") for note in document["notes"])
    assert document["stages_over_time"]["periods"][-1]["counts"] == [1, 0, 1, 0, 0, 1]


def test_accounts_of_one_domain_are_one_as_well(folder: Folder) -> None:
    """The same families with C at the domain of Beta: C's webinar of September is the family's."""
    domains = {"B2": "beta.example", "C": "www.beta.example"}
    header, *lines = FAMILIES.splitlines()
    accounts = "\n".join([f"{header},domain", *(f"{line},{domains.get(line.split(',')[0], '')}" for line in lines)])
    document = report(folder(BY_PARENT, **{**TABLES, "accounts": accounts}), type="buying-stage")
    assert document["summary"]["total_accounts"] == 2
    webinars = of_line(document, "Engagement", "Webinars")
    assert (webinars["baseline"], webinars["analysis"]) == (1, 2)
    assert document["summary"]["new_pipeline"] == 135


def test_accounts_are_counted_by_default_and_the_report_says_so(folder: Folder) -> None:
    document = report(folder(BY_PARENT.replace('count_by = "parent"\n', ""), **TABLES), type="buying-stage")
    assert document["options"]["count_by"] == "account"
    assert document["summary"]["total_accounts"] == 7
    assert document["summary"]["new_pipeline"] == 135  # no money moves


def test_accounts_of_a_family_outside_the_cohort_add_nothing(folder: Folder) -> None:
    members = "segment,account_id,start\nSome,Ltd,2025-01-01\nSome,C,2025-01-01\n"
    data = folder(BY_PARENT, **TABLES, segment_members=members)
    document = report(data, type="buying-stage", segments=("Some",))
    assert document["summary"]["total_accounts"] == 2
    assert counts(document, "baseline")["Target"] == 1  # Ltd's own, not its sister's Decision
    assert document["summary"]["new_pipeline"] == 100


def test_lists_name_the_parent_and_how_many_accounts_it_stands_for(folder: Folder) -> None:
    result, working, _ = make(
        Presence(folder(BY_PARENT, **TABLES)),
        Options(type="buying-stage", analysis="2025-10", baseline="2025-09"),
    )
    lines = explain(result, working, "summary", "total_accounts").splitlines()
    table = lines[lines.index("") + 1 :]
    assert table[0].split()[:5] == ["Account", "Account", "ID", "Accounts", "Geo"]
    assert [line.split()[:3] for line in table[1:4]] == [
        ["Beta", "B1", "2"],
        ["Gamma", "C", "1"],
        ["Holding", "Holding", "4"],
    ]
    first, about = report_pack(result, working).pages[:2]
    assert "counted by parent" in str(first.rows[1].cells[0].value if first.rows[1].cells[0] else "")
    words = [str(cell.value) for row in about.rows for cell in row.cells if cell]
    assert words[words.index("Counted by") + 1].startswith("parent or shared domain")


@pytest.mark.ci
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases(), parents=st.lists(st.sampled_from([None, 0, 1, 2, "x"]), min_size=8, max_size=8))
def test_families_of_random_worlds(case: tuple[World, dict[str, Any]], parents: list[int | str | None]) -> None:
    """Each number for families, from the oracle's answers for their accounts."""
    world, chosen = case
    world["settings"]["count_by"] = "parent"
    accounts = world["tables"]["accounts"]
    for at, row in enumerate(accounts):
        wanted = parents[at % len(parents)]
        earlier = isinstance(wanted, int) and wanted < at
        row["parent_id"] = accounts[wanted]["account_id"] if earlier else "Unlisted" if wanted == "x" else ""  # type: ignore[index]
    note(repr(chosen))
    presence = Presence(loaded_report(world))
    assume(not unknown_category(presence, chosen))
    result, working, _ = make(presence, options_of(chosen, allow_partial=True))
    assert [check.name for check in result.checks if not check.passed and "exchange rate" not in check.name] == []
    above = {row["account_id"]: row["parent_id"] for row in accounts}

    def family(account: str) -> str:
        while above.get(account):
            account = above[account]
        return account

    book = oracle.read(as_known(world), chosen)
    families = {family(account) for account in book.cohort}
    document = report_document(result)
    assert document["summary"]["total_accounts"] == len(families)
    window = book.window("analysis")
    if book.has_crm and document["summary"]["new_pipeline"] is not None:  # else the deals end before the timeframe
        total = oracle.sum_of(book.world, book.deals, "created", window)
        assert Decimal(str(document["summary"]["new_pipeline"])) == total
    for line in oracle.LINES:
        shown = next(one for one in document["activities"] if (one["panel"], one["line"]) == (line.panel, line.line))
        if not shown["available"] or shown["analysis"] is None:
            continue  # not connected, or its rows end before the timeframe; the report's oracle says which
        active = {family(account) for account in oracle.accounts_active(book, line, "analysis")}
        assert shown["analysis"] == len(active)
        if book.has_crm and shown["total_won"] is not None:
            theirs = [deal for deal in book.deals if family(deal.account) in active]
            money = oracle.sum_of(book.world, theirs, "won", window, undefined=False)
            assert Decimal(str(shown["total_won"])) == money
    if working.by_stage and book.is_predictive:
        highest: dict[str, list[int]] = {one: [0, 0] for one in families}
        for at, when in enumerate(("baseline", "analysis")):
            for account, rank in oracle.stages_in(book, when).items():
                highest[family(account)][at] = max(highest[family(account)][at], rank)
        expected = [[0] * 6 for _ in range(6)]
        for before, after in highest.values():
            expected[before][after] += 1
        assert document["movement"]["counts"] == expected
    elif not working.by_stage:
        states = oracle.accounts_in_states(book, "analysis")
        known = ("Intent", "Anonymous Website Visit", "Known Engagement")
        found = {state: {family(account) for account in states[state]} for state in states}
        found["No Engagement"] = families - set().union(*(found[state] for state in known))
        for shown in document["performance"]:
            if shown["available"] and shown["analysis"] is not None:
                assert shown["analysis"] == len(found[shown["state"]]), shown["state"]
    lists = AccountLists(result, working, "")
    assert (lists.link(Selector("cohort")) is not None) == bool(families)
    assert len(LINES) == len(oracle.LINES)
