"""The settings that the sheet Settings of the input workbook offers, in groups, each with its help.

What a setting holds and which words it takes comes from :class:`segxl.settings.Settings`; its default too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from segxl.settings import Settings
from segxl.sources.workbook_settings import joined_list


@dataclass(frozen=True)
class Key:
    """A setting: its dotted key, what it is for, and what counts where it is left blank (blank: its default does)."""

    key: str
    help: str
    blank: str = ""


GROUPS: Mapping[str, tuple[Key, ...]] = {
    "Your company": (
        Key("name", "Printed on every page.", "the file's name"),
        Key("currency", "The reporting currency, as its ISO code."),
        Key("timezone", "Turns timestamps into dates, like Europe/Zurich."),
        Key("fiscal_year_start", "The month in which the fiscal year starts, 1 to 12."),
        Key("fiscal_year_named_by", "Whether a fiscal year is named by the year in which it ends or starts."),
        Key("run_date", "The day that decides which month is the latest available one.", "today"),
        Key("as_of", "Cut-off: later dates in the data read as blank.", "run_date"),
        Key("paper", "What the pages are laid out for when printed."),
    ),
    "Deal stages": (
        Key("stages", "The open stages in order, parted by commas: Discovery, Proposal.", "no cut by stage"),
        Key("won_stages", "The stages that mean won."),
        Key("lost_stages", "The stages that mean lost."),
    ),
    "Segments": (
        Key(
            "segments.by",
            "A column of accounts, one segment for each of its values. For segments by rules use Maps; for lists of "
            "members the sheets segments and segment_members.",
            "All accounts only",
        ),
    ),
    "Scorecard": (
        Key("scorecard.period", "A month like 2026-10 or a fiscal quarter like 2026-Q3.", "the latest available month"),
        Key("scorecard.segments", "Segments to make a scorecard for, parted by commas.", "every segment"),
        Key("scorecard.metrics", "Keys of metrics to show, parted by commas (segxl metrics lists them).", "all 26"),
        Key(
            "scorecard.executive", "Columns of the executive page: keys of metrics, parted by commas.", "its own choice"
        ),
        Key("running_total_start", "The day from which running totals count.", "the first row"),
        Key("count_by", "Count accounts, or their parents."),
    ),
    "Segment performance report": (
        Key("report.type", "What accounts are distributed by."),
        Key("report.cohort", "When accounts must have been in the segment."),
        Key("report.segments", "Segments of the report, parted by commas: accounts in any of them.", "All accounts"),
        Key("report.timeframe", "A row of the sheet timeframes, or month, range or week.", "month"),
        Key("report.product_category", "Stages and activities of this category only.", "all"),
        Key("report.exclude_zero", "Leave out opportunities of 0 or without an amount."),
        Key("report.exclude_irrelevant", "Leave out irrelevant opportunities (column relevant, or a rule on Maps)."),
        Key("report.environment", "What the data allows: found in it, or set here."),
        Key("report.sources", "Activity sources that are connected though they have no row.", "those with rows"),
    ),
    "How your sheets are read": (
        Key("account_review", "The sheet with your answers about accounts that were not found.", "account-review"),
        Key("tables.opportunities.dates", "Only where dates such as 05/03/2026 leave it open.", "found in the column"),
        Key("tables.opportunities.decimal", "Only where amounts such as 1.234 leave it open.", "found in the column"),
        Key(
            "tables.opportunities.latest_by", "The column that decides between rows with the same id.", "both rejected"
        ),
        Key("tables.opportunities.sheet", "A sheet of yours with another name that holds opportunities.", "none"),
        Key(
            "tables.buying_stages.kind",
            "snapshots: a row per date; changes: a row per change.",
            "needed with that table",
        ),
    ),
    "Other readings of the definitions": (
        Key("toggles.membership", "Who belongs to a segment: on the day of the event, or at the period's end."),
        Key("toggles.subscription_end", "Whether a subscription's end is its first day without, or its last day."),
        Key("toggles.g2_in_intent_state", "G2 intent lifts an account into the state Intent."),
        Key("toggles.known_web_is_known", "Visits of known people count as known engagement."),
        Key("toggles.unstaged_can_increase", "Accounts without a stage in the baseline can have increased."),
        Key("toggles.reactivation_in_nrr", "Reactivated revenue counts in net revenue retention."),
        Key("toggles.strict_stages", "Skipped stages do not count as advanced."),
        Key("toggles.convert_report_currency", "The report converts other currencies by fx_rates."),
        Key("engine", "Where the computing happens."),
    ),
}
"""Every setting but those that each table may have (three of them stand here as a pattern)."""


def default_text(key: Key) -> str:
    """What counts where the setting is left blank, in words."""
    if key.blank:
        return key.blank
    found: Any = Settings()
    for part in key.key.split("."):
        found = getattr(found, part) if isinstance(found, BaseModel) else found
    return cell_of(found) if isinstance(found, str | int | tuple) else ""


def cell_of(value: Any) -> Any:
    """A setting's plain value as a cell holds it: lists in one text, yes and no in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return joined_list([str(one) for one in value])
    return value
