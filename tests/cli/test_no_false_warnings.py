"""A clean month prints nothing: months of the demo, and of exports that others published, are counted here.

What is reported of maven_crm is true and no fault of segxl's: its lost deals all have the amount 0.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from segxl.api import Analysis, load
from segxl.cli.demo import exports
from segxl.dataset.segments import ALL_ACCOUNTS
from tests.places import DATA

LEAKFINDER = """
stages = ["Discovery", "Qualified", "Demo", "Proposal", "Negotiation"]
run_date = 2026-07-05
tables.opportunities.file = "{file}"
tables.opportunity_history.file = "{file}"
"""
RAVENSTACK = """
run_date = 2025-01-05
segments.by = "industry"
tables.accounts.file = "ravenstack_accounts.csv"
tables.accounts.columns.name = "account_name"
tables.revenue.file = "ravenstack_subscriptions.csv"
tables.revenue.dates = "day-first"
tables.revenue.columns = { start = "start_date", end = "end_date", mrr = "mrr_amount" }
"""
MAVEN = "rows are lost with amount 0 or blank"

pytestmark = pytest.mark.slow


def warnings_of(analysis: Analysis, months: Iterator[str]) -> Counter[str]:
    """How many months a condition of the data is reported for, by its words, in a scorecard of the whole company."""
    found: Counter[str] = Counter()
    for month in months:
        result = analysis.scorecard(month, [ALL_ACCOUNTS]).result
        found.update(warning.condition.many for warning in result.warnings)
        assert all(not warning.fails for warning in result.warnings)
    return found


def months(first: str, count: int) -> Iterator[str]:
    year, month = (int(part) for part in first.split("-"))
    for at in range(month - 1, month - 1 + count):
        yield f"{year + at // 12}-{at % 12 + 1:02d}"


@pytest.mark.ci
def test_no_month_of_the_demo_has_a_warning(tmp_path: Path) -> None:
    for name, data in exports().items():
        (tmp_path / name).write_bytes(data)
    analysis = load(tmp_path)
    assert warnings_of(analysis, months("2025-11", 12)) == {}
    for kind in ("buying-stage", "engagement"):
        assert analysis.report(type=kind, analysis="2026-10", baseline="2026-09").result.warnings == ()
    assert analysis.scorecard("2026-Q3").result.warnings == ()


@pytest.mark.ci
@pytest.mark.skipif(not DATA.is_dir(), reason="the published exports are not beside the project")
@pytest.mark.parametrize(
    ("name", "settings", "first", "allowed"),
    [
        ("leakfinder", LEAKFINDER.format(file="sample_hubspot_deals.csv"), "2025-03", {}),
        ("leakfinder", LEAKFINDER.format(file="sample_salesforce_history.csv"), "2025-03", {}),
        ("ravenstack", RAVENSTACK, "2024-01", {}),
        ("maven_crm", None, "2017-01", {MAVEN: 12}),
    ],
    ids=["leakfinder HubSpot", "leakfinder Salesforce", "ravenstack", "maven_crm"],
)
def test_a_year_of_published_exports_has_no_false_warning(
    tmp_path: Path, name: str, settings: str | None, first: str, allowed: dict[str, int]
) -> None:
    folder = tmp_path / name
    shutil.copytree(DATA / name, folder)
    if settings is not None:
        (folder / "segxl.toml").write_text(settings, encoding="utf-8")
    found = warnings_of(load(folder), months(first, 12))
    kept = {words: count for words, count in found.items() if not any(words.startswith(one[5:]) for one in allowed)}
    assert kept == {}
    assert sum(found.values()) == sum(allowed.values())
