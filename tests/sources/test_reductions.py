"""What activities and buying stages come to: every array by hand, from a handful of rows."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxl.periods import ALWAYS, NEVER
from segxl.sources import reductions
from segxl.sources.reductions import SIGHTS, Reductions, sight
from segxl.sources.values import dates
from segxl.tables.contracts import CONTRACTS, KINDS, SOURCES, Table
from segxl.tables.text_column import AnyCodes, TextColumn
from tests.conftest import Folder

ACCOUNTS = ["A", "B", "C"]
DAYS = st.one_of(st.integers(-3, 40), st.sampled_from([ALWAYS, 40_000, NEVER - 1]))


def _places(column: TextColumn) -> tuple[AnyCodes, np.ndarray]:
    codes, texts = column.in_use
    return codes, np.array([ACCOUNTS.index(text) for text in texts], dtype=np.int32)


def _reduced(table: str, rows: list[tuple[str, int, *tuple[str, ...]]], *names: str) -> Reductions:
    """Of rows with an account, a day and the texts of some columns."""
    texts = {name: np.array([row[2 + at] for row in rows], dtype=object) for at, name in enumerate(names)}
    columns = {name: TextColumn.of(cells) for name, cells in texts.items()}
    columns["account_id"] = TextColumn.of(np.array([row[0] for row in rows], dtype=object))
    days = {"date": np.array([row[1] for row in rows], dtype=np.int32)}
    numbers = np.arange(len(rows), dtype=np.int32)
    made = Table(CONTRACTS[table][0], columns | days, frozenset(["product_category"]), numbers * 0, numbers)
    return Reductions({table: made}, _places, len(ACCOUNTS))


Activity = tuple[str, int, str, str, str]
ACTIVITIES = [
    ("A", 10, "known_web", "engagement", "Core"),
    ("A", 10, "known_web", "engagement", "Core"),
    ("B", 12, "webinar", "engagement", "extra"),
    ("A", 30, "crm_activity", "reach", ""),
    ("B", 9, "crm_activity", "reach", "core"),
]
MOST_SCANS = [0, 1_000_000]
"""All questions to rows sorted by day; all to the rows as they are."""


def _of_activities(rows: list[Activity]) -> Reductions:
    return _reduced("activities", rows, "source", "kind", "product_category")


@pytest.fixture(params=MOST_SCANS, ids=["sorted", "as they are"])
def activities(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Reductions:
    monkeypatch.setattr(reductions, "_MOST_SCANS", request.param)
    return _of_activities(ACTIVITIES)


def test_seen_has_each_account_once_for_each_sight_of_a_window(activities: Reductions) -> None:
    found = activities.seen(10, 12)
    assert found.shape == (SIGHTS, 3)
    assert found[sight("known_web", "engagement")].tolist() == [True, False, False]
    assert found[sight("webinar", "engagement")].tolist() == [False, True, False]
    assert found.sum() == 2


def test_a_category_is_compared_without_case_and_leaves_out_blank_ones(activities: Reductions) -> None:
    found = activities.seen(0, 99, "CORE")
    assert found[sight("known_web", "engagement")].tolist() == [True, False, False]
    assert found[sight("crm_activity", "reach")].tolist() == [False, True, False]
    assert found.sum() == 2
    assert not activities.seen(0, 99, "unknown").any()


def test_last_seen_is_the_last_day_up_to_a_day(activities: Reductions) -> None:
    assert activities.last_seen(29).tolist() == [10, 12, NEVER]
    assert activities.last_seen(30).tolist() == [30, 12, NEVER]
    assert activities.last_seen(99, "core").tolist() == [10, 9, NEVER]


def test_touched_are_the_activities_with_some_sights_by_day(activities: Reductions) -> None:
    account, day = activities.touched([sight("crm_activity", "reach"), sight("webinar", "engagement")])
    assert account.tolist() == [1, 1, 0]
    assert day.tolist() == [9, 12, 30]


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABC"), st.integers(-3, 40), st.sampled_from(SOURCES), st.sampled_from(KINDS), st.just("")
        )
    ),
    st.lists(st.tuples(DAYS, DAYS), min_size=1),
)
def test_the_same_is_found_after_many_questions(rows: list[Activity], windows: list[tuple[int, int]]) -> None:
    reduced = _of_activities(rows)
    with mock.patch.object(reductions, "_MOST_SCANS", len(windows)):
        for first, last in [*windows, *windows]:
            found = reduced.seen(first, last)
            seen = {(source, kind, account) for account, day, source, kind, _ in rows if first <= day <= last}
            places = {(source, kind): found[sight(source, kind)] for source in SOURCES for kind in KINDS}
            assert seen == {(*one, ACCOUNTS[at]) for one, mask in places.items() for at in np.flatnonzero(mask)}
            days = [[day for of, day, *_ in rows if of == account and day <= last] for account in ACCOUNTS]
            assert reduced.last_seen(last).tolist() == [max(some, default=NEVER) for some in days]
    assert "_by_day" in vars(reduced)


STAGES = [
    ("B", 20, "Decision", "Core"),
    ("A", 5, "Target", "Core"),
    ("A", 9, "Purchase", "Core"),  # an earlier row of that day
    ("A", 9, "Awareness", "Core"),
    ("A", 7, "Consideration", "Extra"),  # a category of its own
]


def test_a_change_holds_until_the_next_one_of_its_category_and_the_last_of_a_day_wins() -> None:
    stays = _reduced("buying_stages", STAGES, "stage", "product_category").stays("changes")
    found = list(zip(stays.rank, stays.since, stays.until, strict=True))
    assert found == [(1, 5, 9), (2, 9, NEVER), (3, 7, NEVER), (4, 20, NEVER)]
    assert stays.account.tolist() == [0, 1] and stays.first.tolist() == [0, 3]
    assert stays.highest(3, 5, 6).tolist() == [1, 0, 0]
    assert stays.highest(3, 5, 8).tolist() == [3, 0, 0]
    assert stays.highest(3, 9, 99).tolist() == [3, 4, 0]
    assert stays.highest(3, 9, 99, category=0).tolist() == [2, 4, 0]
    assert not stays.held(0, 4).any()


def test_a_snapshot_holds_on_its_day() -> None:
    stays = _reduced("buying_stages", STAGES, "stage", "product_category").stays("snapshots")
    assert stays.highest(3, 9, 9).tolist() == [5, 0, 0]
    assert stays.highest(3, 6, 8).tolist() == [3, 0, 0]
    assert stays.highest(3, 10, 99).tolist() == [0, 4, 0]


@pytest.mark.parametrize("scans", MOST_SCANS)
@pytest.mark.parametrize(("last", "bytes_of_a_day"), [("2026-06-30", 2), ("2058-01-01", 4)])
def test_days_of_a_long_table_take_two_bytes_where_all_fit(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, last: str, bytes_of_a_day: int, scans: int
) -> None:
    monkeypatch.setattr(reductions, "_MOST_SCANS", scans)
    rows = "account_id,date,source,kind\nA1,2026-01-05,webinar,engagement\nA2,1969-12-31,webinar,engagement\n"
    rows += f"A1,{last},webinar,reach"
    accounts, settings = "account_id\nA1\nA2", "run_date = 2058-02-01\n"
    wanted = folder(settings, accounts=accounts, activities=rows).tables["activities"]
    monkeypatch.setattr(dates, "MANY_ROWS", 1)
    found = folder(settings, accounts=accounts, activities=rows)
    table = found.tables["activities"]
    assert table.days("date").dtype.itemsize == bytes_of_a_day
    assert table["date"].tolist() == wanted["date"].tolist() and table["date"].dtype == np.int32
    reduced = Reductions(found.tables, found.account_places, 2)
    assert reduced.last_seen(NEVER - 1).tolist() == [max(wanted["date"].tolist()), -1]
    assert reduced.seen(-1, -1).sum(axis=0).tolist() == [0, 1]
