"""Every text that a user can see is in plain words: no phrase that a reader had to read twice comes back.

The phrases are from an analyst's reading of all texts. Docstrings count where they are shown: those of metrics,
highlights, commands and the Python API. A shorter list holds for all docstrings and comments of the package.
"""

from __future__ import annotations

import ast
import inspect
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from segxl.catalogue.metrics import CATALOGUE
from segxl.cli.commands import commands
from segxl.cli.help import topic, topics
from segxl.scorecard.highlights import RULES
from tests.places import ROOT

CODE = ROOT / "segxl"
CHECKOUT = pytest.mark.skipif(not (ROOT / "README.md").is_file(), reason="the texts are in a checkout only")

BANNED = {
    r"\bst(?:and|ands|ood)\b": "is, was, appears",
    r"\b(?:is|are|was|were|be) (?:told|said)\b": "show, list, report",
    r"\b(?:tells?|told)\b": "shows, gives",
    r"\b(?:is|are|was|were) no\b": "no X; is not a; there are no",
    r"\b(?:left|leaves?|leaving) (?:\S+ ){0,3}out\b": "excluded, filtered out, remove",
    r"\bbeside\b": "next to, and",
    r"\bparted\b|\bparts? (?:them|fields)\b": "separated, delimiter",
    r"\b(?:whoever|whatever|wherever|whichever)\b": "any, all",
    r"\bwhat (?:is|was|were) due\b": "due",
    r"\bof which\b": "a new sentence",
    r"\b(?:nobody|somebody)\b": "no one, or the passive",
    r"\bmend\b": "fix",
    r"\bsettle[sd]?\b": "decide, take",
    r"\btake \w+ (?:out|away)\b": "remove",
    r"\bmake room\b": "free some space",
    r"\bfor want of\b": "because there is no",
    r"\bholds?\b|\bholding\b": "contains, has; a check passed",
    r"\bwhat became of\b": "rows used, excluded and rejected",
    r"\b(?:is|was|are) drawn\b|\bdrew\b|\bdrawing\b": "created, ready",
    r"\btaken (?:as|over)\b": "read as, copied",
    r"\blook(?:ed)? (?:through|into)\b": "review, scan",
    r"\bbring in\b": "add",
    r"\b(?:feeds?|fed)\b": "maps to",
    r"\blikewise\b": "the same words again",
    r"\b(?:thereof|hence|thus)\b": "so",
    r"\bin silence\b": "silently",
    r"\bas it came\b": "unchanged",
    r"\ball the same\b": "still",
    r"\bby then\b": "by a date",
    r"\bmade-up\b": "fictional",
    r"\banew\b": "again",
    r"\bother readings?\b|\breadings\b": "alternative, toggles",
    r"\bdoes not tell\b|\bnothing tells\b|\bsays nothing\b": "no column found, unknown",
    r"\b(?:a|one) (?:workbook|web page|line|column|row) an? (?=\w)": "per",
    r"\bgo(?:es)? with\b": "works only with",
    r"\bfor instance\b": "for example",
    r"\bin another way\b": "differently",
    r"\bno known export's\b": "not a known export",
    r"^(?:Who|What|Whose) .+ (?:is|are|counts?)\b": "the noun first",
    r"\bcheck fails\b": "check failed",
    r"(?<!\.)\bids?(?=[,;:]? |\.$)": "ID, IDs",
    r"\bWin rate \(number\)|\bby number\b": "Win rate (count)",
}
"""What no text says, and what to say instead."""

PLAIN = {
    "there is no": "names what is missing, after a noun: the usual words",
    "there are no": "the same",
    "is no longer": "a change over time",
    "are no longer": "the same",
    "if nobody has it open": "the reader checks with colleagues: what a person would say",
    "of which this month": "the label of a part of the line above",
    "recorded by then": "'then' is the timeframe that the page names",
    "tell us": "asks people to write to the project",
}
"""Words around a banned phrase that make it right, and why."""


WRONG_IN_DOCSTRINGS = {
    r"\b(?:nobody|somebody)\b": "no one, unknown, a person",
    r"\bbeside\b": "next to, among",
    r"\b(?:told|tells?)\b": "shows, names, decides",
    r"\b(?:is|are|was|were|be|been) said\b": "reported",
    r"\b(?:left|leaves?) (?:\S+ ){0,2}out\b": "excluded, omitted",
    r"\ball the same\b": "still",
    r"\banew\b": "again",
    r"\bfor want of\b": "because there is no",
    r"\bwhat (?:became|becomes) of\b": "the outcome",
    r"\bsettle[sd]?\b": "decide",
    r"\bmend(?:s|ed)?\b": "fix, correct",
    r"\bin silence\b": "silently",
    r"(?<!there )\b(?:is|are) no such\b": "is not such a",
    r"\bst(?:ands?|ood)\b(?! for\b|-)": "is, are, begins",
}
"""What no docstring or comment of the package says, and what to say instead."""


def hits(text: str) -> list[str]:
    """The banned phrases of a text, each with what to say instead."""
    for phrase in PLAIN:
        text = re.sub(rf"\b{phrase}\b", "…", text, flags=re.IGNORECASE)
    found = ((re.search(pattern, text), instead) for pattern, instead in BANNED.items())
    return [
        f"{hit[0]!r} ({instead}) in {text[max(hit.start() - 60, 0) : hit.end() + 60]!r}"
        for hit, instead in found
        if hit
    ]


def modules() -> Iterator[tuple[str, ast.Module]]:
    """The modules of segxl with their paths in it."""
    for path in sorted(CODE.rglob("*.py")):
        yield path.relative_to(CODE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def documented(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Modules, classes and functions of a tree that have a docstring, with it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
            yield node, text


def strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every text in the code with its line: no docstring, and `{}` for what an f-string fills in."""
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
            parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            yield node.lineno, node.value


def remarks(path: Path) -> Iterator[tuple[int, str]]:
    """The docstrings and comments of a module with their lines; ``…`` for code and quotations in them."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, _without_code(node.value.value)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], _without_code(token.string)


def _without_code(text: str) -> str:
    return re.sub(r"``[^`]*``|\"[^\"]*\"|:\w+:`[^`]*`", "…", " ".join(text.split()))


def paragraphs(name: str) -> Iterator[tuple[str, str]]:
    """The paragraphs of a Markdown file of the checkout, without the code in them."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "`", (ROOT / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    yield from ((name, " ".join(paragraph.split())) for paragraph in text.split("\n\n"))


def assert_plain(texts: Iterator[tuple[str, str]]) -> None:
    checked = list(texts)
    assert checked
    wrong = [f"{place}: {hit}" for place, text in checked for hit in hits(text)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "text", ["'X' stands there twice", "left out by where: Status", "a workbook a segment", "Who leaves is flat"]
)
def test_the_guard_sees_what_readers_had_to_read_twice(text: str) -> None:
    assert hits(text)


@pytest.mark.parametrize(
    "text", ["A standard text that readers understand", "There is no revenue table", "Hubs_id, `id` and CRM IDs"]
)
def test_the_guard_passes_plain_words(text: str) -> None:
    assert not hits(text)


@pytest.mark.slow
def test_messages_labels_and_notes_in_the_code_are_plain() -> None:
    assert_plain((f"{name}:{line}", text) for name, tree in modules() for line, text in strings(tree))


@CHECKOUT
@pytest.mark.slow
def test_docstrings_and_comments_of_the_package_are_plain() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {hit[0]!r}, say: {instead}"
        for path in sorted(CODE.rglob("*.py"))
        for line, text in remarks(path)
        for pattern, instead in WRONG_IN_DOCSTRINGS.items()
        if (hit := re.search(pattern, text))
    ]
    assert not found, "\n".join(found)


def test_definitions_of_metrics_are_plain() -> None:
    assert_plain((metric.key, text) for metric in CATALOGUE for text in (metric.definition, metric.example))


def test_rules_of_highlights_are_plain() -> None:
    assert_plain((name, inspect.getdoc(rule) or "") for name, rule in RULES.values())


def test_docstrings_of_the_python_api_are_plain() -> None:
    tree = ast.parse((CODE / "api.py").read_text(encoding="utf-8"))
    shown = ((getattr(node, "name", "api"), text) for node, text in documented(tree))
    assert_plain((name, text) for name, text in shown if not name.startswith("_"))


def test_help_of_commands_is_plain() -> None:
    group = {"segxl": commands, **commands.commands}
    assert_plain((name, command.get_help(click.Context(command, info_name=name))) for name, command in group.items())


@CHECKOUT
def test_readme_is_plain() -> None:
    assert_plain(paragraphs("README.md"))


@CHECKOUT
def test_changelog_is_plain() -> None:
    assert_plain(paragraphs("CHANGELOG.md"))


def test_help_topics_are_plain() -> None:
    assert_plain((name, " ".join(part.split())) for name in topics() for part in topic(name).split("\n\n"))


@CHECKOUT
def test_messages_of_the_macros_are_plain() -> None:
    source = (ROOT / "templates" / "vba" / "segxl.bas").read_text(encoding="utf-8")
    code = (line.partition("  ' ")[0] for line in source.splitlines() if not line.startswith("'"))
    assert_plain(("segxl.bas", text) for line in code for text in re.findall(r'"([^"]* [^"]*)"', line))


@CHECKOUT
def test_the_ribbon_is_plain() -> None:
    ribbons = sorted((ROOT / "templates" / "ribbon").glob("*.xml"))
    words = r'(?:label|screentip|supertip)="([^"]*)"'
    assert_plain((path.name, text) for path in ribbons for text in re.findall(words, path.read_text(encoding="utf-8")))
