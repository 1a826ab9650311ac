"""A flow as a group of shapes over a sheet's cells: Excel has no chart of this kind. The same picture as on the web."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from segxl.pages.model import Flow
from segxl.render.html.svg_parts import text_width
from segxl.render.shared.flow_plan import EDGE, HATCH, LINE, NODE, SIGNS, Band, FlowPlan, Text
from segxl.render.xlsx.excel_values import clean_text

_EMU = 9_525
"""A pixel, in the drawing's measure."""

_TALL = 230.0
_ABOVE, _BELOW = 11.0, 3.0  # of a line of words, from its baseline
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"


def flow_group(flow: Flow, width: float, colours: Mapping[str, str], font: str, number: int) -> str:
    """The anchor of a flow as XML of a sheet's drawing.

    Args:
        flow: the flow; its counts are not negative, and not all zero. Its top left corner is at its row and column.
        width: in pixels.
        colours: by ``"up"``, ``"down"``, ``"same"`` and ``"text"``, as ``#56b4e9``.
        font: the typeface.
        number: of the first shape in the drawing; each further one counts up.
    """
    plan = FlowPlan(flow, width, _TALL)
    shapes = _Shapes(plan, colours, font, number)
    size = f'cx="{_emu(plan.width)}" cy="{_emu(plan.height)}"'
    return (
        f'<oneCellAnchor xmlns:a="{_DRAWING}"><from><col>{flow.column - 1}</col><colOff>0</colOff>'
        f"<row>{flow.row - 1}</row><rowOff>0</rowOff></from><ext {size}/>"
        f'<grpSp><nvGrpSpPr><cNvPr id="{number}" name="Flow {number}" descr={quoteattr(clean_text(flow.alt))}/>'
        f'<cNvGrpSpPr/></nvGrpSpPr><grpSpPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/><a:chOff x="0" y="0"/>'
        f"<a:chExt {size}/></a:xfrm></grpSpPr>{''.join(shapes.all())}</grpSp><clientData/></oneCellAnchor>"
    )


class _Shapes:
    """The shapes of one flow while they are drawn."""

    def __init__(self, plan: FlowPlan, colours: Mapping[str, str], font: str, number: int) -> None:
        self.plan, self.colours, self.font, self.number = plan, colours, font, number

    def all(self) -> Iterator[str]:
        plan = self.plan
        yield from map(self._band, plan.bands())
        for nodes, x in ((plan.before, plan.left), (plan.after, plan.right - NODE)):
            for node in nodes.values():
                bar = (x, node.top, NODE, max(node.height, 1))
                yield self._shape(bar, _RECTANGLE, _solid(EDGE) + "<a:ln><a:noFill/></a:ln>")
        yield from map(self._text, plan.texts())
        yield from self._legend()

    def _band(self, band: Band) -> str:
        x, (_, start, end, tall, _) = self.plan.left + NODE, band
        wide, top = self.plan.right - NODE - x, min(start, end)
        high = max(start, end) + tall - top
        half, start, end = wide / 2, start - top, end - top
        path = (
            _path("moveTo", (0, start)),
            _path("cubicBezTo", (half, start), (half, end), (wide, end)),
            _path("lnTo", (wide, end + tall)),
            _path("cubicBezTo", (half, end + tall), (half, start + tall), (0, start + tall)),
        )
        form = (
            f'<a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/><a:rect l="0" t="0" r="r" b="b"/><a:pathLst>'
            f'<a:path w="{_emu(wide)}" h="{_emu(high)}">{"".join(path)}<a:close/></a:path></a:pathLst></a:custGeom>'
        )
        return self._shape((x, top, wide, high), form, self._fill(band.way) + _LINE, name=band.tip)

    def _fill(self, way: str) -> str:
        if way != "down":
            return _solid(self.colours[way], 85)
        front, back = (f'<a:srgbClr val="{colour[1:]}"/>' for colour in (HATCH, self.colours["down"]))
        return f'<a:pattFill prst="ltUpDiag"><a:fgClr>{front}</a:fgClr><a:bgClr>{back}</a:bgClr></a:pattFill>'

    def _text(self, text: Text) -> str:
        wide = text_width(text.words, text.size) * 1.1 + 4
        place = (text.x - wide if text.right else text.x, text.y - _ABOVE, wide, _ABOVE + _BELOW)
        letters = (
            f'<a:rPr lang="en-US" sz="{round(text.size * 75)}" b="{int(text.bold)}">{_solid(self.colours["text"])}'
            f"<a:latin typeface={quoteattr(self.font)}/></a:rPr>"
        )
        side = "r" if text.right else "l"
        body = (
            '<txBody><a:bodyPr wrap="none" lIns="0" tIns="0" rIns="0" bIns="0" anchor="ctr"/><a:lstStyle/>'
            f'<a:p><a:pPr algn="{side}"/><a:r>{letters}<a:t>{escape(clean_text(text.words))}</a:t></a:r></a:p></txBody>'
        )
        return self._shape(place, _RECTANGLE, "<a:noFill/>", body)

    def _legend(self) -> Iterator[str]:
        x, y = 0.0, self.plan.height - 12
        for way, sign in SIGNS.items():
            yield self._shape((x, y - 10, 18, 12), _RECTANGLE, self._fill(way) + _LINE)
            yield self._text(Text(x + 23, y, f"{sign} {way}"))
            x += 41 + text_width(f"{sign} {way}", LINE)

    def _shape(
        self, box: tuple[float, float, float, float], form: str, fill: str, body: str = "", name: str = ""
    ) -> str:
        self.number += 1
        x, y, wide, high = map(_emu, box)
        kind = ' txBox="1"' if body else ""
        return (
            f'<sp macro="" textlink=""><nvSpPr><cNvPr id="{self.number}" '
            f"name={quoteattr(clean_text(name or f'Shape {self.number}'))}/><cNvSpPr{kind}/></nvSpPr>"
            f'<spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>{form}{fill}</spPr>'
            f"{body}</sp>"
        )


_RECTANGLE = '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'


def _solid(colour: str, opaque: int = 100) -> str:
    alpha = f'<a:alpha val="{opaque * 1000}"/>' if opaque < 100 else ""
    return f'<a:solidFill><a:srgbClr val="{colour[1:]}">{alpha}</a:srgbClr></a:solidFill>'


_LINE = f'<a:ln w="6350">{_solid(EDGE)}</a:ln>'


def _path(step: str, *points: tuple[float, float]) -> str:
    inside = "".join(f'<a:pt x="{_emu(x)}" y="{_emu(y)}"/>' for x, y in points)
    return f"<a:{step}>{inside}</a:{step}>"


def _emu(pixels: float) -> int:
    return round(pixels * _EMU)
