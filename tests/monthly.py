"""A company to which one of everything happens in each month.

A number of a quarter shows how it comes from those of its months: added up, the first's, the last's, or neither.
"""

from __future__ import annotations

from datetime import date

from segxl.periods import Window, month_end, month_start, to_month

FIRST, LAST = to_month(date(2025, 1, 1)), to_month(date(2025, 6, 1))
QUARTER = to_month(date(2025, 4, 1))
"""The first month of the quarter to look at."""


def monthly_tables() -> dict[str, str]:
    """Each table as csv. No two months have the same number of anything, and account A0 does in all of them what others
    do once."""
    accounts, deals, history, leads, costs, activities, revenue = [], [], [], [], [], [], []
    accounts.append("A0,")
    revenue += ["A0,2024-01-01,2025-04-10,100", "A0,2025-05-10,2025-06-10,90"]  # cancels twice within the quarter
    for at in range(FIRST, LAST + 1):
        month = month_start(at).isoformat()[:7]
        costs += [f"{month},{at - FIRST + 1}0,acquisition,", f"{month},{at - FIRST + 1}1,labor,Bare"]
        activities += [f"A0,{month}-03,linkedin_campaign,reach", f"A0,{month}-04,crm_activity,engagement"]
        for one in range(at - FIRST + 1):
            name = f"{at - FIRST}{one}"
            accounts.append(f"A{name},")
            activities += [f"A{name},{month}-05,linkedin_campaign,reach"]
            deals += [
                f"W{name},A{name},{month}-01,{month}-11,Closed Won,1{name}",
                f"L{name},A{name},{month}-02,{month}-14,Closed Lost,2{name}",
                f"O{name},A{name},{month}-03,,Discovery,3{name}",
            ]
            history += [f"{kind}{name},{month}-03,Proposal" for kind in "WLO"]
            history += [f"O{name},{month}-05,Discovery"]
            leads += [
                f"C{name},A{name},{month}-01,{month}-02,{month}-03,,W{name}",
                f"R{name},A{name},{month}-01,,,{month}-04,",
                f"M{name},A{name},{month}-01,{month}-02,,{month}-04,",
            ]
            # pays from the 9th, less from the 12th of the next month, nothing from the 12th of the one after
            ends = [f"{month_start(at + later).isoformat()[:7]}-12" for later in (1, 2)]
            revenue += [f"A{name},{month}-09,{ends[0]},{50 + one}", f"A{name},{ends[0]},{ends[1]},{40 - one}"]
    # in April alone one account is called by sales, and one pays less and stays
    accounts += ["B1,", "B2,"]
    activities.append("B1,2025-04-04,crm_activity,engagement")
    revenue += ["B2,2025-01-01,2025-04-05,60", "B2,2025-04-05,,50"]
    members = [f"Core,A{at}0,{month_start(FIRST + at)}" for at in range(6)]
    heads = {
        "accounts": ("account_id,geo", accounts),
        "opportunities": ("opportunity_id,account_id,created_on,closed_on,stage,amount", deals),
        "opportunity_history": ("opportunity_id,changed_at,stage", history),
        "leads": ("lead_id,account_id,created_on,mql_on,sqo_on,rejected_on,opportunity_id", leads),
        "costs": ("month,amount,kind,segment", costs),
        "activities": ("account_id,date,source,kind", activities),
        "revenue": ("account_id,start,end,mrr", revenue),
        "market": ("segment,year,revenue,source", ["All accounts,2025,100000,study"]),
        "segment_members": ("segment,account_id,start", [*members, "Bare,B1,"]),
    }
    return {name: "\n".join([head, *rows]) for name, (head, rows) in heads.items()}


def months_of_the_quarter() -> tuple[Window, ...]:
    """Its three months, then the quarter itself."""
    months = tuple(Window(month_start(at), month_end(at)) for at in range(QUARTER, QUARTER + 3))
    return (*months, Window(months[0].start, months[-1].end))
