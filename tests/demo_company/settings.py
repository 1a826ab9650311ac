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

# The report has no column for the currency. Amounts without one are in all sums but one: pipeline influenced by
# activities takes in US dollars only. This company's deals are all in dollars, whatever their type, so it says so.
[tables.opportunities.values.currency]
from = "Type"
"New Business" = "USD"
"Upsell" = "USD"
"Cross-Sell" = "USD"
"Renewal" = "USD"

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


# A Salesforce lead export. "Rejected From" says in the CRM's words what a lead was when it was rejected; segxl
# wants to know whether that was a lead or a marketing qualified lead (mql). Where the conversion has no date, the
# day on which the opportunity was created counts.
[tables.leads]
file = "leads.csv"

[tables.leads.columns]
lead_id = "Lead ID"
created_on = "Created Date"
account_id = "Account ID"
source = "Lead Source"
mql_on = "MQL Date"
opportunity_id = "Converted Opportunity ID"
sqo_on = "Converted Date"
rejected_on = "Rejected Date"
rejected_from = "Rejected From"

[tables.leads.values]
rejected_from = { "New" = "lead", "Marketing Qualified" = "mql" }


# BUYING STAGES, as 6sense predicts them: one row for each account and product on the last day of each month.
[tables.buying_stages]
file = "6sense_buying_stages.csv"
kind = "snapshots"              # a row for each date; "changes" would be a row for each change

[tables.buying_stages.columns]
account_id = "CRM Account ID"
date = "Date"
stage = "Buying Stage"
product_category = "Product Category"

# Words that are no buying stage of segxl's, and what they mean: the tool changed its words in 2025.
[stage_map]
"Ready to Buy" = "Purchase"


# ACTIVITIES: one table made of many files, each with double brackets. segxl needs to know of every row where it
# was seen (source) and what it was (kind: intent, reach or engagement). `values` reads both from a column: `from`
# names it, then comes each of its words and what it means. A word that is not listed leaves the value blank.
# `where` keeps only the rows that it describes; the others are counted, never lost in silence.

# Visits to the website. `not = [""]` leaves out the visits that nobody could match to an account.
[[tables.activities]]
file = "website_visits.csv"
columns = { account_id = "Account ID", date = "Week Of", product_category = "Product Interest" }
where = { "Account ID" = { not = [""] } }
values.source = { from = "Visitor", "Anonymous" = "anonymous_web", "Known" = "known_web" }
values.kind = { from = "Visitor", "Anonymous" = "engagement", "Known" = "engagement" }

# Keywords that accounts searched for, from 6sense. All rows are of one source and one kind, whatever the category.
[[tables.activities]]
file = "6sense_keywords.csv"
columns = { account_id = "CRM Account ID", date = "Date Researched", product_category = "Keyword Category" }

[tables.activities.values.source]
from = "Keyword Category"
"Core Ledger" = "6sense_keyword"
"Payables" = "6sense_keyword"
"Planning" = "6sense_keyword"

[tables.activities.values.kind]
from = "Keyword Category"
"Core Ledger" = "intent"
"Payables" = "intent"
"Planning" = "intent"

# Topics that accounts read more about than usual, from Bombora. The file is recognised by its header; a score of 60 or
# more is a surge, and the other rows are left out. It has no account ids: segxl finds the accounts by their domain,
# else by name and country. A few rows have a name alone, which segxl never takes for granted: it asked in
# account-review.csv, and somebody answered there (account_review = "another name.csv" would name another list).
[[tables.activities]]
file = "bombora_surge.csv"

# Visits to our pages on G2.
[[tables.activities]]
file = "g2_buyer_intent.csv"
columns = { account_id = "crm_account_id", date = "visit_date", product_category = "subject_product_name" }

[tables.activities.values.source]
from = "visit_type"
"Category" = "g2_intent"
"Profile" = "g2_intent"
"Compare" = "g2_intent"
"Pricing" = "g2_intent"

[tables.activities.values.kind]
from = "visit_type"
"Category" = "intent"
"Profile" = "intent"
"Compare" = "intent"
"Pricing" = "intent"

# LinkedIn shows impressions and clicks in one row. So the file is read twice: once for the accounts that were
# reached, and once for those that clicked.
[[tables.activities]]
file = "linkedin_ads.csv"
columns = { account_id = "CRM Account ID", date = "Day", campaign = "Campaign Name" }
where = { "Paid Impressions" = { min = 1 } }
values.source = { from = "Objective", "Awareness" = "linkedin_campaign" }
values.kind = { from = "Objective", "Awareness" = "reach" }

[[tables.activities]]
file = "linkedin_ads.csv"
columns = { account_id = "CRM Account ID", date = "Day", campaign = "Campaign Name" }
where = { "Paid Clicks" = { min = 1 } }
values.source = { from = "Objective", "Awareness" = "linkedin_campaign" }
values.kind = { from = "Objective", "Awareness" = "engagement" }

# Display advertising on two platforms. Campaigns of the type "Retargeting" are left out wherever activities count.
[[tables.activities]]
file = "display_ads.csv"
columns = { account_id = "Account ID", date = "Week", campaign = "Campaign", campaign_type = "Campaign Type" }
values.source = { from = "Platform", "6sense" = "6sense_campaign", "AdRiver" = "external_campaign" }
values.kind = { from = "Event", "Impression" = "reach", "Click" = "engagement" }

# Mails of the marketing automation platform. Those that bounced reached nobody.
[[tables.activities]]
file = "email_campaigns.csv"
columns = { account_id = "Account ID", date = "Activity Date", campaign = "Program" }
where = { "Status" = { not = ["Bounced"] } }
values.source = { from = "Status", "Delivered" = "crm_map_campaign", "Clicked" = "crm_map_campaign" }
values.kind = { from = "Status", "Delivered" = "reach", "Clicked" = "engagement" }

# Webinars: who registered and did not come is left out.
[[tables.activities]]
file = "webinars.csv"
columns = { account_id = "Account ID", date = "Date", campaign = "Webinar" }
where = { "Attended" = ["Yes"] }
values.source = { from = "Attended", "Yes" = "webinar" }
values.kind = { from = "Attended", "Yes" = "engagement" }

# Trade shows and dinners: a Salesforce report of campaign members. The same holds here.
[[tables.activities]]
file = "event_members.csv"
where = { "Member Status" = { not = ["Registered"] } }

[tables.activities.columns]
account_id = "Account ID"
date = "Member First Associated Date"
campaign = "Campaign Name"
campaign_type = "Campaign Type"

[tables.activities.values]
source = { from = "Campaign Type", "Trade Show" = "trade_show", "Field Event" = "field_event" }
kind = { from = "Member Status", "Visited Booth" = "engagement", "Attended" = "engagement" }

# What sellers did, from Salesforce: who answered, or met us, is engaged; the others were reached.
[[tables.activities]]
file = "sales_activities.csv"
columns = { account_id = "Account ID", date = "Date" }

[tables.activities.values.source]
from = "Activity Type"
"Call" = "crm_activity"
"Email" = "crm_activity"
"Meeting" = "crm_activity"

[tables.activities.values.kind]
from = "Call Result"
"Left Voicemail" = "reach"
"Sent" = "reach"
"Connected" = "engagement"
"Replied" = "engagement"
"Held" = "engagement"


# REVENUE AND COSTS

# The subscriptions of the billing system: what each customer pays a month, from the first day to the day it ends
# (the first day without). Drafts were never activated.
[tables.revenue]
file = "subscriptions.csv"
where = { "Status" = { not = ["Draft"] } }

[tables.revenue.columns]
account_id = "CRM Account ID"
start = "Start Date"
end = "End Date"
mrr = "MRR"
currency = "Currency"

# Dollars for one euro or pound, month by month. This file has decimal commas, so it says so.
[tables.fx_rates]
file = "fx_rates.csv"
decimal = ","
columns = { month = "Month", currency = "Currency", rate = "USD per unit" }

# What leads cost: programs (acquisition) and the people who qualify them (labor). A line without segment counts
# in "All accounts" only.
[tables.costs]
file = "marketing_costs.csv"
columns = { month = "Period", amount = "Spend", lead_source = "Channel", segment = "Segment" }
values.kind = { from = "Cost Type", "Program Spend" = "acquisition", "SDR Payroll" = "labor" }

# How much the whole market spends in a year. "All accounts" has a row of its own: segments are never added up.
[tables.market]
file = "market_size.csv"
columns = { segment = "Segment", year = "Year", revenue = "Market revenue", source = "Source", share = "Our share" }

# The plan: a value for a metric and a month. No segment means "All accounts".
[tables.targets]
file = "plan.csv"
columns = { metric = "Metric", month = "Month", segment = "Segment", value = "Plan" }

# Totals that finance knows to be right, and how far off is still right: segxl checks its own against them.
[tables.control_totals]
file = "control_totals.csv"
columns = { name = "Name", period = "Period", value = "Value", tolerance = "Tolerance" }


# THE SEGMENTS. Each one gets its own scorecard, beside the one of all accounts.

[segments]
by = "Segment"                  # one segment for each word in this column of the accounts

# A segment can also be described by a rule. All conditions must hold; a list means "one of these".
# Segments may overlap: an account can be in Mid-Market and in this one.
[[segments.named]]
name = "Regulated industries"
created_on = 2024-09-01         # since when the company has looked at this segment
where = { Industry = ["Financial Services", "Healthcare"], Employees = { min = 200 } }

# A segment can be a list that somebody keeps by hand: who belongs to it, and since and until when.
[tables.segments]
file = "segments.csv"
columns = { segment = "Segment", created_on = "Created", owner = "Owner" }

[tables.segment_members]
file = "segment_members.csv"

[tables.segment_members.columns]
segment = "Segment"
account_id = "Account ID"
start = "Joined"                # blank: since the segment was created
end = "Left"                    # the first day without; blank: still a member


# WHAT KIND OF DEAL each word in the CRM's "Type" column means. segxl knows five kinds:
# new_logo (a first purchase), upsell (more of the same), cross_sell (another product), renewal and other.
[types]
"New Business" = "new_logo"
"Upsell" = "upsell"
"Cross-Sell" = "cross_sell"
"Renewal" = "renewal"
"""
