"""Segments: who belongs where and when, by columns, rules, lists and the rows themselves."""

from __future__ import annotations

from datetime import date

import pytest

from segxl.dataset.model import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.errors import SegxlError
from segxl.periods import to_day
from tests.conftest import Folder, Views

ACCOUNTS = """
account_id,name,Sector,employees,country
A1,One,Retail,500,US
A2,Two,retail,1000,CH
A3,Three,,1000,US
A4,Four,Finance,n/a,
"""


def members(dataset: Dataset, segment: str, day: str = "2025-06-15") -> str:
    """The accounts of a segment on a day."""
    codes = dataset.account_codes(dataset.tables["accounts"]["account_id"])
    on = to_day(date.fromisoformat(day))
    inside = dataset.segments[segment].holds_between(codes, on, on)
    return " ".join(dataset.tables["accounts"]["account_id"][inside])


def test_one_for_each_value_of_a_column(folder: Folder) -> None:
    dataset = folder('[segments]\nby = "sector"\n', accounts=ACCOUNTS)
    # values that differ in case alone are one segment, the blank one makes none
    assert dataset.segments.names == (ALL_ACCOUNTS, "Finance", "Retail")
    assert members(dataset, "Retail") == "A1 A2"
    said = "1 row spells a segment differently, like 'retail': read as 'Retail'"
    assert [note for entry in dataset.ledger.files for note in entry.notes] == [said]
    assert members(dataset, "Finance") == "A4"
    assert members(dataset, ALL_ACCOUNTS) == "A1 A2 A3 A4"
    assert dataset.segments["finance"].name == "Finance"


RULES = [
    ('{ sector = ["retail"] }', "A1 A2"),
    ('{ sector = "retail", employees = { min = 1000 } }', "A2"),
    ('{ sector = { not = ["retail"] } }', "A3 A4"),
    ("{ employees = { min = 500, max = 999.5 } }", "A1"),
    ("{ employees = { max = 5000 } }", "A1 A2 A3"),  # n/a is no number and in no range
    ('{ country = ["", "CH"] }', "A2 A4"),
    ("{}", "A1 A2 A3 A4"),
]


@pytest.mark.parametrize(("rule", "inside"), RULES)
def test_a_rule_over_the_accounts_columns(folder: Folder, rule: str, inside: str) -> None:
    dataset = folder(f'[[segments.named]]\nname = "Mine"\nwhere = {rule}\n', accounts=ACCOUNTS)
    assert members(dataset, "Mine") == inside
    assert members(dataset, "Mine", "1990-01-01") == inside  # attributes hold for all time


def test_an_account_that_no_table_knows_meets_no_rule(folder: Folder, views: Views) -> None:
    dataset = folder(
        '[[segments.named]]\nname = "Not retail"\nwhere = { sector = { not = ["retail"] } }\n',
        accounts=ACCOUNTS,
        opportunities="""opportunity_id,created_on,stage,closed_on,account_id,amount
1,2025-05-01,Closed Won,2025-05-31,A4,1
2,2025-05-01,Closed Won,2025-05-31,X9,2
3,2025-05-01,Closed Won,2025-05-31,,4""",
    )
    assert views(dataset, "won_revenue", "2025-05", "Not retail")["total"]["value"] == 1
    assert views(dataset, "won_revenue", "2025-05")["total"]["value"] == 7


def test_lists_of_members_with_intervals(folder: Folder) -> None:
    dataset = folder(
        accounts=ACCOUNTS,
        segments="segment,created_on\nKey,2025-02-01\nEmpty,\n",
        segment_members="""segment,account_id,start,end
Key,A1,,
Key,A2,2025-03-10,2025-03-20
Key,A2,2025-03-20,2025-04-01
Key,A2,2025-03-12,2025-03-15
Key,A3,2025-05-05,2025-05-05
Key,A3,2025-01-01,2025-01-02
Unlisted,A4,,""",
    )
    assert dataset.segments.names == (ALL_ACCOUNTS, "Key", "Empty", "Unlisted")
    for day, inside in (
        ("2025-01-01", "A3"),  # its own start may lie before the segment's creation
        ("2025-01-02", ""),  # the end is the first day without
        ("2025-01-31", ""),  # A1 has a blank start: since the creation
        ("2025-02-01", "A1"),
        ("2025-03-09", "A1"),
        ("2025-03-10", "A1 A2"),
        ("2025-03-20", "A1 A2"),  # two intervals that touch, a third one within
        ("2025-03-31", "A1 A2"),
        ("2025-04-01", "A1"),
        ("2025-05-05", "A1"),  # an interval that ends when it starts holds no one
    ):
        assert members(dataset, "Key", day) == inside, day
    assert members(dataset, "Empty") == ""
    assert members(dataset, "Unlisted", "1990-01-01") == "A4"  # no creation: always


def test_memberships_after_the_cut_off(folder: Folder) -> None:
    dataset = folder(
        "as_of = 2025-06-15\n",
        accounts=ACCOUNTS,
        segments="segment,created_on\nLate,2025-06-16\n",
        segment_members="""segment,account_id,start,end
Key,A1,2025-06-15,2025-06-20
Key,A2,2025-06-16,
Late,A3,,
Key,A4,2025-01-01,2025-06-15""",
    )
    # A1's end is not known yet; A2 and the segment Late are not there yet; A4 left on the very day
    assert members(dataset, "Key", "2025-06-15") == "A1"
    assert members(dataset, "Key", "2025-06-30") == "A1"
    assert members(dataset, "Late", "2025-06-30") == ""


def test_a_segment_that_rows_name_is_theirs_alone(folder: Folder, views: Views) -> None:
    dataset = folder(
        '[segments]\nby = "sector"\n',
        accounts=ACCOUNTS,
        opportunities="""opportunity_id,created_on,stage,closed_on,account_id,amount,segment
1,2025-05-01,Closed Won,2025-05-31,A1,1,
2,2025-05-01,Closed Won,2025-05-31,A1,2,Finance
3,2025-05-01,Closed Won,2025-05-31,A4,4,Partners
4,2025-05-01,Closed Won,2025-05-31,,8,Partners""",
    )
    assert dataset.segments.names == (ALL_ACCOUNTS, "Finance", "Retail", "Partners")
    won = {name: views(dataset, "won_revenue", "2025-05", name)["total"]["value"] for name in dataset.segments.names}
    # 3 leaves A4's own segment; 2 counts in Finance though A1 is in Retail
    assert won == {ALL_ACCOUNTS: 15, "Finance": 2, "Retail": 1, "Partners": 12}


def test_every_table_means_one_segment_whatever_its_case(folder: Folder, views: Views) -> None:
    """The spelling of segments.named wins, then that of the segments table; rows and markets follow."""
    dataset = folder(
        '[[segments.named]]\nname = "Large"\nwhere = { employees = { min = 1000 } }\n',
        accounts=ACCOUNTS,
        segments="segment,created_on\nlarge,2025-02-01\nKey  ones,\n",
        segment_members="segment,account_id\nkey ones,A1\nKEY ONES,A4\n",
        opportunities="""opportunity_id,created_on,stage,closed_on,account_id,amount,segment
1,2025-05-01,Closed Won,2025-05-31,A1,1,LARGE
2,2025-05-01,Closed Won,2025-05-31,A1,2,all accounts""",
    )
    assert dataset.segments.names == (ALL_ACCOUNTS, "Large", "Key  ones")
    assert dataset.segments["Large"].created_on == to_day(date(2025, 2, 1))
    assert members(dataset, "Key  ones") == "A1 A4"
    won = {name: views(dataset, "won_revenue", "2025-05", name)["total"]["value"] for name in dataset.segments.names}
    assert won == {ALL_ACCOUNTS: 3, "Large": 1, "Key  ones": 0}  # both name their own: neither is in "Key  ones"


def test_a_row_in_the_segments_table_may_describe_a_rule(folder: Folder) -> None:
    dataset = folder(
        '[segments]\nby = "sector"\n[[segments.named]]\nname = "Large"\nwhere = { employees = { min = 1000 } }\n',
        accounts=ACCOUNTS,
        segments="segment,created_on,owner\nLarge,2025-02-01,Ann\nFinance,,Bob\n",
    )
    assert dataset.segments.names == (ALL_ACCOUNTS, "Finance", "Retail", "Large")
    assert dataset.segments["Large"].created_on == to_day(date(2025, 2, 1))
    assert members(dataset, "Large", "1990-01-01") == "A2 A3"
    assert members(dataset, "Finance") == "A4"


@pytest.mark.parametrize(
    ("settings", "tables", "message"),
    [
        (
            '[segments]\nby = "zzz"\n',
            {"accounts": ACCOUNTS},
            "segments.by: the accounts have no column 'zzz'; they have Sector, account_id, country",
        ),
        (
            '[segments]\nby = "sectr"\n',
            {"accounts": ACCOUNTS},
            "segments.by: the accounts have no column 'sectr'; did you",
        ),
        (
            '[[segments.named]]\nname = "Big"\nwhere = { employes = { min = 1 } }\n',
            {"accounts": ACCOUNTS},
            "segments.named 'Big'.*: the accounts have no column 'employes'; did you mean 'employees'",
        ),
        (
            '[[segments.named]]\nname = "Big"\nwhere = { sector = { min = 1 } }\n',
            {"accounts": ACCOUNTS},
            "segments.named 'Big', where.sector: needs numbers for min and max, but the column contains 'Retail'",
        ),
        (
            '[segments]\nby = "sector"\n',
            {"opportunities": "opportunity_id,created_on,stage\n1,2025-01-01,Discovery\n"},
            "segments.by: add the table accounts",
        ),
        (
            '[segments]\nby = "sector"\n[[segments.named]]\nname = "Finance"\nwhere = {}\n',
            {"accounts": ACCOUNTS},
            r"segment 'Finance' is defined twice \(segments.by = 'sector' and segments.named 'Finance'\); rename one",
        ),
        (
            '[[segments.named]]\nname = "Big"\nwhere = {}\n[[segments.named]]\nname = "BIG"\nwhere = {}\n',
            {"accounts": ACCOUNTS},
            r"segment 'BIG' is defined twice \(segments.named 'Big' as 'Big' and segments.named 'BIG'\); rename one",
        ),
        (
            "",
            {"accounts": ACCOUNTS, "segments": "segment\nBig\nbig\n"},
            "the segments table lists 'Big' and 'big', the same segment; keep one row",
        ),
        (
            '[segments]\nby = "sector"\n',
            {"accounts": ACCOUNTS, "segment_members": "segment,account_id\nFinance,A1\n"},
            r"segment 'Finance' is defined twice \(segments.by = 'sector' and segment_members\); rename one",
        ),
        (
            "",
            {"accounts": ACCOUNTS, "segment_members": "segment,account_id\nAll accounts,A1\n"},
            r"segment 'All accounts' is defined twice \(built in and segment_members\); rename one",
        ),
    ],
)
def test_what_cannot_be_a_segment(folder: Folder, settings: str, tables: dict[str, str], message: str) -> None:
    with pytest.raises(SegxlError, match=message):
        folder(settings, **tables)


def test_an_unknown_segment_is_refused_with_the_nearest(folder: Folder) -> None:
    dataset = folder('[segments]\nby = "sector"\n', accounts=ACCOUNTS)
    with pytest.raises(SegxlError, match=r"no segment 'finanze'; did you mean 'Finance'\?; segments: All acc"):
        dataset.segments["finanze"]


# ---------------------------------------------------------------------------- membership that changes, and overlaps

MOVES = """
segment,account_id,start,end
Key,A1,2025-05-16,
Old,A1,,2025-05-16
Key,A2,,
Big,A2,,
"""

DEALS = """
opportunity_id,created_on,stage,closed_on,account_id,amount
1,2025-05-01,Closed Won,2025-05-15,A1,1
2,2025-05-01,Closed Won,2025-05-16,A1,2
3,2025-05-20,Closed Won,2025-05-31,A2,4
4,2025-05-10,Discovery,,A1,8
5,2025-04-10,Closed Won,2025-04-30,A1,16
"""


def test_membership_on_the_day_of_the_event(folder: Folder, views: Views) -> None:
    dataset = folder(segment_members=MOVES, opportunities=DEALS)

    def total(metric: str, segment: str, view: str = "total") -> float:
        value: float = views(dataset, metric, "2025-05", segment)[view]["value" if view == "total" else "base"]
        return value

    # A1 changes from Old to Key on 16 May. Won: 1 on the 15th is Old's, 2 on the 16th is Key's. A2 is in two segments.
    assert [total("won_revenue", name) for name in ("Old", "Key", "Big")] == [1, 2 + 4, 4]
    # Created counts on the day of creation: 1, 2 and 4 by Old's A1, 3 by Key's A2.
    assert [total("net_new_pipeline", name) for name in ("Old", "Key")] == [1 + 2 + 8, 4]
    # A stock counts at the window's end: 4 is open on 31 May, when A1 is Key's.
    assert [total("pipeline_by_stage", name) for name in ("Old", "Key")] == [0, 8]
    # April's base: A1 was Old's
    assert [total("won_revenue", name, "mom") for name in ("Old", "Key")] == [16, 0]


def test_membership_at_the_windows_end(folder: Folder, views: Views) -> None:
    dataset = folder('[toggles]\nmembership = "period_end"\n', segment_members=MOVES, opportunities=DEALS)
    key, old = (views(dataset, "won_revenue", "2025-05", name) for name in ("Key", "Old"))
    # At the end of May A1 is Key's: 1 + 2, and A2's 4. At the end of April it was Old's: the base is what was reported.
    assert (key["total"]["value"], key["mom"]["base"]) == (7, 0)
    assert (old["total"]["value"], old["mom"]["base"]) == (0, 16)
    # Twelve months end in May: membership at the end of May for all of them, so April's 16 is Key's.
    assert key["trailing_12"]["value"] == 23
    assert views(dataset, "net_new_pipeline", "2025-05", "Key")["total"]["value"] == 1 + 2 + 4 + 8
