"""The settings that the sheet Settings of the input workbook offers, in groups.

What a setting is for, which words it takes and what its default is comes from :class:`segxl.settings.model.Settings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from segxl.settings.model import Settings, TableSettings
from segxl.settings.toggles import TOGGLES
from segxl.sources.workbook.settings import joined_list

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Your company": (
        "name",
        "currency",
        "timezone",
        "fiscal_year_start",
        "fiscal_year_named_by",
        "run_date",
        "as_of",
        "paper",
    ),
    "Deal stages": ("stages", "won_stages", "lost_stages"),
    "Segments": ("segments.by",),
    "Scorecard": (
        "scorecard.period",
        "scorecard.segments",
        "scorecard.metrics",
        "scorecard.executive",
        "running_total_start",
        "count_by",
    ),
    "Segment performance report": (
        "report.type",
        "report.cohort",
        "report.segments",
        "report.timeframe",
        "report.product_category",
        "report.exclude_zero",
        "report.exclude_irrelevant",
        "report.environment",
        "report.sources",
    ),
    "Reading your sheets": (
        "account_review",
        "tables.opportunities.dates",
        "tables.opportunities.decimal",
        "tables.opportunities.latest_by",
        "tables.opportunities.sheet",
        "tables.buying_stages.kind",
    ),
    "Definition options (toggles)": tuple(f"toggles.{name}" for name in TOGGLES),
}
"""Every setting except those of each table (some are here as a pattern) and those on Maps."""


LABELS: Mapping[str, str] = {
    "name": "Company name",
    "currency": "Reporting currency",
    "timezone": "Time zone",
    "fiscal_year_start": "First month of the fiscal year",
    "fiscal_year_named_by": "Year that names the fiscal year",
    "run_date": "Run date",
    "as_of": "Data as of",
    "paper": "Paper size",
    "stages": "Open stages, in order",
    "won_stages": "Won stages",
    "lost_stages": "Lost stages",
    "segments.by": "Accounts column that defines the segments",
    "scorecard.period": "Month or quarter of the scorecard",
    "scorecard.segments": "Segments of the scorecard",
    "scorecard.metrics": "Metrics of the scorecard",
    "scorecard.executive": "Metrics of the executive pack",
    "running_total_start": "Start of running totals",
    "count_by": "What counts as one account",
    "report.type": "Type of the report",
    "report.cohort": "When accounts count as members",
    "report.segments": "Segments of the report",
    "report.timeframe": "Timeframes of the report",
    "report.product_category": "Product category of the report",
    "report.exclude_zero": "Exclude $0 opportunities",
    "report.exclude_irrelevant": "Exclude irrelevant opportunities",
    "report.environment": "Environment of the report",
    "report.sources": "Connected activity sources",
    "account_review": "Answers to account questions",
    "tables.opportunities.dates": "Date order of a table",
    "tables.opportunities.decimal": "Decimal sign of a table",
    "tables.opportunities.latest_by": "Column that orders repeated rows",
    "tables.opportunities.sheet": "Sheet of a table",
    "tables.buying_stages.kind": "Buying stages: snapshots or changes",
    **{f"toggles.{name}": toggle.question for name, toggle in TOGGLES.items()},
}
"""Each setting in plain words."""


def _field(key: str) -> FieldInfo:
    """The declaration of a setting."""
    model: type[BaseModel] = Settings
    *sections, name = key.split(".")
    if sections[:1] == ["tables"]:
        model = TableSettings
    elif sections:
        model = cast(type[BaseModel], Settings.model_fields[sections[0]].annotation)
    return model.model_fields[name]


def help_of(key: str) -> str:
    """The use of a setting."""
    field = _field(key)
    text = str(field.description)
    return text if text.endswith(".") else f"{text}: {_readings(key)}."


def _readings(key: str) -> str:
    """Both values of a toggle; yes and no as in a cell."""
    toggle = TOGGLES[key.rpartition(".")[2]]
    return "; ".join(f"{cell_of(value)} ({words})" for value, words in toggle.readings.items())


def default_text(key: str) -> str:
    """The meaning of a blank setting."""
    field = _field(key)
    extra = cast(Any, field.json_schema_extra)
    if extra.get("blank"):
        return str(extra["blank"])
    default = field.get_default(call_default_factory=True)
    return str(cell_of(default)) if isinstance(default, str | int | tuple) else ""


def cell_of(value: Any) -> Any:
    """A setting's plain value as the text of a cell: lists joined, yes and no as words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return joined_list([str(one) for one in value])
    return value
