"""Worked rows: one number of each metric, worked by hand from the company of :mod:`tests.one_of_each`, All accounts.

A metric in the catalogue that has no row here fails, and so does a row that is wrong (tests/scorecard/test_worked.py).
The oracles (tests/oracle) know every number of a metric; one that they do not know yet says so in its row, and nowhere
else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Worked:
    """The value of May 2025 in units, and how it is worked out.

    ``view`` and ``item``: which line, if not the headline. ``unknown_to_oracles``: why they do not know the metric.
    """

    value: int | float | Fraction
    working: str
    view: str = ""
    item: str = ""
    unknown_to_oracles: str = ""


WORKED: Mapping[str, Worked] = {
    "som_accounts": Worked(4, "A1, A2, A3, A4"),
    "targeted_accounts": Worked(
        2, "A1 by a campaign, A2 by a webinar; A3 was called by sales, A4's visit was in April"
    ),
    "engaged_accounts": Worked(4, "A3 was called; D1 of A1, D3 of A2 and D4 of A4 were open in May"),
    "customers": Worked(1, "A3 paid nothing on 30 April and 30 on 31 May; A2 paid on both days"),
    "churned_customers": Worked(0, "A1's last day was 29 April, A3 stopped in March; A2 pays the same"),
    "mrr": Worked(50, "30 April: A2 pays 50; A1's subscription has ended, A3's begins on 10 May"),
    "nrr": Worked(1, "A2 alone had MRR on 30 April: (50 + 0 − 0 − 0) / 50; A3 is a reactivation"),
    "market_share": Worked(Fraction(600, 900_000), "50 × 12 / 900,000"),
    "leads": Worked(3, "L1, L2, L3"),
    "mqls": Worked(2, "L1 on 2 May, L2 on 6 May"),
    "sqos": Worked(1, "L1 on 3 May"),
    "lead_to_mql": Worked(1, "L1 and L2 converted, none rejected: L2 was an MQL when it was rejected; 2 / 2"),
    "mql_to_sqo": Worked(Fraction(1, 2), "L1 converted, L2 rejected: 1 / 2"),
    "cost_per_sqo": Worked(500, "(300 + 200) / 1"),
    "won_revenue": Worked(175, "D1 100; D3 50 EUR × 1.5 = 75"),
    "lost_revenue": Worked(105, "D2 70 EUR × 1.5"),
    "net_new_pipeline": Worked(-5, "created in May: D1 100; lost: 105"),
    "pipeline_by_stage": Worked(90, "D4 is open in Proposal: 90 since 8 May"),
    "won_opportunities": Worked(2, "D1, D3"),
    "lost_opportunities": Worked(1, "D2"),
    "lost_by_reason": Worked(1, "D2, on price", view="by_reason", item="Price"),
    "average_deal_size": Worked(Fraction(175, 2), "175 / 2"),
    "average_time_to_close": Worked(21, "D1 9 days, D3 33 days from 2 April to 5 May: 42 / 2"),
    "win_rate_count": Worked(Fraction(2, 3), "2 won of 2 + 1 closed"),
    "win_rate_revenue": Worked(Fraction(175, 280), "175 / (175 + 105)"),
    "phase_conversion": Worked(
        Fraction(1, 2), "left Contract: D1 by its win, D2 was lost: 1 / 2", view="by_stage", item="Contract"
    ),
}
"""By key of the metric."""
