"""A flow as SVG: before on the left, after on the right, bands between them as wide as their numbers. Up, down and same
differ by more than colour: a band that rises or falls does so in the picture, one that falls is hatched, one that stays
has a grey edge. It needs no style sheet; every band and every name shows its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from segxl.pages.model import Flow
from segxl.render.html.svg_parts import px, svg_picture, svg_text, svg_words, text_width
from segxl.render.shared.flow_plan import EDGE, HATCH, NODE, SIGNS, Band, FlowPlan

_WIDTH = 900.0
_TALL = 300.0


def svg_flow(flow: Flow, colours: Mapping[str, str], name: str, width: float | None = None) -> str:
    """The flow as one ``<svg>`` element.

    Args:
        flow: the flow; its counts are not negative, and not all zero.
        colours: by ``"up"``, ``"down"``, ``"same"`` and ``"text"``.
        name: an id for the element, unlike all others in the document.
        width: in pixels; that of a page if None.
    """
    return _Painter(FlowPlan(flow, width or _WIDTH, _TALL), colours, name).draw()


class _Painter:
    """One flow while it is drawn."""

    def __init__(self, plan: FlowPlan, colours: Mapping[str, str], name: str) -> None:
        self.plan, self.colours, self.name = plan, colours, name

    def draw(self) -> str:
        plan = self.plan
        words = (
            svg_text(one.x, one.y, one.words, one.size, anchor="end" * one.right, weight=700 * one.bold)
            for one in plan.texts()
        )
        inside = "".join([*map(self._band, plan.bands()), *self._bars(), *words, *self._legend()])
        defs = (
            f'<defs><pattern id="{self.name}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate(45)"><rect width="6" height="6" fill="{self.colours["down"]}"/>'
            f'<line x1="0" y1="0" x2="0" y2="6" stroke="{HATCH}" stroke-width="1.6"/></pattern></defs>'
        )
        size, flow = (plan.width, plan.height), plan.flow
        return svg_picture(self.name, flow.title, flow.alt, size, self.colours["text"], inside, defs)

    def _band(self, band: Band) -> str:
        x1, x2 = self.plan.left + NODE, self.plan.right - NODE
        half, (_, start, end, tall, _) = (x1 + x2) / 2, band
        path = (
            f"M{px(x1)} {px(start)}C{px(half)} {px(start)} {px(half)} {px(end)} {px(x2)} {px(end)}"
            f"V{px(end + tall)}C{px(half)} {px(end + tall)} {px(half)} {px(start + tall)} {px(x1)} "
            f"{px(start + tall)}Z"
        )
        return (
            f'<path class="{band.way}" d="{path}" fill="{self._fill(band.way)}" fill-opacity="0.85" stroke="{EDGE}" '
            f'stroke-width="0.6"><title>{svg_words(band.tip)}</title></path>'
        )

    def _fill(self, way: str) -> str:
        return f"url(#{self.name}-hatch)" if way == "down" else self.colours[way]

    def _bars(self) -> Iterator[str]:
        for nodes, x in ((self.plan.before, self.plan.left), (self.plan.after, self.plan.right - NODE)):
            for node in nodes.values():
                place = f'x="{px(x)}" y="{px(node.top)}" width="{px(NODE)}" height="{px(max(node.height, 1))}"'
                yield f'<rect {place} fill="{EDGE}"/>'

    def _legend(self) -> Iterator[str]:
        x, y = 0.0, self.plan.height - 8
        for way, sign in SIGNS.items():
            words = f"{sign} {way}"
            yield (
                f'<rect x="{px(x)}" y="{px(y - 10)}" width="18" height="12" fill="{self._fill(way)}" '
                f'stroke="{EDGE}" stroke-width="0.6"/>'
            )
            yield svg_text(x + 23, y, words)
            x += 23 + text_width(words, 12.0) + 18
