"""A flow as SVG: what was on the left, what became of it on the right, bands between them as wide as their numbers.

Up, down and same are told apart by more than colour: a band that rises or falls does so in the picture, one that falls
is hatched, one that stays has a grey edge. It needs no style sheet; every band and every name says its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from segxl.messages import counted
from segxl.pages.model import Flow
from segxl.render.xlsx.excel_values import clean_text

_WIDTH = 900.0
_TITLE, _WORDS = 15.0, 12.0  # sizes of type, in pixels
_EM = 0.56  # about the width of a character, in parts of its size
_TALL = 300.0  # all bands together
_LINE = 14.0
_SIDE = 0.26  # of the width: longer names go on on the next line
_NODE, _GAP = 10.0, 8.0
_EDGE, _HATCH = "#595959", "#7a4d00"
_SIGNS = {"up": "▲", "down": "▼", "same": "="}


@dataclass(frozen=True)
class _Node:
    """A name on one side: where its bar stands, and where its words."""

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
        self.lines = [*_wrapped(flow.title, width, _TITLE), *_wrapped(flow.subtitle, width, _WORDS)]
        self.titles = len(_wrapped(flow.title, width, _TITLE))
        self.top = 12 + 18.0 * len(self.lines) + 26
        befores, afters = list(map(sum, flow.counts)), [sum(column) for column in zip(*flow.counts, strict=True)]
        words = [word for name in flow.names for word in clean_text(name).split()]
        room = max(width * _SIDE, max((_wide(word) for word in words), default=0.0))
        self.names = [_wrapped(name, room, _WORDS) for name in flow.names]
        longest = max(_wide(line) for lines in self.names for line in lines)
        self.left, self.right = longest + 10, width - longest - 10
        self.before, self.after = self._nodes(befores), self._nodes(afters)
        foot = max(node.foot for node in (*self.before.values(), *self.after.values()))
        self.height = foot + 34

    def draw(self) -> str:
        title, desc = f"{self.name}-title", f"{self.name}-desc"
        size = f"{_px(self.width)} {_px(self.height)}"
        inside = "".join([*self._heading(), *self._bands(), *self._sides(), *self._legend()])
        return (
            f'<svg id="{self.name}" role="img" aria-labelledby="{title} {desc}" viewBox="0 0 {size}" '
            f'width="{_px(self.width)}" height="{_px(self.height)}" xmlns="http://www.w3.org/2000/svg">'
            f'<title id="{title}">{_words(self.flow.title)}</title><desc id="{desc}">{_words(self.flow.alt)}</desc>'
            f'<defs><pattern id="{self.name}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate(45)"><rect width="6" height="6" fill="{self.colours["down"]}"/>'
            f'<line x1="0" y1="0" x2="0" y2="6" stroke="{_HATCH}" stroke-width="1.6"/></pattern></defs>'
            f'<g fill="{self.colours["text"]}" font-size="{_px(_WORDS)}">{inside}</g></svg>'
        )

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
            yield self._text(0, 15 + 18 * at, line, size=_TITLE if bold else _WORDS, weight=700 if bold else 0)
        y = self.top - 12
        yield self._text(0, y, self.flow.left, weight=700)
        yield self._text(self.width, y, self.flow.right, anchor="end", weight=700)

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
            f"M{_px(x1)} {_px(start)}C{_px(half)} {_px(start)} {_px(half)} {_px(end)} {_px(x2)} {_px(end)}"
            f"V{_px(end + tall)}C{_px(half)} {_px(end + tall)} {_px(half)} {_px(start + tall)} {_px(x1)} "
            f"{_px(start + tall)}Z"
        )
        names, count = self.flow.names, self.flow.counts[before][after]
        tip = _words(f"{names[before]} → {names[after]}: {_SIGNS[way]} {counted(count, self.flow.noun)}")
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
                    f'<rect x="{_px(x)}" y="{_px(node.top)}" width="{_px(_NODE)}" height="{_px(max(node.height, 1))}" '
                    f'fill="{_EDGE}"/>'
                )
                first = node.middle - _LINE * len(node.words) / 2 + 11
                for at, line in enumerate(node.words):
                    weight = 700 if at == len(node.words) - 1 else 0
                    yield self._text(words, first + _LINE * at, line, anchor=anchor, weight=weight)

    def _legend(self) -> Iterator[str]:
        x, y = 0.0, self.height - 8
        for way, words in (("up", "▲ up"), ("down", "▼ down"), ("same", "= same")):
            yield (
                f'<rect x="{_px(x)}" y="{_px(y - 10)}" width="18" height="12" fill="{self._fill(way)}" '
                f'stroke="{_EDGE}" stroke-width="0.6"/>'
            )
            yield self._text(x + 23, y, words)
            x += 23 + len(words) * _EM * _WORDS + 18

    def _text(self, x: float, y: float, text: str, *, anchor: str = "", weight: int = 0, size: float = _WORDS) -> str:
        more = f' text-anchor="{anchor}"' if anchor else ""
        more += f' font-weight="{weight}"' if weight else ""
        more += f' font-size="{_px(size)}"' if size != _WORDS else ""
        return f'<text x="{_px(x)}" y="{_px(y)}"{more}>{_words(text)}</text>'


def _wide(text: str) -> float:
    return len(text) * _EM * _WORDS


def _wrapped(text: str, room: float, size: float) -> list[str]:
    lines = [""]
    for word in clean_text(text).split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and len(longer) * _EM * size > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _words(text: str) -> str:
    return escape(clean_text(text))


def _px(length: float) -> str:
    return f"{length:.1f}".removesuffix(".0")
