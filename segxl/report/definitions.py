"""Definitions of the report's numbers, for readers, with an example and the source's section."""

from __future__ import annotations

from dataclasses import dataclass

SOURCE = "6sense, Segment performance reports"
BEYOND = "added by segxl"
"""The section of numbers that are not in the source."""


@dataclass(frozen=True)
class Definition:
    """A number's name, meaning, worked example, and the section of the source."""

    name: str
    text: str
    example: str
    section: str


DEFINITIONS: dict[str, Definition] = {
    "cohort": Definition(
        "Cohort",
        "Distinct accounts in any of the segments, the same for both timeframes. Members are taken today (the data "
        "date), on any day of the baseline, or on any day of the analysis. A membership's end date is the first day "
        "outside.",
        "Member from 1 to 31 March (end 1 April): in the cohort of March, not in that of April.",
        "Cohort options",
    ),
    "total_accounts": Definition(
        "Total accounts", "The accounts of the cohort.", "Two segments of 60 and 50 that share 10: 100.", "Summary"
    ),
    "increased": Definition(
        "Increased",
        "Accounts whose highest buying stage (or engagement state) is above their baseline one. No stage ranks below "
        "Target.",
        "Awareness, then Decision: increased. No stage, then Target: increased.",
        "Summary statistics",
    ),
    "decreased": Definition(
        "Decreased",
        "Accounts whose highest buying stage (or engagement state) is below their baseline one.",
        "Decision, then Awareness: decreased.",
        BEYOND,
    ),
    "net_engaged": Definition(
        "Net change of engaged accounts",
        "Engaged accounts in the analysis less engaged accounts in the baseline. Engaged means intent, a website "
        "visit, known engagement, or an opportunity created or won.",
        "40 before, 55 after: 15.",
        BEYOND,
    ),
    "new_pipeline": Definition(
        "New pipeline",
        "Amount of the cohort's opportunities created in the analysis timeframe. Only opportunities in the reporting "
        "currency or without a currency; includes Microsoft Dynamics and HubSpot.",
        "Created in the analysis: 100 USD, 50 without currency, 70 EUR. New pipeline: 150.",
        "Summary statistics",
    ),
    "total_won": Definition(
        "Total won",
        "Amount of the cohort's opportunities closed-won in the analysis timeframe; same currencies as New pipeline.",
        "Created in the baseline, won in the analysis, 100 USD: 100.",
        "Summary statistics",
    ),
    "stage": Definition(
        "Buying stage",
        "An account's highest stage in a timeframe: Target < Awareness < Consideration < Decision < Purchase, or No "
        "stage. Below each stage: new pipeline and total won of its accounts, excluding Microsoft Dynamics and "
        "HubSpot.",
        "Decision on the 3rd, Awareness on the 20th: Decision.",
        "Cohort performance, Buying stage",
    ),
    "No Engagement": Definition(
        "No Engagement",
        "Accounts with none of Intent, Anonymous Website Visit, Known Engagement in the timeframe.",
        "Only an ad click: No Engagement.",
        "Cohort performance, Engagement",
    ),
    "Intent": Definition(
        "Intent",
        "Accounts with intent from 6sense keywords, Bombora topics or TrustRadius (and G2, if the toggle "
        "g2_in_intent_state is on).",
        "One keyword on one day: Intent.",
        "Cohort performance, Engagement",
    ),
    "Anonymous Website Visit": Definition(
        "Anonymous Website Visit",
        "Accounts with an anonymous visit to the website.",
        "One anonymous visit: Anonymous Website Visit.",
        "Cohort performance, Engagement",
    ),
    "Known Engagement": Definition(
        "Known Engagement",
        "Accounts that engaged with CRM or MAP campaigns, webinars, trade shows, field events or sales, or visited the "
        "website as a known person (unless the toggle known_web_is_known is off).",
        "Attended a webinar: Known Engagement. Invited only: not.",
        "Cohort performance, Engagement",
    ),
    "Opportunities Opened": Definition(
        "Opportunities Opened",
        "Accounts with an opportunity created in the timeframe, in any currency, excluding Microsoft Dynamics and "
        "HubSpot.",
        "Two opportunities of one account: one account.",
        "Cohort performance, Engagement",
    ),
    "Opportunities Won": Definition(
        "Opportunities Won",
        "Accounts with an opportunity closed-won in the timeframe, in any currency, excluding Microsoft Dynamics and "
        "HubSpot.",
        "Won in the baseline only: counted in the baseline only.",
        "Cohort performance, Engagement",
    ),
    "movement": Definition(
        "Cohort movement",
        "Accounts by highest state in the baseline (rows) and in the analysis (columns). ↑ up, ↓ down, = same. The "
        "grid includes No stage and adds up to the cohort.",
        "Target before, Decision after: row Target, column Decision, ↑.",
        "Cohort movement",
    ),
    "stages_over_time": Definition(
        "Stages over time",
        "The cohort's accounts by highest buying stage in each of the 13 months (or weeks) up to the analysis. The "
        "cohort is the same in every month. n/a: no stages recorded in that month.",
        "Decision on 3 March, Awareness on 20 March: Decision in March.",
        BEYOND,
    ),
    "states_over_time": Definition(
        "Engagement over time",
        "The cohort's accounts in each engagement state in each of the 13 months (or weeks) up to the analysis. The "
        "cohort is the same in every month; an account can be in several states. n/a: the data does not reach that "
        "month.",
        "A webinar on 3 March and a keyword on 20 March: Intent and Known Engagement in March.",
        BEYOND,
    ),
    "to_call": Definition(
        "Who to call",
        "Accounts that rose to Decision or Purchase, from Decision to Purchase too; in the engagement report, to Known "
        "Engagement. The highest stage comes first, then the largest open pipeline. Owner: of the account's newest "
        "opportunity.",
        "Awareness, then Decision: call. Decision, then Awareness: not listed.",
        BEYOND,
    ),
    "to_save": Definition(
        "Who to save",
        "Accounts that fell from Decision or Purchase, from Purchase to Decision too, and won nothing in the analysis, "
        "and accounts that were active in the baseline, are not in the analysis and have open pipeline at its end. "
        "Active: showed intent or engaged; being reached is not enough. The largest open pipeline comes first.",
        "Purchase, then Awareness without a win: listed. A webinar in the baseline, nothing since, no open "
        "opportunity: not listed.",
        BEYOND,
    ),
    "activities": Definition(
        "Activities by source",
        "Distinct accounts with the activity in each timeframe, and the % change (N/M if the baseline is 0). "
        "Influenced: opportunities created or won in the analysis by accounts with the activity, reporting currency "
        "only. Totals count each account once.",
        "An account with a webinar and a keyword counts in both lines, and so does its opportunity.",
        "Review activities by source",
    ),
}

PANEL_DEFINITIONS: dict[str, str] = {
    "Intent": "Accounts that showed intent.",
    "Reach": "Accounts that were served an ad or sent a campaign.",
    "Engagement": "Accounts that engaged with marketing.",
    "Sales reached": "Accounts reached by sales, as tracked in the CRM (emails, calls, voicemails).",
    "Sales engaged": "Accounts that engaged with sales, as tracked in the CRM (replies, calls taken).",
}
