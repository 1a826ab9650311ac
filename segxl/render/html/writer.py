"""The web page: every page of a pack in one HTML file that needs nothing else.

The same pages as the workbook's, drawn for reading: the results as sections, what is behind them to open on demand,
definitions behind the names that they define, charts as pictures of lines (SVG). No script, no request to anywhere; the
look is the workbook's template. The same pack and template make the same bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path

from segxl.pages.model import Pack, Page
from segxl.render.html.css import css_string, style_rules
from segxl.render.html.document import LISTED, Document
from segxl.render.html.section import Section, html_text
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
    lists = ", ".join(document.shortened)
    return (f"{lists}: the first {LISTED} rows of each; the workbook and `segxl explain` have all",) if lists else ()


class _Writer(Document):
    """The web page: its frame, and a section for each page of the pack."""

    def draw(self, sheet: str) -> str:
        pages = list(self.pages.values())
        shown = [page for page in pages if page.tab == "output"]
        sections = [Section(self, page).draw() for page in pages]
        drawn = dict(zip(self.pages, sections, strict=True))
        style = "\n".join((style_rules(self.look), sheet.strip(), self._paper(), *self.rules))
        title = html_text(self.pack.title)
        entries = "\n".join(f"<li>{self._entry(page)}</li>" for page in shown)
        behind = [page for page in pages if page.tab != "output"]
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
            '<header class="pack" id="pack-top">',
            *self._logos(),
            f"<h1>{title}</h1>",
            f"<p>{html_text(self.pack.subject)}</p>",
            f'<nav aria-label="Pages of this pack"><ol>\n{entries}\n{self._more(behind)}</ol></nav>',
            "</header>",
            '<main id="pack-main" tabindex="-1">',
            *(drawn[page.key] for page in shown),
            *self._behind([drawn[page.key] for page in behind]),
            "</main>",
            f"<footer>{html_text(self.pack.footer)}</footer>",
            "</body>",
            "</html>",
            "",
        )
        return "\n".join(parts)

    def _entry(self, page: Page) -> str:
        return f'<a href="#{self.names[page.key]}">{html_text(page.title)}</a>'

    def _more(self, behind: Sequence[Page]) -> str:
        return '<li><a href="#pack-behind">Behind the numbers</a></li>\n' if behind else ""

    def _behind(self, sections: Sequence[str]) -> Iterator[str]:
        """The pages that open on demand: checks, sources, definitions, lists of rows."""
        if sections:
            yield '<div class="behind" id="pack-behind">'
            yield '<p class="part">Behind the numbers: open a line to read it; what is open is printed.</p>'
            yield from sections
            yield "</div>"

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
