"""Reference by topic, for the terminal: ``segxl help TOPIC``.

A topic is a text file in this folder, or is made from the declarations that it describes: settings from the settings
model, tables from the contracts. A text's first line is its summary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from typing import Any, Literal, cast, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from segxl.errors import SegxlError, nearest
from segxl.settings.connections import Connection
from segxl.settings.model import TableSettings, setting_groups
from segxl.settings.toggles import TOGGLES, value_word
from segxl.tables.contracts import CONTRACTS, Contract

_SUFFIX = ".txt"


def topics() -> dict[str, str]:
    """Every topic with its summary, by name."""
    texts = {
        path.name.removesuffix(_SUFFIX): path.read_text(encoding="utf-8")
        for path in files(__name__).iterdir()
        if path.name.endswith(_SUFFIX)
    }
    found = {name: text.partition("\n")[0] for name, text in texts.items()}
    return dict(sorted((found | {name: summary for name, (summary, _) in _MADE.items()}).items()))


def overview() -> str:
    """The topics, a line each."""
    width = max(map(len, topics()))
    lines = [f"  {name:<{width}}  {summary}" for name, summary in topics().items()]
    return "\n".join(["segxl help TOPIC, where TOPIC is one of", "", *lines, "", "segxl metrics lists the metrics."])


def topic(name: str) -> str:
    """The text of a topic.

    Raises:
        SegxlError: the topic does not exist.
    """
    wanted = name.strip().casefold()
    if wanted in _MADE:
        summary, lines = _MADE[wanted]
        return "\n".join([summary, "", *lines()])
    if wanted not in topics():
        mentions = [one for one in topics() if wanted and wanted in topic(one).casefold()]
        found = f"; {', '.join(mentions)} mention it" if mentions else nearest(name, topics())
        raise SegxlError(f"no topic {name!r}{found}\nTopics: {', '.join(topics())}")
    return (files(__name__) / f"{wanted}{_SUFFIX}").read_text(encoding="utf-8").rstrip("\n")


def _settings() -> Iterator[str]:
    own: dict[str, type[BaseModel]] = {"tables.TABLE": TableSettings, "connections.NAME": Connection}
    groups = {**setting_groups(), **own}
    for section, model in groups.items():
        yield f"[{section}]" if section else "At the top of the file"
        for name, field in model.model_fields.items():
            if toggle := TOGGLES.get(name):
                default, *others = (toggle.words(value) for value in toggle.readings)
                yield f"  {name}: {toggle.question}. Default: {default}. Alternative: {'; '.join(others)}."
            elif field.description:
                blank = _blank(cast(Any, field.json_schema_extra))
                yield f"  {field.alias or name}: {field.description}{_words(field)}{blank or _default(field.default)}"
        if section == "segments":
            yield from _NAMED_SEGMENT
        yield ""


_NAMED_SEGMENT = (
    "  A segment by rule is a section of its own, below the other settings. Accounts must meet all conditions:",
    "",
    "    [[segments.named]]",
    '    name = "Large retail"',
    '    where = { Industry = ["Retail", "Wholesale"], Employees = { min = 1000 }, Country = { not = ["US"] } }',
)


def _words(field: FieldInfo) -> str:
    """The allowed words of a setting, if only some are."""
    kinds = (field.annotation, *get_args(field.annotation))
    words = [str(word) for kind in kinds if get_origin(kind) is Literal for word in get_args(kind)]
    return f" One of: {' or '.join(words)}." if words else ""


def _blank(extra: Mapping[str, Any] | None) -> str:
    return f" If left blank: {extra['blank']}." if extra and extra.get("blank") else ""


def _default(value: Any) -> str:
    """The default, where it is a value and not the lack of one."""
    words = [value_word(one) for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, str | int)]
    return f" Default: {', '.join(words)}." if words else ""


def _tables() -> Iterator[str]:
    yield "* required in every row. A table's key must be unique; a table without a key may repeat rows."
    for contracts in CONTRACTS.values():
        for contract in contracts:
            yield ""
            yield from _table(contract)


def _table(contract: Contract) -> Iterator[str]:
    shape = f" ({contract.shape})" if contract.shape else ""
    key = f"; key: {', '.join(contract.key)}" if contract.key else ""
    yield f"{contract.table}{shape}: {contract.help}{key}"
    for column in contract.columns:
        words = f": {', '.join(column.choices)}" if column.choices else ""
        yield f"  {column.name}{'*' if column.required else ''} ({column.type}): {column.help}{words}"


_MADE: Mapping[str, tuple[str, Callable[[], Iterator[str]]]] = {
    "settings": ("All settings of segxl.toml and the sheet Settings.", _settings),
    "tables": ("The input tables and their columns.", _tables),
}
"""Topics that are made from declarations: summary and lines."""
