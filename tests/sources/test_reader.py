"""The ledger: every row of every file is used, excluded by a stated rule, or rejected with the place and a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.errors import SegxlError, SegxlErrors
from segxl.render.ledger.csv import ledger_csv
from segxl.render.ledger.text import ledger_text
from segxl.settings.model import RuleTest
from segxl.sources.ledger import FileEntry
from segxl.sources.rules import kept_out
from tests.conftest import Folder, write_folder

HEADER = "opportunity_id,created_on,stage,closed_on,amount"


def ids(dataset: Dataset, table: str = "opportunities") -> list[str]:
    return sorted(dataset.tables[table]["opportunity_id"])


def counts(entry: FileEntry) -> tuple[int, int, dict[str, int], int]:
    """Rows, used, excluded by rule, rejected."""
    assert entry.balanced
    return entry.rows, entry.used, entry.excluded, entry.rejected_rows


def rejections(dataset: Dataset) -> list[str]:
    return [str(rejection) for rejection in dataset.ledger.rejections]


# -------------------------------------------------------------------------------- required and optional values


def test_a_required_value_that_is_missing_or_unreadable_rejects_the_row(folder: Folder) -> None:
    dataset = folder(
        opportunities=f"""{HEADER}
1,2025-01-05,Discovery,,10
,2025-01-05,Discovery,,10
3,,Discovery,,10
4,2025-02-30,Discovery,,10
5,2025-01-05,,,10
6,TBD,,,10"""
    )
    assert ids(dataset) == ["1"]
    (entry,) = dataset.ledger.files
    assert counts(entry) == (6, 1, {}, 5)
    # Row numbers are Excel's: the header is row 1. Row 7 lacks two things and is one rejected row.
    blank = "the cell is blank, but required; fill in the value in the export"
    assert rejections(dataset) == [
        f"opportunities.csv, row 3, column 'opportunity_id': {blank}",
        f"opportunities.csv, row 4, column 'created_on': {blank}",
        "opportunities.csv, row 5, column 'created_on': '2025-02-30' is not a date; write it like 2026-10-31",
        f"opportunities.csv, row 6, column 'stage': {blank}",
        "opportunities.csv, row 7, column 'created_on': 'TBD' is not a date; write it like 2026-10-31",
        f"opportunities.csv, row 7, column 'stage': {blank}",
    ]


MAP_PENDING = (
    'map it to the right one, for example: below the line [tables.opportunities] add values.status."pending" = "open"'
)


def test_an_optional_value_that_is_unreadable_rejects_the_row_and_a_placeholder_does_not(folder: Folder) -> None:
    dataset = folder(
        opportunities=f"""{HEADER},probability,relevant,status
1,2025-01-05,Discovery,,10,50%,yes,open
2,2025-01-05,Discovery,,ten,50%,yes,open
3,2025-01-05,Discovery,soon,10,50%,yes,open
4,2025-01-05,Discovery,,10,likely,yes,open
5,2025-01-05,Discovery,,10,50%,perhaps,open
6,2025-01-05,Discovery,,10,50%,yes,pending
7,2025-01-05,Discovery,TBD,n/a,--,yes,open"""
    )
    assert ids(dataset) == ["1", "7"]
    (entry,) = dataset.ledger.files
    assert counts(entry) == (7, 2, {}, 5)
    assert [(one.row, one.column, one.value, one.reason, one.fix) for one in entry.rejected] == [
        (3, "amount", "ten", "is not an amount", "write it like 1234.50"),
        (4, "closed_on", "soon", "is not a date", "write it like 2026-10-31"),
        (5, "probability", "likely", "is not a percentage from 0 to 100%", "write it like 65% or 0.65"),
        (6, "relevant", "perhaps", "is neither yes nor no", "write yes or no"),
        (7, "status", "pending", "is not one of open, won, lost", MAP_PENDING),
    ]
    assert entry.notes == [
        "1 row with TBD in 'closed_on': read as blank",
        "1 row with n/a in 'amount': read as blank",
        "1 row with -- in 'probability': read as blank",
    ]


def test_won_or_lost_without_a_date_is_rejected(folder: Folder) -> None:
    dataset = folder(
        'won_stages = ["Won"]\n',
        opportunities="opportunity_id,created_on,stage,closed_on\n1,2025-01-05,Won,\n2,2025-01-05,Discovery,\n",
    )
    assert ids(dataset) == ["2"]
    assert rejections(dataset) == [
        "opportunities.csv, row 2, column 'closed_on': the cell is blank, but the opportunity is won or lost; "
        "fill in the close date, or set the opportunity to open"
    ]
    assert dataset.ledger.balanced


def test_won_or_lost_where_no_column_feeds_the_date(folder: Folder) -> None:
    """It is the settings that lack something, not the export."""
    dataset = folder(
        'won_stages = ["Won"]\n',
        opportunities="opportunity_id,created_on,stage,Day of closing\n1,2025-01-05,Won,2025-02-05\n",
    )
    assert rejections(dataset) == [
        "opportunities.csv, row 2, column 'closed_on': has no column in the file, but the opportunity is won or "
        "lost; map the column with the close date: below the line [tables.opportunities] add columns.closed_on = "
        '"your header"'
    ]
    assert dataset.ledger.balanced


def test_revenue_told_in_two_ways_is_refused(folder: Folder) -> None:
    settings = '[[tables.revenue]]\nfile = "moves.csv"\n[[tables.revenue]]\nfile = "periods.csv"\n'
    moves, periods = "account_id,date,type,amount\n", "account_id,start,end,mrr\n"
    with pytest.raises(
        SegxlError, match=r"moves\.csv contains movements, periods\.csv contains subscriptions; together they "
    ):
        folder(settings, moves=f"{moves}A,2025-01-05,new,10\n", periods=f"{periods}A,2025-01-05,,10\n")


def test_a_file_without_rows_tells_revenue_in_no_way(folder: Folder) -> None:
    settings = '[[tables.revenue]]\nfile = "moves.csv"\n[[tables.revenue]]\nfile = "periods.csv"\n'
    moves, periods = "account_id,date,type,amount\n", "account_id,start,end,mrr\n"
    revenue = folder(settings, moves=moves, periods=f"{periods}A,2025-01-05,,10\n").tables["revenue"]
    assert (revenue.contract.shape, len(revenue)) == ("subscriptions", 1)


def test_a_date_that_can_be_read_two_ways_is_refused_until_the_settings_say(folder: Folder) -> None:
    deals = "opportunity_id,created_on,stage\n1,05/03/2025,Discovery\n2,01/02/2025,Discovery\n"
    with pytest.raises(SegxlError, match=r"opportunities\.csv, column 'created_on'.*dates = "):
        folder(opportunities=deals)
    days = [
        [
            str(day)
            for day in folder(
                f'[tables.opportunities]\nfile = "opportunities.csv"\ndates = "{order}"\n', opportunities=deals
            ).tables["opportunities"]["created_on"]
        ]
        for order in ("day-first", "month-first")
    ]
    # days since 1970: 5 March and 1 February 2025; 3 May and 2 January 2025
    assert days == [["20152", "20120"], ["20211", "20090"]]


def test_a_file_read_for_two_tables_is_asked_about_once(folder: Folder) -> None:
    """Its rows are reshaped for both, and two of its columns leave the order open."""
    changes = "Opportunity ID,From Stage,To Stage,Last Modified,Amount,Close Date,Created Date\n"
    with pytest.raises(SegxlError) as refused:
        folder(
            '[tables.opportunities]\nfile = "changes.csv"\n[tables.opportunity_history]\nfile = "changes.csv"\n'
            '[tables.costs]\nfile = "costs.csv"\n',
            changes=f"{changes}1,,Discovery,05/03/2026,1,07/03/2026,05/03/2026\n",
            costs="month,amount\n05/03/2026,1\n",
        )
    first, second = [line for line in str(refused.value).splitlines() if "can be read in" in line]
    assert first.startswith(
        "  - changes.csv: the dates are ambiguous and can be read in 2 ways: '05/03/2026' is 2026-03-05 (day-first)"
    )
    assert first.endswith(", in each table that uses this file (its other date columns are ambiguous too)")
    assert second.startswith("  - costs.csv, column 'month': the dates are ambiguous and can be read in 2 ways")


def test_empty_rows_and_footers_are_excluded_by_name(folder: Folder) -> None:
    dataset = folder(
        opportunities="""Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Close Date,Created Date
1,One,Acme,Discovery,10,2025-06-30,2025-01-05
,,,,,,
2,Two,Acme,Closed Won,20,2025-02-05,2025-01-05
Total,,,,30,,
Confidential Information - Do Not Distribute,,,,,,
Copyright © 2000-2025 salesforce.com,,,,,,"""
    )
    (entry,) = dataset.ledger.files
    assert counts(entry) == (6, 2, {"empty row": 1, "report footer": 2, "total or subtotal": 1}, 0)
    assert entry.format == "Salesforce opportunity report"
    assert ids(dataset) == ["1", "2"]


# -------------------------------------------------------------------------------------------------- one row a key


def test_identical_repeats_are_excluded_and_different_ones_rejected(folder: Folder) -> None:
    dataset = folder(
        opportunities=f"""{HEADER},note
1,2025-01-05,Discovery,,10,a
1,2025-01-05,Discovery,,10,a
1,2025-01-05,Discovery,,10.00,a
2,2025-01-05,Discovery,,10,a
2,2025-01-05,Discovery,,11,a
2,2025-01-05,Discovery,,11,a
3,2025-01-05,Discovery,,10,a
3,2025-01-05,Discovery,,10,b
4,2025-01-05,Discovery,,10,a"""
    )
    # 1: three times the same (10 and 10.00 are one amount): two excluded. 2: twice the same, and another: one excluded,
    # two rejected. 3: differ in a column that nothing uses: one excluded. 4 is alone.
    (entry,) = dataset.ledger.files
    assert counts(entry) == (9, 3, {"duplicate row": 4}, 2)
    assert ids(dataset) == ["1", "3", "4"]
    assert rejections(dataset)[0] == (
        "opportunities.csv, row 5, column 'opportunity_id': '2' is in several rows that differ in 'amount' "
        "(rows 5, 6); correct them in the export, or name the column with the last change: "
        'below the line [tables.opportunities] add latest_by = "your header"'
    )
    assert [one.row for one in entry.rejected] == [5, 6]


def test_rows_that_a_rule_leaves_out_can_be_found(folder: Folder) -> None:
    """A deal of 2031 is likely a slip: whoever reads the ledger wants to see the row, and the repeated one."""
    late = "".join(f"L{number},2031-01-05,Discovery,,10\n" for number in range(15))
    dataset = folder(
        "run_date = 2026-06-30\n",
        opportunities=f"{HEADER}\n{late}1,2025-01-05,Discovery,,10\n,,,,\n1,2025-01-05,Discovery,,10\n",
    )
    said = [line.strip() for line in ledger_text(dataset).splitlines() if "excluded: " in line]
    assert said == [
        "excluded: 1 × empty row",
        "excluded: 1 × duplicate row (row 19)",
        "excluded: 15 × after the cut-off 2026-06-30 (rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 and 3 more)",
    ]


def test_many_repeated_keys_are_one_reason(folder: Folder) -> None:
    """40 keys twice are told in two lines; a key of 100 rows names a few of them."""
    twice = "".join(f"{key},2025-01-05,Discovery,,{amount}\n" for key in range(40) for amount in (1, 2))
    dataset = folder(opportunities=f"{HEADER}\n{twice}")
    said = [line for line in ledger_text(dataset).splitlines() if "differ" in line]
    assert said == [
        "  rejected: 80 × opportunity_id: the value is in several rows that differ in 'amount'; correct them in "
        "the export, or name the column with the last change: "
        'below the line [tables.opportunities] add latest_by = "your header"'
    ]
    same = "".join(f"X,2025-01-05,Discovery,,{amount}\n" for amount in range(100))
    (entry,) = folder(opportunities=f"{HEADER}\n{same}").ledger.files
    assert entry.rejected_rows == 100
    assert entry.rejected[99].others == "rows 2, 3, 4, 5, 6, 7, 8, 9 and 92 more"


def latest(column: str, extra: str = "") -> str:
    return f'[tables.opportunities]\nfile = "opportunities.csv"\nlatest_by = "{column}"\n{extra}'


def test_latest_by_decides(folder: Folder) -> None:
    dataset = folder(
        latest("Modified", 'columns = { closed_on = "modified" }\n'),
        opportunities="""opportunity_id,created_on,stage,modified
1,2025-01-05,Discovery,2025-02-01
1,2025-01-05,Proposal,2025-03-01
1,2025-01-05,Discovery,
2,2025-01-05,Discovery,2025-03-01
2,2025-01-05,Proposal,2025-03-01
3,2025-01-05,Discovery,2025-03-01
3,2025-01-05,Discovery,2025-03-01""",
    )
    # 1: the row of March; a blank is the oldest. 2: a tie decides nothing. 3: identical.
    (entry,) = dataset.ledger.files
    older = "older version of the same record (by Modified)"
    assert counts(entry) == (7, 2, {older: 2, "duplicate row": 1}, 2)
    table = dataset.tables["opportunities"]
    assert dict(zip(table["opportunity_id"], table["stage"], strict=True)) == {"1": "Proposal", "3": "Discovery"}


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("9", "10"),  # numbers, not words
        ("2025-09-30", "2025-10-01"),
        ("2025-01-05 09:59", "2025-01-05 10:00"),  # of one day
        ("30.09.2025", "01.10.2025"),  # day first, by the table's setting
        ("v1", "v2"),  # failing all, the texts
        ("", "2025-01-01"),
        ("", "-3"),
    ],
)
def test_latest_by_a_column_that_no_contract_names(folder: Folder, older: str, newer: str) -> None:
    for first, second in ((older, newer), (newer, older)):
        dataset = folder(
            latest("version", 'dates = "day-first"\n'),
            opportunities=f"""opportunity_id,created_on,stage,version
1,2025-01-05,{"old" if first == older else "new"},{first}
1,2025-01-05,{"old" if second == older else "new"},{second}""",
        )
        assert list(dataset.tables["opportunities"]["stage"]) == ["new"]


def test_latest_by_no_column_is_refused_even_if_no_key_repeats(folder: Folder) -> None:
    with pytest.raises(
        SegxlError, match=r"tables\.opportunities\.latest_by: no column 'amuont'; did you mean 'amount'"
    ):
        folder(latest("amuont"), opportunities=f"{HEADER}\n1,2025-01-05,Discovery,,10\n")


def test_latest_by_dates_that_leave_their_order_open_is_asked_for(folder: Folder) -> None:
    deals = "opportunity_id,created_on,stage,seen\n1,2025-01-05,Discovery,01/02/2025\n1,2025-01-05,Proposal,02/01/2025"
    with pytest.raises(SegxlError, match=r"tables\.opportunities\.latest_by, column 'seen': "):
        folder(latest("seen"), opportunities=deals)
    # 1 February is later than 2 January; month first it would be the other way round
    for order, stage in (("day-first", "Discovery"), ("month-first", "Proposal")):
        dataset = folder(latest("seen", f'dates = "{order}"\n'), opportunities=deals)
        assert list(dataset.tables["opportunities"]["stage"]) == [stage]


def test_keys_repeat_across_files_too(folder: Folder) -> None:
    settings = '[[tables.opportunities]]\nfile = "june.csv"\n[[tables.opportunities]]\nfile = "july.csv"\n'
    dataset = folder(
        settings,
        june=f"{HEADER}\n1,2025-01-05,Discovery,,10\n2,2025-01-05,Discovery,,10\n",
        july="opportunity_id,created_on,stage,owner\n1,2025-01-05,Proposal,Ann\n3,2025-01-05,Proposal,Bob\n",
    )
    june, july = dataset.ledger.files
    assert counts(june) == (2, 1, {}, 1)
    assert counts(july) == (2, 1, {}, 1)
    assert june.rejected[0].why == (
        "is in several rows of june.csv, july.csv that differ in 'stage', 'amount', 'owner' "
        "(row 2 of june.csv, row 2 of july.csv)"
    )
    assert list(dataset.tables["opportunities"]["owner"]) == ["", "Bob"]


def test_many_repeated_keys_are_told_together(folder: Folder) -> None:
    """A copy of an export next to it repeats every key: one paragraph, not one for each."""
    settings = '[[tables.opportunities]]\nfile = "june.csv"\n[[tables.opportunities]]\nfile = "july.csv"\n'
    deals = "".join(f"\n{at},2025-01-05,Discovery,,10" for at in (1, 2, 3))
    dataset = folder(settings, june=HEADER + deals, july=HEADER + deals.replace("Discovery", "Proposal"))
    said = [line for line in ledger_text(dataset).splitlines() if "rejected: " in line or line.startswith("    ")]
    paragraph = [
        "  rejected: 3 × opportunity_id: the value is in several rows of june.csv, july.csv that differ in "
        "'stage'; correct them in the export, or name the column with the last change: "
        'below the line [[tables.opportunities]] of this file add latest_by = "your header"',
        "    row 2 ('1'), row 3 ('2'), row 4 ('3')",
    ]
    assert said == 2 * paragraph  # for each file
    lines = ledger_csv(dataset.ledger).decode("utf-8-sig").splitlines()
    assert len([line for line in lines if ",rejected,3," in line]) == 2


def test_history_may_repeat_rows(folder: Folder) -> None:
    dataset = folder(
        opportunities=f"{HEADER}\n1,2025-01-05,Discovery,,10\n",
        opportunity_history="""opportunity_id,changed_at,stage
1,2025-01-05,Discovery
1,2025-01-05,Discovery
9,2025-01-05,Discovery""",
    )
    history = dataset.ledger.files[1]
    assert counts(history) == (3, 2, {"its opportunity is not used": 1}, 0)


# -------------------------------------------------------------------------------------------------- where, mapping


def where(rule: str, extra: str = "") -> str:
    return f'[tables.opportunities]\nfile = "opportunities.csv"\nwhere = {rule}\n{extra}'


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ('{ product = ["pro"] }', "12"),  # case does not count
        ('{ product = "Pro" }', "12"),
        ('{ product = { not = ["Pro"] } }', "345"),  # a blank is not Pro
        ('{ product = [""] }', "5"),
        ("{ seats = { min = 10 } }", "24"),
        ("{ seats = { min = 10, max = 10 } }", "2"),  # both bounds are in; blanks and n/a are in no range
        ("{ seats = [10] }", "2"),
        ('{ product = "Pro", seats = { max = 9.5 } }', "1"),  # all of it
        ('{ Stage = "Discovery" }', "1245"),  # a contract's column, in any case
        ("{ seats = { min = 1000 } }", ""),
    ],
)
def test_where(folder: Folder, rule: str, kept: str) -> None:
    dataset = folder(
        where(rule),
        opportunities="""opportunity_id,created_on,stage,product,seats
1,2025-01-05,Discovery,Pro,9
2,2025-01-05,Discovery,PRO,10
3,2025-01-05,Proposal,Trial,n/a
4,2025-01-05,Discovery,Trial,11
5,2025-01-05,Discovery,,""",
    )
    assert ids(dataset) == list(kept)
    (entry,) = dataset.ledger.files
    names = "product, seats" if "seats" in rule and "product" in rule else rule[2:].split()[0]
    assert counts(entry) == (5, len(kept), {f"filtered out by your where rule on {names}": 5 - len(kept)}, 0)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"Clicks": {"min": 1}}, "Clicks below 1"),
        ({"Seats": {"min": 1000, "max": 2000.5}}, "Seats below 1,000 or Seats above 2,000.5"),
        ({"Status": ["Won", "Lost"]}, "Status other than 'Won', 'Lost'"),
        ({"Account": {"not": [""]}, "Type": {"not": ["Test"]}}, "Account blank or Type 'Test'"),
    ],
)
def test_the_rows_that_a_rule_keeps_out_in_few_words(rule: dict[str, object], words: str) -> None:
    assert kept_out({name: RuleTest.model_validate(test) for name, test in rule.items()}) == words


def test_where_comes_before_the_values_are_read(folder: Folder) -> None:
    # Trial rows are bad and out of interest: excluded, not rejected.
    dataset = folder(
        where('{ product = { not = ["Trial"] } }'),
        opportunities="opportunity_id,created_on,stage,product\n1,2025-01-05,Discovery,Pro\n2,never,Discovery,Trial\n",
    )
    assert counts(dataset.ledger.files[0]) == (2, 1, {"filtered out by your where rule on product": 1}, 0)
    assert dict(dataset.ledger.excluded) == {("opportunities", "product 'Trial'"): 1}  # the short form


def test_where_refuses_what_is_not_there(folder: Folder) -> None:
    deals = "opportunity_id,created_on,stage,product\n1,2025-01-05,Discovery,Pro\n"
    with pytest.raises(
        SegxlError, match=r"where\.prodct: opportunities\.csv has no column 'prodct'; did you mean 'product'"
    ):
        folder(where('{ prodct = "Pro" }'), opportunities=deals)
    with pytest.raises(
        SegxlError, match=r"where\.product: needs numbers for min and max, but the column contains 'Pro'"
    ):
        folder(where("{ product = { min = 1 } }"), opportunities=deals)


def test_where_asks_for_the_decimal_mark_and_obeys_it(folder: Folder) -> None:
    deals = "opportunity_id,created_on,stage,seats\n1,2025-01-05,Discovery,1.005\n2,2025-01-05,Discovery,\n"
    rule = where("{ seats = { min = 2 } }")
    with pytest.raises(SegxlError, match=r"where\.seats: the decimal mark is a point or a comma: '1.005'"):
        folder(rule, opportunities=deals)
    assert ids(folder(f'{rule}\ndecimal = ","\n', opportunities=deals)) == ["1"]
    assert ids(folder(f'{rule}\ndecimal = "."\n', opportunities=deals)) == []


def test_a_mapped_column_wins_over_one_that_has_the_contracts_name(folder: Folder) -> None:
    dataset = folder(
        '[tables.opportunities]\nfile = "opportunities.csv"\ncolumns = { amount = "acv", stage = "Phase" }\n',
        opportunities="opportunity_id,created_on,Stage,Phase,amount,acv\n1,2025-01-05,x,Discovery,10,99\n",
    )
    table = dataset.tables["opportunities"]
    assert (int(table["amount"][0]), table["stage"][0]) == (9900, "Discovery")
    (entry,) = dataset.ledger.files
    assert entry.notes == [
        "column 'Stage' is not used: 'Phase' is used instead",
        "column 'amount' is not used: 'acv' is used instead",
    ]
    assert entry.ignored_columns == ()


def test_words_are_translated(folder: Folder) -> None:
    settings = """[tables.opportunities]
file = "opportunities.csv"
columns = { stage = "deal_stage" }
values.status = { from = "deal_stage", Signed = "won", "Gone" = "lost" }
values.product_category = { "Pro " = "Professional", pro = "professional" }
"""
    dataset = folder(
        settings,
        opportunities="""opportunity_id,created_on,deal_stage,closed_on,product_category
1,2025-01-05,SIGNED,2025-02-01,pro
2,2025-01-05,gone,2025-02-01,PRO
3,2025-01-05,Discovery,,Basic
4,2025-01-05,Closed Won,2025-02-01,""",
    )
    table = dataset.tables["opportunities"]
    # 4 is not in the map: its status comes from won_stages
    assert list(table["status"]) == ["won", "lost", "open", "won"]
    assert list(table["product_category"]) == ["professional", "professional", "Basic", ""]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            'columns = { amuont = "amount" }',
            r"columns\.amuont: opportunities has no column 'amuont'; did you mean 'amount'",
        ),
        (
            'columns = { amount = "amuont" }',
            r"no column 'amuont' \(in tables\.opportunities\.columns\.amount\); did you mean 'amount'",
        ),
        (
            'values.statsu = { from = "stage", Won = "won" }',
            r"values\.statsu: opportunities has no column 'statsu'; did you mean 'status'",
        ),
        ('values.status = { from = "stge", Won = "won" }', r"values\.status: the file has no column 'stge'.*'stage'"),
        (
            'values.status = { Won = "won" }',
            r"values\.status: the export has no status; below the line .* add values.status.from = ",
        ),
        ('values.amunt = { a = "b" }', r"values\.amunt: no column 'amunt'; did you mean 'amount'"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(folder: Folder, settings: str, message: str) -> None:
    deals = f"{HEADER}\n1,2025-01-05,Discovery,,10\n"
    with pytest.raises(SegxlError, match=message):
        folder(f'[tables.opportunities]\nfile = "opportunities.csv"\n{settings}\n', opportunities=deals)


def test_all_problems_of_all_tables_come_at_once(folder: Folder) -> None:
    with pytest.raises(SegxlErrors) as refused:
        folder(opportunities="id,day\n1,2\n", accounts="id\n1\n", teams="owner\nAnn\n")
    assert str(refused.value).startswith("2 problems in the input\n")
    assert [problem.split(";")[0] for problem in refused.value.problems] == [
        "opportunities.csv: no column found for opportunity_id, created_on, stage",
        "accounts.csv: no column found for account_id",
    ]


def test_a_folder_without_tables_or_settings(folder: Folder, tmp_path: Path) -> None:
    with pytest.raises(SegxlError, match=r"the settings list no table; add \[tables\.opportunities\]"):
        folder()
    with pytest.raises(SegxlError, match=r"segxl\.toml is missing"):
        load(tmp_path)
    with pytest.raises(SegxlError, match="no such folder"):
        load(tmp_path / "nowhere")
    with pytest.raises(SegxlError, match=r"no file; .* add file = "):
        folder("[tables.opportunities]\n")


def test_accounts_that_nobody_knows_are_noted(folder: Folder) -> None:
    dataset = folder(
        accounts="account_id\nA1\n",
        opportunities="""opportunity_id,created_on,stage,account_id
1,2025-01-05,Discovery,A1
2,2025-01-05,Discovery,
3,,Discovery,
4,2025-01-05,Discovery,X9""",
    )
    # two rows have no account, of which row 4 is rejected for its date
    entry = dataset.ledger.files[1]
    assert entry.notes == ["2 rows without an account: 1 used in All accounts"]
    (condition,) = entry.conditions  # one row of three finds its account
    assert condition.remark == (
        "2 rows have no account in the accounts table, like 'X9'; counted in All accounts only (rows 3, 5). "
        "Add the accounts to the accounts table, or fill in the accounts in the export."
    )


def test_the_ledger_names_no_more_columns_than_somebody_reads(folder: Folder) -> None:
    more = ",".join(f"c{number}" for number in range(1, 33))
    dataset = folder(opportunities=f"opportunity_id,created_on,stage,{more}\nO1,2026-05-01,Discovery\n")
    (line,) = [line for line in ledger_text(dataset).splitlines() if "columns not used" in line]
    assert line.endswith("c18, c19, c20 and 12 more")


def test_the_ledger_as_text(folder: Folder) -> None:
    deals = "\n".join(f"{n},,Discovery,,1" for n in range(2, 25))
    text = ledger_text(folder('name = "Acme"\n', opportunities=f"{HEADER}\n1,2025-01-05,Discovery,,1\n{deals}\n"))
    # 24 rows, 23 of them (rows 3 to 25) without date; 5 shown, 12 numbered, 6 counted
    assert text.splitlines() == [
        "Acme: data in 2025-01; segments: All accounts",
        "",
        "opportunities.csv → opportunities",
        "  24 rows = 1 used + 0 excluded + 23 rejected",
        "  rejected: 23 × created_on: the cell is blank, but required; fill in the value in the export",
        "    rows 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 and 6 more",
        "",
        "23 rows rejected",
    ]


# ------------------------------------------------------------------------------------------------ it always balances

CELL = st.sampled_from(
    ["", "1", "2", "3", "x", "TBD", "2025-01-05", "2025-03-01", "Discovery", "Closed Won", "Closed Lost"]
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.tuples(st.sampled_from(["1", "2", "3", "4", ""]), *[CELL] * 4), max_size=12),
    history=st.lists(st.tuples(st.sampled_from(["1", "2", "9", ""]), CELL, CELL), max_size=6),
    rule=st.sampled_from(["", 'latest_by = "closed_on"\n', 'where = { stage = { not = ["1"] } }\n']),
)
def test_the_ledger_balances_whatever_the_rows(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, ...]],
    history: list[tuple[str, ...]],
    rule: str,
) -> None:
    path = write_folder(
        tmp_path_factory.mktemp("ledger"),
        {
            "opportunities": "\n".join([HEADER, *(",".join(row) for row in rows)]),
            "opportunity_history": "\n".join(["opportunity_id,changed_at,stage", *(",".join(row) for row in history)]),
        },
        f'as_of = 2025-02-01\n[tables.opportunities]\nfile = "opportunities.csv"\n{rule}',
    )
    dataset = load(path)
    for entry, given_rows in zip(dataset.ledger.files, (rows, history), strict=True):
        assert entry.balanced
        # A line of commas alone is a row without values; the file reader counts it.
        assert entry.rows == len(given_rows)
        assert entry.used == len(dataset.tables[entry.table])
