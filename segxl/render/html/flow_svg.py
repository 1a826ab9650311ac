"""A flow as SVG: before on the left, after on the right, bands between them as wide as their numbers. Up, down and same
differ by more than colour: a band that rises or falls does so in the picture, one that falls is hatched, one that stays
has a grey edge. It needs no style sheet; every band and every name shows its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from segxl.messages import counted
from segxl.pages.model import Flow
from segxl.render.html.svg_parts import TITLE, WORDS, px, svg_picture, svg_text, svg_words, text_width, wrapped
from segxl.render.xlsx.excel_values import clean_text

_WIDTH = 900.0
_TALL = 300.0  # all bands together
_LINE = 14.0
_SIDE = 0.26  # of the width: longer names go on on the next line
_NODE, _GAP = 10.0, 8.0
_EDGE, _HATCH = "#595959", "#7a4d00"
_SIGNS = {"up": "▲", "down": "▼", "same": "="}


@dataclass(frozen=True)
class _Node:
    """A name on one side: the places of its bar and of its words."""

    words: tuple[str, ...]
    count: int
    top: float
    height: float
    middle: float
    foot: float


def svg_flow(flow: Flow, colours: Mapping[str, str], name: str, width: float | None = None) -> str:
    """The flow as one ``<svg>`` element.

    Args:
        flow: the flow; its counts are not negative, and not all zero.
        colours: by ``"up"``, ``"down"``, ``"same"`` and ``"text"``.
        name: an id for the element, unlike all others in the document.
        width: in pixels; that of a page if None.
    """
    return _Painter(flow, colours, name, width or _WIDTH).draw()


class _Painter:
    """One flow while it is drawn."""

    def __init__(self, flow: Flow, colours: Mapping[str, str], name: str, width: float) -> None:
        self.flow, self.colours, self.name, self.width = flow, colours, name, width
        self.total = sum(map(sum, flow.counts))
        self.lines = [*wrapped(flow.title, width, TITLE), *wrapped(flow.subtitle, width, WORDS)]
        self.titles = len(wrapped(flow.title, width, TITLE))
        self.top = 12 + 18.0 * len(self.lines) + 26
        befores, afters = list(map(sum, flow.counts)), [sum(column) for column in zip(*flow.counts, strict=True)]
        words = [word for name in flow.names for word in clean_text(name).split()]
        room = max(width * _SIDE, max((text_width(word, WORDS) for word in words), default=0.0))
        self.names = [wrapped(name, room, WORDS) for name in flow.names]
        longest = max(text_width(line, WORDS) for lines in self.names for line in lines)
        self.left, self.right = longest + 10, width - longest - 10
        self.before, self.after = self._nodes(befores), self._nodes(afters)
        foot = max(node.foot for node in (*self.before.values(), *self.after.values()))
        self.height = foot + 34

    def draw(self) -> str:
        inside = "".join([*self._heading(), *self._bands(), *self._sides(), *self._legend()])
        defs = (
            f'<defs><pattern id="{self.name}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate(45)"><rect width="6" height="6" fill="{self.colours["down"]}"/>'
            f'<line x1="0" y1="0" x2="0" y2="6" stroke="{_HATCH}" stroke-width="1.6"/></pattern></defs>'
        )
        size, flow = (self.width, self.height), self.flow
        return svg_picture(self.name, flow.title, flow.alt, size, self.colours["text"], inside, defs)

    def _nodes(self, counts: Sequence[int]) -> dict[int, _Node]:
        """The names that have anything, the highest on top; each has room for its words."""
        found: dict[int, _Node] = {}
        y = self.top
        for rank in range(len(counts) - 1, -1, -1):
            if counts[rank]:
                height = self._tall(counts[rank])
                words = (*self.names[rank], f"{counts[rank]:,}")
                slot = max(height, _LINE * len(words))
                foot = y + slot
                found[rank] = _Node(words, counts[rank], y + (slot - height) / 2, height, y + slot / 2, foot)
                y = foot + _GAP
        return found

    def _tall(self, count: int) -> float:
        return _TALL * count / self.total

    def _heading(self) -> Iterator[str]:
        for at, line in enumerate(self.lines):
            bold = at < self.titles
            yield svg_text(0, 15 + 18 * at, line, size=TITLE if bold else WORDS, weight=700 if bold else 0)
        y = self.top - 12
        yield svg_text(0, y, self.flow.left, weight=700)
        yield svg_text(self.width, y, self.flow.right, anchor="end", weight=700)

    def _bands(self) -> Iterator[str]:
        """Those that stay first, so that what moved lies on top."""
        starts = {rank: node.top for rank, node in self.before.items()}
        ends = {rank: node.top for rank, node in self.after.items()}
        drawn: list[tuple[bool, str]] = []
        for before in self.before:
            for after in sorted(self.after, reverse=True):
                count = self.flow.counts[before][after]
                if count:
                    tall = self._tall(count)
                    way = "up" if after > before else "down" if after < before else "same"
                    drawn.append((way != "same", self._band(starts[before], ends[after], tall, way, before, after)))
                    starts[before] += tall
                    ends[after] += tall
        yield from (path for moved, path in sorted(drawn, key=lambda pair: pair[0]))

    def _band(self, start: float, end: float, tall: float, way: str, before: int, after: int) -> str:
        x1, x2 = self.left + _NODE, self.right - _NODE
        half = (x1 + x2) / 2
        path = (
            f"M{px(x1)} {px(start)}C{px(half)} {px(start)} {px(half)} {px(end)} {px(x2)} {px(end)}"
            f"V{px(end + tall)}C{px(half)} {px(end + tall)} {px(half)} {px(start + tall)} {px(x1)} "
            f"{px(start + tall)}Z"
        )
        names, count = self.flow.names, self.flow.counts[before][after]
        tip = svg_words(f"{names[before]} → {names[after]}: {_SIGNS[way]} {counted(count, self.flow.noun)}")
        return (
            f'<path class="{way}" d="{path}" fill="{self._fill(way)}" fill-opacity="0.85" stroke="{_EDGE}" '
            f'stroke-width="0.6"><title>{tip}</title></path>'
        )

    def _fill(self, way: str) -> str:
        return f"url(#{self.name}-hatch)" if way == "down" else self.colours[way]

    def _sides(self) -> Iterator[str]:
        sides = ((self.before, self.left, self.left - 6, "end"), (self.after, self.right - _NODE, self.right + 6, ""))
        for nodes, x, words, anchor in sides:
            for node in nodes.values():
                yield (
                    f'<rect x="{px(x)}" y="{px(node.top)}" width="{px(_NODE)}" height="{px(max(node.height, 1))}" '
                    f'fill="{_EDGE}"/>'
                )
                first = node.middle - _LINE * len(node.words) / 2 + 11
                for at, line in enumerate(node.words):
                    weight = 700 if at == len(node.words) - 1 else 0
                    yield svg_text(words, first + _LINE * at, line, anchor=anchor, weight=weight)

    def _legend(self) -> Iterator[str]:
        x, y = 0.0, self.height - 8
        for way, words in (("up", "▲ up"), ("down", "▼ down"), ("same", "= same")):
            yield (
                f'<rect x="{px(x)}" y="{px(y - 10)}" width="18" height="12" fill="{self._fill(way)}" '
                f'stroke="{_EDGE}" stroke-width="0.6"/>'
            )
            yield svg_text(x + 23, y, words)
            x += 23 + text_width(words, WORDS) + 18
