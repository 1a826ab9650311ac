"""Settings: what a file may say, and every refusal with its key and what was meant."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from segxl.dataset.load import load
from segxl.errors import SegxlError, SegxlErrors
from segxl.settings.model import RuleTest, Settings
from segxl.settings.read import read_settings, settings_from
from tests import small


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "segxl.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(data: dict[str, Any]) -> list[str]:
    with pytest.raises(SegxlErrors) as refused:
        settings_from(data, "segxl.toml")
    return list(refused.value.problems)


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, ""))
    assert (settings.timezone, settings.currency, settings.fiscal_year_start) == ("UTC", "USD", 1)
    assert (settings.won_stages, settings.lost_stages) == (("Closed Won",), ("Closed Lost",))
    assert settings.toggles.membership == "event"
    assert settings.scorecard.metrics is None
    assert settings.given() == {}


def test_a_whole_file(tmp_path: Path) -> None:
    settings = read_settings(
        written(
            tmp_path,
            """\ufeffname = "Acme"
timezone = "Europe/Zurich"
currency = "eur"
fiscal_year_start = 4
stages = ["Open"]
won_stages = ["Won"]
as_of = 2025-10-31
run_date = "2025-11-05"

[tables.opportunities]
file = "deals.csv"
where = { product = { not = "Trial" }, region = "EU", seats = { min = 10 }, tier = [1, 2.5] }
columns = { amount = "value" }
values.status = { from = "stage", Won = "won" }

[[tables.activities]]
file = "a.csv"
[[tables.activities]]
file = "b.csv"

[segments]
by = "sector"
[[segments.named]]
name = " Large "
created_on = 2024-01-01
where = { sector = ["retail"] }

[types]
"New Business" = "new_logo"
""",
        )
    )
    assert (settings.as_of, settings.run_date) == (date(2025, 10, 31), date(2025, 11, 5))
    assert settings.currency == "EUR"
    (opportunities,) = settings.tables["opportunities"]
    assert opportunities.where == {
        "product": RuleTest.model_validate({"not": ["Trial"]}),
        "region": RuleTest(values=["EU"]),
        "seats": RuleTest(min=10),
        "tier": RuleTest(values=["1", "2.5"]),  # numbers compare as they are written
    }
    status = opportunities.values["status"]
    assert (status.source, status.words) == ("stage", {"Won": "won"})
    assert [table.file for table in settings.tables["activities"]] == ["a.csv", "b.csv"]
    assert settings.segments.named[0].name == "Large"
    assert settings.types == {"New Business": "new_logo"}
    # fiscal year 2026 starts in April 2025 and is named by its end
    assert settings.fiscal.quarter(2026, 1).window.start == date(2025, 4, 1)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
stagess = ["Open"]
fiscal_year_start = 13
timezone = "Europe/Zuerich"

[tables.oportunities]
file = "deals.csv"

[toggles]
membership = "period"
""",
    )
    with pytest.raises(SegxlErrors) as refused:
        read_settings(path)
    assert str(refused.value).splitlines()[0] == "segxl.toml: fix 5 settings"
    assert set(refused.value.problems) == {
        "stagess: unknown key; did you mean 'stages'?",
        "fiscal_year_start: should be less than or equal to 12, not 13",
        "timezone: 'Europe/Zuerich' is not a time zone; write it like Europe/Zurich or UTC",
        "tables.oportunities: no such table; did you mean 'opportunities'?",
        "toggles.membership: should be 'event' or 'period_end', not 'period'",
    }


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        # unknown keys, in every place, with the nearest known one
        ({"curency": "USD"}, "curency: unknown key; did you mean 'currency'?"),
        ({"qqqq": 1}, "qqqq: unknown key"),
        ({"tables": {"accounts": {"fiel": "a.csv"}}}, "tables.accounts.fiel: unknown key; did you mean 'file'?"),
        (
            {"tables": {"accounts": [{"file": "a.csv"}, {"fiel": "b.csv"}]}},
            "tables.accounts.1.fiel: unknown key; did you mean 'file'?",
        ),
        (
            {"tables": {"accounts": {"where": {"seats": {"mn": 1}}}}},
            "tables.accounts.where.seats.mn: unknown key; did you mean 'min'?",
        ),
        (
            {"tables": {"accounts": {"where": {"seats": {"nto": ["a"]}}}}},
            "tables.accounts.where.seats.nto: unknown key; did you mean 'not'?",
        ),
        ({"segments": {"By": "sector"}}, "segments.By: unknown key; did you mean 'by'?"),
        (
            {"segments": {"named": [{"name": "A", "where": {}, "create_on": 1}]}},
            "segments.named.0.create_on: unknown key; did you mean 'created_on'?",
        ),
        (
            {"segments": {"named": [{"name": "A", "where": {"seats": {"mix": 1}}}]}},
            "segments.named.0.where.seats.mix: unknown key; did you mean 'min'?",
        ),
        ({"scorecard": {"metric": []}}, "scorecard.metric: unknown key; did you mean 'metrics'?"),
        ({"report": {"cohorts": "today"}}, "report.cohorts: unknown key; did you mean 'cohort'?"),
        ({"toggles": {"memberships": "event"}}, "toggles.memberships: unknown key; did you mean 'membership'?"),
        # values of the wrong kind
        ({"stages": "Open"}, 'stages: should be a list, like ["a", "b"], not \'Open\''),
        ({"name": 5}, "name: should be text in quotes, not 5"),
        (
            {"tables": "deals.csv"},
            "tables: should be a table of keys and values, like { key = \"value\" }, not 'deals.csv'",
        ),
        (
            {"tables": {"opportunities": "deals.csv"}},
            "tables.opportunities: should be a table of keys and values, not 'deals.csv'",
        ),
        ({"tables": {"opportunities": {"columns": {"stage": 3}}}}, "columns.stage: should be text in quotes, not 3"),
        (
            {"tables": {"opportunities": {"where": {"seats": {"min": "many"}}}}},
            "tables.opportunities.where.seats.min: should be a number, not 'many'",
        ),
        (
            {"tables": {"opportunities": {"where": {"seats": True}}}},
            "tables.opportunities.where.seats.0: should be text in quotes, not True",
        ),
        (
            {"tables": {"opportunities": {"values": {"status": "won"}}}},
            'tables.opportunities.values.status: write it as { "your word" = "segxl\'s word" }',
        ),
        (
            {"tables": {"opportunities": {"values": {"status": {"Won": 1}}}}},
            "tables.opportunities.values.status.Won: should be text in quotes, not 1",
        ),
        (
            {"tables": {"opportunities": {"values": {"status": {"from": 1}}}}},
            "tables.opportunities.values.status.from: should be text in quotes, not 1",
        ),
        ({"fiscal_year_start": "four"}, "fiscal_year_start: should be a whole number, not 'four'"),
        ({"fiscal_year_start": 0}, "fiscal_year_start: should be greater than or equal to 1, not 0"),
        (
            {"report": {"exclude_zero": "maybe"}},
            "report.exclude_zero: should be true or false, without quotes, not 'maybe'",
        ),
        (
            {"toggles": {"strict_stages": "yes"}},
            "toggles.strict_stages: should be true or false, without quotes, not 'yes'",
        ),
        (
            {"report": {"exclude_irrelevant": 1}},
            "report.exclude_irrelevant: should be true or false, without quotes, not 1",
        ),
        ({"as_of": "31.10.2025"}, "as_of: should be a date like 2026-10-31, not '31.10.2025'"),
        ({"run_date": "2025-02-30"}, "run_date: should be a date like 2026-10-31, not '2025-02-30'"),
        ({"segments": {"named": [{"name": "A"}]}}, "segments.named.0.where: is missing"),
        # words that are none of those allowed
        (
            {"types": {"New": "newlogo"}},
            "types.New: should be 'new_logo', 'upsell', 'cross_sell', 'renewal' or 'other', not 'newlogo'",
        ),
        (
            {"tables": {"opportunities": {"dates": "us"}}},
            "tables.opportunities.dates: should be 'day-first', 'month-first' or 'year-first', not 'us'",
        ),
        ({"report": {"type": "stage"}}, "report.type: should be 'buying-stage' or 'engagement', not 'stage'"),
        ({"timezone": "Europe"}, "timezone: 'Europe' is not a time zone; write it like Europe/Zurich or UTC"),
        ({"timezone": "../etc"}, "timezone: '../etc' is not a time zone; write it like Europe/Zurich or UTC"),
        ({"currency": "dollars"}, "currency: 'dollars' is not a currency code; write an ISO code, like USD"),
        # what contradicts itself
        ({"stages": ["Open", "open"]}, "stages: 'Open' is listed twice"),
        (
            {"stages": ["closed won"]},
            "stages: 'closed won' is also a won or lost stage; list only the open stages, in order",
        ),
        (
            {"won_stages": ["Done"], "lost_stages": ["done"]},
            "lost_stages: 'done' is also in won_stages; keep it in one of the two",
        ),
        (
            {"segments": {"named": [{"name": "all Accounts ", "where": {}}]}},
            "segments.named.0.name: 'All accounts' is a reserved name; choose another name",
        ),
        (
            {"segments": {"named": [{"name": " ", "where": {}}]}},
            "segments.named.0.name: is blank; give the segment a name",
        ),
    ],
)
def test_each_refusal_names_its_key(data: dict[str, Any], problem: str) -> None:
    (found,) = problems(data)
    assert found.endswith(problem)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SegxlError, match="no such file"):
        read_settings(tmp_path / "segxl.toml")
    with pytest.raises(SegxlError, match="cannot be read"):
        read_settings(tmp_path)
    with pytest.raises(SegxlError, match="is not valid TOML"):
        read_settings(written(tmp_path, "stages = [\n"))
    (tmp_path / "segxl.toml").write_bytes(b'name = "Z\xfcrich"')
    with pytest.raises(SegxlError, match=r"is not UTF-8 text \(byte 9\); save it as UTF-8"):
        read_settings(tmp_path / "segxl.toml")


def test_what_was_given_and_nothing_else() -> None:
    settings = Settings.model_validate({"name": "Acme", "currency": "USD", "toggles": {"strict_stages": True}})
    assert settings.given() == {"name": "Acme", "toggles": {"strict_stages": True}}  # USD is the default


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"as_of": date(2026, 10, 31), "stages": ["Open"], "won_stages": ["Closed Won"], "fiscal_year_start": 4},
        {"toggles": {"membership": "period_end"}, "types": {"New": "new_logo"}, "stage_map": {"A": "Target"}},
        {"engine": "crm", "connections": {"crm": {"kind": "postgres", "database": "sales", "schema": "public"}}},
        {
            "tables": {
                "opportunities": {
                    "file": "deals.csv",
                    "where": {"product": {"not": "Trial"}, "seats": {"min": 10}, "tier": [1, 2.5]},
                    "values": {"status": {"from": "stage", "Won": "won", "Won Date (filled)": "won"}},
                },
                "activities": [{"file": "a.csv"}, {"file": "b.csv", "encoding": "cp1252"}],
            },
            "segments": {"by": "sector", "named": [{"name": "Large", "created_on": date(2024, 1, 1), "where": {}}]},
            "report": {"irrelevant": {"stage": ["Test"]}, "sources": []},
        },
    ],
)
def test_what_was_given_is_what_pydantic_says(data: dict[str, Any]) -> None:
    settings = Settings.model_validate(data)
    expected = settings.model_dump(mode="json", exclude_defaults=True, by_alias=True)
    assert json.dumps(settings.given()) == json.dumps(expected)


def test_settings_changed_by_key_for_one_load(tmp_path: Path) -> None:
    """What is not named stays; a blank value changes nothing."""
    folder = small.write_company(tmp_path / "Acme")
    changes = {"toggles.membership": "period_end", "stages": "Discovery", "report.cohort": "analysis", "name": ""}
    changed, as_written = load(folder, settings=changes).settings, load(folder).settings
    assert (changed.toggles.membership, changed.stages, changed.report.cohort) == (
        "period_end",
        ("Discovery",),
        "analysis",
    )
    assert (changed.name, changed.tables, changed.types) == (as_written.name, as_written.tables, as_written.types)
    assert load(folder, settings={"as_of": "2026-05-31"}, as_of=date(2026, 4, 30)).as_of == date(2026, 4, 30)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("toggles.memberhip", "x", "unknown key; did you mean 'membership'"),
        ("toggles.membership", "never", "toggles.membership: "),
        ("as_of", "soon", "as_of: should be a date like 2026-10-31, not 'soon'"),
        ("types.Upsell", "upsell", "types.Upsell: change it in the source's own settings"),
        ("won_stages", "Proposal", "stages: 'Proposal' is also a won or lost stage"),
    ],
)
def test_a_changed_setting_that_is_wrong(tmp_path: Path, key: str, value: str, said: str) -> None:
    with pytest.raises(SegxlError, match=said):
        load(small.write_company(tmp_path / "Acme"), settings={key: value})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "A"\nname = "B"\n', "line 2, name: the key is already set above; keep one of the two"),
        ("[report]\n[report]\n", "line 2: the section is already above; put its lines together"),
        ("run_date = 15.07.2026\n", "line 1, run_date: put texts in quotes and write dates like 2026-10-31"),
        ("\ncurrency = EUR\n", 'line 2, currency: put texts in quotes, like "EUR"'),
        ('name = "C:\\data"\n', "line 1, name: use single quotes for a path with backslashes"),
        ('stages = ["Demo"\nname = "A"\n', "line 2, name: a list needs ] at its end"),
        ('name = "A', "a text needs the same quotes at both ends"),
        ("name\n", "line 1: write a setting as key = value"),
        ("[tables.leads\n", "line 1: a section is a line of its own, like [tables.leads]"),
    ],
)
def test_a_fault_of_the_file_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "segxl.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SegxlError, match=re.escape(f"segxl.toml: is not valid TOML: {said}")) as refused:
        read_settings(tmp_path / "segxl.toml")
    assert "data" not in str(refused.value)  # values are not shown: one may be a password
