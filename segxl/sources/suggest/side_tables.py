"""Tables of a CRM's connector that are not input tables, and their use.

A list of stages has the labels of the deals' stage IDs, their order, and the won and lost ones: a proposal names the
stages after it. Nothing else is joined, and none of these tables is read as the table of deals that it resembles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from segxl.sources.files.raw import RawTable
from segxl.sources.formats.model import Header, column
from segxl.sources.values.flags import read_export_flags


@dataclass(frozen=True)
class SideTable:
    """A known table that is not read.

    Attributes:
        name: what people call it.
        signature: headers that must all be there.
        without: headers of which none may be there.
        note: what it holds, and what can be done with it.
        key: of a list of stages, the CRM's word in the settings; ``stage``, ``label``, ``order`` and ``pipeline`` are
            the headers of its columns, in the spellings of a format.
        links: whether it only links two tables: a file that has anything else of a deal is a table of deals.
    """

    name: str
    signature: tuple[str, ...]
    note: str
    without: str = ""
    key: str = ""
    stage: str = ""
    label: str = ""
    order: str = ""
    pipeline: str = ""
    links: bool = False


_OF_A_DEAL = re.compile(
    r"stage|amount|value|title|deal_?name|status|owner|manager|clos|currency|probab|pipeline|price|won|lost|source$|creat",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Stage:
    """A stage of a CRM's list; ``id`` is what its deals have in their column."""

    id: str
    label: str
    outcome: Literal["open", "won", "lost"]
    pipeline: str


_WON, _CLOSED = "closed_won | is_won", "is_closed"

SIDE_TABLES = (
    SideTable(
        name="HubSpot deal pipeline stages (connector)",
        signature=("stage_id", "label", "closed_won"),
        note="it lists stages, not deals: stage_id is the deal's stage, label its name, display_order the order; "
        "closed_won and is_closed mark won and lost stages",
        key="hubspot",
        stage="stage_id",
        label="label",
        order="display_order",
        pipeline="pipeline_id",
    ),
    SideTable(
        name="Salesforce opportunity stages",
        signature=("master_label", "is_won", "is_closed", "sort_order"),
        note="it lists stages, not opportunities: api_name is the opportunity's stage, sort_order the order; is_won "
        "and is_closed mark won and lost stages",
        key="salesforce",
        stage="api_name | master_label",
        label="api_name | master_label",
        order="sort_order",
    ),
    SideTable(
        name="HubSpot deals' companies (connector)",
        signature=("deal_id", "company_id"),
        without="date_entered | timestamp",
        links=True,
        note="it links deals to companies; segxl does not join files. Sync the deal property "
        "hs_primary_associated_company, or add this company_id to the deals file and map it: "
        'columns.account_id = "company_id"',
    ),
)


def side_table(header: Iterable[str]) -> SideTable | None:
    """The side table that a header is; None for any other."""
    names = list(header)
    own = Header(names)
    return next(
        (
            one
            for one in SIDE_TABLES
            if all(own.find(name) for name in one.signature)
            and not (one.without and own.find(one.without))
            and not (one.links and any(map(_OF_A_DEAL.search, names)))
        ),
        None,
    )


def stages_of(raw: RawTable) -> list[Stage]:
    """The stages of a list, pipeline by pipeline in their order; None if it is not such a list, or if a flag is
    unreadable.

    Decision: if one label is an open stage in one pipeline and a closed one in another, both show their ID next to it;
    one label with one meaning in several pipelines is one stage to segxl, as "Closed Won" has to be.
    """
    kind = side_table(raw.header)
    if kind is None or not kind.stage:
        return []
    ids, labels, pipelines = (column(raw, names) for names in (kind.stage, kind.label, kind.pipeline or "(none)"))
    (won, unclear), (closed, unclear_too) = (read_export_flags(column(raw, names)) for names in (_WON, _CLOSED))
    if unclear.any() or unclear_too.any():
        return []
    places = [_place(text) for text in column(raw, kind.order)]
    first = {pipeline: at for at, pipeline in reversed(list(enumerate(pipelines)))}
    found: dict[str, Stage] = {}
    for at in sorted(range(len(raw)), key=lambda at: (first[pipelines[at]], places[at], at)):
        outcome = _outcome(won[at] == 1, closed[at] == 1, labels[at])
        if ids[at]:
            found.setdefault(ids[at], Stage(ids[at], labels[at] or ids[at], outcome, pipelines[at]))
    meanings: dict[str, set[str]] = {}
    for stage in found.values():
        meanings.setdefault(stage.label.casefold(), set()).add(stage.outcome)
    return [
        Stage(one.id, f"{one.label} ({one.id})", one.outcome, one.pipeline)
        if len(meanings[one.label.casefold()]) > 1
        else one
        for one in found.values()
    ]


def _place(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _outcome(won: bool, closed: bool, label: str) -> Literal["open", "won", "lost"]:
    if won:
        return "won"
    return "lost" if closed or tells(label, "lost") else "open"


def tells(stage: str, outcome: str) -> bool:
    """Whether a stage's name means won, or lost: as a word, or as HubSpot's API writes it, ``closedwon``."""
    return re.search(rf"(?:\b|_|closed){outcome}(?:\b|_)", stage.casefold()) is not None
