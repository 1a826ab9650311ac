"""The words of closed sets in the spellings that exports use: statuses, kinds, types of movement.

A word counts in any case, with or without accents, and with spaces or hyphens for underscores. Any other word is
reported and never replaced by a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from segxl.sources.values.flags import flag, plain_word
from segxl.tables.contracts import Column, Type

SPELLINGS: Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]] = {
    ("opportunities", "status"): {
        "open": (
            *("Opened", "In Progress", "Active", "Offen", "Ouvert", "Ouverte", "En cours", "Abierto", "Abierta"),
            *("Aperto", "Aperta", "Aberto", "Aberta", "Öppen", "Åben", "Åpen", "Avoin", "Otwarte", "Otwarta"),
            *("Otevřeno", "Otevřené", "Nyitott", "Açık", "Открыта", "Открыто", "進行中", "进行中", "진행 중"),
        ),
        "won": (
            *("Closed Won", "Gewonnen", "Gagné", "Gagnée", "Ganado", "Ganada", "Vinto", "Vinta", "Ganho", "Ganha"),
            *("Vunnen", "Vunnet", "Voitettu", "Wygrane", "Wygrana", "Vyhráno", "Megnyert", "Kazanıldı", "Выиграна"),
            *("Выиграно", "受注", "赢单", "성공"),
        ),
        "lost": (
            *("Closed Lost", "Verloren", "Perdu", "Perdue", "Perdido", "Perdida", "Perso", "Persa", "Förlorad"),
            *("Tabt", "Tapt", "Hävitty", "Przegrane", "Przegrana", "Prohráno", "Elvesztett", "Kaybedildi"),
            *("Проиграна", "Проиграно", "失注", "输单", "실패"),
        ),
    },
    ("timeframes", "kind"): {
        "month": ("months", "monthly", "month to month", "Monat", "mois", "mes", "mese", "mês", "maand"),
        "range": ("ranges", "range to range", "Zeitraum", "période", "rango", "periodo", "período", "periode"),
        "week": ("weeks", "weekly", "week to week", "Woche", "semaine", "semana", "settimana"),
    },
    ("activities", "source"): {
        "6sense_keyword": ("6sense keywords", "6sense keyword research"),
        "bombora_topic": ("bombora topics",),
        "g2_intent": (),
        "trustradius_intent": (),
        "crm_map_campaign": ("crm/map campaign", "crm/map campaigns", "crm map campaigns"),
        "6sense_campaign": ("6sense campaigns",),
        "external_campaign": ("external campaigns",),
        "linkedin_campaign": ("linkedin campaigns",),
        "anonymous_web": ("anonymous website visit", "anonymous web visit"),
        "known_web": ("known website visit", "known web visit"),
        "webinar": ("webinars",),
        "trade_show": ("trade shows", "tradeshow", "tradeshows"),
        "field_event": ("field events",),
        "crm_activity": ("crm activities",),
    },
    ("activities", "kind"): {
        "intent": (),
        "reach": (),
        "engagement": ("engagements",),
    },
    ("leads", "rejected_from"): {
        "lead": ("leads",),
        "mql": ("mqls", "marketing qualified", "marketing qualified lead"),
    },
    ("revenue", "type"): {
        "opening": ("opening balance",),
        "new": ("new business", "new biz"),
        "expansion": ("expansions",),
        "contraction": ("contractions",),
        "churn": ("churned",),
        "reactivation": ("reactivations", "reactivated"),
    },
    ("costs", "kind"): {
        "acquisition": ("acquisitions", "acquisition cost", "acquisition costs"),
        "labor": ("labour", "labor cost", "labor costs", "labour cost", "labour costs"),
    },
}
"""Further spellings of the choices of a contract's column, by table and column."""


def _folded(word: str) -> str:
    return "".join(letter for letter in plain_word(word) if letter.isalnum())


@cache
def _known(table: str, column: str, choices: tuple[str, ...]) -> Mapping[str, str]:
    spellings = SPELLINGS.get((table, column), {})
    further = {_folded(word): choice for choice, words in spellings.items() for word in words}
    return further | {_folded(choice): choice for choice in choices}


def choice(table: str, column: Column, word: str) -> str | None:
    """The choice of a contract's column that a word spells; blank for a blank, None for any other word."""
    return _known(table, column.name, column.choices).get(_folded(word)) if word else ""


def own_word(table: str, column: Column, word: str) -> bool:
    """Whether a column of a closed set knows a word without a map: a flag's yes or no, or one of its choices."""
    if column.type is Type.FLAG:
        return flag(word) is not None
    return bool(column.choices) and choice(table, column, word) is not None


def likely_deal_type(word: str) -> str:
    """The deal type that an export's word probably means, for a proposal; ``other`` if nothing speaks for one."""
    plain = plain_word(word)
    return next((kind for kind, parts in _TYPE_WORDS if any(part in plain for part in parts)), "other")


_TYPE_WORDS = (
    ("renewal", ("renew", "extension", "verlanger", "erneuer", "renouvel", "renova", "rinnov", "verleng")),
    ("cross_sell", ("cross",)),
    ("upsell", ("upsell", "up-sell", "expan", "exist", "add-on", "upgrade", "bestand")),
    ("new_logo", ("new", "neu", "nouve", "nuev", "nuov", "nieuw")),
)
"""Parts of words by which a deal type is guessed, the surest first."""
