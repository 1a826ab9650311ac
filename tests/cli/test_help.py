"""`segxl help`: every topic has a summary, fits a terminal, and names only what exists."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from segxl.cli import help as texts
from segxl.cli.commands import commands
from segxl.errors import SegxlError
from segxl.settings.model import Settings, TableSettings
from segxl.settings.toggles import TOGGLES
from segxl.tables.contracts import CONTRACTS

TOPICS = tuple(texts.topics())


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(commands, ["help", *arguments], standalone_mode=False)
    assert result.exception is None
    return result.output


def test_the_list_names_every_topic_with_its_summary() -> None:
    listed = shown()
    for name, summary in texts.topics().items():
        assert re.search(rf"^  {name} +{re.escape(summary)}$", listed, re.MULTILINE)
        assert summary.endswith(".") and shown(name).startswith(f"{summary}\n")


@pytest.mark.parametrize("name", [name for name in TOPICS if name not in ("settings", "tables")])
def test_a_topic_is_no_wider_than_a_terminal(name: str) -> None:
    assert not [line for line in shown(name).splitlines() if len(line) > 110]


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic_names_commands_and_topics_that_exist(name: str) -> None:
    text = shown(name)
    assert set(re.findall(r"^ +segxl ([a-z]+)", text, re.MULTILINE)) <= set(commands.commands)
    assert set(re.findall(r"segxl help ([a-z]+)", text)) <= set(TOPICS)


def test_the_settings_and_the_tables_are_all_there() -> None:
    settings, tables = shown("settings"), shown("tables")
    for name in (*Settings.model_fields, *TableSettings.model_fields, *TOGGLES):
        assert re.search(rf"^  {name}: |^\[{name}[\].]", settings, re.MULTILINE), name
    assert "One of: day-first or month-first or year-first." in settings
    for contract in (one for contracts in CONTRACTS.values() for one in contracts):
        assert all(f"  {column}" in tables for column in contract.names)


def test_a_setting_shows_its_default_once() -> None:
    settings = shown("settings")
    for toggle in TOGGLES.values():
        line = next(line for line in settings.splitlines() if line.startswith(f"  {toggle.name}: "))
        assert all(line.count(words) == 1 for words in toggle.readings.values()), line
        assert f"Default: {toggle.words(toggle.default)}. Alternative: " in line
    assert "Default: Closed Won.\n" in settings and "Default: UTC.\n" in settings
    assert "Exclude opportunities with amount 0 or blank. Default: false.\n" in settings
    assert not re.search(r"Default: *(None|Pydantic|\.)", settings)


def test_an_unknown_topic_gets_the_nearest() -> None:
    with pytest.raises(SegxlError, match="did you mean 'warnings'"):
        texts.topic("warnigs")


def test_a_word_finds_the_topics_that_mention_it() -> None:
    with pytest.raises(SegxlError, match=r"no topic 'fx'; .*tables.* mention it"):
        texts.topic("fx")
