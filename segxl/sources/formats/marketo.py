"""Marketo: the bulk extract of activities, a CSV with JSON in its last column."""

from __future__ import annotations

import json

import numpy as np

from segxl.settings.model import RuleTest
from segxl.sources.files.files import RawTable
from segxl.sources.formats.model import Format, Reading, Shaped, column, made, take, with_columns
from segxl.sources.values.flags import flag
from segxl.tables.codes import factorized

_REPEATED = "status change other than a first success or a new member"


def _kind(attributes: str) -> str:
    """The kind of a change of status: engagement, reach, or the name of a rule that excludes it.

    ``Success`` is true once for each member and program, when a success status is first reached; if an attendance is
    recorded again, it is false.
    """
    try:
        said = json.loads(attributes)
    except (ValueError, RecursionError):  # no JSON, a number of thousands of digits, or nested without end
        return ""
    if not isinstance(said, dict):
        return ""
    success = said.get("Success")
    answer = flag("" if success is None else str(success))
    if answer is None:
        return f"Success: {success}"  # no kind: the reader rejects the row with this word
    if answer == 1:
        return "engagement"
    return "reach" if str(said.get("Old Status", "")).casefold() == "not in program" else _REPEATED


def _status_changes(raw: RawTable, reading: Reading) -> Shaped:
    codes, distinct = factorized(column(raw, "attributes"))
    kinds = np.array([*(_kind(text) for text in distinct), ""], dtype=object)[codes]
    kept = kinds != _REPEATED
    repeated = int((~kept).sum())
    shaped = with_columns(take(raw, kept), kind=kinds[kept])
    # where the JSON cannot be read, the row is rejected for its kind: show the text that it should come from
    return Shaped(shaped, {_REPEATED: repeated} if repeated else {})


MARKETO_ACTIVITIES = Format(
    key="marketo",
    name="Marketo bulk activities",
    table="activities",
    signature=("marketoGUID", "leadId", "activityDate", "activityTypeId", "attributes"),
    columns={
        "account_id": "accountId || leadId",
        "lead_id": "leadId",
        "date": "activityDate",
        "kind": made("kind"),
        "campaign": "primaryAttributeValue",
    },
    fill={"source": "crm_map_campaign"},
    keep={"activity other than 104 (change of program status)": {"activityTypeId": RuleTest(min=104, max=104)}},
    reshape=_status_changes,
    utc="activityDate",
)

FORMATS = (MARKETO_ACTIVITIES,)
