"""A company of four accounts with every table, small enough to count on fingers, that every toggle can change."""

from __future__ import annotations

TABLES = {
    "accounts": """
account_id,name,geo,sales_team,parent_id
A1,Anvil,East,Red,
A2,Birch,West,Blue,A1
A3,Cedar,West,Red,
A4,Dune,East,Blue,
""",
    # A1 leaves Core within May, A2 joins within May
    "segment_members": """
segment,account_id,start,end
Core,A1,2025-01-01,2025-05-20
Core,A2,2025-05-15,
Core,A4,2025-01-01,
""",
    # D2 skips Proposal, and is lost from Contract; D4 stays open
    "opportunities": """
opportunity_id,account_id,created_on,closed_on,stage,amount,currency,probability,loss_reason,type,lead_source
D1,A1,2025-05-01,2025-05-10,Closed Won,100,USD,1,,New Business,Web
D2,A3,2025-04-01,2025-05-25,Closed Lost,70,EUR,0,Price,Upsell,Fair
D3,A2,2025-04-02,2025-05-05,Closed Won,50,EUR,1,,Renewal,Web
D4,A4,2025-03-02,,Proposal,90,USD,0.5,,Upsell,Fair
D5,A1,2024-05-02,2024-05-20,Closed Won,40,USD,1,,Upsell,Web
""",
    "opportunity_history": """
opportunity_id,changed_at,stage,amount
D1,2025-05-01,Discovery,90
D2,2025-04-01,Discovery,70
D2,2025-05-06,Contract,70
D4,2025-03-02,Discovery,60
D4,2025-05-08,Proposal,90
""",
    # A1 ends on the last day of April, A3 stops and pays again
    "revenue": """
account_id,start,end,mrr
A1,2024-01-01,2025-04-30,100
A2,2024-01-01,,50
A3,2024-01-01,2025-03-15,30
A3,2025-05-10,,30
""",
    "leads": """
lead_id,account_id,created_on,mql_on,sqo_on,rejected_on,source,opportunity_id
L1,A1,2025-05-01,2025-05-02,2025-05-03,,Web,D1
L2,A2,2025-05-04,2025-05-06,,2025-05-09,Fair,
L3,A4,2025-05-04,,,,Web,
""",
    "costs": """
month,amount,kind,lead_source
2025-05,300,acquisition,Web
2025-05,200,labor,
""",
    "activities": """
account_id,date,source,kind
A1,2025-05-03,linkedin_campaign,reach
A2,2025-05-04,webinar,engagement
A3,2025-05-05,crm_activity,engagement
A4,2025-04-05,website,engagement
""",
    "market": """
segment,year,revenue,source
Core,2025,100000,a study
All accounts,2025,900000,a study
""",
    "fx_rates": "currency,month,rate\n" + "".join(f"EUR,2025-{month:02d},1.{month}\n" for month in range(1, 7)),
}
COUNTED_BY_ACCOUNT = """
run_date = 2025-06-05
stages = ["Discovery", "Proposal", "Contract"]
"""
COUNTED_BY_PARENT = f'{COUNTED_BY_ACCOUNT}count_by = "parent"\n'
