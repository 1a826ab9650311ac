"""The README points at what exists."""

from __future__ import annotations

import re
import tomllib

import click

from segxl.cli import help as texts
from segxl.cli.commands import commands
from tests.places import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


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
    listed = re.findall(r"`(\w+)`", CHANGELOG.partition("\nCommands:")[2])
    named = re.findall(r"(?:^    |`)segxl (\w+)", README + CHANGELOG, flags=re.MULTILINE)
    assert listed and named
    assert {*listed, *named} <= commands.commands.keys()
    assert set(listed) == commands.commands.keys()


def test_every_option_belongs_to_its_command() -> None:
    lines = re.findall(r"^    segxl (.*?)(?:  .*)?$", README, flags=re.MULTILINE)
    lines += re.findall(r"`segxl\s([^`]+)`", README + CHANGELOG)
    found = 0
    for line in lines:
        command: click.Command = commands
        words = line.split()
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            command = command.commands[words.pop(0)]
        options = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
        used = {word for word in words if word.startswith("-")}
        assert used <= options, line
        found += len(used)
    assert found > 10


def test_every_topic_and_extra_exists() -> None:
    topics = set(re.findall(r"`segxl\shelp\s(\w+)`", README))
    assert len(topics) > 10 and topics <= texts.topics().keys()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = re.findall(r"(?:segxl|\.)\[([\w,]+)\]", README)
    assert extras and {one for text in extras for one in text.split(",")} <= project["optional-dependencies"].keys()
