"""Known exports: recognised by header, mapped, and freed from the lines below the data."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from segxl.dataset.load import build
from segxl.errors import SegxlError
from segxl.settings.model import Settings
from segxl.sources.files.files import RawTable, read_file
from segxl.sources.formats import FORMATS, HINTS, Format, by_key, newest_first, recognise
from segxl.sources.formats.hubspot import HUBSPOT_DEALS
from segxl.sources.formats.model import is_made, spellings
from segxl.sources.formats.salesforce import SALESFORCE_HISTORY, SALESFORCE_HISTORY_NOW, SALESFORCE_REPORT
from segxl.sources.records.not_records import blank_rows, not_records
from segxl.sources.suggest.suggestions import columns_block, nearest_formats
from segxl.sources.values.readers import NO_ORDER
from segxl.tables.contracts import CONTRACTS, Texts

REPORT = (
    *("Opportunity Owner", "Account Name", "Opportunity Name", "Stage", "Fiscal Period", "Amount"),
    *("Probability (%)", "Age", "Close Date", "Created Date", "Type", "Lead Source"),
)
HISTORY = (
    *("Opportunity ID", "Opportunity Name", "From Stage", "To Stage", "Stage Duration", "Last Modified"),
    *("Amount", "Close Date", "Stage", "Created Date"),
)


def _report(folder: Path, *lines: str) -> RawTable:
    text = "\n".join([",".join(f'"{name}"' for name in REPORT), *lines])
    (folder / "report.csv").write_text(text, encoding="utf-8")
    return read_file(folder / "report.csv")


DEAL = "Ann,Acme,Acme - Pilot,Closed Won,Q1-2026,100,100,3,1/5/2026,1/2/2026,New,Web"
OTHER = "Bob,Total,Total - Pilot,Closed Won,Q1-2026,100,100,3,1/5/2026,1/2/2026,New,Web"


def header_of(one: Format) -> list[str]:
    """The first spelling of every header of a format."""
    names = [*one.signature, *(names for names in one.columns.values() if names and not is_made(names))]
    header = [spellings(name)[0] for name in names if not is_made(spellings(name)[0])]
    matched = [
        name for name in ('Date entered "Demo (Sales)"', "2026-01") if one.pattern and one.pattern.fullmatch(name)
    ]
    return list(dict.fromkeys([*header, *matched]))


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_a_format_feeds_columns_that_its_contract_has(one: Format) -> None:
    contracts = CONTRACTS[one.table]
    names = {name for contract in contracts for name in contract.names}
    fed = one.columns.keys() | one.fill.keys()
    beside = {*HINTS, "lead_id"} if "account_id" in names else set()
    assert one.columns.keys() <= names | beside
    assert one.fill.keys() <= names
    assert any(fed >= set(contract.required) for contract in contracts)


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_a_format_is_recognised_by_its_own_headers_and_by_no_other(one: Format) -> None:
    assert recognise(header_of(one), one.table) is one


def test_exports_are_recognised_by_their_headers() -> None:
    assert recognise(REPORT, "opportunities") is SALESFORCE_REPORT
    assert recognise(HISTORY, "opportunity_history") is SALESFORCE_HISTORY
    assert recognise(HISTORY, "opportunities") is SALESFORCE_HISTORY_NOW  # though it has all that a report has
    assert recognise([name.upper() for name in REPORT]) is SALESFORCE_REPORT
    assert recognise(REPORT, "accounts") is None
    assert recognise(["id", "stage"]) is None


def test_headers_compare_by_letters_and_digits() -> None:
    for spelled in (("Opportunity ID", "Stage Name"), ("OpportunityId", "StageName"), ("opportunity_id", "stage_name")):
        one = recognise([*spelled, "CreatedDate"], "opportunity_history")
        assert one is not None
        assert one.name == "Salesforce opportunity history (API)"


def test_formats_are_found_by_key_or_name() -> None:
    assert by_key("salesforce", "opportunities", REPORT) is SALESFORCE_REPORT
    assert by_key("Salesforce", "opportunity_history", HISTORY) is SALESFORCE_HISTORY
    assert by_key("hubspot deals", "opportunities") is HUBSPOT_DEALS
    # no signature fits: the one that the header could feed most columns of
    assert by_key("salesforce", "opportunities", ["Opportunity Name", "Stage", "Amount"]) is SALESFORCE_REPORT
    with pytest.raises(SegxlError, match=r'no format "bombora" for leads \(hubspot, sales'):
        by_key("bombora", "leads")


def test_a_report_without_ids_goes_by_names_and_says_so() -> None:
    sources = SALESFORCE_REPORT.sources(REPORT)
    assert sources == {
        "opportunity_id": "Opportunity Name",
        "account_id": "Account Name",
        "account_name": "Account Name",
        "created_on": "Created Date",
        "closed_on": "Close Date",
        "stage": "Stage",
        "amount": "Amount",
        "probability": "Probability (%)",
        "type": "Type",
        "lead_source": "Lead Source",
        "owner": "Opportunity Owner",
    }
    assert SALESFORCE_REPORT.notes_for(sources) == [
        "no Opportunity ID in the export: segxl uses 'Opportunity Name'",
        "no Account ID in the export: segxl uses 'Account Name'",
    ]


def test_the_best_header_is_taken_in_its_own_spelling() -> None:
    sources = SALESFORCE_REPORT.sources([*REPORT, "Opportunity Id", "Account ID", "Closed Lost Reason", "Region"])
    assert (sources["opportunity_id"], sources["account_id"]) == ("Opportunity Id", "Account ID")
    assert (sources["loss_reason"], sources["geo"]) == ("Closed Lost Reason", "Region")
    assert SALESFORCE_REPORT.notes_for(sources) == []


def test_a_history_is_mapped() -> None:
    assert SALESFORCE_HISTORY.sources(HISTORY) == {
        "opportunity_id": "Opportunity ID",
        "changed_at": "Last Modified",
        "stage": "To Stage",
        "amount": "Amount",
        "close_date": "Close Date",
    }


def test_an_unknown_header_gets_the_nearest_exports_and_a_block_to_paste() -> None:
    header = ["Opp Name", "Stage", "Close Date", "Created Date", "Amount", "Amount Currency", "Owner"]
    near = nearest_formats(header, "opportunities")
    assert near[0] == "Salesforce opportunity report (without Opportunity Name)"
    assert columns_block(header, "opportunities").splitlines() == [
        "[tables.opportunities.columns]",
        '# opportunity_id = "…"   required; no similar header',
        'created_on = "Created Date"',
        'stage = "Stage"',
        'closed_on = "Close Date"',
        'amount = "Amount"',
        'currency = "Amount Currency"',
        'owner = "Owner"',
    ]
    assert nearest_formats(["x", "y"], "opportunities") == []


@pytest.mark.parametrize(
    "footer",
    [
        ["Grand Totals (5700 records)"],
        ["Total,,,,,1234567"],
        ["Grand Total"],
        ['"Grand Totals (1,234 records)"', '"Confidential Information - Do Not Distribute"'],
        ["Copyright © 2000-2026 salesforce.com, inc. All rights reserved."],
        ['"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."'],
        ["Copyright © 2000–2026 Salesforce, Inc. All rights reserved."],
    ],
)
def test_the_lines_below_a_report_are_told_from_its_rows(tmp_path: Path, footer: list[str]) -> None:
    raw = _report(tmp_path, DEAL, OTHER, "", *footer, "")
    marks = not_records(raw, blank_rows(raw)).rows
    assert marks.dtype == np.bool_
    assert marks.tolist()[:3] == [False, False, False]
    assert marks.tolist()[3:] == [True] * len(footer)


def test_a_row_that_begins_with_total_is_a_row(tmp_path: Path) -> None:
    owned_by_total = OTHER.replace("Bob", "Total")
    raw = _report(tmp_path, owned_by_total, DEAL)
    assert not_records(raw, blank_rows(raw)).rows.tolist() == [False, False]


def test_a_report_without_rows_has_no_footer(tmp_path: Path) -> None:
    raw = _report(tmp_path)
    assert not_records(raw, blank_rows(raw)).rows.tolist() == []


def _texts(*values: str) -> Texts:
    return np.array([*values, ""], dtype=object)[:-1]


@pytest.mark.parametrize(
    ("ids", "keys", "expected"),
    [
        ("aab", (3, 2, 9), True),
        ("aab", (3, 3, 9), False),  # nothing tells
        ("aab", (2, 3, 9), False),
        ("abab", (5, 3, 4, 4), False),  # b rises
        ("abab", (5, 4, 4, 4), True),
        ("abc", (3, 2, 1), False),  # of different opportunities
        ("aaa", (3, NO_ORDER, 2), True),  # a row without a date does not count
        ("", (), False),
    ],
)
def test_newest_first(ids: str, keys: tuple[int, ...], expected: bool) -> None:
    assert newest_first(_texts(*ids), np.array(keys, dtype=np.int64)) is expected


@pytest.mark.slow
@pytest.mark.parametrize("cells", [(), ("x",), ("1",), ("2026-01-05",), ("TBD",), ("true",)], ids=str)
@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_odd_rows_end_in_a_closed_ledger_or_a_clear_error(tmp_path: Path, one: Format, cells: tuple[str, ...]) -> None:
    """No row at all, and rows whose every cell is the same odd thing."""
    header = header_of(one)
    lines = [header, *([cell] * len(header) for cell in cells for _ in range(3))]
    text = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    (tmp_path / "export.csv").write_text(text + "\n", encoding="utf-8")
    settings = Settings.model_validate({"tables": {one.table: {"file": "export.csv"}}, "as_of": date(2026, 12, 31)})
    try:
        dataset = build(settings, tmp_path)
    except SegxlError as error:
        assert "export.csv" in str(error)
    else:
        assert dataset.ledger.balanced
        assert dataset.ledger.files[0].format == one.name


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_exports_of_two_vendors_never_fit_one_header(one: Format) -> None:
    """So that the order of the vendors does not matter: a header with all that a format can read is its vendor's."""
    columns = [names for names in one.columns.values() if isinstance(names, str)]
    for place in (0, -1):
        header = [re.split(r" \|\|? ", names)[place] for names in (*one.signature, *columns)]
        others = [other.name for other in FORMATS if other.key != one.key and other.table == one.table]
        assert not [other.name for other in FORMATS if other.name in others and other.fits(header)]
