"""The handle: the text in a cell that identifies a dataset.

``segxl:9f3a5c1e07d24b86 C:\\data\\exports {toggles.membership=period_end}``: the fingerprint of the data, where they
are, and the settings that were changed. It says enough to load the data again in another Python process, and Excel
recalculates what depends on it when the text changes. Tables of a workbook are named by it in brackets:
``[Model.xlsm]``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from segxl.api import Analysis
from segxl.excel.functions.problems import BadArgumentError
from segxl.sources.files.raw import sha256_of

PREFIX = "segxl:"
_DIGITS = 16
_HANDLE = re.compile(
    rf"{PREFIX}(?P<fingerprint>[0-9a-f]{{{_DIGITS}}}) (?P<source>.+?)(?: \{{(?P<settings>[^{{}}]*)\}})?"
)


@dataclass(frozen=True)
class Handle:
    """A handle taken apart; ``book`` is whether the source is an open workbook's tables."""

    fingerprint: str
    source: str
    settings: tuple[tuple[str, str], ...] = ()
    book: bool = False

    def __str__(self) -> str:
        source = f"[{self.source}]" if self.book else self.source
        words = "; ".join(f"{key}={quote(value, safe=_PLAIN)}" for key, value in self.settings)
        return f"{PREFIX}{self.fingerprint} {source}" + (f" {{{words}}}" if words or source.endswith("}") else "")

    @classmethod
    def parse(cls, text: str) -> Handle:
        """Read a handle.

        Raises:
            BadArgumentError: the text is none.
        """
        match = _HANDLE.fullmatch(text)
        if match is None:
            shown = text if len(text) <= 60 else f"{text[:59]}…"
            raise BadArgumentError(f"dataset is {shown!r}: point to a cell with SEGXL_DATASET")
        pairs = (word.partition("=") for word in (match["settings"] or "").split("; ") if word)
        settings = tuple((key, unquote(value)) for key, _, value in pairs)
        source = match["source"]
        book = source.startswith("[") and source.endswith("]")
        return cls(match["fingerprint"], source[1:-1] if book else source, settings, book)


_PLAIN = " ,:/-_.()"
"""Signs of a setting's value that cannot be taken for the handle's own."""


def fingerprint_of(analysis: Analysis) -> str:
    """The fingerprint of the data: the bytes of every input, and the settings."""
    dataset = analysis.dataset
    inputs = [(entry.table, entry.file, entry.sha256) for entry in dataset.ledger.files]
    return fingerprint(json.dumps([inputs, dataset.settings.given()], sort_keys=True).encode())


def fingerprint(data: bytes) -> str:
    """The first digits of the SHA-256."""
    return sha256_of(data)[:_DIGITS]


def plain_settings(settings: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Changed settings as text in a handle, sorted by key."""
    return tuple(sorted((key.strip(), str(value)) for key, value in settings.items()))
