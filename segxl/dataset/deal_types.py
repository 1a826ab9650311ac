"""The type of a deal, from the export's word and the map of types."""

from __future__ import annotations

import re
from collections.abc import Mapping

from segxl.settings.model import DEAL_TYPES
from segxl.sources.values.flags import plain_word


def deal_type(types: Mapping[str, str], word: str) -> str | None:
    """The type that a word means by the map, or that it is itself; ``other`` for a blank, None for any other word."""
    if not word or word in DEAL_TYPES:
        return types.get(word, word or "other")
    folded = {known.casefold(): kind for known, kind in types.items()}
    return folded.get(word.casefold())


def looks_like_type(word: str) -> bool:
    """Whether a word means new or existing business, like the types that CRMs offer."""
    return _TYPE.search(plain_word(word)) is not None


_TYPE = re.compile(
    r"\bnew|new ?business|new ?logo|existing|up-?\s?sell|cross-?\s?sell|renew|expansion|add-?\s?on|upgrade|"
    r"\bneu|bestand|verlanger|erneuer|nouve|renouvel|existant|nuevo|nueva|renova|nuov|rinnov|\bnov[oa]|nieuw|verleng"
)
