"""What must hold on any data, over the whole catalogue: order, doubling, splits, cut-offs, rows behind figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from segxl.catalogue.measure import Expression, Measure, Ratio, Sum
from segxl.catalogue.metrics import BY_KEY, CATALOGUE
from segxl.dataset.model import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.engine import Facts
from segxl.periods import Period, parse_period
from segxl.render.json.scorecard import scorecard_document
from segxl.scorecard.compute import compute
from segxl.scorecard.model import Figure
from tests.agreement import loaded
from tests.oracle.worlds import World, periods, worlds

few = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))

MONEY = {"amount", "mrr"}
"""The columns of a world that hold amounts."""
DEALS = {"created", "won", "lost", "timed", "open"}


def made_of_deals(expression: Expression) -> bool:
    """Whether a metric counts nothing but opportunities that were created, closed or open."""
    parts = (expression.numerator, expression.denominator) if isinstance(expression, Ratio) else (expression,)
    return all(measure.fact in DEALS for part in parts for _, measure in part.terms)


def metrics_of(dataset: Dataset, period: str, segment: str) -> dict[str, Any]:
    result = compute(Facts(dataset), parse_period(period, dataset.settings.fiscal), [segment])
    found: dict[str, Any] = scorecard_document(result)["segments"][segment]["metrics"]
    return found


def with_tables(world: World, **tables: list[dict[str, Any]]) -> World:
    return {"settings": world["settings"], "tables": world["tables"] | tables}


def numbers(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every number of a document, with its path."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from numbers(item, (*path, key))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value


@pytest.mark.ci
@few
@given(data=st.data())
def test_the_order_of_rows_does_not_matter(data: st.DataObject) -> None:
    world = data.draw(worlds())
    period = data.draw(periods(world))
    # The history stays as it is: of two rows of one moment the later one counts.
    shuffled = {
        name: data.draw(st.permutations(rows))
        for name, rows in world["tables"].items()
        if name != "opportunity_history"
    }
    one, other = loaded(world), loaded(with_tables(world, **shuffled))
    segment = data.draw(st.sampled_from(one.segments.names))
    assert set(one.segments.names) == set(other.segments.names)
    before, after = metrics_of(one, period, segment), metrics_of(other, period, segment)
    for key in before:
        assert before[key]["views"] == after[key]["views"]


@pytest.mark.ci
@few
@given(data=st.data())
def test_doubled_amounts_double_money_and_leave_counts_rates_and_days(data: st.DataObject) -> None:
    world = data.draw(worlds())
    period = data.draw(periods(world))

    def changed(factor: int) -> World:
        # Without foreign amounts: cents rounded one by one are not those of the doubled ones.
        return with_tables(
            world,
            **{
                name: [
                    {
                        column: value * factor if column in MONEY and value is not None else value
                        for column, value in row.items()
                        if column != "currency"
                    }
                    for row in rows
                ]
                for name, rows in world["tables"].items()
                if name != "fx_rates"
            },
        )

    one, two = loaded(changed(1)), loaded(changed(2))
    segment = data.draw(st.sampled_from(one.segments.names))
    before, after = metrics_of(one, period, segment), metrics_of(two, period, segment)
    for key, metric in BY_KEY.items():
        if not made_of_deals(metric.expression):
            continue
        found = dict(numbers(after[key]["views"]))
        expected = dict(numbers(before[key]["views"]))
        assert found.keys() == expected.keys()
        for path, value in expected.items():
            assert found[path] == value * factor_of(metric.expression, metric.unit.key, path), (key, path)


def factor_of(expression: Expression, unit: str, path: tuple[str, ...]) -> int:
    """By how much a number of a metric grows when all amounts are doubled."""
    money = 2 if unit == "money" else 1
    leaf = path[-1]
    if leaf in ("numerator", "denominator") and isinstance(expression, Ratio):
        part = expression.numerator if leaf == "numerator" else expression.denominator
        return 2 if part.terms[0][1].quantity == "cents" else 1
    if leaf in ("percent", "months", "count", "count_percent", "revenue_percent"):
        return 1
    return 2 if "revenue" in path or any(step.startswith("revenue_") for step in path) else money


@pytest.mark.slow
@few
@given(data=st.data())
def test_the_items_of_each_cut_add_up_to_the_total(data: st.DataObject) -> None:
    world = data.draw(worlds())
    dataset = loaded(world)
    segment = data.draw(st.sampled_from(dataset.segments.names))
    found = metrics_of(dataset, data.draw(periods(world)), segment)
    for metric in CATALOGUE:
        if not isinstance(metric.expression, Sum) or not made_of_deals(metric.expression):
            continue
        views = found[metric.key]["views"]
        if views["total"]["value"] is None:  # the data do not reach the period: no item has a value either
            assert all(value is None for _, value in items_of(views)), metric.key
            continue
        cents = 100 if metric.unit.key == "money" else 1  # sums of floats in whole cents
        total = round(views["total"]["value"] * cents)
        for name, view in views.items():
            if name.startswith("by_") and not name.endswith(("_mom", "_qoq", "_yoy", "_trailing_12")):
                assert sum(round(item["value"] * cents) for item in view.values()) == total, (metric.key, name)
        families = (
            ("new_customers", "existing_customers", "unknown"),
            ("new_logo", "upsell_cross_sell", "renewal", "other"),
        )
        for family in families:
            if family[0] in views:
                assert sum(round(views[name]["value"] * cents) for name in family) == total, (metric.key, family)


def items_of(views: dict[str, Any]) -> list[tuple[str, Any]]:
    """The values of the items of every cut."""
    return [
        (name, item["value"])
        for name, view in views.items()
        if name.startswith("by_") and not name.endswith(("_mom", "_qoq", "_yoy", "_trailing_12"))
        for item in view.values()
    ]


@pytest.mark.ci
@few
@given(data=st.data())
def test_a_segment_split_in_two_adds_up(data: st.DataObject) -> None:
    world = data.draw(worlds())
    period = data.draw(periods(world))
    members = world["tables"]["segment_members"]
    assume(members)
    left = data.draw(st.sets(st.sampled_from(sorted({row["account_id"] for row in members}))))
    split = [
        row | {"segment": name}
        for row in members
        for name in ("Whole", "Left" if row["account_id"] in left else "Right")
    ]
    split += [{"segment": name, "account_id": "NOBODY", "start": None, "end": None} for name in ("Left", "Right")]
    world = with_tables(world, segments=[], segment_members=split)
    world["settings"] = world["settings"] | {"segments_by": None, "segments_named": []}
    dataset = loaded(world)
    parts = [metrics_of(dataset, period, name) for name in ("Left", "Right", "Whole")]
    for metric in CATALOGUE:
        if not made_of_deals(metric.expression):
            continue
        one, other, whole = (part[metric.key]["views"]["total"] for part in parts)
        for name in ("numerator", "denominator") if isinstance(metric.expression, Ratio) else ("value",):
            if whole[name] is None:
                assert (one[name], other[name]) == (None, None), (metric.key, name)
                continue
            assert round(100 * (one[name] + other[name])) == round(100 * whole[name]), (metric.key, name)


@pytest.mark.ci
@few
@given(data=st.data())
def test_a_later_cut_off_does_not_change_what_was_known(data: st.DataObject) -> None:
    """Outcomes by the end of a period, and who was open then in which stage, stay what they were that day.

    Amounts may change: those of outcomes are the ones known at the cut-off.
    """
    world = data.draw(worlds())
    # One that closed before it was created is not there yet when it closes.
    deals = [
        row
        for row in world["tables"]["opportunities"]
        if row["closed_on"] is None or row["closed_on"] >= row["created_on"]
    ]
    world = with_tables(world, opportunities=deals)
    period = parse_period(data.draw(periods(world)), loaded(world).settings.fiscal)
    early = replace_cut_off(world, period.window.end)
    late = replace_cut_off(world, data.draw(st.sampled_from([period.available_on, date(2031, 1, 1)])))
    before, after = (metrics_of(loaded(one), period.label, ALL_ACCOUNTS) for one in (early, late))
    for key in ("won_opportunities", "lost_opportunities"):
        if before[key]["views"]["total"]["value"] is None:  # nothing was dated in the period yet: no one knew
            assert not after[key]["views"]["total"]["value"]
            return
        assert before[key]["views"]["total"]["value"] == after[key]["views"]["total"]["value"], key
    if before["pipeline_by_stage"]["views"]["total"]["value"] is None:  # no deal had an amount by then
        return
    stages = [
        {
            stage: item["count"]
            for stage, item in found["pipeline_by_stage"]["views"]["by_stage"].items()
            if item["count"]
        }
        for found in (before, after)
    ]
    assert stages[0] == stages[1]
    assert before["pipeline_by_stage"].get("not_reconstructed") == after["pipeline_by_stage"].get("not_reconstructed")


def replace_cut_off(world: World, day: date) -> World:
    return {"settings": world["settings"] | {"as_of": day}, "tables": world["tables"]}


@pytest.mark.ci
@few
@given(data=st.data())
def test_every_figure_opens_to_rows_that_add_up_to_it(data: st.DataObject) -> None:
    world = data.draw(worlds())
    dataset = loaded(world)
    facts = Facts(dataset)
    segment = data.draw(st.sampled_from(dataset.segments.names))
    period: Period = parse_period(data.draw(periods(world)), dataset.settings.fiscal)
    result = compute(facts, period, [segment])
    for metric in result.segments[segment].metrics.values():
        if not made_of_deals(metric.metric.expression):
            continue
        for line in metric.lines:
            if line.cut.companion:
                expression = metric.metric.companions[line.cut.companion][0]
            else:
                expression = metric.metric.expression
            for figure in (line.current, line.previous, line.year_ago, line.trailing_12):
                if figure is not None:
                    opened(facts, figure, expression, (metric.metric.key, line.cut.key, line.item))


def opened(facts: Facts, figure: Figure, expression: Expression, what: object) -> None:
    if figure.value is None and figure.numerator is None:
        return  # the data do not reach it
    if isinstance(expression, Ratio):
        assert from_rows(facts, figure, expression.numerator) == figure.numerator, what
        assert from_rows(facts, figure, expression.denominator) == figure.denominator, what
    else:
        assert from_rows(facts, figure, expression) == figure.value, what


def from_rows(facts: Facts, figure: Figure, expression: Sum) -> int:
    return sum(sign * measured(facts, figure, measure) for sign, measure in expression.terms)


def measured(facts: Facts, figure: Figure, measure: Measure) -> int:
    selector = figure.rows
    found = facts.rows(measure.fact, selector.scope, selector.by, selector.items)
    assert measure.fact in {term.fact for term in selector.terms}
    if measure.quantity == "count":
        return len(found.row)
    if measure.quantity == "cents":
        return int(found.cents.sum())
    table = facts.dataset.tables[found.table]
    return int((table["closed_on"][found.row].astype(int) - table["created_on"][found.row]).sum())
