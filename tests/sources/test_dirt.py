"""The dirt that every export has, in one small file, in every encoding; and where each kind of it is proved further.

spaces, no-break ones too             test_files.py: cells and headers are stripped of every space
www., case and paths in domains       test_matching.py: test_domains
money as people write it, TBD, --     test_values.py: amounts with a point, with a comma, what is no amount
dates as people write them            test_values.py: the fifth of March, offsets, Excel counts from 1900
dates in two orders                   below; test_values.py: refused with both readings
dates far ahead                       below; test_report_rules.py, test_pipeline_status.py: the cut-off
ids of 15 and 18 characters           test_formats_crm.py: one and the same
stages in several spellings           below; test_formats_crm.py: test_hubspot_deals
two pipelines in one export           test_formats_crm.py: test_hubspot_deals
rows twice                            below; test_reader.py: keys repeat
empty lines by the thousand           below; test_hostile_files.py: in a sheet
encodings                             below; test_files.py: test_encodings
accounts that no table knows          below; test_reader.py: noted
totals, footers, titles above         test_formats.py, test_formats_marketing.py
all of it at once, by chance          test_dirt_truth.py: what was meant is read or asked for
"""

from __future__ import annotations

from pathlib import Path

import pytest

from segxl.dataset.load import load
from segxl.errors import SegxlError
from segxl.tables.contracts import NO_MONEY
from tests.conftest import Folder, Views, write_folder
from tests.pasted import pasted_into
from tests.sources.test_formats_crm import rows

NB = "\u00a0"
DEALS = [
    "opportunity_id,account_id,stage,amount,created_on,closed_on,account_domain",
    f'O1{NB}, A1 ,closed won ,"$1,200.00",05-Mar-2026,2026-04-01,',
    'O2,,CLOSED WON,"(1,234)","15 Apr, 2021 00:02:00",2026-04-02,https://www.ACME.com/x',
    "O3,A1,Closed  Won,45k,2026-03-05T23:30:00-05:00,46114,",
    "O4,A1,Demo,$342.09K,46086,2031-02-01,",
    "O5,A1,Demo,TBD,46086,,",
    "O6,A1,Demo,--,46086,,",
    "O7,Zédé,Demo,,46086,,",
    "O7,Zédé,Demo,,46086,,",
    "O8,A1,Demo,5,2031-01-01,,",
    "O9,A1,Demo,5,TBD,,",
]
SETTINGS = """
run_date = 2026-06-30
stages = ["Demo"]
[tables.opportunities]
file = "deals.csv"
"""


@pytest.mark.parametrize(
    ("encoding", "setting"),
    [
        ("utf-8-sig", ""),
        ("utf-16", ""),
        ("windows-1252", 'encoding = "windows-1252"'),
        ("mac-roman", 'encoding = "mac-roman"'),
    ],
)
def test_a_dirty_export(tmp_path: Path, encoding: str, setting: str) -> None:
    """46086 is 5 March 2026 in Excel, 46114 is 28 days later; half past eleven in New York is tomorrow in UTC."""
    accounts = {"accounts": "account_id,name,domain\nA1,Acme,WWW.Acme.com\n"}
    source = write_folder(tmp_path / "source", accounts, SETTINGS + setting)
    text = "\n".join(DEALS) + "\n" + ",,,,,,\n" * 3_000
    (source / "deals.csv").write_bytes(text.encode(encoding))
    dataset = load(source)
    names = ("opportunity_id", "account_id", "stage", "amount", "created_on", "closed_on")
    assert rows(dataset, "opportunities", names) == [
        ("O1", "A1", "Closed Won", 1_200, "2026-03-05", "2026-04-01"),
        ("O2", "A1", "Closed Won", -1_234, "2021-04-15", "2026-04-02"),
        ("O3", "A1", "Closed Won", 45_000, "2026-03-06", "2026-04-02"),
        ("O4", "A1", "Demo", 342_090, "2026-03-05", ""),
        ("O5", "A1", "Demo", None, "2026-03-05", ""),
        ("O6", "A1", "Demo", None, "2026-03-05", ""),
        ("O7", "Zédé", "Demo", None, "2026-03-05", ""),
    ]
    (entry,) = [one for one in dataset.ledger.files if one.table == "opportunities"]
    assert (entry.rows, entry.used, entry.balanced) == (3_010, 7, True)
    assert entry.excluded == {"empty row": 3_000, "duplicate row": 1, "after the cut-off 2026-06-30": 1}
    assert [(one.row, one.column, one.value) for one in entry.rejected] == [(11, "created_on", "TBD")]
    notes = "\n".join(entry.notes)
    for said in (
        "2 rows with --, TBD in 'amount': read as blank",
        "4 rows of 'amount' are not plain numbers, like '$1,200.00' and '(1,234)'",
        "1 row matched to an account by domain, like 'https://www.ACME.com/x' → 'A1'",
        "3 rows spell a stage differently",
    ):
        assert said in notes
    assert "1 row names an account that is not in the accounts table, like 'Zédé'" in "\n".join(
        map(str, [one.remark for one in entry.conditions])
    )


def test_a_pipeline_that_somebody_keeps_in_a_spreadsheet(folder: Folder, views: Views) -> None:
    """Months by name, percentages, a column without a name, one date for closing and for expecting it, a stray line and
    empty ones."""
    sheet = [
        "Reported,Customer,Sales stage,Deal size,Probability,Channel,Close Date/Expected Close Date,",
        "01-Jan-2015,One,Proposal,2910,65.0%,Web,07-Apr-2015,x",
        "02-Jan-2015,Two,Won,1680,100%,Web,02-Feb-2015,",
        "03-Jan-2015,Three,Lost,500,0%,F2F,03-Feb-2015,",
        ",,1,,,,,",
        *[",,,,,,,"] * 40,
    ]
    columns = {"opportunity_id": "Customer", "created_on": "Reported", "stage": "Sales stage", "amount": "Deal size",
               "lead_source": "Channel", "closed_on": "Close Date/Expected Close Date"}  # fmt: skip
    dataset = folder(
        'won_stages = ["Won"]\nlost_stages = ["Lost"]\n[tables.opportunities]\nfile = "opportunities.csv"\n'
        "[tables.opportunities.columns]\n" + "".join(f'{name} = "{own}"\n' for name, own in columns.items()),
        opportunities="\n".join(sheet),
    )
    (entry,) = dataset.ledger.files
    assert (entry.used, entry.excluded, entry.rejected_rows) == (3, {"empty row": 40}, 1)
    assert entry.ignored_columns == ("Column 8",)
    names = ("created_on", "closed_on", "expected_close_on", "amount")
    assert rows(dataset, "opportunities", names) == [
        ("2015-01-01", "", "2015-04-07", 2910),
        ("2015-01-02", "2015-02-02", "", 1680),
        ("2015-01-03", "2015-02-03", "", 500),
    ]
    assert dataset.tables["opportunities"]["probability"].tolist() == [0.65, 1, 0]
    assert views(dataset, "won_revenue", "2015-02")["by_lead_source"]["Web"]["value"] == 1680


def test_money_without_a_sign_is_not_said_to_be_words(folder: Folder) -> None:
    """Most are words here: the few plain ones are not what the ledger names."""
    deals = "".join(f"O{number},2026-05-01,Demo,$1{number}\n" for number in range(5))
    dataset = folder(opportunities=f"opportunity_id,created_on,stage,amount\n{deals}P,2026-05-01,Demo,7\n")
    assert (dataset.tables["opportunities"]["amount"] != NO_MONEY).all()
    (entry,) = dataset.ledger.files
    assert "5 rows of 'amount' are not plain numbers, like '$10' and '$11': read as amounts" in entry.notes


def test_invisible_marks_around_a_value_are_no_part_of_it(folder: Folder) -> None:
    """What Windows puts around a copied date, a thin space, an ideographic one, a soft hyphen, a line separator."""
    row = "\u200e1\u200f,\u202a2026-05-01\u202c,\u3000Demo\u2009,\u20605\u00ad\u2028"
    dataset = folder(opportunities=f"opportunity_id,created_on,stage,amount\n{row}\n")
    names = ("opportunity_id", "created_on", "stage", "amount")
    assert rows(dataset, "opportunities", names) == [("1", "2026-05-01", "Demo", 5)]


def test_fractions_among_percentages_are_noted(folder: Folder) -> None:
    dataset = folder(
        opportunities="opportunity_id,created_on,stage,probability\n1,2026-05-01,Demo,40\n2,2026-05-01,Demo,0.65\n"
    )
    (entry,) = dataset.ledger.files
    assert "1 row of 'probability' may be fractions or percentages, like '0.65': read as 0.65%" in entry.notes


def test_days_and_months_that_contradict_each_other_are_refused_by_their_own_values(folder: Folder) -> None:
    header = "opportunity_id,created_on,stage\n"
    with pytest.raises(SegxlError, match=r"created_on.*25/12/2025.*12/31/2025"):
        folder(opportunities=header + "1,25/12/2025,Demo\n2,12/31/2025,Demo\n")
    with pytest.raises(SegxlError, match=r"(?s)05/06/2026.*2026-06-05.*2026-05-06"):
        folder(opportunities=header + "1,05/06/2026,Demo\n2,07/08/2026,Demo\n")


def test_an_encoding_that_nothing_tells_is_asked_for_with_the_place(tmp_path: Path) -> None:
    source = write_folder(tmp_path / "source", {}, '[tables.opportunities]\nfile = "deals.csv"\n')
    text = "opportunity_id,created_on,stage\n1,2026-05-01,Demo\n2,2026-05-01,Zürich\n"
    (source / "deals.csv").write_bytes(text.encode("windows-1252"))
    with pytest.raises(SegxlError) as refused:
        load(source)
    assert str(refused.value).startswith("deals.csv, row 3: byte 0xfc")
    assert 'below the line [tables.opportunities] add encoding = "windows-1252"' in str(refused.value)
    assert pasted_into(source / "segxl.toml", str(refused.value)) == 1
    assert load(source).tables["opportunities"]["stage"].tolist() == ["Demo", "Zürich"]


def test_a_date_in_another_order_than_the_settings_names_the_order(tmp_path: Path) -> None:
    deals = "opportunity_id,created_on,stage\n1,03/05/2026,Demo\n2,05/13/2026,Demo\n"
    settings = '[tables.opportunities]\nfile = "opportunities.csv"\ndates = "day-first"\n'
    (rejected,) = load(write_folder(tmp_path / "source", {"opportunities": deals}, settings)).ledger.rejections
    assert (rejected.reason, rejected.fix) == (
        "does not fit the order day-first",
        'correct it, or if all dates are so, below the line [tables.opportunities] change dates to "month-first"',
    )
