"""What must hold on any data for the metrics not made of opportunities: market, customers, MRR, leads, costs."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from segxl.catalogue.metrics import BY_KEY, CATALOGUE
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.engine import Facts
from segxl.periods import parse_period
from segxl.render.json.scorecard import scorecard_document
from segxl.scorecard.compute import compute
from tests.agreement import loaded
from tests.oracle.all_tables_worlds import all_tables_worlds
from tests.oracle.worlds import World, periods
from tests.scorecard.test_invariants import made_of_deals, metrics_of, numbers, replace_cut_off, with_tables

few = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))

WIDE = [metric for metric in CATALOGUE if not made_of_deals(metric.expression)]
ADDITIVE = ("leads", "mqls", "mrr")
"""Of parts without an account in common: a lead belongs to one account, MRR to one. SQOs may share an opportunity."""
DISTINCT = ("som_accounts", "targeted_accounts", "engaged_accounts", "customers", "churned_customers")
AMOUNTS = {"amount", "mrr", "value"}


def headline(views: dict[str, Any]) -> Any:
    """The value of a metric's first line."""
    return views["total" if "total" in views else "running_total"]["value"]


@pytest.mark.ci
@few
@given(data=st.data())
def test_the_order_of_rows_does_not_matter(data: st.DataObject) -> None:
    world = data.draw(all_tables_worlds())
    period = data.draw(periods(world))
    shuffled = {
        name: data.draw(st.permutations(rows))
        for name, rows in world["tables"].items()
        if name != "opportunity_history"  # of two rows of one moment the later one counts
    }
    one, other = loaded(world), loaded(with_tables(world, **shuffled))
    segment = data.draw(st.sampled_from(one.segments.names))
    before, after = metrics_of(one, period, segment), metrics_of(other, period, segment)
    for metric in WIDE:
        assert before[metric.key]["views"] == after[metric.key]["views"], metric.key


MONEY_LINES = {"mrr", "cost_per_sqo"}
"""Metrics whose every value is an amount."""


@pytest.mark.ci
@few
@given(data=st.data())
def test_doubled_amounts_double_money_and_leave_counts_and_rates(data: st.DataObject) -> None:
    world = data.draw(all_tables_worlds())
    period = data.draw(periods(world))

    def scaled(factor: int) -> World:
        # Without foreign amounts: cents rounded one by one are not those of the doubled ones.
        tables = {
            name: [
                {
                    column: value * factor
                    if value is not None and (column in AMOUNTS or (name == "market" and column == "revenue"))
                    else value
                    for column, value in row.items()
                    if column != "currency"
                }
                for row in rows
            ]
            for name, rows in world["tables"].items()
            if name not in ("fx_rates", "targets")
        }
        return {"settings": world["settings"], "tables": tables}

    one, two = loaded(scaled(1)), loaded(scaled(2))
    segment = data.draw(st.sampled_from(one.segments.names))
    before, after = metrics_of(one, period, segment), metrics_of(two, period, segment)
    for metric in WIDE:
        single = dict(numbers(before[metric.key]["views"]))
        double = dict(numbers(after[metric.key]["views"]))
        assert single.keys() == double.keys(), metric.key
        for path, value in single.items():
            if path[-1] in ("numerator", "denominator"):
                continue  # of a rate both grow, of an average cost the upper one alone: their quotient is looked at
            money = metric.key in MONEY_LINES or any(step.startswith("revenue") for step in path)
            factor = 2 if money and path[-1] not in ("percent", "months") else 1
            assert double[path] == pytest.approx(value * factor, abs=0.02), (metric.key, path)


@pytest.mark.ci
@few
@given(data=st.data())
def test_the_items_of_a_cut_add_up_to_the_total(data: st.DataObject) -> None:
    world = data.draw(all_tables_worlds(disputed=True))
    dataset = loaded(world)
    segment = data.draw(st.sampled_from(dataset.segments.names))
    found = metrics_of(dataset, data.draw(periods(world)), segment)
    for key in ("leads", "mqls", "sqos"):
        views = found[key]["views"]
        if headline(views) is None:  # no leads at all, or none in the months of this period
            continue
        for cut in ("by_lead_source", "by_geo", "by_sales_team"):
            total = sum(line["value"] for line in views[cut].values())
            if key == "sqos":  # leads of several sources may share one opportunity, which each of them then shows
                assert total >= headline(views), cut
            else:
                assert total == headline(views), (key, cut)
    som = found["som_accounts"]["views"]
    for cut in ("by_geo", "by_sales_team"):
        assert sum(line["value"] for line in som[cut].values()) == som["running_total"]["value"]


@pytest.mark.ci
@few
@given(data=st.data())
def test_a_segment_split_in_two_adds_up_or_never_falls_short(data: st.DataObject) -> None:
    """Members in one half or in both: amounts and distinct numbers of the whole are never more than those of the
    halves; with no one in both they are just as many."""
    world = data.draw(all_tables_worlds())
    period = data.draw(periods(world))
    members = world["tables"]["segment_members"]
    assume(members)
    accounts = sorted({row["account_id"] for row in members})
    sides = {account: data.draw(st.sampled_from(["Left", "Right", "Both"])) for account in accounts}
    split = [
        row | {"segment": name}
        for row in members
        for name in ("Whole", "Left", "Right")
        if name == "Whole" or sides[row["account_id"]] in (name, "Both")
    ]
    names = [{"segment": name, "created_on": None} for name in ("Left", "Right", "Whole")]
    tables = {
        name: [{column: value for column, value in row.items() if column != "segment"} for row in world["tables"][name]]
        for name in ("opportunities", "leads")
        if name in world["tables"]
    }
    world = with_tables(world, segments=names, segment_members=split, **tables)
    world["settings"] = world["settings"] | {"segments_by": None, "segments_named": [], "count_by": None}
    dataset = loaded(world)
    left, right, whole = (metrics_of(dataset, period, name) for name in ("Left", "Right", "Whole"))
    shared = "Both" in sides.values()
    for key in (*ADDITIVE, *DISTINCT):
        parts, total = [headline(part[key]["views"]) for part in (left, right)], headline(whole[key]["views"])
        if total is None:
            assert parts == [None, None], key
        elif shared:
            assert round(100 * sum(parts)) >= round(100 * total), key
        else:
            assert round(100 * sum(parts)) == round(100 * total), key


@pytest.mark.ci
@few
@given(data=st.data())
def test_a_later_cut_off_does_not_change_what_was_known(data: st.DataObject) -> None:
    world = data.draw(all_tables_worlds())
    period = parse_period(data.draw(periods(world)), loaded(world).settings.fiscal)
    early = replace_cut_off(world, period.window.end)
    late = replace_cut_off(world, data.draw(st.sampled_from([period.available_on, date(2031, 1, 1)])))
    before, after = (metrics_of(loaded(one), period.label, ALL_ACCOUNTS) for one in (early, late))
    for key in ("som_accounts", "targeted_accounts", "leads", "mqls", "customers", "churned_customers", "mrr"):
        values = [headline(found[key]["views"]) for found in (before, after)]
        if None not in values:  # a table whose rows all come later has no months of data yet
            assert values[0] == values[1], key


TABLES = ("opportunities", "opportunity_history", "activities", "leads", "costs", "revenue", "market", "fx_rates")


@pytest.mark.ci
@few
@given(data=st.data())
def test_no_data_gives_blanks_and_never_errors(data: st.DataObject) -> None:
    """Any tables may be missing, or all: every view is there, with a number or with why there is none."""
    world = data.draw(all_tables_worlds())
    kept = data.draw(st.sets(st.sampled_from(TABLES)))
    bare = {name: rows if name in kept or name not in TABLES else [] for name, rows in world["tables"].items()}
    dataset = loaded({"settings": world["settings"], "tables": bare})
    period = parse_period(data.draw(periods(world)), dataset.settings.fiscal)
    result = compute(Facts(dataset), period, list(dataset.segments.names))
    for segment in scorecard_document(result)["segments"].values():
        assert segment["metrics"].keys() == BY_KEY.keys()
        for key, found in segment["metrics"].items():
            assert found["views"], key
            for line in lines(found["views"]):
                assert line["value"] is not None or line["why"] in ("n/a", "N/M"), (key, line)


def lines(views: Any) -> list[dict[str, Any]]:
    if not isinstance(views, dict):
        return []
    if "value" in views:
        return [views]
    return [line for view in views.values() for line in lines(view)]
