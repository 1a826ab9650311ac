"""What the tools saw of each account: visits, intent, advertising, mails, events, calls.

The warmer an account (:mod:`tests.demo_company.interest`), the more is seen of it. Some of it must not count, and
segxl excludes it, by itself or by a rule of ``segxl.toml``; the numbers are those of the default company:

=================================  ====================================================================================
509 rows of retargeting            a campaign type of the display export, excluded wherever activities count
1,079 topics below 60              no surge, in the Bombora export, which has no account ids either
173 mails that bounced             they reached no one
293 + 172 who did not come         registered for a webinar, or for a trade show or a dinner
40 visits without account          no one knows which company they came from
=================================  ====================================================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from segxl.periods import to_month
from tests.demo_company import calendar, seasons
from tests.demo_company.interest import FIRST_MONTH, MONTHS, Warmth
from tests.demo_company.leads import Lead
from tests.demo_company.market import Account
from tests.demo_company.randomness import Dice

WITHOUT_ACCOUNT = 40

INTENT, REACH, ENGAGEMENT = "intent", "reach", "engagement"


class Touch(NamedTuple):
    """A row of a tool's export. ``kinds`` is empty where it must not count; ``detail`` is in the tool's words."""

    tool: str
    account: Account | None
    day: date
    source: str
    kinds: tuple[str, ...]
    campaign: str = ""
    product: str = ""
    detail: str = ""
    number: int = 0


class Habit(NamedTuple):
    """How often a tool sees something of an account in a month, from cold to buying, and in the small segment."""

    by_level: tuple[float, float, float, float, float]
    in_smb: float = 1.0
    again: float = 0.15


HABITS: Mapping[str, Habit] = {
    "anonymous": Habit((0.035, 0.11, 0.2, 0.27, 0.29), 0.9, 0.12),
    "known": Habit((0.005, 0.025, 0.07, 0.14, 0.2), 1.0, 0.12),
    "keyword": Habit((0.04, 0.12, 0.21, 0.3, 0.25), 0.45, 0.12),
    "surge": Habit((0.045, 0.11, 0.17, 0.22, 0.18), 0.4, 0.1),
    "g2": Habit((0.002, 0.01, 0.035, 0.08, 0.06), 0.8, 0.1),
    "linkedin": Habit((0.07, 0.1, 0.14, 0.16, 0.1), 0.25, 0.0),
    "display": Habit((0.07, 0.11, 0.15, 0.17, 0.1), 0.35, 0.1),
    "mail": Habit((0.045, 0.08, 0.13, 0.16, 0.14), 0.9, 0.1),
    "sales": Habit((0.012, 0.04, 0.11, 0.24, 0.4), 0.75, 0.22),
}
_WEBINAR = (0.003, 0.012, 0.028, 0.035, 0.02)
_TRADE_SHOW = (0.012, 0.03, 0.06, 0.08, 0.06)
_FIELD_EVENT = (0.004, 0.015, 0.05, 0.1, 0.12)

_PAGES = {"Pricing": 0.15, "Product tour": 0.25, "Blog": 0.3, "Customer stories": 0.12, "Home": 0.18}
_KEYWORDS = {
    "Core Ledger": ("general ledger software", "month end close", "accounting software comparison"),
    "Payables": ("ap automation", "invoice approval workflow", "e-invoicing"),
    "Planning": ("fp&a software", "rolling forecast", "budgeting tool"),
}
_SURGE_TOPICS = {"Core Ledger": "Financial Close", "Payables": "Accounts Payable Automation", "Planning": "Budgeting"}
_G2_SIGNALS = {"Category": 0.4, "Profile": 0.25, "Compare": 0.2, "Pricing": 0.15}
_MAILS = ("Monthly digest", "Product news", "Nurture: close faster", "Nurture: payables", "Event invitation")
_CALLS = {"Call": 0.45, "Email": 0.45, "Meeting": 0.1}
_REACHED = {"Call": "Left Voicemail", "Email": "Sent", "Meeting": "Held"}
_ENGAGED = {"Call": "Connected", "Email": "Replied", "Meeting": "Held"}


def see(dice: Dice, warmth: Mapping[Account, Warmth], leads: Sequence[Lead]) -> dict[str, list[Touch]]:
    """The rows of each tool's export, by day. The tools know the accounts that the CRM knows, those of ``warmth``."""
    found: list[Touch] = [*_of_leads(dice, [lead for lead in leads if lead.account in warmth])]
    for month in MONTHS:
        days = [seasons.WORKDAYS[day] for day in seasons.workdays_of(month)]
        mondays = calendar.mondays(month)
        for account, state in warmth.items():
            level, product = state.levels[month - FIRST_MONTH], state.products[month - FIRST_MONTH]
            found += _routine(dice, account, level, product, days, mondays)
            found += _events(dice, account, level, month)
    visits = [at for at, touch in enumerate(found) if touch.tool == "website" and touch.detail == "Anonymous"]
    for at in dice.shuffled(visits)[:WITHOUT_ACCOUNT]:
        found[at] = found[at]._replace(account=None, kinds=())
    by_tool: dict[str, list[Touch]] = {}
    for touch in sorted(found, key=lambda touch: touch.day):
        by_tool.setdefault(touch.tool, []).append(touch)
    return by_tool


def _of_leads(dice: Dice, leads: Sequence[Lead]) -> Iterator[Touch]:
    """Who left a name was on the website, or where its source says."""
    for lead in leads:
        day = seasons.WORKDAYS[lead.created]
        if lead.account is None or to_month(day) not in MONTHS:
            continue
        if lead.source == "Webinar":
            yield _webinar(lead.account, lead.created)
        elif lead.source == "Trade Show":
            name = calendar.TRADE_SHOWS[lead.created]
            yield Touch("events", lead.account, day, "trade_show", (ENGAGEMENT,), name, "", "Visited Booth")
        elif lead.source in ("Website", "Paid Social", "Content Syndication") and dice.chance(0.4):
            monday = day - timedelta(days=day.weekday())
            if to_month(monday) == to_month(day):
                yield Touch("website", lead.account, monday, "known_web", (ENGAGEMENT,), "", "", "Known", 2)


def _routine(
    dice: Dice, account: Account, level: int, product: str, days: Sequence[date], mondays: Sequence[date]
) -> Iterator[Touch]:
    is_small = account.profile.name == "SMB"
    for name, habit in HABITS.items():
        share = habit.by_level[level] * (habit.in_smb if is_small else 1)
        while dice.chance(share):
            yield _WRITERS[name](dice, account, product, dice.pick(mondays if name in _WEEKLY else days))
            share = habit.again


_WEEKLY = {"anonymous", "known", "display"}


def _anonymous(dice: Dice, account: Account, product: str, day: date) -> Touch:
    shown = product if dice.chance(0.6) else ""
    views = dice.between(1, 9)
    return Touch(
        "website", account, day, "anonymous_web", (ENGAGEMENT,), dice.weighted(_PAGES), shown, "Anonymous", views
    )


def _known(dice: Dice, account: Account, product: str, day: date) -> Touch:
    shown = product if dice.chance(0.7) else ""
    views = dice.between(2, 14)
    return Touch("website", account, day, "known_web", (ENGAGEMENT,), dice.weighted(_PAGES), shown, "Known", views)


def _keyword(dice: Dice, account: Account, product: str, day: date) -> Touch:
    word = dice.pick(_KEYWORDS[product])
    return Touch("keywords", account, day, "6sense_keyword", (INTENT,), "", product, word, dice.between(1, 6))


def _surge(dice: Dice, account: Account, product: str, day: date) -> Touch:
    score = dice.between(48, 95)
    kinds = (INTENT,) if score >= 60 else ()
    return Touch("surge", account, day, "bombora_topic", kinds, "", product, _SURGE_TOPICS[product], score)


def _g2(dice: Dice, account: Account, product: str, day: date) -> Touch:
    return Touch(
        "g2", account, day, "g2_intent", (INTENT,), "", product, dice.weighted(_G2_SIGNALS), dice.between(1, 4)
    )


def _linkedin(dice: Dice, account: Account, product: str, day: date) -> Touch:
    clicks = dice.between(1, 3) if dice.chance(0.16) else 0
    kinds = (REACH, ENGAGEMENT) if clicks else (REACH,)
    name = f"{product} - {'decision makers' if dice.chance(0.5) else 'practitioners'}"
    return Touch("linkedin", account, day, "linkedin_campaign", kinds, name, "", "Awareness", clicks)


def _display(dice: Dice, account: Account, product: str, day: date) -> Touch:
    clicked = dice.chance(0.12)
    kinds: tuple[str, ...] = (ENGAGEMENT,) if clicked else (REACH,)
    is_6sense = dice.chance(0.7)
    aim = "Retargeting" if dice.chance(0.14) else "Prospecting"
    source = "6sense_campaign" if is_6sense else "external_campaign"
    name = f"{product} {aim.lower()}"
    return Touch("display", account, day, source, kinds if aim == "Prospecting" else (), name, product, aim, clicked)


def _mail(dice: Dice, account: Account, product: str, day: date) -> Touch:
    status = dice.weighted({"Delivered": 0.7, "Clicked": 0.26, "Bounced": 0.04})
    kinds = {"Delivered": (REACH,), "Clicked": (ENGAGEMENT,)}.get(status, ())
    return Touch("mail", account, day, "crm_map_campaign", kinds, dice.pick(_MAILS), "", status)


def _sales(dice: Dice, account: Account, product: str, day: date) -> Touch:
    way = dice.weighted(_CALLS)
    engaged = way == "Meeting" or dice.chance(0.4)
    result = (_ENGAGED if engaged else _REACHED)[way]
    kind = ENGAGEMENT if engaged else REACH
    return Touch("sales", account, day, "crm_activity", (kind,), way, "", result)


_WRITERS = {
    "anonymous": _anonymous,
    "known": _known,
    "keyword": _keyword,
    "surge": _surge,
    "g2": _g2,
    "linkedin": _linkedin,
    "display": _display,
    "mail": _mail,
    "sales": _sales,
}


def _events(dice: Dice, account: Account, level: int, month: int) -> Iterator[Touch]:
    """The month's webinars, trade show and dinner. One in four who registered does not come."""
    workdays = seasons.workdays_of(month)
    for day in _WEBINARS_OF[month]:
        if dice.chance(_WEBINAR[level]):
            yield _webinar(account, day, came=dice.chance(0.72))
    if account.profile.name == "SMB":
        return
    shows = [day for day in _SHOWS_OF[month] if day in workdays]
    if shows and dice.chance(_TRADE_SHOW[level]):
        day = dice.pick(shows)
        kinds, status = ((ENGAGEMENT,), "Visited Booth") if dice.chance(0.8) else ((), "Registered")
        name = calendar.TRADE_SHOWS[day]
        yield Touch("events", account, seasons.WORKDAYS[day], "trade_show", kinds, name, "", status)
    dinner = calendar.field_event(month)
    if dinner and account.region == dinner[2] and dice.chance(_FIELD_EVENT[level]):
        kinds, status = ((ENGAGEMENT,), "Attended") if dice.chance(0.75) else ((), "Registered")
        yield Touch("events", account, seasons.WORKDAYS[dinner[0]], "field_event", kinds, dinner[1], "", status)


def _webinar(account: Account, day: int, *, came: bool = True) -> Touch:
    kinds = (ENGAGEMENT,) if came else ()
    title = calendar.WEBINARS[day]
    return Touch("webinars", account, seasons.WORKDAYS[day], "webinar", kinds, title, "", "Yes" if came else "No")


def _by_month(days: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {month: [] for month in MONTHS}
    for day in days:
        if (month := to_month(seasons.WORKDAYS[day])) in found:
            found[month].append(day)
    return found


_WEBINARS_OF = _by_month(calendar.WEBINAR_DAYS)
_SHOWS_OF = _by_month(calendar.TRADE_SHOW_DAYS)
