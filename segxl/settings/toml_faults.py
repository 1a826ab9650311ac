"""Faults of a TOML file in plain words: what the parser says, for a person who writes settings."""

from __future__ import annotations


def in_plain_words(message: str, text: str) -> str:
    """A parser's message in plain words, with its line and key. Values are not shown: one may be a password."""
    what, _, place = message.removesuffix(" (at end of document)").partition(" (at line ")
    words = next((words for start, words in _FAULTS.items() if what.startswith(start)), what)
    number, lines = place.partition(",")[0], text.split("\n")
    if not number or int(number) > len(lines):
        return words
    key, equals, _ = lines[int(number) - 1].partition("=")
    return f"line {number}{f', {key.strip()}' if equals else ''}: {words}"


_FAULTS = {
    "Cannot overwrite a value": "the key is already set above; keep one of the two",
    "Cannot declare": "the section is already above; put its lines together, or write [[…]] for several files",
    "Expected newline or end of document": "put texts in quotes and write dates like 2026-10-31; one setting per line",
    "Invalid value": 'put texts in quotes, like "EUR"',
    "Expected '=' after a key": "write a setting as key = value; a key with spaces or accents needs quotes",
    "Invalid statement": "write a setting as key = value; a key with spaces or accents needs quotes",
    "Unclosed array": "a list needs ] at its end",
    "Unclosed inline table": "a table in braces needs } at its end",
    "Expected ']' at the end of a table": "a section is a line of its own, like [tables.leads]",
    'Expected "\'"': "a text needs the same quotes at both ends",
    "Unterminated string": "a text needs the same quotes at both ends",
    "Illegal character": "a text needs the same quotes at both ends",
    "Unescaped '\\' in a string": "use single quotes for a path with backslashes, or forward slashes",
}
"""What the parser's faults mean to a person who writes settings, by how the parser's message begins."""
