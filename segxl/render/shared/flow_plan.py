"""The geometry of a flow, in pixels, for every renderer: names on both sides, and bands between them as wide as their
numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from segxl.messages import counted
from segxl.pages.model import Flow
from segxl.render.html.svg_parts import TITLE, WORDS, text_width, wrapped
from segxl.render.xlsx.excel_values import clean_text

LINE = 14.0
NODE = 10.0
"""The width of the bar at a name."""

EDGE, HATCH = "#595959", "#7a4d00"
SIGNS = {"up": "↑", "down": "↓", "same": "="}
_SIDE = 0.26  # of the width: longer names go on on the next line
_GAP = 8.0

Way = Literal["up", "down", "same"]


@dataclass(frozen=True)
class Node:
    """A name on one side: the places of its bar and of its words."""

    words: tuple[str, ...]
    count: int
    top: float
    height: float
    middle: float
    foot: float


class Band(NamedTuple):
    """A band from ``start`` on the left to ``end`` on the right, ``tall`` all the way; ``tip`` has its number."""

    way: Way
    start: float
    end: float
    tall: float
    tip: str


class Text(NamedTuple):
    """A line of words with its baseline at ``y``; it begins at ``x``, or ends there if it is ``right``."""

    x: float
    y: float
    words: str
    right: bool = False
    bold: bool = False
    size: float = WORDS


class FlowPlan:
    """A flow ``width`` pixels wide, whose bands are ``tall`` pixels together.

    Attributes:
        left, right: the inner edges of the names. ``height``: of the whole picture.
        before, after: the names with anything on each side, by rank, the highest on top.
    """

    def __init__(self, flow: Flow, width: float, tall: float) -> None:
        self.flow, self.width = flow, width
        self._tall = tall
        self._total = sum(map(sum, flow.counts))
        self._titles, self._subtitles = wrapped(flow.title, width, TITLE), wrapped(flow.subtitle, width, WORDS)
        self._top = 12 + 18.0 * (len(self._titles) + len(self._subtitles)) + 26
        befores, afters = list(map(sum, flow.counts)), [sum(column) for column in zip(*flow.counts, strict=True)]
        words = [word for name in flow.names for word in clean_text(name).split()]
        room = max(width * _SIDE, max((text_width(word, WORDS) for word in words), default=0.0))
        self._names = [wrapped(name, room, WORDS) for name in flow.names]
        longest = max(text_width(line, WORDS) for lines in self._names for line in lines)
        self.left, self.right = longest + 10, width - longest - 10
        self.before, self.after = self._nodes(befores), self._nodes(afters)
        foot = max(node.foot for node in (*self.before.values(), *self.after.values()))
        self.height = foot + 34

    def bands(self) -> list[Band]:
        """Those that stay first, so that what moved lies on top."""
        starts = {rank: node.top for rank, node in self.before.items()}
        ends = {rank: node.top for rank, node in self.after.items()}
        found: list[Band] = []
        names = self.flow.names
        for before in self.before:
            for after in sorted(self.after, reverse=True):
                count = self.flow.counts[before][after]
                if count:
                    tall = self._size(count)
                    way: Way = "up" if after > before else "down" if after < before else "same"
                    tip = f"{names[before]} → {names[after]}: {SIGNS[way]} {counted(count, self.flow.noun)}"
                    found.append(Band(way, starts[before], ends[after], tall, tip))
                    starts[before] += tall
                    ends[after] += tall
        return sorted(found, key=lambda band: band.way != "same")

    def texts(self) -> Iterator[Text]:
        """Titles, the two times, and the names with their numbers."""
        for at, line in enumerate((*self._titles, *self._subtitles)):
            title = at < len(self._titles)
            yield Text(0, 15 + 18 * at, line, bold=title, size=TITLE if title else WORDS)
        y = self._top - 12
        yield Text(0, y, self.flow.left, bold=True)
        yield Text(self.width, y, self.flow.right, right=True, bold=True)
        for nodes, x, right in ((self.before, self.left - 6, True), (self.after, self.right + 6, False)):
            for node in nodes.values():
                first = node.middle - LINE * len(node.words) / 2 + 11
                for at, line in enumerate(node.words):
                    yield Text(x, first + LINE * at, line, right, at == len(node.words) - 1)

    def _nodes(self, counts: Sequence[int]) -> dict[int, Node]:
        """The names that have anything, the highest on top; each has room for its words."""
        found: dict[int, Node] = {}
        y = self._top
        for rank in range(len(counts) - 1, -1, -1):
            if counts[rank]:
                height = self._size(counts[rank])
                words = (*self._names[rank], f"{counts[rank]:,}")
                slot = max(height, LINE * len(words))
                foot = y + slot
                found[rank] = Node(words, counts[rank], y + (slot - height) / 2, height, y + slot / 2, foot)
                y = foot + _GAP
        return found

    def _size(self, count: int) -> float:
        return self._tall * count / self._total
