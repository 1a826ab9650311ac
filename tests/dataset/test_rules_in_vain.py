"""A rule with a value that no row has is reported, and so is a segment without accounts."""

from __future__ import annotations

from tests.conftest import Folder

ACCOUNTS = "account_id,name,Industry\nA,Alpha,Retail\nB,Beta,Finance"
DEALS = "opportunity_id,created_on,stage,account_id\n1,2026-05-01,Discovery,A\n2,2026-05-02,Proposal,B"
NAMED = '[[segments.named]]\nname = "Large retail"\nwhere = { Industry = ["Retial"%s] }\n'


def said(folder: Folder, settings: str, **more: str) -> list[str]:
    dataset = folder(settings, accounts=ACCOUNTS, opportunities=DEALS, **more)
    return [str(condition) for condition in dataset.ledger.conditions]


def test_a_mistyped_value_of_a_segments_rule_is_reported_with_the_nearest(folder: Folder) -> None:
    assert said(folder, NAMED % "") == [
        "accounts: segment 'Large retail' has no accounts: no account has Industry 'Retial'. Correct "
        "segments.named 'Large retail', where.Industry; the nearest value is 'Retail'."
    ]
    # the other words still find accounts, but the mistyped one changes the segment
    assert said(folder, NAMED % ', "finance"') == [
        "accounts: segment 'Large retail': no account has Industry 'Retial'. Correct segments.named 'Large retail', "
        "where.Industry; the nearest value is 'Retail'."
    ]
    assert said(folder, NAMED.replace("Retial", "retail ") % "") == []


def test_an_empty_segment_is_reported(folder: Folder) -> None:
    both = '[[segments.named]]\nname = "None"\nwhere = { Industry = { not = ["Retail", "Finance", "Media"] } }\n'
    assert said(folder, both) == [
        "accounts: segment 'None' has no accounts: no account meets its rule. Check its rule: "
        "segments.named 'None', where."
    ]
    members = "segment,account_id,start,end\nEarly,A,2026-01-01,\n"
    (one,) = said(
        folder, "", segments="segment,created_on\nEarly,2026-01-01\nLate,2026-01-01\n", segment_members=members
    )
    assert one.startswith("accounts: segment 'Late' has no accounts: no member is listed")


def test_a_mistyped_value_of_a_tables_rule_is_reported(folder: Folder) -> None:
    rule = (
        '[tables.opportunities]\nfile = "%s"\nwhere = { stage = ["Discovry", "Proposal"], Owner = { not = ["X"] } }\n'
    )
    deals = DEALS.replace("account_id\n", "account_id,Owner\n").replace(",A\n", ",A,me\n") + ",me"
    dataset = folder(rule % "opportunities.csv", opportunities=deals)
    assert [str(one) for one in dataset.ledger.conditions] == [
        "opportunities.csv: no row has stage 'Discovry'. Correct tables.opportunities.where.stage; the nearest value "
        "is 'Discovery'."
    ]
    # a word that the other file of a pattern has is not missing
    dataset = folder(rule % "deals-*.csv", **{"deals-1": deals, "deals-2": deals.replace("Discovery", "Discovry")})
    assert not [one for one in dataset.ledger.conditions if "Correct tables" in str(one)]


def test_a_mistyped_value_of_the_rule_of_irrelevant_opportunities_is_reported(folder: Folder) -> None:
    assert said(folder, '[report]\nirrelevant = { stage = ["Propsal"] }\n') == [
        "opportunities: the rule for irrelevant opportunities: no opportunity has stage 'Propsal'. Correct "
        "report.irrelevant.stage; the nearest value is 'Proposal'."
    ]
