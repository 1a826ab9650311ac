"""Tallybrook Ledger, a made-up company that sells accounting software, as the exports of its tools show it.

2,000 accounts in three segments, and the 5,000 opportunities that were open or closed in the 26 months from
September 2024 to October 2026. Enterprise deals are few, large and slow, SMB deals many, small and quick. The
company grows by a quarter a year; it sells most at the ends of its fiscal quarters (January, April, July,
October), little in August and next to nothing after 20 December. Contracts run for a year and are renewed
then; customers won before September 2024 show by their renewals only. :mod:`tests.demo_company.dirt` lists the dirt.

Around the opportunities come the leads that led to them (:mod:`tests.demo_company.leads`), what other tools saw of the
accounts in the same months (:mod:`tests.demo_company.touches`, :mod:`tests.demo_company.stages`), the bills
(:mod:`tests.demo_company.billing`), what finance keeps (:mod:`tests.demo_company.finance`) and a segment kept by hand
(:mod:`tests.demo_company.strategic`).
"""

from __future__ import annotations

from pathlib import Path

from tests.demo_company import dirt, exports, ledgers, tools
from tests.demo_company.settings import SETTINGS
from tests.demo_company.world import make


def write_exports(folder: Path, *, seed: int = 2024) -> list[Path]:
    """Write the company's exports and its ``segxl.toml``; one seed gives the same bytes on every machine.

    Returns:
        The files, ``segxl.toml`` first. Files of these names that are in the folder are written over.
    """
    world = make(seed)
    files = {
        "segxl.toml": SETTINGS.encode(),
        "accounts.csv": exports.account_export(world.accounts),
        "opportunities.csv": exports.opportunity_report(dirt.pages(world.deals)),
        "opportunity_history.csv": exports.history_report(world.deals),
        "users.csv": exports.user_list(world.people),
        "leads.csv": exports.lead_export(world.leads),
        **tools.files(world),
        **ledgers.files(world),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]
