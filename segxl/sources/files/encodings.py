"""Possible encodings of a text file that is not UTF-8, as texts that let the user choose."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

_CANDIDATES = (
    ("cp932", "cp932"),
    ("euc-jp", "euc_jp"),
    ("gbk", "gbk"),
    ("gb18030", "gb18030"),
    ("big5", "big5"),
    ("cp950", "cp950"),
    ("euc-kr", "euc_kr"),
    ("cp949", "cp949"),
    ("windows-1252", "cp1252"),
    ("windows-1250", "cp1250"),
    ("windows-1251", "cp1251"),
    ("windows-1253", "cp1253"),
    ("windows-1254", "cp1254"),
    ("windows-1255", "cp1255"),
    ("windows-1256", "cp1256"),
    ("windows-1257", "cp1257"),
    ("windows-1258", "cp1258"),
    ("windows-874", "cp874"),
    ("koi8-r", "koi8_r"),
    ("mac-roman", "mac_roman"),
    ("mac-cyrillic", "mac_cyrillic"),
    ("cp850", "cp850"),
    ("cp866", "cp866"),
)
"""Encodings that Excel and its relatives write, and Python's codec of each."""

_LOOKED_AT = 2_000_000
"""Bytes of a file whose words are compared; whether an encoding can read the file is checked on all of it."""
_WORDS = 2_000
_PLAUSIBLE = 0.8
"""Share of the words that have to look like words."""
_NAMED = 8
_UTF8_LETTER = rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})"
UTF8 = re.compile(_UTF8_LETTER)
"""A letter of several bytes. In a one-byte encoding it is a combination that does not occur in words, like Ã¼."""
_UTF8_RUN = re.compile(_UTF8_LETTER + rb"+")
_UTF8_WORD = re.compile(_UTF8_LETTER + rb"{4,}")
"""Letters enough that no other encoding makes them by chance."""
_HIGH = re.compile(rb"[\x80-\xff]+")
_WORD = re.compile(r"[^\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f\s]+")
"""Letters, digits and all characters beyond ASCII."""


def fitting(data: bytes) -> list[tuple[str, str]]:
    """The encodings that read every byte of a file, each with a word of the file as it reads it.

    None is a guess: each decodes the whole file, and in each most words are words: of one script, without signs
    inside, with capitals in front. Those that read the file alike count once; the most plausible comes first.
    """
    found: list[tuple[float, str, str]] = []
    texts: set[str] = set()
    lines = _lines_with_high_bytes(data)
    for name, codec in _CANDIDATES:
        try:
            text = lines.decode(codec)
            data.decode(codec)
        except UnicodeDecodeError:
            continue
        words = list(dict.fromkeys(word for word in _WORD.findall(text) if not word.isascii()))[:_WORDS]
        share = sum(map(_is_word, words)) / len(words) if words else 0.0
        if share >= _PLAUSIBLE and text not in texts:
            texts.add(text)
            found.append((share, name, next(word for word in words if _is_word(word))))
    return [(name, word) for share, name, word in sorted(found, key=lambda one: -one[0])][:_NAMED]


def two_are_mixed(data: bytes) -> bool:
    """Whether a file that is not UTF-8 is mostly UTF-8: most of its letters beyond ASCII are complete UTF-8, and either
    some are unlikely by chance, or no other encoding makes words of them."""
    runs = set(_HIGH.findall(data[:_LOOKED_AT]))
    whole = [run for run in runs if _UTF8_RUN.fullmatch(run)]
    if not runs or 2 * len(whole) < len(runs):
        return False
    return any(map(_UTF8_WORD.fullmatch, whole)) or not fitting(data)


def choices(found: Sequence[tuple[str, str]]) -> tuple[list[tuple[str, str]], str]:
    """The encodings to choose from, each with a word as it reads it, and the rest of the fix."""
    if not found:
        return [("…", "")], ', the one it was saved in, or save the file as "CSV UTF-8"'
    either = ": take the one in which the names are right" if len(found) > 1 else ""
    return [(name, f" ({word[:20]!r})") for name, word in found], f'{either}; or save the file as "CSV UTF-8"'


def _lines_with_high_bytes(data: bytes) -> bytes:
    return b"\n".join(_high_lines(data[:_LOOKED_AT]))


def _high_lines(data: bytes) -> Iterator[bytes]:
    size = 0
    for line in data.split(b"\n")[: None if len(data) < _LOOKED_AT else -1]:
        if not line.isascii():
            yield line
            size += len(line)
            if size > _LOOKED_AT // 10:
                return


def _is_word(word: str) -> bool:
    """Whether a text can be a word as people write it."""
    scripts: set[str] = set()
    before = ""
    if unicodedata.category(word[0])[0] == "M":
        return False
    for at, letter in enumerate(word):
        kind = unicodedata.category(letter)
        if kind in ("Co", "Cn", "Cc", "Cf") or "\u2500" <= letter <= "\u259f":  # lines and blocks of old terminals
            return False
        if letter.isascii() or kind[0] in "LM":
            script = _script(letter)
            scripts.add(script)
            if script == "CJK" and word[at + 1 : at + 2].isascii() and word[at + 1 : at + 2].islower():
                return False
            if letter.isupper() and before.islower() and not (letter.isascii() and before.isascii()):
                return False
        elif kind[0] in "SNP" and at > 0 and letter not in _INSIDE and (letter not in _BEHIND or at < len(word) - 1):
            return False
        before = letter
    return len(scripts - {"", "CJK"}) <= 1 and not ("CJK" in scripts and scripts & {"CYRILLIC", "GREEK", "HALFWIDTH"})


_BEHIND = "®™©°²³€£¥%»”’…"
"""Signs that may end a word."""
_INSIDE = "’·–—・／、。，：；（）「」《》【】！？〜～ー"
"""Signs that may be within one."""
_OF_EAST_ASIA = ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "FULLWIDTH", "IDEOGRAPHIC")


def _script(letter: str) -> str:
    """The first word of a letter's name in Unicode, which is its script; those that Chinese, Japanese and Korean mix
    are one, and digits are none."""
    if letter.isdigit():
        return ""
    name = unicodedata.name(letter, "").partition(" ")[0]
    return "CJK" if name in _OF_EAST_ASIA else name
