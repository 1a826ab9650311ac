"""The recorded data before any question: events, histories, MRR, dimensions, and the months covered."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from segxl.catalogue.measure import Quantity
from segxl.dataset.model import Dataset
from segxl.dataset.months_of_data import Span, filled
from segxl.facts.answers import Asked
from segxl.facts.arrays import Events, Scope
from segxl.facts.currency import Rates
from segxl.facts.dimensions import Dimensions, dimensions
from segxl.facts.families import Families
from segxl.facts.leads import cost_events, lead_events
from segxl.facts.membership import Group, Groups, Pairs, Stays
from segxl.facts.opportunities import OpportunityFacts, opportunity_facts
from segxl.facts.phases import PHASES, phase_events
from segxl.facts.pipeline import OpenPipeline, PipelineHistory
from segxl.facts.requirements import Feeds
from segxl.facts.revenue import Revenue
from segxl.facts.touches import Touches
from segxl.facts.tracked import Tracked, fact
from segxl.tables.text_column import TextColumn


class BaseFacts(Tracked):
    """Events and histories of one dataset, each computed once when it is first asked for."""

    def __init__(self, dataset: Dataset) -> None:
        super().__init__(dataset)
        _ = self.rates  # an invalid rate is an error even if nothing is converted

    @cached_property
    @fact
    def rates(self) -> Rates:
        """The exchange rates."""
        return Rates.of(self.dataset.settings.currency, self.dataset.tables.get("fx_rates"))

    @cached_property
    @fact
    def dimensions(self) -> Dimensions:
        """The dimensions by table and name."""
        return dimensions(self.dataset)

    @cached_property
    @fact
    def opportunities(self) -> OpportunityFacts:
        """Events of the opportunities, and which of their amounts are blank or could not be converted."""
        return opportunity_facts(self.dataset, self.rates)

    @cached_property
    @fact
    def pipeline(self) -> PipelineHistory:
        """The open pipeline of any day."""
        return PipelineHistory(self.dataset, self.rates)

    @property
    def events(self) -> Mapping[str, Events]:
        """All events by name, for the tables of the dataset."""
        tables = self.dataset.tables
        found: dict[str, Events] = {}
        if "opportunities" in tables:
            found |= self.opportunities.events
            found |= self._phase_events
        if "leads" in tables:
            found |= self._lead_events
        if "costs" in tables:
            found |= self._cost_events
        return found

    @fact
    def events_named(self, name: str) -> Events | None:
        """The events with a name; None if there are none. Only phases depend on toggles."""
        tables = self.dataset.tables
        if "opportunities" in tables:
            if name in self.opportunities.events:
                return self.opportunities.events[name]
            if name in PHASES:
                return self._phase_events[name]
        found = (self._lead_events if "leads" in tables else {}) | (self._cost_events if "costs" in tables else {})
        return found.get(name)

    @cached_property
    @fact
    def _phase_events(self) -> dict[str, Events]:
        return phase_events(self.dataset, self.opportunities.account)

    @cached_property
    @fact
    def _lead_events(self) -> dict[str, Events]:
        return lead_events(self.dataset)

    @cached_property
    @fact
    def _cost_events(self) -> dict[str, Events]:
        return cost_events(self.dataset, self.rates)

    @cached_property
    @fact
    def revenue(self) -> Revenue | None:
        """The MRR of the accounts; None without a revenue table.

        A revenue table whose rows all lie after the cut-off still means that no account paid: a won deal makes a
        customer only without the table."""
        return Revenue(self.dataset, self.rates) if "revenue" in self.dataset.tables else None

    @cached_property
    @fact
    def families(self) -> Families:
        """The unit under which each account is counted: itself, or its topmost parent."""
        return Families.of(self.dataset)

    @cached_property
    @fact
    def groups(self) -> Groups:
        """The groups of segments that are answered together."""
        return Groups(self.dataset.segments)

    def asked(self, scope: Scope) -> Asked:
        """A scope's window for the whole group of its segment."""
        return Asked(scope.window, scope.member_on, self.groups.of(scope.segment))

    @fact
    def row_stays(self, group: Group) -> Stays:
        """The stays that decide the segments of a row, or of an account's revenue."""
        return Stays.of_rows(group, len(self.dataset.account_ids))

    @fact
    def market_stays(self, group: Group) -> Stays:
        """The stays that decide in which segments' market an account counts."""
        accounts = self.dataset.tables.get("accounts")
        return Stays.of_market(group, self.dataset.segments, len(accounts) if accounts is not None else 0)

    @fact
    def paying(self, group: Group) -> Pairs:
        """The segments with the accounts of the revenue table that are ever members."""
        assert self.revenue is not None
        return self.row_stays(group).pairs(self.revenue.account)

    @cached_property
    @fact
    def own_segment(self) -> TextColumn:
        """The segment named in each opportunity's own row."""
        return self.dataset.tables["opportunities"].texts("segment")

    @cached_property
    @fact
    def touches(self) -> Touches | None:
        """Activities of demand generation and of sales; None without activities."""
        return Touches.of(self.dataset)

    @cached_property
    @fact
    def reach(self) -> Feeds:
        """The data that each number needs, and the months for which it is available."""
        return Feeds(self.dataset)

    def lacks(self, events: str, quantity: Quantity = "count") -> str:
        """The table these events need and do not have, or the column without a filled cell, as ``leads.mql_on``; blank
        where nothing is missing."""
        return self.reach.lacks(events, quantity)

    @property
    def lacks_chances(self) -> bool:
        """Whether no opportunity has a probability."""
        return not filled(self.dataset.tables["opportunities"], "probability")

    def months(self, events: str) -> Span | None:
        """First and last month with numbers of these events."""
        return None if self.lacks(events) else self.reach.months(events)

    @fact
    def open_at(self, day: int) -> OpenPipeline:
        """Opportunities open at the end of ``day``."""
        return self.pipeline.open_at(day)

    @fact
    def labels(self, by: str) -> tuple[str, ...]:
        """The items of a dimension, in display order; one blank item without a dimension."""
        if by == "":
            return ("",)
        if by == "stage":
            return self.pipeline.stages if "opportunities" in self.dataset.tables else ()
        return next((found[by].labels for found in self.dimensions.values() if by in found), ())
