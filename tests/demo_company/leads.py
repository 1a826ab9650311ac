"""Leads: people who left a name, from the first form to the opportunity or the refusal.

Most new deals begin with one lead, some with two or three from the same company; they turn into the opportunity on the
day it is created. Three times as many leads come to nothing. Exported are those that something happened to since
the first day of the exports.

=============================  =======================================================================================
30 conversions without a date  an administrator linked them by hand: opportunity, but no Converted Date
6 second chances               refused as a lead, then qualified later in the same month after all
4 rows twice                   identical
blank Lead Source              1 lead in 25 that comes to nothing, 1 in 50 of the others
blank Account ID               1 lead in 4 that comes to nothing, whose company no one looked up, and those of the
                               deals without account
leads without opportunity      "New" or "Nurturing": no one has decided
=============================  =======================================================================================
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from segxl.periods import to_month
from tests.demo_company import calendar, seasons
from tests.demo_company.interest import COLD, FIRST_MONTH, MONTHS, Warmth
from tests.demo_company.market import Account, Deal, Kind
from tests.demo_company.randomness import Dice

WITHOUT_CONVERTED_DATE = 30
SECOND_CHANCES = 6
ROWS_TWICE = 4

_LEADS_OF_A_DEAL = {1: 0.74, 2: 0.16, 3: 0.05, 0: 0.05}
_AGE = {"Enterprise": (4, 14, 28, 46, 80), "Mid-Market": (2, 7, 16, 29, 50), "SMB": (0, 1, 3, 8, 18)}
"""Workdays from lead to opportunity, as a curve."""
_IN_VAIN_FOR_A_DEAL = 3.4
_SOURCES = {
    "Website": 0.34,
    "Content Syndication": 0.21,
    "Webinar": 0.14,
    "Paid Social": 0.13,
    "Trade Show": 0.06,
    "Outbound": 0.07,
    "Referral": 0.03,
    "Partner": 0.02,
}
_REFUSED, _QUALIFIED = 0.56, 0.34
_REFUSED_LATER = 0.8
_WITHOUT_SOURCE = {True: 0.02, False: 0.04}
_WITHOUT_ACCOUNT = 0.25
_TRIES = 3
"""How often someone from a cold company is passed over for someone from a warmer one."""


@dataclass(eq=False)
class Lead:
    """One lead. Days are workdays; None is what never happened, or not by the evening of the export.

    ``converted`` is the day it became the opportunity ``deal``; ``undated`` when no one wrote that day down.
    """

    account: Account | None
    source: str
    created: int
    qualified: int | None = None
    converted: int | None = None
    deal: Deal | None = None
    rejected: int | None = None
    rejected_as: str = ""
    undated: bool = False
    number: int = 0

    @property
    def status(self) -> str:
        """What the CRM calls its state."""
        if self.deal:
            return "Converted"
        if self.rejected is not None and (self.qualified is None or self.qualified <= self.rejected):
            return "Disqualified"
        return "Nurturing" if self.qualified is not None else "New"

    @property
    def last_day(self) -> int:
        """When something happened to it last."""
        return max(day for day in (self.created, self.qualified, self.converted, self.rejected) if day is not None)


def capture(
    dice: Dice, deals: Sequence[Deal], upcoming: Sequence[Deal], warmth: Mapping[Account, Warmth]
) -> list[Lead]:
    """All leads of the export, oldest first. ``deals`` are all until then, ``upcoming`` those opened later."""
    new = [deal for deal in [*deals, *upcoming] if deal.kind is Kind.NEW]
    begun = [lead for deal in new for lead in _of_deal(dice, deal)]
    in_vain = list(_in_vain(dice, deals, warmth))
    leads = [lead for lead in [*begun, *in_vain] if lead.created <= seasons.LAST_WORKDAY]
    for lead in leads:
        _cut(lead)
    first = seasons.workday(seasons.FIRST_DAY)
    leads = sorted((lead for lead in leads if lead.last_day >= first), key=lambda lead: lead.created)
    for number, lead in enumerate(leads):
        lead.number = number
    _spoil(dice, leads)
    return leads


def _of_deal(dice: Dice, deal: Deal) -> Iterator[Lead]:
    """The leads that turn into a deal. The first one has its source, colleagues have any."""
    age = _AGE[deal.account.profile.name if deal.account else "Mid-Market"]
    for place in range(dice.weighted(_LEADS_OF_A_DEAL)):
        source = deal.source if place == 0 else dice.weighted(_SOURCES)
        created = _captured(source, deal.opened - round(dice.curve(age)))
        qualified = dice.between(created, deal.opened)
        if dice.chance(_WITHOUT_SOURCE[True]):
            source = ""
        yield Lead(deal.account, source, created, qualified, deal.opened, deal)


def _in_vain(dice: Dice, deals: Iterable[Deal], warmth: Mapping[Account, Warmth]) -> Iterator[Lead]:
    """The leads that turn into nothing, in each month in proportion to the deals opened in it."""
    opened = [0] * (MONTHS.stop + 1)
    for deal in deals:
        if deal.kind is Kind.NEW:
            opened[to_month(seasons.WORKDAYS[deal.opened])] += 1
    accounts = tuple(warmth)
    for month in range(FIRST_MONTH - 3, MONTHS.stop):
        for _ in range(round(opened[month] * _IN_VAIN_FOR_A_DEAL)):
            source, day = dice.weighted(_SOURCES), dice.pick(seasons.workdays_of(month))
            lead = Lead(_somebody(dice, accounts, warmth, month), source, _captured(source, day))
            if dice.chance(_WITHOUT_SOURCE[False]):
                lead.source = ""
            fate = dice.roll()
            if fate < _REFUSED:
                lead.rejected, lead.rejected_as = lead.created + dice.between(1, 16), "New"
            elif fate < _REFUSED + _QUALIFIED:
                lead.qualified = lead.created + dice.between(0, 20)
                if dice.chance(_REFUSED_LATER):
                    lead.rejected, lead.rejected_as = lead.qualified + dice.between(2, 28), "Marketing Qualified"
            yield lead


def _captured(source: str, day: int) -> int:
    """The day on which a lead of this source can have been met: webinars and trade shows have fixed days."""
    days = {"Webinar": calendar.WEBINAR_DAYS, "Trade Show": calendar.TRADE_SHOW_DAYS}.get(source)
    return days[max(bisect_right(days, day) - 1, 0)] if days else day


def _somebody(dice: Dice, accounts: Sequence[Account], warmth: Mapping[Account, Warmth], month: int) -> Account | None:
    if dice.chance(_WITHOUT_ACCOUNT):
        return None
    account = dice.pick(accounts)
    for _ in range(_TRIES):
        if warmth[account].levels[max(month - FIRST_MONTH, 0)] != COLD:
            break
        account = dice.pick(accounts)
    return account


def _cut(lead: Lead) -> None:
    """Forget what the CRM can't know on the evening of the export."""
    last = seasons.LAST_WORKDAY
    if lead.converted is not None and lead.converted > last:
        lead.converted, lead.deal = None, None
    if lead.rejected is not None and lead.rejected > last:
        lead.rejected, lead.rejected_as = None, ""
    if lead.qualified is not None and lead.qualified > last:
        lead.qualified = None


def _spoil(dice: Dice, leads: Sequence[Lead]) -> None:
    converted = [lead for lead in leads if lead.converted is not None]
    for lead in dice.shuffled(converted)[:WITHOUT_CONVERTED_DATE]:
        lead.undated = True
    refused = [lead for lead in leads if lead.rejected_as == "New" and _may_be_taken_back(lead)]
    for lead in dice.shuffled(refused)[:SECOND_CHANCES]:
        assert lead.rejected is not None
        lead.qualified = lead.rejected + 2


def _may_be_taken_back(lead: Lead) -> bool:
    """Two workdays later it is still the same month, and one of the exports."""
    if lead.rejected is None or lead.rejected + 2 > seasons.LAST_WORKDAY:
        return False
    days: tuple[date, date] = (seasons.WORKDAYS[lead.rejected], seasons.WORKDAYS[lead.rejected + 2])
    return to_month(days[0]) == to_month(days[1]) and to_month(days[0]) >= FIRST_MONTH
