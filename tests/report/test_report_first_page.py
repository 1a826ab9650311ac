"""Page one of the report, by hand: its headline, its figures against the baseline, who to call, what rose and fell."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from segxl.facts.presence import Presence
from segxl.pages.drillthrough.report_accounts import TITLE
from segxl.pages.model import Cell, Page, Row
from segxl.pages.report.activities import movers
from segxl.pages.report.first_page import legend as legend_of
from segxl.pages.report.report import report_pack
from segxl.render.html.number_formats import shown as shown_as
from segxl.render.json.report import report_document
from segxl.report.account_rows import AccountRows
from segxl.report.choices import Options
from segxl.report.compute import make
from segxl.report.findings import GOOD, Finding, findings, first_findings, rank, shown
from segxl.report.headline import change_text, headline, moved
from segxl.report.mcnemar import chance_words
from segxl.report.model import Number, Report, Selector
from segxl.report.working import Working
from segxl.report.year_ago import year_ago
from segxl.units import ATTAINED, MONEY
from tests.conftest import Folder
from tests.report_tables import NOW, PERIODS, SNAPSHOTS, activities, deals, stages

ACCOUNTS = "account_id,name,sales_team\n" + "\n".join(f"{name},{name}-Co,Red" for name in "ABCDEFGH")
STAGES = stages(
    "A,2025-09-01,Target", "A,2025-10-01,Purchase",  # rose to Purchase
    "B,2025-09-01,Target", "B,2025-10-01,Decision",  # rose to Decision, the larger open pipeline
    "C,2025-10-01,Decision",  # rose from no stage
    "D,2025-09-01,Target", "D,2025-10-01,Awareness",  # rose, but not far enough
    "E,2025-09-01,Purchase", "E,2025-10-01,Decision",  # fell to Decision
    "F,2025-09-01,Decision", "F,2025-10-01,Decision",
)  # fmt: skip
DEALS = deals(
    "1,A,2025-08-05,,Discovery,10,Ann",
    "2,A,2025-10-05,,Discovery,20,Bo",  # the newest names the owner
    "3,B,2025-10-05,,Discovery,500,Cy",
    "4,B,2025-10-06,2025-10-20,Closed Won,1000,",  # newer, but without an owner
    "5,E,2025-09-05,2025-09-20,Closed Won,400,Di",
    columns=",owner",
)
SEEN = activities(
    *(f"{name},2025-09-02,webinar,engagement" for name in "ABC"),
    *(f"{name},2025-10-02,webinar,engagement" for name in "A"),  # 3 to 1
    *(f"{name},2025-10-02,6sense_keyword,intent" for name in "AB"),
    "A,2025-09-02,6sense_keyword,intent",  # 1 to 2
    "A,2025-09-02,bombora_topic,intent",
    "A,2025-10-02,bombora_topic,intent",  # 1 to 1
    *(f"{name},2025-10-02,g2_intent,intent" for name in "ABCD"),
    "E,2025-09-30,g2_intent,intent",  # 1 to 4
)


def made(folder: Folder, **options: Any) -> tuple[Report, Working, Page]:
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=STAGES, opportunities=DEALS, activities=SEEN)
    result, working, _ = make(Presence(data), Options(**PERIODS, **options))
    assert [check for check in result.checks if not check.passed] == []
    return result, working, report_pack(result, working).pages[0]


def texts(page: Page) -> list[str]:
    return [str(cell.value) for row in page.rows for cell in row.cells if cell and cell.value is not None]


def reads(cell: Cell) -> str:
    return shown_as(cell.value, cell.unit).text


def test_the_headline_says_who_moved_and_what_became_of_the_money(folder: Folder) -> None:
    result, _, page = made(folder, type="buying-stage")
    # By chance, 5 accounts split 4 to 1 or more unevenly in 2 × (1 + 5) / 32 = 38% of cases.
    # New pipeline: 20 + 500 + 1,000 after 400; won: 1,000 after 400
    assert headline(result) == (
        "Against Sep 2025: no clear change in buying stages (4 up, 1 down: may be chance); new pipeline 1,520 USD "
        "(+280%), won 1,000 USD (+150%)."
    )
    assert headline(result) in texts(page)


def test_figures_have_their_baseline_below(folder: Folder) -> None:
    _, _, page = made(folder, type="buying-stage")
    at = next(
        at for at, row in enumerate(page.rows) if row.cells and row.cells[0] and row.cells[0].value == "Total accounts"
    )
    figures = {}
    for label, value, one, other in zip(*(row.cells for row in page.rows[at : at + 4]), strict=False):
        if label is not None and value is not None and one is not None and other is not None:
            figures[label.value] = (value.value, reads(one), reads(other), value.name)
    assert figures == {
        "Total accounts": (8, "the same accounts in", "Sep 2025 and Oct 2025", "ReportCohort"),
        "Increased buying stage": (4, "1 decreased", "such a gap by chance: 2 in 5", "ReportIncreased"),
        "With a buying stage": (6, "Sep 2025: 5", "", "ReportStaged"),
        "New pipeline (USD)": (1520, "Sep 2025: 400", "", "ReportNewPipeline"),
        "Total won (USD)": (1000, "Sep 2025: 400", "", "ReportTotalWon"),
    }
    places = [column for column, cell in enumerate(page.rows[at].cells) if cell]
    edges = [sum(page.widths[:column]) for column in places]
    assert [round(other - one) for one, other in pairwise(edges)] == [28, 26, 27, 27]  # even but for a tenth
    # 6 of 5, 1,520 of 400 and 1,000 of 400; more accounts with a stage is neither good nor bad
    changes = [cell for cell in page.rows[at + 2].cells if cell and cell.value is not None and cell.unit.percent]
    assert [(reads(cell), cell.style) for cell in changes] == [
        ("+20%", "key_even"), ("▲ 280%", "key_good"), ("▲ 150%", "key_good")
    ]  # fmt: skip
    # the first deal was created in August 2025
    assert (
        "Last recorded: opportunities 20 Oct 2025, buying stages 1 Oct 2025, activities 2 Oct 2025; no comparison with "
        "Oct 2024: opportunities begin in Aug 2025."
    ) in texts(page)


def test_figures_of_the_year_before_are_there_once_the_data_reach_it(folder: Folder) -> None:
    """A had Target in October 2024, and H won 50: 1,000 is 1,900% more, beyond a percentage."""
    older = DEALS + "\n0,H,2024-10-02,2024-10-09,Closed Won,50,Ed"
    data = folder(
        NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=STAGES + "\nA,2024-10-01,Target", opportunities=older
    )
    result, working, _ = make(Presence(data), Options(**PERIODS, type="buying-stage"))
    page = report_pack(result, working).pages[0]
    cells = [cell for row in page.rows for cell in row.cells if cell is not None and cell.style.startswith("key_")]
    assert {"Oct 2024: 1", "+500%", "Oct 2024: 50", ">+999%"} <= {reads(cell) for cell in cells}
    assert all(cell.formula is not None for cell in cells if isinstance(cell.value, (int, float)))
    assert not any("no comparison" in text for text in texts(page))
    assert "▲ Total won is more than 999% above Oct 2024: from 50 to 1,000 USD, 1 account both times." in texts(page)
    listing = next(page for page in report_pack(result, working).pages if page.key == "accounts")
    assert listing.records is not None
    columns = {field.header: list(field.values) for field in listing.records.fields}
    assert [value for value in columns["Total won year before"] if value] == [50]


def test_who_to_call_is_who_rose_to_decision_or_purchase_with_the_owner_of_the_newest_deal(folder: Folder) -> None:
    result, working, page = made(folder, type="buying-stage")
    assert result.summary.to_call.value == 3
    rows = AccountRows(working)
    named = {column.header: list(column.values) for column in rows.columns(rows.to_call())}
    assert named["Account ID"] == ["A", "B", "C"]  # the highest stage first, then the larger pipeline
    assert named["Owner"] == ["Bo", "Cy", ""]
    listed = [
        [cell.value for cell in row.cells[9:15] if cell]
        for row in page.rows
        if len(row.cells) > 9 and row.cells[9] and str(row.cells[9].value).endswith("-Co")
    ]
    assert listed[:3] == [
        ["A-Co", "Target → Purchase", "Bo", 30],
        ["B-Co", "Target → Decision", "Cy", 500],
        ["C-Co", "No stage → Decision", "Red", 0],  # without a deal: the sales team
    ]
    engagement, working, _ = made(folder, type="engagement")
    assert engagement.summary.to_call.value == 0  # no one rose to Known Engagement


def test_who_to_save_is_who_fell_without_a_win_or_went_quiet_with_open_deals(folder: Folder) -> None:
    """E fell from Purchase and won in September, not since. G had a webinar in September and an open deal; H too, but
    won; F was only reached in September; A has an open deal and a webinar in October."""
    deals_now = DEALS + "\n6,G,2025-09-05,,Discovery,70,Gil\n7,F,2025-09-05,,Discovery,30,Flo"
    seen = SEEN + "\nG,2025-09-02,webinar,engagement\nF,2025-09-02,6sense_campaign,reach"
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=STAGES, opportunities=deals_now, activities=seen)
    result, working, _ = make(Presence(data), Options(**PERIODS, type="buying-stage"))
    page = report_pack(result, working).pages[0]
    assert result.summary.to_save.value == 2
    start = next(at for at, row in enumerate(page.rows) if "Who to save" in str(row.cells[9:10] or ""))
    listed = [[cell.value for cell in row.cells[9:15] if cell] for row in page.rows[start + 2 : start + 4]]
    assert listed == [["G-Co", "quiet in Oct 2025", "Gil", 70], ["E-Co", "Purchase → Decision", "Di", 0]]
    # open pipeline of F and G, 30 + 70, had no activity in October; G was active before
    assert (
        "▽ 2 accounts with open pipeline of 100 USD had no activity in Oct 2025; 1 of them (70 USD) had some in "
        "Sep 2025."
    ) in texts(page)
    assert "Who to save: 2 accounts fell back or went quiet; 1 has open pipeline (70)" in texts(page)  # G's; E has none
    assert "1 fell (0) + 1 went quiet (70) = 2 accounts (70)." in texts(page)
    listing = next(page for page in report_pack(result, working).pages if page.key == "accounts")
    assert listing.records is not None
    columns = {field.header: list(field.values) for field in listing.records.fields}
    at_risk = {name: why for name, why in zip(columns["Account"], columns["At risk"], strict=True) if why}
    assert at_risk == {"E-Co": "Fell from Decision or Purchase", "G-Co": "Quiet with open pipeline"}


def test_an_account_that_fell_and_went_quiet_is_both_and_once(folder: Folder) -> None:
    """E fell; with a webinar in September and an open deal it went quiet too. G only went quiet: 2 accounts."""
    deals_now = DEALS + "\n6,G,2025-09-05,,Discovery,70,Gil\n7,E,2025-09-05,,Discovery,30,Di"
    seen = activities(*(f"{name},2025-09-02,webinar,engagement" for name in "EG"), "A,2025-10-02,webinar,engagement")
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=STAGES, opportunities=deals_now, activities=seen)
    result, working, _ = make(Presence(data), Options(**PERIODS, type="buying-stage"))
    words = texts(report_pack(result, working).pages[0])
    assert "Who to save: 2 accounts fell back or went quiet with open pipeline (100)" in words  # both have some
    assert "1 fell (30) + 2 went quiet (100) − 1 both (30) = 2 accounts (100)." in words
    assert "Purchase → Decision, quiet" in words
    # E fell from Purchase to Decision; A, B and C rose. E's 30 is in both sentences, so the second one says so
    assert words[words.index("What to look at") + 1 :][:2] == [
        "▽ 1 account fell from Decision or Purchase without a win, with open pipeline of 30 USD; 3 rose to either.",
        TITLE,
    ]
    # 103 characters at 1.27 a digit take 81.1 digits: more than the 81 of nine columns, not the 99.5 of ten
    places = next(row.cells for row in report_pack(result, working).pages[0].rows if row.cells[-1:] and row.cells[-1]
                  and row.cells[-1].value == TITLE)  # fmt: skip
    assert [(at, cell.span) for at, cell in enumerate(places) if cell] == [(0, 10), (10, 5)]
    assert (
        "▽ 3 accounts with open pipeline of 600 USD had no activity in Oct 2025; 2 of them (100 USD) had some in "
        "Sep 2025. 30 of the 600 is counted above too."
    ) in words


def test_who_to_save_says_only_what_happened(folder: Folder) -> None:
    """Without activities E only fell. Where no stage changed, G, with a webinar in September, only went quiet;
    without an open deal nobody did either."""
    same = stages(*(f"A,2025-{month}-01,Target" for month in ("09", "10")))
    open_deal = deals("1,G,2025-09-05,,Discovery,70,Gil", columns=",owner")
    won_deal = deals("1,G,2025-09-05,2025-09-06,Closed Won,70,Gil", columns=",owner")
    seen = activities("G,2025-09-02,webinar,engagement", "A,2025-10-02,webinar,engagement")
    for tables, expected in (
        ({"buying_stages": STAGES, "opportunities": DEALS}, "Who to save: 1 account fell back"),
        (
            {"buying_stages": same, "opportunities": open_deal, "activities": seen},
            "Who to save: 1 account went quiet with open pipeline (70)",
        ),
        (
            {"buying_stages": same, "opportunities": won_deal, "activities": seen},
            "No account fell back or went quiet.",
        ),
    ):
        data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, **tables)
        result, working, _ = make(Presence(data), Options(**PERIODS, type="buying-stage"))
        assert expected in texts(report_pack(result, working).pages[0])


def test_a_long_list_names_the_owners_with_the_most_and_adds_up(folder: Folder) -> None:
    """Seven accounts rose to Purchase: A and B of Ann with 30 and 10, C of Bo with 90, D of Cy without anything open,
    and E, F and G without a deal, whose team is Red. By pipeline Bo, Ann, then Red, which has more accounts than Cy."""
    rose = stages(
        *(f"{name},2025-09-01,Target" for name in "ABCDEFG"), *(f"{name},2025-10-01,Purchase" for name in "ABCDEFG")
    )
    rows = deals(
        "1,A,2025-10-05,,Discovery,30,Ann", "2,B,2025-10-05,,Discovery,10,Ann", "3,C,2025-10-05,,Discovery,90,Bo",
        "4,D,2025-10-05,2025-10-20,Closed Won,7,Cy", columns=",owner",
    )  # fmt: skip
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=rose, opportunities=rows)
    words = texts(report_pack(*make(Presence(data), Options(**PERIODS, type="buying-stage"))[:2]).pages[0])
    # A, B and C have 30, 10 and 90; "7 accounts" would not fit
    assert "Who to call: 7 rose to Decision or Purchase; 3 have open pipeline (130)" in words
    assert "First 5 of 7 by stage, then pipeline; all Target → Purchase. All: page Accounts." in words
    assert "By owner: Bo 1 (90), Ann 2 (40), Red 3, Cy 1." in words
    # no one fell and nothing went quiet
    assert [text for text in words if text.startswith("By owner")] == ["By owner: Bo 1 (90), Ann 2 (40), Red 3, Cy 1."]


def test_more_owners_than_a_line_has_room_for_are_one_group(folder: Folder) -> None:
    """Six owners of one account each, 60 down to 10: the line holds two names; the others have 40 + 30 + 20 + 10."""
    names = "ABCDEF"
    rose = stages(*(f"{name},2025-09-01,Target" for name in names), *(f"{name},2025-10-01,Purchase" for name in names))
    owners = [f"Somebody Named {name}" for name in names]
    rows = [f"{at},{name},2025-10-05,,Discovery,{60 - 10 * at},{owners[at]}" for at, name in enumerate(names)]
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=rose, opportunities=deals(*rows, columns=",owner"))
    words = texts(report_pack(*make(Presence(data), Options(**PERIODS, type="buying-stage"))[:2]).pages[0])
    (line,) = [text for text in words if text.startswith("By owner")]
    assert line == "By owner: Somebody Named A 1 (60), Somebody Named B 1 (50), 4 other owners: 4 (100)."


def test_accounts_without_an_owner_are_not_one_of_the_other_owners(folder: Folder) -> None:
    """Six accounts of 60 down to 10: four have owners of long names, E and F none. The line holds two names; the others
    are two owners with 40 and 30, and none with 20 and 10: 4 accounts with 100."""
    names = "ABCDEF"
    rose = stages(*(f"{name},2025-09-01,Target" for name in names), *(f"{name},2025-10-01,Purchase" for name in names))
    owners = [f"Somebody Named {name}" if name < "E" else "" for name in names]
    rows = [f"{at},{name},2025-10-05,,Discovery,{60 - 10 * at},{owners[at]}" for at, name in enumerate(names)]
    tables = {"buying_stages": rose, "opportunities": deals(*rows, columns=",owner")}
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS.replace(",Red", ","), **tables)
    words = texts(report_pack(*make(Presence(data), Options(**PERIODS, type="buying-stage"))[:2]).pages[0])
    assert "Who to call: 6 accounts rose to Decision or Purchase with open pipeline (210)" in words
    assert "By owner: Somebody Named A 1 (60), Somebody Named B 1 (50), 2 others or none: 4 (100)." in words


def test_an_activity_that_stopped_asks_whether_the_import_did(folder: Folder) -> None:
    seen = activities(
        *(f"{name},2025-09-02,trade_show,engagement" for name in "ABCDE"), "A,2025-10-02,webinar,engagement"
    )
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=STAGES, opportunities=DEALS, activities=seen)
    result, working, _ = make(Presence(data), Options(**PERIODS, type="buying-stage"))
    assert (
        "▽ Attended Trade Shows: 5 accounts in Sep 2025, none in Oct 2025. Did nothing take place, or did the import "
        "stop?"
    ) in texts(report_pack(result, working).pages[0])
    # the verdict repeats the question, as a PASS does not answer it
    words = texts(report_pack(result, working).pages[0])
    checks = f"all {len(result.checks)} checks passed, no warnings; open question: did the import of Trade Shows stop?"
    assert checks in words
    # 8 accounts, 11 stages, 5 deals, 6 activities
    rows = words[words.index("Company's rows") + 1]
    assert rows == "30 used + 0 excluded + 0 rejected = 30 rows"


def test_a_fall_of_known_engagement_names_what_stopped(folder: Folder) -> None:
    """Trade shows alone made A to E known in September; F had a webinar too, and G a webinar alone. In October only G
    has one: 1 known account after 7, and 5 of the 7 were known by trade shows alone."""
    seen = activities(
        *(f"{name},2025-09-02,trade_show,engagement" for name in "ABCDEF"),
        *(f"{name},2025-09-03,webinar,engagement" for name in "FG"),
        "G,2025-10-02,webinar,engagement",
    )
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=STAGES, opportunities=DEALS, activities=seen)
    result, working, _ = make(Presence(data), Options(**PERIODS, type="engagement"))
    found = [one.text for one in first_findings(result, working) if one.rule == "states"]
    assert (
        "Known Engagement has 6 accounts fewer than in Sep 2025: from 7 to 1; 5 of the 7 were known by Trade Shows "
        "alone."
    ) in found


def test_a_headline_that_rests_on_an_activity_that_stopped_says_so(folder: Folder) -> None:
    """A to F had a trade show in September, then A a webinar: known 6 to 1. With their deals of October A and B are
    engaged, 2 after 6. Without F's, known falls by 4, too few to name; engaged accounts fall from 5 to 2."""
    said = {}
    for names in ("ABCDEF", "ABCDE"):
        seen = activities(
            *(f"{name},2025-09-02,trade_show,engagement" for name in names), "A,2025-10-02,webinar,engagement"
        )
        data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=STAGES, opportunities=DEALS, activities=seen)
        said[names] = headline(make(Presence(data), Options(**PERIODS, type="engagement"))[0])
    doubt = "(Trade Shows: none in Oct 2025)"
    # by chance, 4 or 3 accounts all go one way in 2 / 16 or 2 / 8 of cases
    assert (
        f": engaged accounts fell by 4 to 2 (0 in, 4 out: may be chance); Known Engagement −5 {doubt}; "
        in said["ABCDEF"]
    )
    assert f": engaged accounts fell by 3 to 2 (0 in, 3 out: may be chance) {doubt}; new pipeline" in said["ABCDE"]


def test_engaged_accounts_have_their_level(folder: Folder) -> None:
    """A, B, C and E in September, A and B in October: none is new. C and E have no open deal."""
    result, working, _ = made(folder, type="engagement")
    assert ": engaged accounts fell by 2 to 2 (0 in, 2 out: may be chance); new pipeline" in headline(result)
    (lost,) = [one for one in first_findings(result, working) if one.rule == "lost"]
    assert lost.text == "2 accounts are no longer engaged; 0 became engaged."


def test_the_headline_has_engaged_accounts_alone_although_more_accounts_rose(folder: Folder) -> None:
    """E and F had a webinar in September alone, H in October alone. A, B and C go from intent to a webinar: A, B, C and
    H are up, E and F down; engaged are 5, then 4."""
    seen = activities(
        *(f"{name},2025-09-02,webinar,engagement" for name in "EF"),
        *(f"{name},2025-10-02,webinar,engagement" for name in "ABCH"),
        *(f"{name},2025-09-02,6sense_keyword,intent" for name in "ABC"),
    )
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=STAGES, activities=seen)
    result, working, _ = make(Presence(data), Options(**PERIODS, type="engagement"))
    assert headline(result) == ("Against Sep 2025: engaged accounts fell by 1 to 4 (1 in, 2 out: may be chance).")
    words = texts(report_pack(result, working).pages[0])
    at = words.index("Moved to a higher state")
    assert words[at : at + 5] == [
        "Moved to a higher state",
        "Net engaged",
        "New pipeline (USD)",
        "Total won (USD)",
        "8",
    ]
    figures = [cell for row in report_pack(result, working).pages[0].rows for cell in row.cells
               if cell and cell.style in ("key_value", "key_note")]  # fmt: skip
    # 4 up and 2 down: 2 × (1 + 6 + 15) / 64 = 0.69, in tenths 7
    assert {"4", "2 moved to a lower state", "such a gap by chance: 7 in 10"} <= {reads(cell) for cell in figures}
    (lost,) = [one for one in first_findings(result, working) if one.rule == "lost"]
    assert lost.text == "2 accounts are no longer engaged; 1 became engaged."


def test_engaged_and_no_engagement_add_up_to_the_cohort(folder: Folder) -> None:
    """A, B, C and E were engaged or had an opportunity in September, A and B in October. No Engagement rose from 5 to
    6, as E's win of September is an opportunity: 4 + 5 − 1 and 2 + 6 − 0 are the 8 accounts."""
    _, working, page = made(folder, type="engagement")
    rows = [[cell.value if cell else None for cell in row.cells[:4]] for row in page.rows if row.cells]
    table = {row[0]: row[1:] for row in rows}
    assert table["Engaged, any of these"] == [4, 2, -2]
    assert table["Not engaged"] == [4, 6, 2]
    assert table["All"][:2] == [8, 8]
    for when, names, others in (("baseline", "ABCE", "DFGH"), ("analysis", "AB", "CDEFGH")):
        for word, expected in (("", names), ("not", others)):
            codes = working.accounts(Selector("engaged", word, when))
            assert "".join(working.presence.dataset.account_ids[code] for code in codes) == expected
    assert (
        "States overlap; only opportunities have amounts. Not engaged are those in No Engagement (no intent, visit or "
        "known engagement)."
    ) in texts(page)
    stages_page = made(folder, type="buying-stage")[2]
    assert not {"Engaged, any of these", "Not engaged"}.intersection(texts(stages_page))


def test_amounts_are_those_of_the_states_of_opportunities(folder: Folder) -> None:
    """October: A had a webinar and a keyword and opened 20; B had a keyword, opened 500 and 1,000 and won the 1,000; H
    opened 70 without any activity. September: A alone had a keyword, A to C a webinar, E opened and won 400.

    So new pipeline is 1,590 after 400, total won 1,000 after 400. Nobody's visits are in the data."""
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=STAGES, activities=SEEN,
                  opportunities=DEALS + "\n6,H,2025-10-05,,Discovery,70,")  # fmt: skip
    result, working, _ = make(Presence(data), Options(**PERIODS, type="engagement"))
    page = report_pack(result, working).pages[0]
    table = {
        str(row.cells[0].value): [cell.value for cell in row.cells[4:8] if cell]
        for row in page.rows
        if row.cells and row.cells[0] and row.cells[0].style in ("label", "total")
    }
    assert table["Intent"] == table["Known Engagement"] == [None] * 4
    assert table["Anonymous Website Visit"] == ["n/a"] * 4
    assert table["Opportunities Opened"] == [1590, 1190, None, None]
    assert table["Opportunities Won"] == [None, None, 1000, 600]
    assert table["Engaged, any of these"] == table["Not engaged"] == []
    assert table["All"] == [1590, 1190, 1000, 600]
    document = report_document(result)["performance"]
    assert [line["new_pipeline"] for line in document] == [None, None, None, None, 1590, None]
    # C to H have No Engagement, and H's 70 make it engaged
    assert (
        "States overlap; only opportunities have amounts. 1 of the 6 in No Engagement (no intent, visit or known "
        "engagement) is engaged by an opportunity alone: new pipeline 70 USD, won 0 USD."
    ) in texts(page)


def test_amounts_of_all_types_say_what_renewals_and_new_logos_have(folder: Folder) -> None:
    """October: of 1,111 created, A's renewal has 1,000, B's new logo 100 and C's upsell 10; the last has no type. Won
    is A's renewal. Z is no known account, and D's renewal is in euros: neither is in the amounts."""
    rows = (
        "1,A,2025-10-05,2025-10-20,Closed Won,1000,Renewal,", "2,B,2025-10-05,,Discovery,100,New,",
        "3,C,2025-10-05,,Discovery,10,Upsell,", "4,C,2025-10-05,,Discovery,1,,",
        "5,Z,2025-10-05,,Discovery,70,Renewal,", "6,D,2025-10-05,,Discovery,50,Renewal,EUR",
    )  # fmt: skip
    said = (
        "New pipeline counts all types of opportunities: renewals 1,000 USD, new logos 100 USD. "
        "Total won counts all types of opportunities: renewals 1,000 USD."
    )
    mapped = '\n[types]\nRenewal = "renewal"\nNew = "new_logo"\nUpsell = "upsell"\n'
    for settings, types in (
        (mapped, (", 90% renewals", ", 100% renewals")),
        ("", (" (USD)", " (USD)")),
    ):  # 1,000 of 1,111
        data = folder(
            NOW + settings + SNAPSHOTS,
            accounts=ACCOUNTS, buying_stages=STAGES, opportunities=deals(*rows, columns=",type,currency"),
        )  # fmt: skip
        for kind in ("buying-stage", "engagement"):
            result, working, _ = make(Presence(data), Options(**PERIODS, type=kind))
            words = texts(report_pack(result, working).pages[0])
            assert (said in words) is bool(settings)
            assert {f"New pipeline{types[0]}", f"Total won{types[1]}"} <= set(words)


def test_of_those_no_longer_engaged_the_list_says_who_is_not_at_risk(folder: Folder) -> None:
    """In October no one has an opportunity or a state. G's webinar of September makes it quiet, with 70 open. F opened
    30 in September and did nothing; C had a keyword then, and in October G2 intent, which is of no state, with 5 open.
    D is no longer engaged either, without a deal."""
    rows = deals("1,G,2025-08-05,,Discovery,70", "2,F,2025-09-05,,Discovery,30", "3,C,2025-08-05,,Discovery,5")
    seen = activities(
        "G,2025-09-02,webinar,engagement", "D,2025-09-02,webinar,engagement", "C,2025-09-02,6sense_keyword,intent",
        "C,2025-10-02,g2_intent,intent", "A,2025-10-02,webinar,engagement", "B,2025-10-02,6sense_keyword,intent",
    )  # fmt: skip
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=STAGES, opportunities=rows, activities=seen)
    words = texts(report_pack(*make(Presence(data), Options(**PERIODS, type="engagement"))[:2]).pages[0])
    assert "▽ 4 accounts are no longer engaged, 3 of them with open pipeline of 105 USD; 2 became engaged." in words
    assert "Who to save: 1 account went quiet with open pipeline (70)" in words
    assert "2 of the 3 no longer engaged (35) are not here: no activity before, or some now." in words


def test_a_column_that_is_the_same_in_every_row_is_one_sentence(folder: Folder) -> None:
    rose = stages(
        *(f"{name},2025-{month}-01,{stage}" for name in "AB" for month, stage in (("09", "Target"), ("10", "Purchase")))
    )
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=rose, opportunities=DEALS)
    result, working, _ = make(Presence(data), Options(**PERIODS, type="buying-stage"))
    page = report_pack(result, working).pages[0]
    heads = next(row for row in page.rows if len(row.cells) > 9 and row.cells[9] and row.cells[9].value == "Account")
    assert [(cell.value, cell.span) for cell in heads.cells[9:] if cell] == [
        ("Account", 4), ("Owner", 1), ("Open pipeline", 1)
    ]  # fmt: skip
    assert "By stage, then pipeline; all Target → Purchase. All: page Accounts." in texts(page)


def test_bad_news_comes_first_and_is_not_crowded_out() -> None:
    good = [Finding(f"rule {at}", f"good {at}", GOOD, 10**9, up=True) for at in range(9)]
    bad = [Finding("bad", f"bad {at}", 3, at) for at in range(3)]
    worst = Finding("worst", "worst", 0)
    found = sorted([*good, *bad, worst], key=rank)
    assert [one.text for one in shown(found)] == ["worst", "bad 2", "bad 1", "good 0", "good 1"]
    assert [one.marked[0] for one in shown(found)] == ["▽", "▽", "▽", "▲", "▲"]
    many = [Finding(f"bad {at}", f"bad {at}", 3) for at in range(8)]
    assert [one.text for one in shown([*many, *good])] == [*(f"bad {at}" for at in range(5)), "good 0"]


def test_what_to_look_at(folder: Folder) -> None:
    """E fell from Purchase and has no open deal; nobody else fell, and no activity changed by five accounts."""
    result, working, _ = made(folder, type="buying-stage")
    assert [one.text for one in findings(result, working, year_ago(result, working))] == [
        "1 account fell from Decision or Purchase without a win; 3 rose to either.",
        "New pipeline of accounts in Decision or Purchase is 280% above Sep 2025: from 400 to 1,520 USD.",
        # A and B in Purchase and Decision, after E in Purchase, which is at 20 after 400
        "New pipeline is 280% above Sep 2025: from 400 to 1,520 USD, from 1 to 2 accounts; mainly Decision +1,500.",
        "Total won is 150% above Sep 2025: from 400 to 1,000 USD, 1 account both times; mainly Decision +1,000.",
    ]


def test_activities_from_the_largest_rise_to_the_largest_fall(folder: Folder) -> None:
    result, _, _ = made(folder, type="buying-stage")
    assert [line.line.name for line in movers(result.activities)] == [
        "G2 Intent",
        "6sense Keyword Research",
        "Webinars",
    ]


def test_no_stage_is_words_and_not_a_bar(folder: Folder) -> None:
    _, _, page = made(folder, type="buying-stage")
    (chart,) = page.charts
    place = chart.categories
    names = [row.cells[0] for row in page.rows[place.first_row - 1 : place.last_row]]
    assert [cell.value for cell in names if cell] == ["Target", "Awareness", "Consideration", "Decision", "Purchase"]
    assert (place.first_column, place.last_column) == (1, 1)
    after = page.rows[place.last_row].cells  # 3 accounts had no stage in September, 2 in October
    assert [cell.value for cell in after[:4] if cell] == ["No stage", 3, 2, -1]
    assert chart.title == "Decision +3, Target −3 accounts vs Sep 2025"  # F, then B, C, E, F; A, B, D, then none


def test_no_engagement_reads_the_same_in_chart_and_grid(folder: Folder) -> None:
    """No Engagement: no intent, visit or engagement; of these, who has an opportunity is in the opportunity's row."""
    result, working, _ = made(folder, type="engagement")
    pages = {page.key: page for page in report_pack(result, working).pages}
    line, counts = result.performance[0], result.movement.counts
    assert counts is not None and (line.baseline.value, line.analysis.value) == (5, 6)
    assert (sum(counts[0]), sum(row[0] for row in counts)) == (4, 6)  # E won in September
    assert (
        "Not engaged (4, then 6) is No Engagement (5, then 6) without the 1 and 0 accounts that have an opportunity: "
        "these are in its row or column."
    ) in texts(pages["movement"])


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [
        (150, 100, "+50%"),
        (1_003, 1_000, "+0.3%"),
        (50, 100, "−50%"),
        (100, 100, "no change"),
        (1_100, 100, ">+999%"),
        (5, 0, ""),
        (5, None, ""),
    ],
)
def test_changes_that_mean_something(now: int, before: int | None, text: str) -> None:
    assert change_text(Number(now, None, MONEY), Number(before, None, MONEY)) == text


def test_chance_in_a_few_words() -> None:
    """5 up and 1 down: 2 × (1 + 6) / 64, 1 in 4.6; 4 and 1: 2 × (1 + 5) / 32 = 0.375; 9 and 1: 2 × (1 + 10) / 1,024,
    1 in 46.5; 9 and 0: 2 / 512, 1 in 256; 11 and 0: 2 / 2,048, 1 in 1,024."""
    assert chance_words(5, 1) == "such a gap by chance: 1 in 5"
    assert chance_words(4, 1) == "such a gap by chance: 2 in 5"
    assert chance_words(9, 1) == "such a gap by chance: 1 in 47"
    assert chance_words(9, 0) == "such a gap by chance: 1 in 260"
    assert chance_words(11, 0) == "such a gap by chance: <1 in 1,000"
    assert chance_words(1, 1) == "such a gap by chance: nearly always"
    assert chance_words(0, 0) == ""


def test_a_segment_is_written_in_the_unit_of_the_company(folder: Folder) -> None:
    """In February 2025 the company won 600,000, of an account outside the segment: thousands, from half a million on.
    Its 13 months begin in October 2024, so 600,000 won in September 2024 are not among them."""
    for won, headline_money, tile in (
        ("2025-02-10", "new pipeline 9.5k, won 12k", "9.5k"),
        ("2024-09-10", "new pipeline 9,500 USD, won 12,345 USD", "9,500"),
    ):
        rows = deals(f"1,B,2024-08-05,{won},Closed Won,600000", "2,A,2025-10-05,,Discovery,9500",
                     "3,A,2025-08-05,2025-10-20,Closed Won,12345")  # fmt: skip
        data = folder(
            NOW + SNAPSHOTS,
            accounts=ACCOUNTS,
            buying_stages=STAGES,
            opportunities=rows,
            segments="segment,created_on\nRed,2025-01-01",
            segment_members="segment,account_id,start,end\nRed,A,,",
        )
        result, working, _ = make(Presence(data), Options(**PERIODS, type="buying-stage", segments=("Red",)))
        assert headline_money in headline(result)
        page = report_pack(result, working).pages[0]
        assert tile in [reads(cell) for row in page.rows for cell in row.cells if cell and cell.name]
        subtitle = page.rows[1].cells[0]
        assert subtitle is not None
        assert str(subtitle.value).endswith("USD thousands (k)" if tile == "9.5k" else "money in USD")


def test_every_number_of_page_one_is_a_formula(folder: Folder) -> None:
    for kind in ("buying-stage", "engagement"):
        result, working, _ = made(folder, type=kind)
        first = [page for page in report_pack(result, working).pages if page.key in ("report", "movement")]
        cells = [cell for page in first for row in page.rows for cell in row.cells]
        numbers = [cell for cell in cells if cell and isinstance(cell.value, (int, float))]
        assert len(numbers) > 60 and all(cell.formula is not None for cell in numbers)


def test_a_timeframe_without_stages_is_the_first_thing_to_look_at_and_not_a_chart_of_zeros(folder: Folder) -> None:
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=STAGES, opportunities=DEALS)
    weeks = Options(type="buying-stage", analysis="2025-W43", baseline="2025-W42")
    result, working, _ = make(Presence(data), weeks)
    page = report_pack(result, working).pages[0]
    words = "No buying stages are recorded in 2025-W42 and 2025-W43, so movement cannot be measured."
    assert findings(result, working, year_ago(result, working))[0].text == words
    assert page.charts == () and moved(result) == "" and "no account moved" not in headline(result)


def test_what_the_amounts_leave_out_is_on_page_one_with_its_amount(folder: Folder) -> None:
    """Z and a blank are no known accounts: 17,500 won, and 300 + 40 created in October. September's 9 are not of it,
    nor are euros, created in October, which are left out as such. One deal of HubSpot, created in October, counts in
    the summary alone. Each amount names its own."""
    more = (
        DEALS
        + "\n7,Z,2025-09-05,2025-10-20,Closed Won,17500,"
        + "\n8,Z,2025-10-05,,Discovery,300,\n9,,2025-10-06,,Discovery,40,\n10,Z,2025-09-06,,Discovery,9,"
    )
    lines = [line + (",crm,currency" if at == 0 else ",,") for at, line in enumerate(more.splitlines())]
    lines += ["11,D,2025-10-07,,Discovery,60,,HubSpot,", "12,D,2025-10-08,,Discovery,5,,,EUR"]
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=STAGES, opportunities="\n".join(lines))
    result, working, _ = make(Presence(data), Options(**PERIODS, type="buying-stage"))
    assert (
        "New pipeline excludes 2 opportunities of 340 USD (account not in the accounts table) and 1 opportunity of 5 "
        "EUR (not converted). Total won excludes 1 opportunity of 17,500 USD (account not in the accounts table). New "
        "pipeline by state also excludes 1 opportunity of 60 USD (Microsoft Dynamics or HubSpot). Plans are in the "
        "scorecard. ▲ good, ▽ bad."
    ) in texts(report_pack(result, working).pages[0])


def test_irrelevant_opportunities_are_named_at_the_amount_that_excludes_them(folder: Folder) -> None:
    """Two were created in October, and one of them and one of September were won then."""
    rows = deals(
        "1,A,2025-10-05,,Discovery,10,no", "2,A,2025-10-05,2025-10-09,Closed Won,20,no",
        "3,A,2025-09-05,2025-10-09,Closed Won,40,no", "4,A,2025-10-05,,Discovery,80,yes",
        columns=",relevant",
    )  # fmt: skip
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=STAGES, opportunities=rows)
    result, working, _ = make(Presence(data), Options(**PERIODS, type="buying-stage", exclude_irrelevant=True))
    (said,) = [
        text for text in texts(report_pack(result, working).pages[0]) if text.startswith("New pipeline excludes")
    ]
    assert said.startswith(
        "New pipeline excludes 2 irrelevant opportunities. Total won excludes 2 irrelevant opportunities. Plans are"
    )


@pytest.mark.parametrize(
    ("values", "legend"),
    [
        (["▲ more", "△ more", "▽ less"], "▲ good, △▽ bad."),
        (["▼ less"], "▼ good."),
        ([0.12], "▲ good."),
        ([-0.12], "▽ bad."),
        ([0, "words"], ""),
    ],
)
def test_the_legend_has_the_marks_of_the_page_alone(values: list[Any], legend: str) -> None:
    """A rise of 0.12 is shown as ▲ 12% where more is better, a fall as ▽ 12%."""
    unit = {True: ATTAINED.change(True), False: ATTAINED.change(False)}
    cells = [Cell(one, "text") if isinstance(one, str) else Cell(one, "key_good", unit[one > 0]) for one in values]
    assert legend_of([Row(tuple(cells))]) == legend


def test_of_a_segment_the_deals_without_a_known_account_that_name_it_are_left_out(folder: Folder) -> None:
    """Z's deal names Red, a member's without a row in the accounts table is Red's too, and a third names Blue."""
    rows = ["1,Z,2025-10-05,,Discovery,30,Red", "2,M,2025-10-05,,Discovery,4,", "3,Z,2025-10-05,,Discovery,500,Blue"]
    data = folder(
        NOW + SNAPSHOTS,
        accounts=ACCOUNTS,
        buying_stages=STAGES,
        opportunities=deals(*rows, "4,Z,2025-10-05,,Discovery,6000,", columns=",segment"),
        segments="segment,created_on\nRed,2025-01-01\nBlue,2025-01-01",
        segment_members="segment,account_id,start,end\nRed,A,,\nRed,M,,\nBlue,B,,",
    )
    _, working, _ = make(Presence(data), Options(**PERIODS, type="buying-stage", segments=("Red",)))
    left = working.deals.of_no_account("created", working.window("analysis"))
    assert (left.count, left.cents) == (2, 34_00)


def test_growth_outside_the_stages_is_not_hidden(folder: Folder) -> None:
    """C to H have no stage: 900 after 100. A and B at Decision: 50 after 200. In all 950 after 300, which is 217% more;
    of the 950, 95% are outside."""
    same = stages(*(f"{name},2025-{month}-01,Decision" for name in "AB" for month in ("09", "10")))
    rows = deals(
        "1,C,2025-09-05,,Discovery,100", "2,A,2025-09-05,,Discovery,200",
        "3,C,2025-10-05,,Discovery,900", "4,B,2025-10-05,,Discovery,50",
    )  # fmt: skip
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=same, opportunities=rows)
    result, working, _ = make(Presence(data), Options(**PERIODS, type="buying-stage"))
    assert "new pipeline 950 USD (+217%, but −75% from accounts with a stage)" in headline(result)
    found = {one.rule: one for one in findings(result, working, year_ago(result, working))}
    assert found["without a stage"].text == (
        "Stages miss 95% of new pipeline (900 USD): it comes from 6 accounts (75%) without a stage."
    )
    assert found["without a stage"].marked.startswith("• ")  # neither good nor bad
    assert found["late stages"].text == (
        "New pipeline of accounts in Decision or Purchase is 75% below Sep 2025: from 200 to 50 USD."
    )
    assert not found["late stages"].favourable


def test_the_document_has_the_headline_and_the_findings_of_page_one(folder: Folder) -> None:
    result, working, page = made(folder, type="buying-stage")
    document = report_document(result, first_findings(result, working))
    assert document["headline"] in texts(page)
    assert document["findings"][0] == {
        "kind": "lost",
        "text": "1 account fell from Decision or Purchase without a win; 3 rose to either.",
        "severity": 3,
        "favourable": False,
        "accounts": 1,
        "amount": 0,
    }
    marked = [text[2:] for text in texts(page) if text[:1] and text[0] in "▲▼△▽•"]
    assert marked == [one["text"] for one in document["findings"]]
    assert "headline" not in report_document(result)
