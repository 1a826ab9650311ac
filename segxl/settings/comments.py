"""Comments on a period's pages: the file ``comments.toml`` in the folder that packs are written to.

People write it, segxl only reads it; so comments survive the next run, whatever happens to the packs.

    [[comment]]
    period = "2026-10"
    segment = "SMB"            # blank: the executive page
    finding = "12-month NRR"   # some words of the sentence; blank: the whole page
    text = "Two renewals slipped into November; both are signed."
    owner = "Ann"
    date = 2026-11-06          # the due date
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from segxl.errors import SegxlError, nearest
from segxl.periods import Fiscal, parse_period
from segxl.settings.toml_faults import in_plain_words

FILE = "comments.toml"

_KEYS = ("period", "segment", "finding", "text", "owner", "date")


@dataclass(frozen=True)
class Comment:
    """A comment on the page of a segment, or on the executive page where ``segment`` is blank: on the sentence that has
    the words ``finding``, or on the whole page."""

    period: str
    segment: str
    text: str
    owner: str = ""
    date: date | None = None
    finding: str = ""


def read_comments(folder: Path, fiscal: Fiscal) -> tuple[Comment, ...]:
    """The comments of a folder; none without the file. Periods are in any form that ``--month`` and ``--quarter`` take.

    Raises:
        SegxlError: the file is not TOML, or a comment has an unknown key, no text, or no period that can be read.
    """
    path = folder / FILE
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise SegxlError(f"{path} cannot be read: {error}") from error
    try:
        data = tomllib.loads(text)
    except ValueError as error:
        raise SegxlError(f"{path} is not valid TOML: {in_plain_words(str(error), text)}") from error
    entries = data.pop("comment", [])
    if data or not isinstance(entries, list):
        raise SegxlError(f"{path}: write each comment as a block that starts with [[comment]]")
    return tuple(_comment(path, number, entry, fiscal) for number, entry in enumerate(entries, 1))


def comments_on(comments: Sequence[Comment], period: str, segment: str) -> tuple[Comment, ...]:
    """The comments on a segment's period, or for a blank segment on the executive page."""
    return tuple(one for one in comments if one.period == period and one.segment.casefold() == segment.casefold())


def by_sentence(comments: Sequence[Comment], sentences: Sequence[str]) -> tuple[list[Comment | None], Comment | None]:
    """The comments of a page, by sentence and on the whole page. Several on one thing are joined, each with its owner
    and date; one whose sentence is not on the page is on the whole page, with the words that it looks for."""
    found: list[list[Comment]] = [[] for _ in sentences]
    whole = []
    for one in comments:
        words = one.finding.casefold()
        at = next((at for at, text in enumerate(sentences) if words and words in text.casefold()), None)
        if at is not None:
            found[at].append(one)
        else:
            whole.append(replace(one, text=f"{one.finding}: {one.text}") if words else one)
    return [_joined(own) for own in found], _joined(whole)


def _joined(comments: Sequence[Comment]) -> Comment | None:
    if len(comments) < 2:
        return comments[0] if comments else None
    texts = [f"{one.text} ({signed})" if (signed := _signed(one)) else one.text for one in comments]
    return replace(comments[0], text="\n".join(texts), owner="", date=None)


def unknown_segments(comments: Sequence[Comment], period: str, segments: Sequence[str]) -> tuple[str, ...]:
    """The segments that comments on a period name and the scorecard does not have."""
    known = {name.casefold() for name in ("", *segments)}
    return tuple(
        dict.fromkeys(one.segment for one in comments if one.period == period and one.segment.casefold() not in known)
    )


def _comment(path: Path, number: int, entry: object, fiscal: Fiscal) -> Comment:
    where = f"{path}: comment {number}"
    if not isinstance(entry, dict):
        raise SegxlError(f"{where} is not a block; start it with [[comment]]")
    for key in entry:
        if key not in _KEYS:
            raise SegxlError(f"{where} has an unknown key {key!r}{nearest(key, _KEYS)}")
    texts = {key: entry.get(key, "") for key in _KEYS if key != "date"}
    wrong = next((key for key, value in texts.items() if not isinstance(value, str)), "")
    if wrong:
        raise SegxlError(f"{where}: write {wrong} in quotes")
    missing = next((key for key in ("period", "text") if not texts[key].strip()), "")
    if missing:
        raise SegxlError(f"{where} has no {missing}")
    day = entry.get("date")
    if day is not None and type(day) is not date:
        raise SegxlError(f"{where}: write the date as 2026-11-06, without quotes")
    try:
        period = parse_period(texts["period"], fiscal).label
    except SegxlError as error:
        raise SegxlError(f"{where}: {error}") from error
    return Comment(**{key: value.strip() for key, value in texts.items()} | {"period": period}, date=day)


def _signed(comment: Comment) -> str:
    return ", ".join(part for part in (comment.owner, str(comment.date or "")) if part)
