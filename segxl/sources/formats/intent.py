"""Intent data: 6sense, Bombora, G2, TrustRadius."""

from __future__ import annotations

from segxl.settings.model import RuleTest
from segxl.sources.formats.model import Format, first_filled, made

_6SENSE = "6sense"

SIXSENSE_STAGES = Format(
    key=_6SENSE,
    name="6sense buying stages",
    table="buying_stages",
    signature=("6sense Company Name", "6sense Domain", "Buying Stage - End", "Extract Date"),
    columns={
        "account_id": "CRM Account ID || 6sense Domain",
        "account_name": "6sense Company Name",
        "account_domain": "6sense Domain",
        "account_country": "6sense Country",
        "date": "Extract Date",
        "stage": "Buying Stage - End",
        "product_category": "Product Category",
    },
    kind="snapshots",
    days="Extract Date",
)

_CRM_OR_6SENSE = first_filled(
    account_name="CRM Account Name | 6sense Account Name | 6sense Company Name",
    account_domain="CRM Account Domain | 6sense Account Domain | 6sense Domain",
    account_country="CRM Account Country | 6sense Account Country | 6sense Country",
)
"""An account that 6sense knows and the CRM does not has the CRM's columns blank."""
_ACCOUNT = {
    "account_id": "CRM Account ID || CRM Account Domain | 6sense Account Domain | 6sense Domain",
    "account_name": made("account_name"),
    "account_domain": made("account_domain"),
    "account_country": made("account_country"),
}

SIXSENSE_PREDICTIVE = Format(
    key=_6SENSE,
    name="6sense predictive leads",
    table="buying_stages",
    signature=("Buying Stage", "Date", "CRM Account Domain | 6sense Account Domain", "Intent Score | Profile Fit"),
    columns={**_ACCOUNT, "date": "Date", "stage": "Buying Stage", "product_category": "Product Category"},
    kind="snapshots",
    reshape=_CRM_OR_6SENSE,
    days="Date",
)

_CRM_STAGE = "accountBuyingStage6sense__c | 6sense Account Buying Stage | 6sense Buying Stage"
"""The field's name, as the API and connectors write it, and its labels, as reports do."""

SIXSENSE_CRM_FIELDS = Format(
    key=_6SENSE,
    name="6sense fields of the CRM's accounts",
    table="buying_stages",
    signature=(_CRM_STAGE,),
    columns={
        "account_id": "Account ID | Id || Account Name | Name",
        "account_name": "Account Name | Name",
        "account_domain": "Website",
        "account_country": "Billing Country",
        "date": "accountUpdateDate6sense__c | 6sense Account Update Date",
        "stage": _CRM_STAGE,
    },
)

SIXSENSE_KEYWORDS = Format(
    key=_6SENSE,
    name="6sense keyword intent",
    table="activities",
    signature=("Keyword Researched", "Date Researched"),
    columns={**_ACCOUNT, "date": "Date Researched", "product_category": "Product Category"},
    reshape=_CRM_OR_6SENSE,
    fill={"source": "6sense_keyword", "kind": "intent"},
    days="Date Researched",
)

BOMBORA = Format(
    key="bombora",
    name="Bombora Company Surge",
    table="activities",
    signature=("Composite Score", "Topic Name | Topic ID | Topic", "Domain | Company Domain", "Report Date | Date"),
    columns={
        "account_id": "Account ID | CRM Account ID || Domain | Company Domain",
        "account_name": "Company Name | Company",
        "account_domain": "Domain | Company Domain",
        "account_country": "Country",
        "date": "Report Date | Date",
    },
    fill={"source": "bombora_topic", "kind": "intent"},
    keep={"composite score below 60: not spiking": {"Composite Score": RuleTest(min=60)}},
    days="Report Date | Date",
)

_G2_COLUMNS = {
    "account_id": "Account ID || company_domain | domain | company_name",
    "account_name": "company_name",
    "account_domain": "company_domain | domain",
    "account_country": "company_country",
}

G2_COMPANIES = Format(
    key="g2",
    name="G2 buyer intent, by company",
    table="activities",
    signature=("company_name", "activity_level", "last_seen"),
    columns={**_G2_COLUMNS, "date": "last_seen"},
    fill={"source": "g2_intent", "kind": "intent"},
)

G2_VISITS = Format(
    key="g2",
    name="G2 buyer intent, by visit",
    table="activities",
    signature=("visit_type", "visit_date", "visit_url | visit_title | subject_product_name"),
    columns={**_G2_COLUMNS, "date": "visit_date"},
    fill={"source": "g2_intent", "kind": "intent"},
)

TRUSTRADIUS = Format(
    key="trustradius",
    name="TrustRadius intent",
    table="activities",
    signature=("date", "source", "domain", "topic"),
    columns={"account_id": "Account ID || domain", "account_domain": "domain", "date": "date"},
    without="kind | Composite Score",
    fill={"source": "trustradius_intent", "kind": "intent"},
)

FORMATS = (
    SIXSENSE_STAGES,
    SIXSENSE_PREDICTIVE,
    SIXSENSE_CRM_FIELDS,
    SIXSENSE_KEYWORDS,
    BOMBORA,
    G2_COMPANIES,
    G2_VISITS,
    TRUSTRADIUS,
)
