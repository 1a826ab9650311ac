"""Tallybrook Ledger, a made-up company that sells accounting software, as its CRM exports show it.

2,000 accounts in three segments, and the 5,000 opportunities that were open or closed in the 26 months from
September 2024 to October 2026. Enterprise deals are few, large and slow, SMB deals many, small and quick. The
company grows by a quarter a year; it sells most at the ends of its fiscal quarters (January, April, July,
October), little in August and next to nothing after 20 December. Contracts run for a year and are renewed
then; customers won before September 2024 show by their renewals only. :mod:`segxl.demo.dirt` lists the dirt.
"""

from __future__ import annotations

from pathlib import Path

from segxl.demo import dirt, exports, seasons
from segxl.demo.dice import Dice
from segxl.demo.market import Deal
from segxl.demo.settings import SETTINGS
from segxl.demo.simulation import Company


def write_exports(folder: Path, *, seed: int = 2024) -> list[Path]:
    """Write the company's exports and its ``segxl.toml``; one seed gives the same bytes on every machine.

    Returns:
        The files, ``segxl.toml`` first. Files of these names that are in the folder are written over.
    """
    dice = Dice(seed)
    company = Company(dice)
    company.trade()
    deals = _as_exported(company.deals)
    dirt.spoil(dice, company.accounts, deals)
    files = {
        "segxl.toml": SETTINGS.encode(),
        "accounts.csv": exports.account_export(company.accounts),
        "opportunities.csv": exports.opportunity_report(dirt.pages(deals)),
        "opportunity_history.csv": exports.history_report(deals),
        "users.csv": exports.user_list(company.people),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def _as_exported(deals: list[Deal]) -> list[Deal]:
    """The deals that the report asks for, oldest first, as they stood on the evening of the export."""
    first_day = seasons.workday(seasons.FIRST_DAY)
    begun = sorted((deal for deal in deals if deal.opened <= seasons.LAST_WORKDAY), key=lambda deal: deal.opened)
    for number, deal in enumerate(begun):
        deal.number = number
        deal.cut()
    return [deal for deal in begun if deal.is_open or deal.closes >= first_day]
