"""The README points at what exists."""

from __future__ import annotations

import re

from segxl.cli.commands import commands
from tests.places import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_path_and_symbol_exists() -> None:
    named = re.findall(r"`((?:segxl|tests|templates|workbooks|\.ci)/[\w./-]*)`", README)
    assert len(named) > 15
    assert [path for path in named if not (ROOT / path).exists()] == []
    for symbol, path in re.findall(r"`(\w+\.\w+)` in `(segxl/[\w./]+\.py)`", README):
        owner, method = symbol.split(".")
        text = (ROOT / path).read_text(encoding="utf-8")
        assert f"class {owner}" in text and f"def {method}(" in text, symbol


def test_no_paragraph_is_longer_than_six_lines() -> None:
    for paragraph in re.split(r"\n\s*\n|^\s*(?:\d+\.|-) |^```.*$", README, flags=re.MULTILINE):
        lines = [line for line in paragraph.splitlines() if line.strip() and not line.lstrip().startswith("|")]
        if lines and not lines[0].startswith("    "):
            assert len(lines) <= 6, paragraph


def test_every_command_exists() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    listed = re.findall(r"`(\w+)`", changelog.partition("\nCommands:")[2])
    named = re.findall(r"(?:^    |`)segxl (\w+)", README + changelog, flags=re.MULTILINE)
    assert listed and named
    assert {*listed, *named} <= commands.commands.keys()
