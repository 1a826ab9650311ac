"""The rule language of segments and of `where`: structured, so that a settings file can never run code.

A rule asks something of each column it names, and a row must meet all of it::

    { sector = ["retail", "finance"], employees = { min = 1000 }, country = { not = ["US"] } }
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segxl.errors import SegxlError
from segxl.settings.model import Rule, RuleTest
from segxl.sources.values.readers import DecimalMark, read_numbers
from segxl.tables.codes import Mask
from segxl.tables.contracts import PLACEHOLDERS
from segxl.tables.text_column import TextColumn, Texts


def matches(
    rule: Rule,
    column: Callable[[str], Texts | TextColumn],
    rows: int,
    named: Callable[[str], str],
    decimal: DecimalMark | None = None,
) -> Mask:
    """A mask of the ``rows`` rows that meet the rule.

    Words compare without regard to case. A blank number is in no range. ``column`` gives a column's texts by name and
    raises :class:`SegxlError` for one that is not there; ``named`` names the rule on a column in messages, like
    ``tables.leads.where.Country``; ``decimal`` is the mark of the columns' numbers where the settings say it.

    Raises:
        SegxlError: a range is asked of a column with something that is no number, or with numbers that read two ways.
    """
    kept = np.ones(rows, dtype=bool)
    for name, condition in rule.items():
        kept &= _meets(condition, TextColumn.of(column(name)), named(name), decimal)
    return kept


def kept_out(rule: Rule) -> str:
    """The rows that a rule keeps out, in few words: ``Paid Clicks below 1``, ``Status other than 'Won'``."""
    return " or ".join(f"{name} {part}" for name, condition in rule.items() for part in _outside(condition))


def _outside(condition: RuleTest) -> Iterator[str]:
    if condition.values is not None:
        yield f"other than {_words(condition.values)}"
    if condition.exclude is not None:
        yield _words(condition.exclude)
    if condition.min is not None:
        yield f"below {condition.min:,.10g}"
    if condition.max is not None:
        yield f"above {condition.max:,.10g}"


def _words(values: list[str]) -> str:
    return ", ".join(repr(word) if word else "blank" for word in values)


@dataclass(frozen=True)
class Unmet:
    """A word of a rule on ``column`` that no row has. ``said``: ``Industry 'Retial'``; ``hint``: the nearest word, for
    a fix."""

    column: str
    said: str
    hint: str


def unmet(rule: Rule, column: Callable[[str], Texts | TextColumn]) -> Iterator[Unmet]:
    """The words that a rule asks for and that no row has; words that it excludes may be absent."""
    for name, condition in rule.items():
        texts = TextColumn.of(column(name)) if condition.values else None
        if texts is None or not len(texts):
            continue
        known = {word.strip().casefold(): word for word in texts.distinct.tolist()}
        for word in condition.values or ():
            if word.strip().casefold() not in known:
                near = difflib.get_close_matches(word.casefold(), known, n=1, cutoff=0.7)
                hint = f"; the nearest value is {known[near[0]]!r}" if near else ""
                yield Unmet(name, f"{name} {word!r}" if word else f"a blank {name}", hint)


def _meets(condition: RuleTest, texts: TextColumn, origin: str, decimal: DecimalMark | None) -> Mask:
    kept = np.ones(len(texts), dtype=bool)
    if condition.values is not None:
        kept &= _any_of(condition.values, texts)
    if condition.exclude is not None:
        kept &= ~_any_of(condition.exclude, texts)
    if condition.min is not None or condition.max is not None:
        numbers = _numbers(texts, origin, decimal)
        with np.errstate(invalid="ignore"):
            kept &= numbers >= (condition.min if condition.min is not None else -np.inf)
            kept &= numbers <= (condition.max if condition.max is not None else np.inf)
    return kept


def _any_of(words: list[str], texts: TextColumn) -> Mask:
    wanted = {word.strip().casefold() for word in words}
    return texts.which(lambda text: text.casefold() in wanted)


def _numbers(texts: TextColumn, origin: str, decimal: DecimalMark | None) -> NDArray[np.float64]:
    filled = texts.changed(lambda text: "" if text.casefold() in PLACEHOLDERS else text)
    try:
        numbers, bad = read_numbers(filled, decimal=decimal)
    except SegxlError as error:
        raise SegxlError(f"{origin}: {error}") from error
    if bad.any():
        value = texts.at(int(np.argmax(bad)))
        raise SegxlError(f"{origin}: needs numbers for min and max, but the column contains {value!r}")
    return numbers
