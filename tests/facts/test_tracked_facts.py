"""Facts under a turned toggle: as if they had been made under it, and shared where it cannot matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from segxl.catalogue.metrics import BY_KEY
from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.facts.arrays import Scope
from segxl.facts.engine import Facts
from segxl.facts.tracked import LateReadError, Tracked, fact
from segxl.periods import Window, month_end, month_start, parse_period, to_month
from segxl.scorecard.compute import compute
from segxl.settings.toggles import TOGGLES, toggles_of
from tests.conftest import write_folder
from tests.one_of_each import COUNTED_BY_PARENT, TABLES

TURNED = [(toggle.name, toggle.other(toggle.default)) for toggle in TOGGLES.values()]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load(write_folder(tmp_path_factory.mktemp("company"), TABLES, COUNTED_BY_PARENT))


def anew(facts: Facts, changes: Mapping[str, str | bool]) -> Facts:
    """Facts that share nothing with any other."""
    settings = facts.dataset.settings
    toggles = settings.toggles.model_copy(update=dict(changes))
    return type(facts)(replace(facts.dataset, settings=settings.model_copy(update={"toggles": toggles})))


def whole(facts: Facts) -> Facts:
    """The facts, when everything that a scorecard of any of these segments asks for has been asked for."""
    dataset = facts.dataset
    period = parse_period("2025-05", dataset.settings.fiscal)
    compute(facts, period, list(dataset.segments.names))
    return facts


def figures(facts: Facts) -> Iterator[tuple[object, object]]:
    """All lines of all metrics, and the bridges."""
    dataset = facts.dataset
    result = compute(facts, parse_period("2025-05", dataset.settings.fiscal), list(dataset.segments.names))
    for name, segment in result.segments.items():
        yield (name, "bridge"), segment.bridge
        yield (name, "roll-forward"), segment.mrr_rollforward
        for key, metric in segment.metrics.items():
            yield (name, key, "lacks"), metric.lacks
            for line in metric.lines:
                yield (name, key, line.cut.key, line.item), line
    yield "executive", result.executive
    yield "checks", result.checks


@pytest.mark.ci
@pytest.mark.parametrize(("toggle", "value"), TURNED)
def test_every_number_under_a_turned_toggle_is_that_of_facts_made_under_it(
    dataset: Dataset, toggle: str, value: str | bool
) -> None:
    facts = whole(Facts(dataset))
    turned = dict(figures(facts.under({toggle: value})))
    assert turned == dict(figures(anew(facts, {toggle: value})))
    assert len({key[1] for key in turned if isinstance(key, tuple)} & set(BY_KEY)) == len(BY_KEY)
    assert dict(figures(facts)) == dict(figures(Facts(dataset)))  # and the facts themselves are as they were


@pytest.mark.slow
@pytest.mark.parametrize("toggle", [toggle.name for toggle in toggles_of("scorecard")])
def test_the_company_has_what_each_toggle_needs(dataset: Dataset, toggle: str) -> None:
    facts = Facts(dataset)
    assert dict(figures(facts)) != dict(figures(anew(facts, {toggle: TOGGLES[toggle].other(TOGGLES[toggle].default)})))


@pytest.mark.slow
@pytest.mark.parametrize(("toggle", "value"), TURNED)
def test_what_read_no_turned_toggle_is_shared_and_nothing_else(
    dataset: Dataset, toggle: str, value: str | bool
) -> None:
    facts = whole(Facts(dataset))
    other = facts.under({toggle: value})
    for key, known in facts.known.items():
        assert (key in other.known and other.known[key].value is known.value) == (toggle not in known.read), key


def named(facts: Tracked) -> dict[str, frozenset[str]]:
    """By fact the toggles that it read, whatever was asked of it."""
    found: dict[str, frozenset[str]] = {}
    for key, known in facts.known.items():
        found[key[0].__name__] = found.get(key[0].__name__, frozenset()) | known.read
    return found


def test_what_each_fact_reads(dataset: Dataset) -> None:
    """The months of revenue end with the subscription's end; the exits from stages skip stages or do not; retention of
    the month may count returning customers. Sums are of any of these. Membership is part of what is asked.

    Worked out for these toggles. For any other, every number under it is compared with facts made under it, above."""
    read = named(whole(Facts(dataset)))
    worked_out = {"membership", "subscription_end", "reactivation_in_nrr", "strict_stages"}
    assert {name: toggles & worked_out for name, toggles in read.items() if toggles & worked_out} == {
        "revenue": {"subscription_end"},
        "paying": {"subscription_end"},
        "losses": {"subscription_end"},
        "retained": {"subscription_end"},
        "rollforward": {"subscription_end"},
        "coverage": {"subscription_end"},
        "answered": {"subscription_end", "reactivation_in_nrr"},
        "added": {"subscription_end", "reactivation_in_nrr"},
        "_phase_events": {"strict_stages"},
        "events_named": {"strict_stages"},
        "_months_of": {"strict_stages"},
        "_taken": {"strict_stages"},
        "_cube": {"strict_stages"},
        **{
            name: {"subscription_end", "reactivation_in_nrr", "strict_stages"} for name in ("sums", "_added", "_column")
        },
    }
    assert {"dimensions", "opportunities", "pipeline", "open_at", "touches", "families", "bridge_steps"} <= set(read)


def test_a_toggle_set_to_what_it_is_turns_nothing(dataset: Dataset) -> None:
    facts = whole(Facts(dataset))
    same = facts.under({toggle.name: toggle.default for toggle in TOGGLES.values()})
    assert {key: id(known.value) for key, known in same.known.items()} == {
        key: id(known.value) for key, known in facts.known.items()
    }


class MadeUp(Facts):
    """Facts with some more, by someone who thinks of no toggle."""

    @cached_property
    @fact
    def greeting(self) -> str:
        return f"membership is {self.dataset.settings.toggles.membership}"

    @cached_property
    @fact
    def louder(self) -> str:
        return self.greeting.upper()

    @fact
    def repeated(self, times: int) -> str:
        return self.in_between(times)

    def in_between(self, times: int) -> str:
        """No fact itself."""
        return self.not_kept * times

    @cached_property
    def not_kept(self) -> str:
        return self.louder + "!"

    @cached_property
    @fact
    def everything(self) -> dict[str, Any]:
        return self.dataset.settings.toggles.model_dump()

    @cached_property
    @fact
    def silent(self) -> list[str]:
        return list(self.dataset.tables)

    @cached_property
    @fact
    def late(self) -> Late:
        return Late(self)


class Late:
    """Keeps the facts, or their dataset, to read from them some other day."""

    def __init__(self, facts: MadeUp) -> None:
        self.facts, self.dataset = facts, facts.dataset
        self.tables = len(facts.silent)


def test_a_fact_that_nobody_declared_is_never_shared_when_a_toggle_that_it_read_is_turned(dataset: Dataset) -> None:
    facts = MadeUp(dataset)
    assert (facts.louder, facts.repeated(2)) == ("MEMBERSHIP IS EVENT", "MEMBERSHIP IS EVENT!" * 2)
    assert facts.silent
    other = facts.under({"membership": "period_end"})
    assert other.greeting == "membership is period_end"
    assert (other.louder, other.repeated(1)) == ("MEMBERSHIP IS PERIOD_END", "MEMBERSHIP IS PERIOD_END!")
    assert other.repeated(2) == "MEMBERSHIP IS PERIOD_END!" * 2
    assert isinstance(other, MadeUp)
    assert other.under({"membership": "event"}).louder == "MEMBERSHIP IS EVENT"
    assert facts.silent is other.silent
    unturned = facts.under({"strict_stages": True})
    assert {"greeting", "louder", "repeated", "silent"} <= {key[0].__name__ for key in unturned.known}


@pytest.mark.parametrize(("toggle", "value"), TURNED)
def test_toggles_read_all_at_once_are_all_of_them(dataset: Dataset, toggle: str, value: str | bool) -> None:
    facts = MadeUp(dataset)
    assert facts.everything[toggle] != value
    assert facts.under({toggle: value}).everything[toggle] == value


def test_a_fact_that_was_known_before_is_noted_for_whoever_asks_for_it(dataset: Dataset) -> None:
    facts = MadeUp(dataset)
    assert facts.greeting  # now it is known
    assert facts.louder
    assert named(facts)["louder"] == {"membership"}


def test_an_object_that_reads_a_toggle_after_its_fact_is_done_fails_at_once(dataset: Dataset) -> None:
    late = MadeUp(dataset).late
    assert late.tables == len(late.dataset.tables) == len(TABLES)  # tables are the same under all toggles
    with pytest.raises(LateReadError, match=r"toggles\.membership is read by an object of a fact that is done"):
        _ = late.dataset.settings.toggles.membership
    with pytest.raises(LateReadError, match=r"toggles\.membership"):
        _ = late.facts.dataset.settings.toggles.membership
    with pytest.raises(LateReadError, match="greeting"):
        _ = late.facts.greeting
    with pytest.raises(LateReadError, match="repeated"):
        late.facts.repeated(3)


def test_nothing_that_a_fact_keeps_reads_a_toggle_late(dataset: Dataset) -> None:
    """Every question to every part, after all toggles were turned and back: none fails."""
    facts = whole(Facts(dataset))
    other = facts.under(dict(TURNED)).under({toggle.name: toggle.default for toggle in TOGGLES.values()})
    last = to_month(parse_period("2025-06", dataset.settings.fiscal).window.end)
    for month in range(last - 6, last + 1):
        window = Window(month_start(month), month_end(month))
        scope = Scope("Core", window)
        assert facts.totals("won", "cents", scope) == other.totals("won", "cents", scope)
        assert facts.accounts.rollforward(scope) == other.accounts.rollforward(scope)
        assert facts.bridge is not None and other.bridge is not None
        assert facts.bridge.lines(scope) == other.bridge.lines(scope)


def test_a_look_has_nothing_that_was_set_without_being_a_fact(dataset: Dataset) -> None:
    """What is set when facts are made is no fact: it would not be noted, so a fact cannot reach it."""

    class Set(Facts):
        def __init__(self, dataset: Dataset) -> None:
            super().__init__(dataset)
            self.kept = dataset.settings.toggles.membership

        @fact
        def asked(self) -> str:
            return self.kept

    with pytest.raises(AttributeError, match="kept"):
        Set(dataset).asked()


def test_facts_that_fail_are_not_known(tmp_path: Path) -> None:
    class Failing(Facts):
        @fact
        def asked(self) -> str:
            raise KeyError(self.dataset.settings.toggles.membership)

    facts = Failing(load(write_folder(tmp_path, {"accounts": TABLES["accounts"]}, COUNTED_BY_PARENT)))
    before = set(facts.known)
    with pytest.raises(KeyError, match="event"):
        facts.asked()
    assert set(facts.known) == before
