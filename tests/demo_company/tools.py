"""The files of the tools around the CRM, each as such a tool writes it: its own headers, dates and encoding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from segxl.periods import month_end
from segxl.safe_csv import csv_bytes
from segxl.sources.matching.review import HEADER
from segxl.sources.matching.review_list import REVIEW_FILE
from tests.demo_company.exports import account_id, crm_id, plain_csv, quoted_csv
from tests.demo_company.market import Account
from tests.demo_company.stages import OLD_NAME_OF_PURCHASE, RENAMED_FROM, STAGES, Snapshot
from tests.demo_company.touches import Touch
from tests.demo_company.world import World

_BOM = b"\xef\xbb\xbf"


def files(world: World) -> dict[str, bytes]:
    """Content by file name."""
    found = {name: write(world.touches[tool]) for tool, (name, write) in _EXPORTS.items()}
    review = _review(world.touches["surge"])
    return {"6sense_buying_stages.csv": _stages(world.snapshots), **found, REVIEW_FILE: review}


def _stages(snapshots: Sequence[Snapshot]) -> bytes:
    header = ("CRM Account ID", "Product Category", "Buying Stage", "Date")
    by_month = sorted(snapshots, key=lambda one: one.month)
    return plain_csv(
        header, ((account_id(one.account), one.product, _stage(one), str(month_end(one.month))) for one in by_month)
    )


def _stage(one: Snapshot) -> str:
    if one.rank is None:
        return "#N/A"
    is_old = STAGES[one.rank] == "Purchase" and one.month < RENAMED_FROM
    return OLD_NAME_OF_PURCHASE if is_old else STAGES[one.rank]


def _website(rows: Sequence[Touch]) -> bytes:
    header = ("Week Of", "Account ID", "Visitor", "Top Page", "Page Views", "Product Interest")
    return plain_csv(
        header,
        (
            (str(row.day), account_id(row.account), row.detail, row.campaign, str(row.number), row.product)
            for row in rows
        ),
    )


def _keywords(rows: Sequence[Touch]) -> bytes:
    header = ("CRM Account ID", "Keyword Researched", "Keyword Category", "Total", "Date Researched")
    return plain_csv(
        header, ((account_id(row.account), row.detail, row.product, str(row.number), str(row.day)) for row in rows)
    )


def _surge(rows: Sequence[Touch]) -> bytes:
    """Bombora knows nothing of the CRM's ids: it names companies."""
    header = ("Company Name", "Domain", "Country", "Topic Name", "Composite Score", "Report Date")
    return plain_csv(
        header, ((*_named(row.account), row.detail, str(row.number), f"{row.day:%m/%d/%Y}") for row in rows)
    )


_NAMED_ALONE = 250
"""One account in so many is named, and no more; a person had to say which one it is."""
_WITHOUT_DOMAIN = 9
"""One in so many has its name and its country, and no domain."""


def _named(account: Account | None) -> tuple[str, str, str]:
    """Name, domain and country as someone else writes them."""
    if account is None:
        return "", "", ""
    if _is_named_alone(account):
        return account.name.upper(), "", ""
    if account.number % _WITHOUT_DOMAIN == 4:
        return f"{account.name}, {_LEGAL_FORMS.get(account.country, 'Ltd.')}", "", account.country
    return account.name, account.website.removeprefix("www." if account.number % 2 else ""), account.country


_LEGAL_FORMS = {"United States": "Inc.", "Germany": "GmbH", "France": "S.A.S.", "Netherlands": "B.V.", "Sweden": "AB"}


def _is_named_alone(account: Account) -> bool:
    return account.number % _NAMED_ALONE == 3


def _review(rows: Sequence[Touch]) -> bytes:
    """The list of accounts to review, as someone answered it: sometimes with the id, sometimes with a yes."""
    asked = Counter(row.account for row in rows if row.account and row.kinds and _is_named_alone(row.account))
    why, file = "only the name is the same; the row has no country", _EXPORTS["surge"][0]
    lines: list[tuple[object, ...]] = []
    for account, number in sorted(asked.items(), key=lambda pair: pair[0].name.upper()):
        known = account_id(account)
        answer = known if len(lines) % 2 else "yes"
        name = account.name.upper()
        lines.append(("activities", file, name, "", "", number, known, account.name, why, answer))
    return csv_bytes(HEADER, lines)


def _g2(rows: Sequence[Touch]) -> bytes:
    header = ("crm_account_id", "company_name", "subject_product_name", "visit_type", "visit_date")
    return _BOM + plain_csv(
        header,
        (
            (account_id(row.account), row.account.name if row.account else "", row.product, row.detail, f"{row.day}")
            for row in rows
        ),
    )


def _linkedin(rows: Sequence[Touch]) -> bytes:
    """A row counts as reached, and as engaged where someone clicked."""
    header = ("Day", "CRM Account ID", "Campaign Name", "Objective", "Paid Impressions", "Paid Clicks")
    return _BOM + plain_csv(
        header,
        (
            (
                f"{row.day.month}/{row.day.day}/{row.day.year}",
                account_id(row.account),
                row.campaign,
                row.detail,
                str(40 + 60 * row.number),
                str(row.number),
            )
            for row in rows
        ),
    )


def _display(rows: Sequence[Touch]) -> bytes:
    header = ("Week", "Account ID", "Platform", "Campaign", "Campaign Type", "Event")
    return plain_csv(
        header,
        (
            (
                str(row.day),
                account_id(row.account),
                "6sense" if row.source == "6sense_campaign" else "AdRiver",
                row.campaign,
                row.detail,
                "Click" if row.number else "Impression",
            )
            for row in rows
        ),
    )


def _mail(rows: Sequence[Touch]) -> bytes:
    header = ("Activity Date", "Account ID", "Program", "Status")
    return plain_csv(header, ((f"{row.day} 09:00", account_id(row.account), row.campaign, row.detail) for row in rows))


def _webinars(rows: Sequence[Touch]) -> bytes:
    header = ("Webinar", "Date", "Account ID", "Attended")
    return plain_csv(
        header,
        (
            (
                row.campaign,
                f"{_MONTHS[row.day.month - 1]} {row.day.day}, {row.day.year}",
                account_id(row.account),
                row.detail,
            )
            for row in rows
        ),
    )


def _events(rows: Sequence[Touch]) -> bytes:
    """Salesforce campaign members."""
    header = ("Campaign Name", "Campaign Type", "Member Status", "Account ID", "Member First Associated Date")
    kinds = {"trade_show": "Trade Show", "field_event": "Field Event"}
    return quoted_csv(
        header,
        (
            (
                row.campaign,
                kinds[row.source],
                row.detail,
                account_id(row.account),
                f"{row.day.month}/{row.day.day}/{row.day.year}",
            )
            for row in rows
        ),
    )


def _sales(rows: Sequence[Touch]) -> bytes:
    """Salesforce tasks and events."""
    header = ("Activity ID", "Date", "Account ID", "Activity Type", "Call Result")
    return quoted_csv(
        header,
        (
            (
                crm_id("00T", number),
                f"{row.day.month}/{row.day.day}/{row.day.year}",
                account_id(row.account),
                row.campaign,
                row.detail,
            )
            for number, row in enumerate(rows)
        ),
    )


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Not by strftime, which speaks the machine's language."""

_EXPORTS: Mapping[str, tuple[str, Callable[[Sequence[Touch]], bytes]]] = {
    "website": ("website_visits.csv", _website),
    "keywords": ("6sense_keywords.csv", _keywords),
    "surge": ("bombora_surge.csv", _surge),
    "g2": ("g2_buyer_intent.csv", _g2),
    "linkedin": ("linkedin_ads.csv", _linkedin),
    "display": ("display_ads.csv", _display),
    "mail": ("email_campaigns.csv", _mail),
    "webinars": ("webinars.csv", _webinars),
    "events": ("event_members.csv", _events),
    "sales": ("sales_activities.csv", _sales),
}
