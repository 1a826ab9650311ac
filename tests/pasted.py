"""What a message asks to be pasted into segxl.toml, pasted where it says."""

from __future__ import annotations

import re
from pathlib import Path

_LINE = r"(?P<added>[^\n]+? = (?:\[.*?\]|\{.*?\}|\".*?\"))"
_BELOW = re.compile(r"below the line (?P<line>\[{1,2}[\w.]+\]{1,2})(?: of this file)? add " + _LINE)
_AT_THE_END = re.compile(r"at the end of segxl\.toml add a line (?P<line>\[\w+\]), and below it " + _LINE)


def pasted_into(settings: Path, message: str) -> int:
    """Paste every line that a message asks for, each once; how many there were."""
    text, done = settings.read_text(encoding="utf-8"), 0
    for found in dict.fromkeys((one["line"], one["added"]) for one in _BELOW.finditer(message)):
        line, added = found
        assert text.count(f"{line}\n") == 1, f"the settings have no line {line}, or several"
        text, done = text.replace(f"{line}\n", f"{line}\n{added}\n"), done + 1
    for found in dict.fromkeys((one["line"], one["added"]) for one in _AT_THE_END.finditer(message)):
        line, added = found
        text, done = f"{text}\n{line}\n{added}\n", done + 1
    settings.write_text(text, encoding="utf-8")
    return done
