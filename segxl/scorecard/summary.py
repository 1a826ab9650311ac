"""The first page of a pack from the numbers: its headline, measures, sentences and what its charts show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from segxl.dataset.months_of_data import last_day
from segxl.dataset.segments import ALL_ACCOUNTS, IN_NO_SEGMENT
from segxl.facts.engine import Facts
from segxl.periods import NEVER, month_start, to_date, to_month
from segxl.scorecard.behind import behind, largest_open
from segxl.scorecard.findings import MOST, findings, fitting, sentences
from segxl.scorecard.headline import headline
from segxl.scorecard.lookup import GRR, NRR, Lookup, worth
from segxl.scorecard.model import Scorecard
from segxl.scorecard.summary_model import (
    EXECUTIVE,
    PLANNED,
    Change,
    ExecutiveSummary,
    Measured,
    Reach,
    SegmentLine,
    Summary,
    base_of,
    overlap_of,
)
from segxl.scorecard.words import BEYOND

MEASURES = 5
"""Measures on a first page."""

SENTENCES = 4
"""Sentences on a segment's first page."""

_FIRST = (
    ("won_revenue", "", "Won revenue"),
    ("new_business", "", ""),
    ("sqos", "", "SQOs"),
    ("mrr", "", "MRR (opening), all customers"),
    ("nrr", "", "NRR 12 months, same customers"),
    ("pipeline_by_stage", "", "Open pipeline"),
    ("customers", "running_total", "Customers"),
    ("win_rate_count", "new_logo", "Win rate, new logo"),
    ("win_rate_count", "", "Win rate"),
    ("net_new_pipeline", "", "Net new pipeline"),
    ("average_deal_size", "", "Average deal size"),
    ("leads", "", "Leads"),
    ("churned_customers", "", "Churned customers"),
)
"""What the measures are taken from: the first ones that the data has."""

_MORE = (
    ("mrr", "", "MRR"),
    ("pipeline_by_stage", "", "Open pipeline"),
    ("customers", "running_total", "Customers"),
    ("win_rate_count", "", "Win rate"),
)
"""Further measures of a segment's line, shown where there is room."""

_FUNNEL = (("leads", "Leads"), ("mqls", "MQLs"), ("sqos", "SQOs"))


def segment_summary(facts: Facts, scorecard: Scorecard, segment: str) -> Summary:
    """The first page of a segment's pack."""
    look = Lookup(facts, scorecard, (segment,))
    metrics = scorecard.segments[segment].metrics
    found = {key: look.measured(segment, key, "", one.metric.name) for key, one in metrics.items()}
    return replace(
        _summary(look, segment, (), SENTENCES),
        trends={key: one for key, one in found.items() if one is not None},
        plans={key: plans for key in PLANNED if (plans := look.plans(segment, key))},
    )


def summaries(facts: Facts, scorecard: Scorecard) -> dict[str, Summary]:
    """The first page of each segment, and with several of them the company's (:data:`EXECUTIVE`), without the trends of
    all metrics."""
    found = {name: _summary(Lookup(facts, scorecard, (name,)), name, (), SENTENCES) for name in scorecard.segments}
    if scorecard.executive is not None:
        found[EXECUTIVE] = executive_summary(facts, scorecard).company
    return found


def executive_summary(facts: Facts, scorecard: Scorecard) -> ExecutiveSummary:
    """The first page of the pack over all segments."""
    names = tuple(name for name in facts.dataset.segments.names if name != ALL_ACCOUNTS)
    look = Lookup(facts, scorecard, names)
    company = _summary(look, ALL_ACCOUNTS, names, MOST)
    lines = [_segment_line(look, name) for name in names]
    lines.sort(key=_worst_first)
    rest = _segment_line(look, IN_NO_SEGMENT)
    if any(one is not None and worth(one.current) for one in (rest.won, rest.sqos)) or worth(rest.nrr):
        lines.append(rest)
    lines.append(_segment_line(look, ALL_ACCOUNTS))
    contributions = tuple(_contributions(lines[:-1], company.base_at))
    return ExecutiveSummary(
        company,
        tuple(lines),
        contributions,
        None if scorecard.executive is None else overlap_of(scorecard.executive),
    )


def _summary(look: Lookup, segment: str, segments: Sequence[str], most: int) -> Summary:
    found = fitting(findings(look, segment, segments), most)
    measures = tuple(_measures(look, segment))
    won = look.won(segment)
    total = _total(look, segment)
    at = base_of(total) if total else None
    year = -1 - look.period.in_a_year
    parts = [(name, points[-1], points[at] if at else None) for name, points in won.items()]
    changes = tuple(Change(name, now, base) for name, now, base in parts if now is not None and base is not None)
    steps = (*(look.measured(segment, key, "", name) for key, name in _FUNNEL), look.won_deals(segment))
    return Summary(
        segment=segment,
        period=look.period,
        windows=look.windows,
        names=look.names,
        headline=headline(look, measures[0] if measures else None, changes, found),
        measures=measures,
        findings=sentences(found),
        won=won,
        movements=look.movements(segment),
        funnel=tuple(one for one in steps if one is not None),
        base=look.names[at] if at else "",
        base_at=at,
        changes=changes,
        types=look.by == "type",
        kinds=look.kinds(segment, year if at is None else at),
        scale=look.scale,
        against=tuple(look.long_names[one] for one in (-2, year) if any(_compares(each, one) for each in measures)),
        behind=tuple(behind(look, one) for one in found),
        open=largest_open(look, segment),
        closing_mrr=look.closing_mrr(segment),
        to_date=look.to_date(segment),
        reach=_reach(look, segment),
    )


def _reach(look: Lookup, segment: str) -> Reach:
    dataset, first = look.facts.dataset, to_month(look.windows[0].start)
    spans = {name: span for name in ("opportunities", "leads", "revenue") if (span := dataset.months.get(name))}
    begins = min((span[0] for span in spans.values()), default=first - 1)
    last = {
        name: (None if name == "revenue" else last_day(dataset.tables, name, dataset.as_of)) or month_start(span[1])
        for name, span in spans.items()
    }
    closed = dataset.tables["opportunities"]["closed_on"] if "opportunities" in spans else np.array([NEVER])
    won = to_date(int(closed.min())) if (closed != NEVER).any() else None
    result = look.scorecard.segments.get(segment)
    none = "" if result is None or result.planned else "no plan for the segment"
    return Reach(
        begins=month_start(begins) if begins >= first else None,
        first_closed=won if won is not None and won > look.windows[0].end else None,
        last=last,
        no_plan=none if "targets" in dataset.tables else "no plan in the data",
    )


def _compares(one: Measured, at: int) -> bool:
    """Whether a base gives a change that means something: no base of zero, none that is almost without data."""
    found = one.against(one.points[at])
    if found is None or found.change is None:
        return False
    return found.why == "n/a" if found.percent is None else found.percent <= BEYOND


def _total(look: Lookup, segment: str) -> Measured | None:
    """What changes are shown of: won revenue, without deals MRR."""
    return look.measured(segment, "won_revenue", "", "Won revenue") or look.measured(
        segment, "mrr", "", "MRR (opening)"
    )


def _measures(look: Lookup, segment: str) -> Iterator[Measured]:
    """The measures that the data has a number for; one that is new business only where types are known as well."""
    found = 0
    rates = 0
    for key, cut, name in _FIRST:
        if found == MEASURES:
            return
        if key == "new_business":
            one = look.new_business(segment)
        elif key == "nrr":
            one = look.retention(segment, NRR, name)
        else:
            if key == "win_rate_count":
                if rates or (cut and look.by != "type"):
                    continue
                name = f"{name}, {look.names[-1]}"  # other win rates of the page are over 12 months
            one = look.measured(segment, key, cut, name)
        if one is not None and worth(one.current) is not None:
            rates += key == "win_rate_count"
            found += 1
            yield one


def _segment_line(look: Lookup, segment: str) -> SegmentLine:
    net, gross = look.retention(segment, NRR, ""), look.retention(segment, GRR, "")
    coverage, rate = look.coverage(segment), look.line(segment, "win_rate_revenue")
    return SegmentLine(
        segment,
        won=look.measured(segment, "won_revenue", "", "Won revenue"),
        new=look.new_business(segment),
        sqos=look.measured(segment, "sqos", "", "SQOs"),
        nrr=net.current if net else None,
        grr=gross.current if gross else None,
        coverage=coverage.ratio if coverage else None,
        win_rate=rate.trailing_12 if rate else None,
        more={name: one for key, cut, name in _MORE if (one := look.measured(segment, key, cut, name)) is not None},
    )


def _worst_first(line: SegmentLine) -> tuple[object, ...]:
    """By what part of its plan a segment won; those without a plan follow, the largest first."""
    attained = line.won.attainment.attainment if line.won else None
    won = worth(line.won.current) if line.won else None
    return (attained is None, attained or 0, -(won or 0), line.segment.casefold())


def _contributions(lines: Sequence[SegmentLine], at: int | None) -> Iterator[Change]:
    """The change of each segment's won revenue on the base, whose place in a trend is ``at``; the largest fall
    first."""
    found = []
    for line in lines:
        one = line.won or line.more.get("MRR")
        now, before = (one.current, one.points[at]) if one and at else (None, None)
        if now is not None and now.value is not None and before is not None and before.value is not None:
            found.append(Change(line.segment, now, before))
    yield from sorted(found, key=lambda one: one.change)
