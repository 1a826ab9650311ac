"""The pipeline's status: open amounts by expected close, weighted by probability, and their coverage of the plan.

Source: GoMo, Segment Metrics, Pipeline Metrics: "a status check on how the company is performing in the current month
and quarter, including what's been won, lost, and set up for closure".
"""

from __future__ import annotations

from fractions import Fraction

from segxl.catalogue.measures import OPEN
from segxl.catalogue.metrics import BY_KEY
from segxl.facts.arrays import Scope
from segxl.facts.engine import Facts
from segxl.facts.expected_close import PARTS, days_of, open_due, within
from segxl.periods import Period, Window
from segxl.scorecard.model import Amount, Coverage, Figure, PipelineStatus, Selector, Term
from segxl.scorecard.targets import Targets
from segxl.units import MONEY, TIMES

NO_CHANCE = "no open opportunity has a probability"
"""Why the pipeline cannot be weighted."""


def quarters_of(facts: Facts, period: Period) -> tuple[Period, Period]:
    """The fiscal quarter that a period's last month belongs to, and the one after it."""
    fiscal = facts.dataset.settings.fiscal
    quarter = fiscal.quarter_of(period.last)
    return quarter, fiscal.quarter_of(quarter.last + 1)


def pipeline_status(facts: Facts, scope: Scope, period: Period, targets: Targets) -> PipelineStatus | None:
    """The status at the end of a period; None without opportunities.

    All of it is about what is open at the end of the period's last day, by the day on which each opportunity was then
    expected to close. "This month" is the period's last month, "this quarter" the fiscal quarter of that month. On 30
    September, with a quarter from August to October, one that was expected on 20 September is due this month, due this
    quarter, and overdue: its day lies before the 30th. One expected on the 30th is due and not overdue; one expected on
    5 October is due this quarter. (The alternative, to begin with the month that follows, would speak of another month
    than the rest of the page.)

    Overdue ones stay in the month and the quarter in which they were due, and are shown once more on their own, with
    those of earlier quarters. An opportunity without expected date is in no due line, one without probability adds
    nothing to the weighted sum, and both are counted.

    Coverage of this quarter: open amounts due in it / what is still to be won in it, which is its plan of won revenue
    less what has been won since it began. A plan of 370, 150 won and 440 due: 440 / 220 = 2.0, two dollars open for
    each that is missing. Nothing left to win: "N/M". (The alternative, the whole open pipeline, would count deals that
    are not expected this quarter.) Coverage of the next quarter: open amounts due in it / its plan; at a quarter's end
    it is the one that matters.
    """
    if facts.lacks(OPEN):
        return None
    quarter, following = quarters_of(facts, period)
    due = open_due(facts, scope)
    parts = {"open": Amount(sum(due.cents.tolist()), len(due.row))}
    for part in PARTS:
        kept = within(due.expected, days_of(part, period, quarter, following))
        parts[part] = Amount(sum(due.cents[kept].tolist()), int(kept.sum()))
    without_chance = due.chance != due.chance
    to_date = Window(quarter.window.start, period.window.end)
    won = sum(int(cents) for cents in facts.totals("won", "cents", scope._replace(window=to_date)) or ())
    return PipelineStatus(
        parts=parts,
        weighted=None if without_chance.all() and (len(due.row) or facts.lacks_chances) else due.weighted,
        unweighted=Amount(sum(due.cents[without_chance].tolist()), int(without_chance.sum())),
        won=won,
        won_window=to_date,
        this=_coverage(parts["due_this_quarter"], won, quarter, scope, targets),
        following=_coverage(parts["due_next_quarter"], 0, following, scope, targets),
    )


def _coverage(due: Amount, won: int, quarter: Period, scope: Scope, targets: Targets) -> Coverage:
    metric = BY_KEY["won_revenue"]
    plan = targets.plan(scope.segment, metric, metric.planned_cut, "", quarter)
    left = None if plan is None or plan.value is None else plan.value - won
    ratio = Figure(
        value=Fraction(due.cents) / left if left is not None and left > 0 else None,
        unit=TIMES,
        window=quarter.window,
        rows=Selector((Term(1, OPEN),), scope),
        why="n/a" if left is None else None if left > 0 else "N/M",
        numerator=due.cents,
        denominator=left,
        numerator_unit=MONEY,
        denominator_unit=MONEY,
    )
    return Coverage(quarter, plan, ratio)
