"""The options of a report, resolved against the settings and the data.

Source: 6sense, Segment performance reports, "Segment Performance report settings" and "Report contents".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from segxl.dataset.model import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS, IN_NO_SEGMENT, Segment
from segxl.errors import SegxlError, nearest
from segxl.facts.presence import Presence
from segxl.messages import counted
from segxl.report.cohort import COHORTS, Basis, check_segments
from segxl.report.timeframes import Timeframes, choose_timeframes
from segxl.settings.how_to_set import setting_name
from segxl.tables.contracts import SOURCES

ReportType = Literal["buying-stage", "engagement"]
_Word = TypeVar("_Word", bound=str)

TYPES: tuple[ReportType, ...] = ("buying-stage", "engagement")


@dataclass(frozen=True)
class Options:
    """Options of the caller. None (or nothing) takes the setting, and then the default."""

    type: str | None = None
    segments: tuple[str, ...] = ()
    timeframe: str | None = None
    analysis: str | None = None
    baseline: str | None = None
    cohort: str | None = None
    product_category: str | None = None
    exclude_zero: bool | None = None
    exclude_irrelevant: bool | None = None
    allow_partial: bool = False


@dataclass(frozen=True)
class Environment:
    """The parts that the data (or the setting) allows; a reason is blank if the part is available. Predictive: buying
    stages; CRM: opportunities. Both can be available. ``set_by``: the setting, if it decides.
    """

    predictive: bool
    crm: bool
    no_stages: str = ""
    no_opportunities: str = ""

    @property
    def flags(self) -> tuple[str, ...]:
        """``predictive``, ``crm``, both, or else ``no_crm``."""
        found = [word for word, holds in (("predictive", self.predictive), ("crm", self.crm)) if holds]
        return tuple(found or ["no_crm"])


@dataclass(frozen=True)
class Choice:
    """The resolved options: everything that decides the numbers, with notes and warnings."""

    type: ReportType
    segments: tuple[Segment, ...]
    timeframes: Timeframes
    cohort: Basis
    product_category: str | None
    exclude_zero: bool
    exclude_irrelevant: bool
    environment: Environment
    sources: frozenset[str]
    warnings: tuple[str, ...]
    period_note: str

    @property
    def segment_names(self) -> tuple[str, ...]:
        """The segments' names."""
        return tuple(segment.name for segment in self.segments)

    @property
    def options(self) -> Mapping[str, object]:
        """For the outputs."""
        return {
            "exclude_zero": self.exclude_zero,
            "exclude_irrelevant": self.exclude_irrelevant,
            "sources": sorted(self.sources, key=SOURCES.index),
        }


def settle(presence: Presence, options: Options) -> Choice:
    """Resolve options, settings and data to a choice.

    Without a segment the report is about All accounts. The default type is buying-stage, or engagement with a note if
    the data has no buying stages.

    Raises:
        SegxlError: a type, cohort, segment, timeframe, source or product category that is not there, or a cohort
            whose rule a segment breaks.
    """
    dataset = presence.dataset
    settings = dataset.settings.report
    environment = find_environment(presence)
    kind, said = _type(dataset, options, environment)
    names = options.segments or settings.segments or (ALL_ACCOUNTS,)
    segments = tuple({dataset.segments[name].name: dataset.segments[name] for name in names}.values())
    if any(segment.others is not None for segment in segments):
        raise SegxlError(
            f"the report cannot show {IN_NO_SEGMENT!r}, which exists only in the scorecard; choose a segment with "
            f"members"
        )
    named = options.timeframe or (None if options.analysis or options.baseline else settings.timeframe)
    timeframes = choose_timeframes(
        dataset,
        presence.extent,
        name=named,
        analysis=options.analysis,
        baseline=options.baseline,
        allow_partial=options.allow_partial,
    )
    cohort = _one_of("cohort", options.cohort or settings.cohort, COHORTS)
    category = _category(presence, options.product_category or settings.product_category)
    zero = settings.exclude_zero if options.exclude_zero is None else options.exclude_zero
    irrelevant = settings.exclude_irrelevant if options.exclude_irrelevant is None else options.exclude_irrelevant
    warnings = [*timeframes.warnings, *check_segments(segments, cohort, timeframes)]
    if irrelevant and not _can_tell_irrelevant(presence, category):
        warnings.append(
            "exclude_irrelevant is on, but irrelevant opportunities are not defined: map the column relevant, or add a "
            f"rule: {setting_name(presence.dataset.settings, 'report', 'irrelevant')}"
        )
    warnings += _blank_categories(presence, category)
    return Choice(
        type=kind,
        segments=segments,
        timeframes=timeframes,
        cohort=cohort,
        product_category=category,
        exclude_zero=zero,
        exclude_irrelevant=irrelevant,
        environment=environment,
        sources=_sources(presence),
        warnings=tuple(warnings),
        period_note="; ".join(words for words in (timeframes.period_note, said) if words),
    )


def find_environment(presence: Presence) -> Environment:
    """Found: predictive where ``buying_stages`` has rows, CRM where ``opportunities`` has rows. Or set.

    Set to ``predictive``, buying stages are shown even without a row, and opportunities where there are some; to
    ``crm``, opportunities are shown and buying stages are not; to ``no_crm``, neither.
    """
    wanted = presence.dataset.settings.report.environment
    stages = presence.stages is not None and len(presence.stages) > 0
    crm = presence.opportunities is not None and len(presence.opportunities) > 0
    set_to = f"{setting_name(presence.dataset.settings, 'report', 'environment')} is set to {wanted}"
    if wanted in ("crm", "no_crm"):
        shown = wanted == "crm"
        return Environment(False, shown, f"needs predictive buying stages; {set_to}", "" if shown else set_to)
    predictive = stages or wanted == "predictive"
    return Environment(
        predictive,
        crm,
        "" if predictive else "needs predictive buying stages; the data has none",
        "" if crm else "needs a CRM; the data has no opportunities",
    )


def _type(dataset: Dataset, options: Options, environment: Environment) -> tuple[ReportType, str]:
    settings = dataset.settings.report
    kind = _one_of("type", options.type or settings.type, TYPES)
    asked = options.type is not None or "type" in settings.model_fields_set
    if kind == "buying-stage" and not environment.predictive and not asked:
        return "engagement", f"engagement report, because the buying-stage report {environment.no_stages}"
    return kind, ""


def _one_of(name: str, word: str, words: tuple[_Word, ...]) -> _Word:
    for known in words:
        if known == word.strip().casefold():
            return known
    raise SegxlError(f"no {name} {word!r}{nearest(word, words)}; use one of {', '.join(words)}")


def _category(presence: Presence, name: str | None) -> str | None:
    """The product category as the data spells it. An unknown one is refused as a typing error: it would make a report
    in which every account has no stage."""
    if name is None or not name.strip():
        return None
    if not presence.has_categories:
        return name.strip()
    known = {one.casefold(): one for one in presence.categories}
    if name.strip().casefold() not in known:
        raise SegxlError(
            f"no product category {name!r}{nearest(name, known.values())}; "
            f"product categories: {', '.join(known.values())}"
        )
    return known[name.strip().casefold()]


def _blank_categories(presence: Presence, category: str | None) -> list[str]:
    if category is None:
        return []
    if not presence.has_categories:
        return [
            f"Product category {category} has no effect, because no table has the column product_category; map it for "
            f"buying_stages, activities or opportunities"
        ]
    return [
        counted(count, f"row of {name} has", f"rows of {name} have")
        + f" no product category: filtered out by {category}"
        for name, count in presence.blank_categories(category).items()
        if count
    ]


def _can_tell_irrelevant(presence: Presence, category: str | None) -> bool:
    table = presence.opportunities
    if table is None or presence.dataset.settings.report.irrelevant or "relevant" in table.given:
        return True
    return category is not None and presence.opportunity_categories is not None


def _sources(presence: Presence) -> frozenset[str]:
    """Configured sources: those with any row in the data, and those in ``report.sources``."""
    named = presence.dataset.settings.report.sources
    for source in named:
        if source not in SOURCES:
            place = setting_name(presence.dataset.settings, "report", "sources")
            raise SegxlError(f"{place}: no source {source!r}{nearest(source, SOURCES)}; sources: {', '.join(SOURCES)}")
    return presence.sources | frozenset(named)
