"""Yes and no in the spellings that programs and spreadsheets write: the one reader of flags.

Excel, LibreOffice and database tools write a boolean in the language of their user: a German Excel saves ``WAHR`` and
``FALSCH`` into a CSV. Letters' case, accents and width do not count. Any other word is unreadable: it is never a no.
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np
from numpy.typing import NDArray

from segxl.sources.values.shapes import Bools
from segxl.tables.contracts import PLACEHOLDERS
from segxl.tables.text_column import TextColumn, Texts

FLAG_WORDS = (
    ("TRUE", "FALSE"),
    ("yes", "no"),
    ("on", "off"),
    ("checked", "unchecked"),
    ("y", "n"),
    ("t", "f"),
    ("WAHR", "FALSCH"),  # German
    ("ja", "nein"),
    ("j", "n"),
    ("VRAI", "FAUX"),  # French
    ("oui", "non"),
    ("VERDADERO", "FALSO"),  # Spanish
    ("sí", "no"),
    ("s", "n"),
    ("VERO", "FALSO"),  # Italian
    ("sì", "no"),
    ("VERDADEIRO", "FALSO"),  # Portuguese, Galician
    ("sim", "não"),
    ("CERT", "FALS"),  # Catalan
    ("WAAR", "ONWAAR"),  # Dutch
    ("ja", "nee"),
    ("SANT", "FALSKT"),  # Swedish
    ("ja", "nej"),
    ("SAND", "FALSK"),  # Danish
    ("SANN", "USANN"),  # Norwegian
    ("ja", "nei"),
    ("TOSI", "EPÄTOSI"),  # Finnish
    ("kyllä", "ei"),
    ("TÕENE", "VÄÄR"),  # Estonian
    ("jah", "ei"),
    ("TEISINGA", "KLAIDINGA"),  # Lithuanian
    ("taip", "ne"),
    ("PATIESS", "APLAMS"),  # Latvian
    ("jā", "nē"),
    ("IGAZ", "HAMIS"),  # Hungarian
    ("igen", "nem"),
    ("PRAWDA", "FAŁSZ"),  # Polish
    ("tak", "nie"),
    ("PRAVDA", "NEPRAVDA"),  # Czech, Slovak
    ("ano", "ne"),
    ("áno", "nie"),
    ("ISTINA", "LAŽ"),  # Croatian, Serbian
    ("da", "ne"),
    ("RESNIČNO", "NERESNIČNO"),  # Slovenian
    ("ADEVĂRAT", "FALS"),  # Romanian
    ("da", "nu"),
    ("ИСТИНА", "ЛОЖЬ"),  # Russian
    ("да", "нет"),
    ("ИСТИНА", "ЛЪЖА"),  # Bulgarian
    ("да", "не"),
    ("ІСТИНА", "ХИБНІСТЬ"),  # Ukrainian
    ("так", "ні"),
    ("DOĞRU", "YANLIŞ"),  # Turkish
    ("evet", "hayır"),
    ("ΑΛΗΘΕΣ", "ΨΕΥΔΕΣ"),  # Greek
    ("ΑΛΗΘΗΣ", "ΨΕΥΔΗΣ"),
    ("ναι", "όχι"),
    ("真", "假"),  # Chinese, Japanese
    ("真", "偽"),
    ("是", "否"),
    ("はい", "いいえ"),
    ("참", "거짓"),  # Korean
    ("예", "아니요"),
    ("예", "아니오"),
    ("BENAR", "SALAH"),  # Indonesian
    ("ya", "tidak"),
    ("ĐÚNG", "SAI"),  # Vietnamese
    ("✓", "✗"),
    ("✔", "✘"),
    ("☑", "☐"),
)
"""Pairs of yes and no. An ``x`` is in none: with blanks it may mean yes, with ticks it means no."""

_PLAIN_LETTERS = str.maketrans("łıđø", "lido")
_NUMBER = re.compile(r"([01])(?:[.,]0+)?")


def plain_word(text: str) -> str:
    """A word without what spellings differ in: case, accents, the width of its letters."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", kept.casefold()).translate(_PLAIN_LETTERS).strip()


_FLAGS = {"": -1} | {plain_word(word): int(not at) for pair in FLAG_WORDS for at, word in enumerate(pair)}


def flag(text: str) -> int | None:
    """1 for yes, 0 for no, -1 for a blank; None for any other word."""
    word = plain_word(text)
    if number := _NUMBER.fullmatch(word):
        return int(number[1])
    return _FLAGS.get(word)


def read_flags(texts: Texts | TextColumn) -> tuple[NDArray[np.int8], Bools]:
    """Read a column of yes and no: ``TRUE``, ``Yes``, ``1``, ``1.0``, and what they are in :data:`FLAG_WORDS`.

    Returns:
        ``flags``: int8, 1 yes, 0 no, -1 where blank or bad. ``bad``: what is not blank and neither.
    """
    column = TextColumn.of(texts)
    read = [flag(text) for text in column.distinct]
    flags = np.array([-1 if one is None else one for one in read], dtype=np.int8)
    bad = np.array([one is None for one in read], dtype=bool)
    return flags[column.codes], bad[column.codes]


def read_export_flags(texts: Texts | TextColumn) -> tuple[NDArray[np.int8], Bools]:
    """The same for a flag of a known export, where a program's word for nothing, like ``NULL``, is a blank."""
    return read_flags(TextColumn.of(texts).changed(lambda text: "" if text.casefold() in PLACEHOLDERS else text))
