"""What each number of the report means, in the words that readers see, with an example and the source's section."""

from __future__ import annotations

from dataclasses import dataclass

SOURCE = "6sense, Segment performance reports"
BEYOND = "beyond the source"
"""The section of a number that the source has not."""


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
        "The accounts that were in any of the segments, each once, fixed for both timeframes: members today (on the "
        "day of the data), on any day of the baseline, or on any day of the analysis. The end of a membership is the "
        "first day without.",
        "Member from 1 to 31 March (end 1 April): in the cohort of March, not in that of April.",
        "Cohort options",
    ),
    "total_accounts": Definition(
        "Total accounts", "The accounts of the cohort.", "Two segments of 60 and 50 that share 10: 100.", "Summary"
    ),
    "increased": Definition(
        "Increased",
        "Accounts whose highest buying stage (or highest engagement state) is above that of the baseline; no stage "
        "is below Target.",
        "Awareness, then Decision: increased. No stage, then Target: increased.",
        "Summary statistics",
    ),
    "decreased": Definition(
        "Decreased",
        "Accounts whose highest buying stage (or engagement state) is below that of the baseline.",
        "Decision, then Awareness: decreased.",
        BEYOND,
    ),
    "net_engaged": Definition(
        "Net change of engaged accounts",
        "Accounts above No Engagement in the analysis, less those in the baseline. Opened are those that became "
        "engaged.",
        "40 before, 55 after: 15.",
        BEYOND,
    ),
    "new_pipeline": Definition(
        "New pipeline",
        "Amounts of the cohort's opportunities created in the analysis timeframe; only those in the reporting "
        "currency or in none; Microsoft Dynamics and HubSpot included.",
        "100 USD, 50 without currency, 70 EUR, all created in it: 150.",
        "Summary statistics",
    ),
    "total_won": Definition(
        "Total won",
        "Amounts of the cohort's opportunities closed-won in the analysis timeframe, currencies as for new pipeline.",
        "Created in the baseline, won in the analysis, 100 USD: 100.",
        "Summary statistics",
    ),
    "stage": Definition(
        "Buying stage",
        "The highest of Target < Awareness < Consideration < Decision < Purchase that an account had in a timeframe; "
        "No stage where it had none. Below each, the new pipeline and total won of its accounts, without Microsoft "
        "Dynamics and HubSpot.",
        "Decision on the 3rd, Awareness on the 20th: Decision.",
        "Cohort performance, Buying stage",
    ),
    "No Engagement": Definition(
        "No Engagement",
        "Accounts with none of Intent, Anonymous Website Visit, Known Engagement in the timeframe.",
        "Only a click on an advertisement: No Engagement.",
        "Cohort performance, Engagement",
    ),
    "Intent": Definition(
        "Intent",
        "Accounts that researched: kind intent of 6sense keywords, Bombora topics or TrustRadius (G2 where the toggle "
        "g2_in_intent_state says so).",
        "One keyword on one day: Intent.",
        "Cohort performance, Engagement",
    ),
    "Anonymous Website Visit": Definition(
        "Anonymous Website Visit",
        "Accounts with a visit to the website by somebody unknown.",
        "One visit: in it.",
        "Cohort performance, Engagement",
    ),
    "Known Engagement": Definition(
        "Known Engagement",
        "Accounts with kind engagement of CRM or MAP campaigns, webinars, trade shows, field events, CRM activity or, "
        "unless the toggle known_web_is_known is off, the known web.",
        "A webinar attended: in it. Invited only (kind reach): not.",
        "Cohort performance, Engagement",
    ),
    "Opportunities Opened": Definition(
        "Opportunities Opened",
        "Accounts with an opportunity created in the timeframe, whatever its currency, without Microsoft Dynamics and "
        "HubSpot.",
        "Two opportunities of one account: one account.",
        "Cohort performance, Engagement",
    ),
    "Opportunities Won": Definition(
        "Opportunities Won",
        "Accounts with an opportunity closed-won in the timeframe, likewise.",
        "Won in the baseline only: in the baseline's bar only.",
        "Cohort performance, Engagement",
    ),
    "movement": Definition(
        "Cohort movement",
        "Accounts by their highest state in the baseline (rows) and in the analysis (columns). ▲ up, ▼ down, = same. "
        "No stage is a row and a column, so that the grid adds up to the cohort.",
        "Target before, Decision after: row Target, column Decision, ▲.",
        "Cohort movement",
    ),
    "stages_over_time": Definition(
        "Stages over time",
        "The accounts of the cohort by their highest buying stage in each of the 13 months (weeks, where the analysis "
        "is one of weeks) that end with the analysis. The cohort is fixed: an account stands in every month. n/a: the "
        "data has no stage of that month.",
        "Decision on 3 March, Awareness on 20 March: Decision in March.",
        BEYOND,
    ),
    "activities": Definition(
        "Activities by source",
        "Distinct accounts with the activity in each timeframe; the change as a part of the baseline (N/M where that "
        "is 0); and, influenced: opportunities created, or won, in the analysis timeframe by the accounts that had the "
        "activity in it, in the reporting currency only. Totals count each account once.",
        "An account with a webinar and a keyword counts in both lines, its opportunity too.",
        "Review activities by source",
    ),
}

PANEL_DEFINITIONS: dict[str, str] = {
    "Intent": "Accounts that expressed intent.",
    "Reach": "Accounts reached: served an advertisement or sent a campaign.",
    "Engagement": "Accounts that engaged with marketing.",
    "Sales reached": "Accounts reached by sales activity as the CRM tracks it (emails, calls, voicemails).",
    "Sales engaged": "Accounts that engaged with sales activity as the CRM tracks it (replies, calls taken).",
}
