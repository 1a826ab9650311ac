"""Comments on a period's pages: the file ``comments.toml`` in the folder that packs are written to.

People write it, segxl only reads it; so comments survive the next run, whatever happens to the packs.

    [[comment]]
    period = "2026-10"
    segment = "SMB"            # without: the executive page
    text = "Two renewals slipped into November; both are signed."
    owner = "Ann"
    date = 2026-11-06
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from segxl.errors import SegxlError, nearest

FILE = "comments.toml"

_KEYS = ("period", "segment", "text", "owner", "date")


@dataclass(frozen=True)
class Comment:
    """A comment on the page of a segment, or on the executive page where ``segment`` is blank."""

    period: str
    segment: str
    text: str
    owner: str = ""
    date: date | None = None


def read_comments(folder: Path) -> tuple[Comment, ...]:
    """The comments of a folder; none without the file.

    Raises:
        SegxlError: the file is not TOML, or a comment has an unknown key, no period or no text.
    """
    path = folder / FILE
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise SegxlError(f"{path} cannot be read: {error}") from error
    entries = data.pop("comment", [])
    if data or not isinstance(entries, list):
        raise SegxlError(f"{path}: write each comment as a block that starts with [[comment]]")
    return tuple(_comment(path, number, entry) for number, entry in enumerate(entries, 1))


def comment_on(comments: Sequence[Comment], period: str, segment: str) -> Comment | None:
    """Comments on a segment's period, or for a blank segment on the executive page; several comments are joined, each
    with its owner and date."""
    found = [one for one in comments if one.period == period and one.segment.casefold() == segment.casefold()]
    if len(found) < 2:
        return found[0] if found else None
    texts = [f"{one.text} ({signed})" if (signed := _signed(one)) else one.text for one in found]
    return Comment(period, segment, "\n".join(texts))


def unknown_segments(comments: Sequence[Comment], period: str, segments: Sequence[str]) -> tuple[str, ...]:
    """The segments that comments on a period name and the scorecard does not have."""
    known = {name.casefold() for name in ("", *segments)}
    return tuple(
        dict.fromkeys(one.segment for one in comments if one.period == period and one.segment.casefold() not in known)
    )


def _comment(path: Path, number: int, entry: object) -> Comment:
    where = f"{path}: comment {number}"
    if not isinstance(entry, dict):
        raise SegxlError(f"{where} is not a block; start it with [[comment]]")
    for key in entry:
        if key not in _KEYS:
            raise SegxlError(f"{where} has an unknown key {key!r}{nearest(key, _KEYS)}")
    texts = {key: entry.get(key, "") for key in ("period", "segment", "text", "owner")}
    wrong = next((key for key, value in texts.items() if not isinstance(value, str)), "")
    if wrong:
        raise SegxlError(f"{where}: write {wrong} in quotes")
    missing = next((key for key in ("period", "text") if not texts[key].strip()), "")
    if missing:
        raise SegxlError(f"{where} has no {missing}")
    day = entry.get("date")
    if day is not None and type(day) is not date:
        raise SegxlError(f"{where}: write the date as 2026-11-06, without quotes")
    return Comment(**{key: value.strip() for key, value in texts.items()}, date=day)


def _signed(comment: Comment) -> str:
    return ", ".join(part for part in (comment.owner, str(comment.date or "")) if part)
