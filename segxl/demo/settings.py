"""The demo's ``segxl.toml``: the file that users copy and change for their own company."""

SETTINGS = """\
# This file tells segxl what is in the exports of this folder. Lines that start with # are remarks.
# To use it for your own company: put your exports beside it, then change the lines below from top to bottom.

name = "Tallybrook Ledger"      # printed on every page
currency = "USD"                # all amounts are shown in it
fiscal_year_start = 2           # the month the fiscal year starts with: 2 is February, so Q3 ends in October
run_date = 2026-11-05           # "today" for this demo; leave the line out and segxl takes the real date

# The stages of an open deal, in the order in which deals pass them, spelled as in the CRM ...
stages = ["Discovery", "Qualified", "Demo", "Proposal", "Negotiation"]
# ... and those of a closed one.
won_stages = ["Closed Won"]
lost_stages = ["Closed Lost"]


# THE EXPORTS, one block for each.

# A Salesforce opportunity report, just as it was downloaded. Its header tells segxl what each column is, so
# only the file's name is needed. The lines under the table (Grand Totals, Confidential ...) are recognised
# and left out.
[tables.opportunities]
file = "opportunities.csv"

# The opportunity history report: how each deal moved from stage to stage. With it segxl can tell how the
# pipeline stood at the end of any month. It is recognised by its header too.
[tables.opportunity_history]
file = "opportunity_history.csv"

# Headers of account lists differ from company to company, so this one says which column is which:
# segxl's name on the left, the header in the file on the right. Columns that are not named here are kept
# under their own header, and segments (below) can use them.
[tables.accounts]
file = "accounts.csv"

[tables.accounts.columns]
account_id = "Account ID"
name = "Account Name"
domain = "Website"
country = "Billing Country"
geo = "Region"

# Who sells in which team and region, so that figures can be cut by both.
[tables.teams]
file = "users.csv"

[tables.teams.columns]
owner = "Full Name"
sales_team = "Sales Team"
geo = "Region"


# THE SEGMENTS. Each one gets its own scorecard, beside the one of all accounts.

[segments]
by = "Segment"                  # one segment for each word in this column of the accounts

# A segment can also be described by a rule. All conditions must hold; a list means "one of these".
# Segments may overlap: an account can be in Mid-Market and in this one.
[[segments.named]]
name = "Regulated industries"
created_on = 2024-09-01         # since when the company has looked at this segment
where = { Industry = ["Financial Services", "Healthcare"], Employees = { min = 200 } }


# WHAT KIND OF DEAL each word in the CRM's "Type" column means. segxl knows five kinds:
# new_logo (a first purchase), upsell (more of the same), cross_sell (another product), renewal and other.
[types]
"New Business" = "new_logo"
"Upsell" = "upsell"
"Cross-Sell" = "cross_sell"
"Renewal" = "renewal"
"""
