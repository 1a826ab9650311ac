"""What to paste into segxl.toml for a file whose header is known, nearly known, or not known at all."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence

from segxl.sources.formats import FORMATS, Format, is_made
from segxl.sources.formats.model import Header, fold, spellings
from segxl.tables import CONTRACTS

_NEAREST = 3


def nearest_formats(header: Sequence[str], table: str | None = None) -> list[str]:
    """The names of the formats that a header has most of, and what it lacks of their signatures.

    A format is near that has more than half of its signature and more than a third of all its headers there.
    """
    found: list[tuple[float, str]] = []
    for one in FORMATS:
        if table not in (None, one.table):
            continue
        own, names = Header(header), (*one.signature, *_of_the_file(one))
        share = sum(1 for wanted in names if own.find(wanted)) / len(names)
        lacking = [spellings(wanted)[0] for wanted in one.signature if not own.find(wanted)]
        if share > 1 / 3 and 0 < 2 * len(lacking) < len(one.signature):
            found.append((share, f"{one.name} (without {', '.join(lacking)})"))
    return [name for _, name in sorted(found, key=lambda pair: -pair[0])[:_NEAREST]]


def columns_block(header: Sequence[str], table: str) -> str:
    """A ``[tables.….columns]`` block with the likeliest header of each column; required ones are there in any case."""
    lines = [f"[tables.{table}.columns]"]
    required, used = set(CONTRACTS[table][0].required), {""}
    for name in dict.fromkeys(name for contract in CONTRACTS[table] for name in contract.names):
        guess = _likeliest([own for own in header if own not in used], table, name)
        used.add(guess)
        if guess:
            lines.append(f"{name} = {json.dumps(guess, ensure_ascii=False)}")
        elif name in required:
            lines.append(f'# {name} = "…"   needed; no header looks like it')
    return "\n".join(lines)


def _of_the_file(one: Format) -> list[str]:
    return [names for names in one.columns.values() if names and not is_made(names)]


def _likeliest(header: Sequence[str], table: str, name: str) -> str:
    """The header that a column's name or the formats' names for it mean, or that looks most like one of them."""
    wanted = " | ".join([name, *(names for one in FORMATS if one.table == table for names in _names(one, name))])
    if found := Header(header).find(wanted):
        return found
    by_fold = {fold(own): own for own in reversed(header)}
    for word in spellings(wanted):
        if close := difflib.get_close_matches(fold(word), by_fold, n=1, cutoff=0.8):
            return by_fold[close[0]]
    return ""


def _names(one: Format, column: str) -> list[str]:
    return [one.columns[column]] if column in one.columns else []
