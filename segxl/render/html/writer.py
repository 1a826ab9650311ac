"""The web page: every page of a pack in one HTML file that needs nothing else.

The same pages as the workbook's, drawn for reading: a section for each, tables that scroll in their own box, charts
as pictures of lines (SVG). No script, no request to anywhere; the look is the workbook's template. The same pack and
template make the same bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

from segxl.pages.model import Pack
from segxl.render.html.css import css_string, style_rules
from segxl.render.html.document import Document
from segxl.render.html.section import TALL, Section, html_text
from segxl.render.shared.atomic_files import template_path
from segxl.render.shared.theme import read_look

_EMU_PIXEL = 9_525


def write_html(pack: Pack, path: Path, *, template: Path | None = None) -> tuple[str, ...]:
    """Draw ``pack`` as the web page ``path``, which is replaced if it exists.

    Args:
        pack: the pages, in order.
        path: the .html file to write. Not atomic by itself: see ``segxl.render.shared.atomic_files.write_atomically``.
        template: the workbook that holds the look; the one that comes with segxl if None.

    Returns:
        Notes for people: lists that are not shown in full.

    Raises:
        SegxlError: a value that no cell holds, a link or chart that leads nowhere, or an unusable template.
    """
    document = _Writer(pack, read_look(template or template_path("scorecard.xlsx")))
    text = document.draw(template_path("pack.css").read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8", newline="\n")
    return tuple(document.notes)


class _Writer(Document):
    """The web page: its frame, and a section for each page of the pack."""

    def draw(self, sheet: str) -> str:
        sections = [Section(self, page).draw() for page in self.pages.values()]
        style = "\n".join((style_rules(self.look), sheet.strip(), self._paper(), *self.rules))
        title, first = html_text(self.pack.title), self.pack.pages[0]
        entries = "\n".join(
            f'<li><a href="#{self.names[key]}">{html_text(page.title)}</a></li>' for key, page in self.pages.items()
        )
        facts = [
            f'<meta name="{html_text(name)}" content="{html_text(text)}">'
            for name, text in self.pack.properties.items()
        ]
        parts = (
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            # The browser enforces this: nothing is loaded and nothing runs, whatever the data contains.
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
            'img-src data:">',
            '<meta name="generator" content="segxl">',
            *facts,
            f"<title>{title}</title>",
            f"<style>\n{style}\n</style>",
            "</head>",
            "<body>",
            '<a class="skip" href="#pack-main">Skip to the pages</a>',
            f'<header class="pack{" portrait" if first.orientation == "portrait" else ""}" id="pack-top">',
            *self._logos(),
            f"<h1>{title}</h1>",
            f"<p>{html_text(self.pack.subject)}</p>",
            f'<nav aria-label="Pages of this pack"><ol>\n{entries}\n</ol></nav>',
            *self._print_choice(),
            "</header>",
            '<main id="pack-main" tabindex="-1">',
            *sections,
            "</main>",
            f"<footer>{html_text(self.pack.footer)}</footer>",
            "</body>",
            "</html>",
            "",
        )
        return "\n".join(parts)

    def _print_choice(self) -> Iterator[str]:
        if any(len(page.records or ()) > TALL for page in self.pages.values()):
            words = "Print without the long lists"
            yield f'<p class="choice"><label><input type="checkbox" id="print-short"> {words}</label></p>'

    def _logos(self) -> Iterator[str]:
        for logo in self.look.logos:
            scale = min(1.0, 1_800_000 / logo.width, 576_000 / logo.height)  # at most 5 × 1.6 cm, as in the workbook
            width, height = (round(side * scale / _EMU_PIXEL) for side in (logo.width, logo.height))
            data = base64.b64encode(logo.data).decode()
            yield (
                f'<img src="data:image/{logo.format};base64,{data}" alt="{html_text(logo.alt)}" width="{width}" '
                f'height="{height}">'
            )

    def _paper(self) -> str:
        """Paper for each orientation, with the footer that the workbook prints."""
        size, small = self.pack.paper, "font-size: 8pt; color: #595959;"
        return "\n".join(
            (
                f"@page {{ size: {size} landscape; margin: 12mm 12mm 15mm;",
                f"  @bottom-left {{ content: {css_string(self.pack.footer)}; {small} }}",
                f'  @bottom-right {{ content: "Page " counter(page) " of " counter(pages); {small} }}',
                "}",
                f"@page upright {{ size: {size} portrait; }}",
                "@media print { .portrait { page: upright; } }",
            )
        )
