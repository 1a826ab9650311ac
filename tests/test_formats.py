"""Known exports: recognised by header, mapped, and freed from the lines below the data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segxl.sources.files import RawTable, read_file
from segxl.sources.formats import (
    FORMATS,
    SALESFORCE_HISTORY,
    SALESFORCE_REPORT,
    by_key,
    newest_first,
    recognise,
)
from segxl.sources.values import NO_ORDER
from segxl.tables import CONTRACTS, Texts

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


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_a_format_feeds_columns_that_its_contract_has(one: object) -> None:
    assert one in FORMATS
    for known in FORMATS:
        names = {name for contract in CONTRACTS[known.table] for name in contract.names}
        required = set(CONTRACTS[known.table][0].required)
        assert required <= set(known.columns) <= names


def test_exports_are_recognised_by_their_headers() -> None:
    assert recognise(REPORT, "opportunities") is SALESFORCE_REPORT
    assert recognise(HISTORY, "opportunity_history") is SALESFORCE_HISTORY
    assert recognise([name.upper() for name in REPORT]) is SALESFORCE_REPORT
    assert recognise(HISTORY) is SALESFORCE_HISTORY  # though it has all that a report has
    assert recognise(REPORT, "accounts") is None
    assert recognise(["id", "stage"]) is None


def test_formats_are_found_by_key() -> None:
    assert by_key("salesforce", "opportunities") is SALESFORCE_REPORT
    assert by_key("Salesforce", "opportunity_history") is SALESFORCE_HISTORY
    assert by_key("salesforce", "leads") is None
    assert by_key("hubspot", "opportunities") is None


def test_a_report_without_ids_goes_by_names_and_says_so() -> None:
    sources = SALESFORCE_REPORT.sources(REPORT)
    assert sources == {
        "opportunity_id": "Opportunity Name",
        "account_id": "Account Name",
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
        "no Opportunity ID in the export: the opportunity's name stands for it",
        "no Account ID in the export: the account's name stands for it",
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
    assert SALESFORCE_REPORT.footer is not None
    marks = SALESFORCE_REPORT.footer(raw)
    assert marks.dtype == np.bool_
    assert marks.tolist()[:3] == [False, False, False]
    assert marks.tolist()[3:] == [True] * len(footer)


def test_a_row_that_begins_with_total_is_a_row(tmp_path: Path) -> None:
    owned_by_total = OTHER.replace("Bob", "Total")
    raw = _report(tmp_path, owned_by_total, DEAL)
    assert SALESFORCE_REPORT.footer is not None
    assert SALESFORCE_REPORT.footer(raw).tolist() == [False, False]


def test_a_report_without_rows_has_no_footer(tmp_path: Path) -> None:
    assert SALESFORCE_REPORT.footer is not None
    assert SALESFORCE_REPORT.footer(_report(tmp_path)).tolist() == []


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
