"""Small tables for the segment performance report, and what its JSON says of them.

Analysis: October 2025, baseline: September 2025, unless a test says otherwise.
"""

from __future__ import annotations

from typing import Any

from segxl.dataset.model import Dataset
from segxl.facts.presence import Presence
from segxl.render.json.report import report_document
from segxl.report.choices import Options
from segxl.report.compute import make

NOW = "run_date = 2025-11-05\n"
SNAPSHOTS = '\n[tables.buying_stages]\nfile = "buying_stages.csv"\nkind = "snapshots"\n'
CHANGES = SNAPSHOTS.replace("snapshots", "changes")
ACCOUNTS = "account_id,name\nA,Alpha\nB,Beta\nC,Gamma\nD,Delta\n"
OPPORTUNITY = "opportunity_id,account_id,created_on,closed_on,stage,amount"
PERIODS = {"analysis": "2025-10", "baseline": "2025-09"}
MEMBERS = """segment,account_id,start,end
Priority,A,2025-09-30,2025-10-01
Priority,B,2025-10-31,
Priority,C,,2025-09-01
Nurture,B,,
Nurture,D,2025-11-06,
"""
SEGMENTS = "segment,created_on\nPriority,2025-08-01\nNurture,2025-09-15\n"


def report(dataset: Dataset, **options: Any) -> dict[str, Any]:
    """The JSON of a report over September and October 2025; every check must hold."""
    chosen = {**PERIODS, **options}
    result, _, _ = make(Presence(dataset), Options(**chosen))
    assert [check for check in result.checks if not check.passed] == []
    return report_document(result)


def of_state(document: dict[str, Any], state: str) -> dict[str, Any]:
    return next(line for line in document["performance"] if line["state"] == state)


def counts(document: dict[str, Any], when: str) -> dict[str, int]:
    return {line["state"]: line[when] for line in document["performance"]}


def of_line(document: dict[str, Any], panel: str, line: str) -> dict[str, Any]:
    return next(one for one in document["activities"] if (one["panel"], one["line"]) == (panel, line))


def stages(*rows: str, category: bool = False) -> str:
    return "account_id,date,stage" + (",product_category" if category else "") + "\n" + "\n".join(rows)


def activities(*rows: str, columns: str = "") -> str:
    return f"account_id,date,source,kind{columns}\n" + "\n".join(rows)


def deals(*rows: str, columns: str = "") -> str:
    return f"{OPPORTUNITY}{columns}\n" + "\n".join(rows)
