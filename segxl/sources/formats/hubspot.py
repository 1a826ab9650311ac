"""HubSpot: deals, contacts and companies, as its export and the connectors write them."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from segxl.errors import SegxlError
from segxl.messages import counted
from segxl.sources.files.files import RawTable
from segxl.sources.formats.changes import states_from_changes
from segxl.sources.formats.model import (
    Flag,
    Format,
    Header,
    Reading,
    RowsSeen,
    Shaped,
    column,
    made,
    take,
    unless_yes,
    with_columns,
    without_columns,
)
from segxl.sources.formats.outcomes import status_by_flags
from segxl.sources.values.readers import NO_ORDER
from segxl.tables.contracts import Texts

_KEY, _CRM = "hubspot", {"crm": "HubSpot"}
_DELETED = {
    "deleted in the CRM": unless_yes("is_deleted"),
    "deleted in the connector": unless_yes("_fivetran_deleted"),
}
_DEAL = "Record ID | Record ID - Deal | Deal ID | property_hs_object_id | hs_object_id"
_COMPANY = (
    "Associated Company IDs (Primary) | Primary Associated Company ID | Associated Company IDs | Associated Company ID"
    " | property_associatedcompanyid | property_hs_primary_associated_company | hs_primary_associated_company"
    " || Associated Company (Primary) | Associated Company | Company Name"
    " | property_company"
)
_COMPANY_NAME = "Associated Company (Primary) | Associated Company | Company Name | property_company"
_SOURCE = "Original Traffic Source | Original Source | property_hs_analytics_source | hs_analytics_source"
_FROM_API = (
    "property_createdate | property_dealname | property_email | property_hs_object_id | deal_pipeline_stage_id"
    " | hs_object_id | _fivetran_synced | _fivetran_deleted"
)
"""Headers of the API and connectors, whose times are UTC; the portal's own export has none of them."""
_CREATED = "Create Date | property_createdate"


_ENTERED = re.compile(
    r"date entered (?!current stage$)[\"“”'‘’]?(?P<stage>.+?)"
    r"(?: \((?P<pipeline>[^()]*(?:\([^()]*\))?[^()]*)\))?[\"“”'‘’]?"
    r"|(?:property_)?hs_(?:v_?2_)?date_entered_(?!current_stage$)(?P<id>.+)",
    re.IGNORECASE,
)
"""``Date entered "Demo (Sales Pipeline)"``, and the API's ``hs_v2_date_entered_1234``; no stage is called current."""


def _first_company(raw: RawTable, reading: Reading) -> Shaped:
    """If a cell names several companies, separated by semicolons, the first one counts."""
    own = Header(raw.header)
    columns, notes = list(raw.columns), []
    for names in (_COMPANY, _COMPANY_NAME):
        header = own.find(names)
        at = raw.header.index(header) if header else -1
        several = int(columns[at].which(lambda cell: ";" in cell).sum()) if header else 0
        if several:
            columns[at] = columns[at].changed(lambda cell: cell.partition(";")[0].strip())
            rows = counted(several, "row names", "rows name")
            notes.append(f"{rows} several companies in {header!r}: segxl uses the first")
    return Shaped(replace(raw, columns=tuple(columns)), notes=tuple(notes))


_STAGE = "Deal Stage | property_dealstage | deal_pipeline_stage_id"
_OUTCOME = tuple(
    Flag(f"{name} | property_{name} | {label}", feeds="status")
    for name, label in (
        ("hs_is_closed", "Is Deal Closed? | Is Closed"),
        ("hs_is_closed_won", "Is Closed Won"),
        ("hs_is_closed_lost", "Is Closed Lost"),
    )
)


def _deals(raw: RawTable, reading: Reading) -> Shaped:
    """Deals with one company each. Stage dates are put aside."""
    stages = [header for header in raw.header if _ENTERED.fullmatch(header)]
    said = f"{counted(len(stages), 'column')} of stage dates: used if opportunity_history lists this file too"
    shaped = _first_company(without_columns(raw, stages), reading)
    own = Header(raw.header)
    seen: tuple[RowsSeen, ...] = ()
    if any(own.find(flag.headers) for flag in _OUTCOME):
        status, seen = status_by_flags(shaped.raw, reading, _STAGE, *_OUTCOME)
        shaped = replace(shaped, raw=with_columns(shaped.raw, status=status))
    notes = (said, *shaped.notes) if stages else shaped.notes
    return replace(shaped, notes=notes, seen=seen)


HUBSPOT_DEALS = Format(
    key=_KEY,
    name="HubSpot deals",
    table="opportunities",
    signature=(
        "Deal Name | property_dealname",
        _STAGE,
        _CREATED,
        _DEAL,
    ),
    columns={
        "opportunity_id": _DEAL,
        "account_id": _COMPANY,
        "account_name": _COMPANY_NAME,
        "created_on": _CREATED,
        "closed_on": "Close Date | property_closedate",
        "stage": _STAGE,
        "status": made("status"),
        "amount": "Amount | property_amount",
        "currency": "Currency | property_deal_currency_code | deal_currency_code",
        "probability": "Deal Probability | property_hs_deal_stage_probability | hs_deal_stage_probability",
        "type": "Deal Type | property_dealtype",
        "lead_source": _SOURCE,
        "loss_reason": "Closed Lost Reason | property_closed_lost_reason",
        "owner": "Deal owner | property_hubspot_owner_id | hubspot_owner_id | owner_id",
    },
    fill=_CRM,
    keep=_DELETED,
    flags=_OUTCOME,
    pipeline="Pipeline | property_pipeline | deal_pipeline_id",
    reshape=_deals,
    utc=_FROM_API,
)


def _stage_dates(raw: RawTable, reading: Reading) -> Shaped:
    """A row for each stage that a deal entered; for each deal in the order of the columns, which is the pipeline's.

    A date that one deal has twice for one stage is a repeated row of the export.
    """
    stages = [(header, match) for header in raw.header if (match := _ENTERED.fullmatch(header))]
    if not stages:
        raise SegxlError(
            "has no column like 'Date entered \"Demo (Sales Pipeline)\"': add the stage dates to the exported view"
        )
    dates = np.stack([raw.column(header) for header, _ in stages], axis=1)
    rows, places = np.nonzero(dates != "")
    ids = column(raw, _DEAL)
    seen: set[tuple[str, int, str]] = set()
    fresh = np.zeros(len(rows), dtype=bool)
    for at, (row, place) in enumerate(zip(rows.tolist(), places.tolist(), strict=True)):
        entry = (ids[row], place, dates[row, place])
        fresh[at] = entry not in seen
        seen.add(entry)
    repeated, rows, places = int((~fresh).sum()), rows[fresh], places[fresh]
    names = np.array([match["stage"] or match["id"] for _, match in stages], dtype=object)
    headers = np.array([header for header, _ in stages], dtype=object)
    rest = without_columns(raw, (header for header, _ in stages))
    shaped = with_columns(take(rest, rows), stage=names[places], entered=dates[rows, places])
    notes = [
        f"{counted(len(raw), 'row has', 'rows have')} {counted(len(rows) + repeated, 'stage date')}: each is a row "
        "of the history"
    ]
    notes += _deals_to_look_at(raw, dates, reading)
    origin: Texts = headers[places]
    return Shaped(
        shaped,
        {"duplicate row": repeated} if repeated else {},
        tuple(notes),
        {"changed_at": origin, "stage": origin},
        ordered=True,
    )


def _deals_to_look_at(raw: RawTable, dates: Texts, reading: Reading) -> list[str]:
    """The number of deals without a stage date, and of deals that entered a stage before an earlier one of the
    columns."""
    ids = column(raw, _DEAL)
    undated = len({ids[row] for row in np.flatnonzero((dates == "").all(axis=1)).tolist()})
    notes = [f"{counted(undated, 'deal has', 'deals have')} no stage dates"] if undated else []
    moments = reading.moments(dates.ravel()).reshape(dates.shape)
    backwards = []
    for row in range(len(raw)):
        known = moments[row][moments[row] != NO_ORDER]
        if (np.diff(known) < 0).any():
            backwards.append(ids[row])
    if backwards:
        notes.append(
            f"{counted(len(set(backwards)), 'deal')} entered stages out of pipeline order, like {backwards[0]!r}: "
            f"segxl follows the dates"
        )
    return notes


_TODAYS = {"amount": "", "close_date": ""}
"""A deal's row has today's amount and close date, not those of the day on which it entered a stage."""

HUBSPOT_STAGE_DATES = replace(
    HUBSPOT_DEALS,
    name="HubSpot deals, the dates they entered their stages",
    table="opportunity_history",
    columns={"opportunity_id": _DEAL, "changed_at": made("entered"), "stage": made("stage"), **_TODAYS},
    fill={},
    flags=(),
    pattern=_ENTERED,
    reshape=_stage_dates,
    derived=True,
)

HUBSPOT_PROPERTY_HISTORY = Format(
    key=_KEY,
    name="HubSpot deal property history (connector)",
    table="opportunity_history",
    signature=("deal_id", "timestamp", "name", "value"),
    columns={
        "opportunity_id": "deal_id",
        "changed_at": "timestamp",
        "stage": made("stage"),
        "amount": made("amount"),
        "close_date": made("close_date"),
    },
    reshape=states_from_changes(ids="deal_id", field="name", new="value", moment="timestamp"),
    utc="timestamp",
)

HUBSPOT_STAGES_ENTERED = Format(
    key=_KEY,
    name="HubSpot deal stages (connector)",
    table="opportunity_history",
    signature=("deal_id", "date_entered", "value"),
    columns={"opportunity_id": "deal_id", "changed_at": "date_entered", "stage": "value"},
    without="name",
    utc="date_entered",
)
"""Every stage that a deal entered, by its id. The connector calls the latest one active; the others count as well."""


def _lifecycle(stage: str) -> str:
    """The headers of the days on which a contact entered its lifecycle stages: the older and the newer ones."""
    word = stage.replace(" ", "").casefold()
    names = [f"hs_lifecyclestage_{word}_date", f"hs_v2_date_entered_{word}", f"hs_date_entered_{word}"]
    names += [f"property_{name}" for name in names]
    return " | ".join([f'Date entered "{stage} (Lifecycle Stage Pipeline)"', *names])


HUBSPOT_CONTACTS = Format(
    key=_KEY,
    name="HubSpot contacts",
    table="leads",
    signature=(
        "Email | property_email",
        _CREATED,
        "Lifecycle Stage | property_lifecyclestage | Contact owner | property_firstname"
        " | hs_lifecyclestage_marketingqualifiedlead_date | Became a marketing qualified lead date",
    ),
    columns={
        "lead_id": "Record ID | Record ID - Contact | Contact ID | Id | property_hs_object_id | hs_object_id || Email",
        "created_on": _CREATED,
        "account_id": _COMPANY,
        "account_name": _COMPANY_NAME,
        "account_domain": "Email Domain | Email | property_email",
        "account_country": "Country/Region | Country | property_country",
        "source": f"{_SOURCE} || Lead Source",
        "mql_on": "Became a marketing qualified lead date | " + _lifecycle("Marketing Qualified Lead"),
        "sqo_on": "Became an opportunity date | " + _lifecycle("Opportunity"),
    },
    without="Deal Name | Lead Owner | Company owner | Company Domain Name",
    keep=_DELETED,
    reshape=_first_company,
    utc=_FROM_API,
)

HUBSPOT_COMPANIES = Format(
    key=_KEY,
    name="HubSpot companies",
    table="accounts",
    signature=(
        "Company name | property_name",
        "Record ID | Record ID - Company | Company ID | Id | property_hs_object_id",
        "Company Domain Name | property_domain | Company owner | property_industry | property_country",
    ),
    columns={
        "account_id": "Record ID | Record ID - Company | Company ID | Id | property_hs_object_id",
        "name": "Company name | property_name",
        "domain": "Company Domain Name | property_domain | Website URL | property_website",
        "country": "Country/Region | Country | property_country",
        "parent_id": "Parent Company ID | property_hs_parent_company_id || Parent Company",
    },
    without="Deal Name | First Name | Contact owner",
    fill=_CRM,
    keep=_DELETED,
)

HUBSPOT_COMPANIES_API = replace(
    HUBSPOT_COMPANIES,
    name="HubSpot companies (API)",
    signature=("hs_object_id", "name", "domain | industry | lifecyclestage"),
    columns={**HUBSPOT_COMPANIES.columns, "account_id": "hs_object_id", "name": "name", "domain": "domain | website"},
    without="Email | Deal Name | First Name",
)

FORMATS = (
    HUBSPOT_STAGE_DATES,
    HUBSPOT_PROPERTY_HISTORY,
    HUBSPOT_STAGES_ENTERED,
    HUBSPOT_DEALS,
    HUBSPOT_CONTACTS,
    HUBSPOT_COMPANIES,
    HUBSPOT_COMPANIES_API,
)
