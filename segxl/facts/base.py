"""What the data records, before any number is asked for: events, histories, MRR, dimensions, and the months covered."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from segxl.catalogue.measure import Quantity
from segxl.dataset.load import Dataset
from segxl.dataset.months_of_data import Span, filled
from segxl.facts.arrays import Events
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
        _ = self.rates  # a rate that cannot be is an error, whether anything is converted or not

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
        """All events by name, of the tables that the dataset has."""
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
        """The events of one name; None without. Only those of phases read toggles."""
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
        """The MRR of the accounts; None without a revenue table. One of which the cut-off leaves no row still says that
        nobody paid: winning makes a customer only where there is no such table."""
        return Revenue(self.dataset, self.rates) if "revenue" in self.dataset.tables else None

    @cached_property
    @fact
    def families(self) -> Families:
        """What each account counts as: itself, or its topmost parent."""
        return Families.of(self.dataset)

    @cached_property
    @fact
    def groups(self) -> Groups:
        """Which segments are answered together."""
        return Groups(self.dataset.segments)

    @fact
    def row_stays(self, group: Group) -> Stays:
        """The stays that decide to which segments a row, or an account's revenue, belongs."""
        return Stays.of_rows(group, len(self.dataset.account_ids))

    @fact
    def market_stays(self, group: Group) -> Stays:
        """The stays that decide to which segments' market an account belongs."""
        accounts = self.dataset.tables.get("accounts")
        return Stays.of_market(group, self.dataset.segments, len(accounts) if accounts is not None else 0)

    @fact
    def paying(self, group: Group) -> Pairs:
        """The segments with the accounts of the revenue table that ever belong to them."""
        assert self.revenue is not None
        return self.row_stays(group).pairs(self.revenue.account)

    @cached_property
    @fact
    def own_segment(self) -> TextColumn:
        """The segment that each opportunity names itself."""
        return self.dataset.tables["opportunities"].texts("segment")

    @cached_property
    @fact
    def touches(self) -> Touches | None:
        """Activities of demand generation and of sales; None without activities."""
        return Touches.of(self.dataset)

    @cached_property
    @fact
    def reach(self) -> Feeds:
        """What each number needs of the data, and which months it can be given for."""
        return Feeds(self.dataset)

    def lacks(self, events: str, quantity: Quantity = "count") -> str:
        """The table without which nothing can be said of these events, or the column that no row fills, as
        ``leads.mql_on``; blank where the dataset has all that they need."""
        return self.reach.lacks(events, quantity)

    @property
    def lacks_chances(self) -> bool:
        """Whether no row of the opportunities tells a probability."""
        return not filled(self.dataset.tables["opportunities"], "probability")

    def months(self, events: str) -> Span | None:
        """First and last month for which numbers of these events can be given."""
        return None if self.lacks(events) else self.reach.months(events)

    @fact
    def open_at(self, day: int) -> OpenPipeline:
        """Opportunities open at the end of ``day``."""
        return self.pipeline.open_at(day)

    @fact
    def labels(self, by: str) -> tuple[str, ...]:
        """The items of a dimension, in the order in which they are shown; one blank item for no dimension."""
        if by == "":
            return ("",)
        if by == "stage":
            return self.pipeline.stages if "opportunities" in self.dataset.tables else ()
        return next((found[by].labels for found in self.dimensions.values() if by in found), ())
