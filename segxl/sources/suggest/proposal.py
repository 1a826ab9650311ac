"""A proposed segxl.toml for a folder without one: the table of each file, and the lines that name it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from segxl.errors import SegxlError
from segxl.messages import listed as some_of
from segxl.settings.how_to_set import quoted
from segxl.settings.model import DEAL_TYPES, Settings
from segxl.sources.formats import FORMATS
from segxl.sources.records.not_records import blank_rows, not_records
from segxl.sources.suggest.passed_stages import in_their_order, stages_passed
from segxl.sources.suggest.side_tables import Stage, side_table, stages_of, tells
from segxl.sources.suggest.suggestions import NO_HEADER, columns_block, likely_columns, looks_like_data, remarks_on
from segxl.sources.suggest.unnamed import (
    ONE_COPY,
    UnnamedFile,
    each_its_own,
    export_files,
    likely,
    looked_into,
    named_lines,
)
from segxl.sources.values.words import likely_deal_type

_STAGES = 12
"""A pipeline does not have more stages; longer lists are not proposed."""
_SEGMENTS = 20
"""A column with more values does not name segments."""
_COLUMNS = 60
"""The number of headers listed for an unknown file."""
_LONGEST = 80
"""Characters of a stage's name."""
_STAGED = ("opportunities", "opportunity_history")
"""Tables with stages."""


def proposed_settings(folder: Path) -> str:
    """The text of a segxl.toml that names the exports at the top of a folder; blank if there are none.

    It can be used unchanged. Nothing in it is guessed: a file with a known header is named; a file that only resembles
    a table has its lines as remarks, with the likeliest header of each column, and so has the order of the stages,
    which exports of deals do not show. If the CRM's own list of stages is there, the order is the list's, and stage IDs
    are read by its labels.
    """
    found = each_its_own(one for path in export_files(folder) for one in looked_into(path))
    if not found:
        return ""
    feeds = [(one, list(one.known or _like(one))) for one in found]
    wanted = Counter(table for _, tables in feeds for table in tables)
    several = {table for table, count in wanted.items() if count > 1}
    parts = [_remarks(["Proposed segxl.toml, from the headers of your files. Lines that start with # are ignored."])]
    (stages, in_order), listed = _stages(found), _listed(found)
    if stages or listed:
        parts.append(_stage_lines(stages, [stage for some in listed.values() for stage in some], in_order=in_order))
    parts += [_part(one, several, listed) for one in found]
    for table in (table for table in ONE_COPY if table in several):
        sure = all(one.known for one, tables in feeds if table in tables)
        names = ", ".join(one.shown for one, tables in feeds if table in tables)
        said = f"{wanted[table]} files {'are' if sure else 'may be'} {table}: {names}."
        parts.append(_remarks([f"{said} Delete the lines of copies and of other companies' files."]))
    parts += [_remarks(lines) for lines in (_type_lines(found), _segment_lines(found)) if lines]
    if any(one.raw is not None and not one.known and not _like(one) for one in found):
        parts.append(_remarks(["To map a file that is not recognised: segxl help exports"]))
    return "\n\n".join(parts) + "\n"


def _type_lines(found: Sequence[UnnamedFile]) -> list[str]:
    """The deal types of the files, each with a guess at its meaning."""
    types: dict[str, None] = {}
    for one in found:
        if one.raw is None or "opportunities" not in (one.known or _like(one)):
            continue
        known = next((own for own in FORMATS if own.name == one.known.get("opportunities")), None)
        columns = known.sources(one.header) if known else likely_columns(one.header, "opportunities", one.raw)[0]
        header = columns.get("type", "type")
        if header in one.raw.header:
            types |= dict.fromkeys(word for word in one.raw.column(header) if 0 < len(word) <= _LONGEST)
    if not types or len(types) > _STAGES or set(types) <= set(DEAL_TYPES):
        return []
    said = f"Deal types in the files: check what each means ({', '.join(DEAL_TYPES)}) and remove the # at the start:"
    return [said, "[types]", *(f"{quoted(word)} = {quoted(likely_deal_type(word))}" for word in types)]


def _segment_lines(found: Sequence[UnnamedFile]) -> list[str]:
    """The columns of the accounts that part them into a few groups, as segments by column."""
    columns: dict[str, None] = {}
    for one in found:
        if one.raw is None or "accounts" not in (one.known or _like(one)):
            continue
        for header in one.raw.header:
            values = {word for word in one.raw.column(header) if word}
            if 2 <= len(values) <= _SEGMENTS and 3 * len(values) <= len(one.raw) and not any(map(_is_number, values)):
                columns[header] = None
    if not columns:
        return []
    first, *others = columns
    more = f"   # or {some_of(others, 6)}" if others else ""
    return [
        "One segment for each value of an accounts column; remove the # at the start:",
        "[segments]",
        f"by = {quoted(first)}{more}",
    ]


def _is_number(word: str) -> bool:
    return word.replace(",", "").replace(".", "").replace("-", "").replace("/", "").isdigit()


def _part(found: UnnamedFile, several: set[str], listed: Mapping[str, Sequence[Stage]]) -> str:
    if found.problem and found.raw is not None:
        said = [f"{found.shown}: not read: {found.problem}", f"In {found.encoding}, if the names look right:"]
        return "\n".join([_remarks(said), _part(replace(found, problem=""), several, listed)])
    if found.problem:
        said = [f"{found.shown}: not read: {found.problem}"]
        lines = [line for table in found.known for line in named_lines(found, table, several=table in several)]
        names = " and ".join(found.known.values())
        said += [f"In {found.encoding} it is {names}; if the names look right, remove the #:"] if lines else []
        return _remarks([*said, *lines])
    if found.known:
        lines = [
            line
            for table in found.known
            for line in (*named_lines(found, table, several=table in several), *_labels(found, table, listed))
        ]
        return "\n".join([_remarks([f"{found.shown}: {' and '.join(found.known.values())}"]), *lines])
    if side := side_table(found.header):
        return _remarks([f"{found.shown}: {side.name}; not a segxl table", side.note[0].upper() + side.note[1:]])
    table, near = likely(found)
    said = [f"{found.shown}: not a known export" + (f"; closest: {', '.join(near)}" if near else "")]
    said += [NO_HEADER[0].upper() + NO_HEADER[1:]] if looks_like_data(found.header) else []
    if table is None:
        return _remarks([*said, f"Its columns: {some_of(found.header, _COLUMNS)}"])
    _, lacking = likely_columns(found.header, table, found.raw)
    said += remarks_on(found.header, table, found.raw)
    doing = "complete these lines and" if lacking else "check these lines and"
    said.append(f"It looks like {table}; {doing} remove the # at the start:")
    lines = named_lines(found, table, several=table in several)
    block = columns_block(found.header, table, found.raw).splitlines()
    lines += [line.removeprefix("# ").replace('"   required', '"   # required') for line in block]
    return _remarks([*said, *lines])


def _like(found: UnnamedFile) -> Sequence[str]:
    table = likely(found)[0] if found.raw is not None else None
    return [table] if table else []


def _stage_lines(stages: Sequence[str], listed: Sequence[Stage], *, in_order: bool) -> str:
    """The open, won and lost stages. Without a list from the CRM they are in order of occurrence, so the user has to
    check the order."""
    ids = {one.id.casefold() for one in listed}
    named = {
        "stages": [one.label for one in listed if one.outcome == "open"],
        "won_stages": [one.label for one in listed if one.outcome == "won"],
        "lost_stages": [one.label for one in listed if one.outcome == "lost"],
    }
    for stage in (stage for stage in stages if stage.casefold() not in ids):
        won, lost = tells(stage, "won"), tells(stage, "lost")
        named["won_stages"] += [stage] if won else []
        named["lost_stages"] += [stage] if lost else []
        named["stages"] += [] if won or lost else [stage]
    lines = [f"{name} = [{', '.join(map(quoted, _each_once(some)))}]" for name, some in named.items() if some]
    said = "Stages in the files: put the open ones in order and remove the # at the start:"
    if in_order:
        said = "Stages in the order in which deals entered them: check them and remove the # at the start:"
    if listed:
        said = "Stages from the CRM's stage list: check them and remove the # at the start:"
    return _remarks([said, *lines])


def _each_once(stages: Iterable[str]) -> list[str]:
    return list({stage.casefold(): stage for stage in reversed(list(stages))}.values())[::-1]


def _listed(found: Sequence[UnnamedFile]) -> dict[str, list[Stage]]:
    """By the CRM's word: the stages of its own list, for the pipelines of the files' deals."""
    used = {stage.casefold() for one in found for stage in dict.fromkeys(_stage_cells(one))}
    lists: dict[str, list[Stage]] = {}
    for one in found:
        side = side_table(one.header)
        stages = stages_of(one.raw) if side and one.raw is not None else []
        pipelines = {stage.pipeline for stage in stages if stage.id.casefold() in used}
        if side and pipelines:
            lists.setdefault(side.key, []).extend(stage for stage in stages if stage.pipeline in pipelines)
    return lists


def _labels(found: UnnamedFile, table: str, listed: Mapping[str, Sequence[Stage]]) -> list[str]:
    """The lines that translate a file's stage IDs to the labels of the CRM's list."""
    known = next((one for one in FORMATS if one.name == found.known.get(table)), None)
    stages = listed.get(known.key, ()) if known and table in _STAGED else ()
    labels = {one.id: one.label for one in stages if one.label != one.id}
    lines = [f"{quoted(stage)} = {quoted(label)}" for stage, label in labels.items()]
    return [f"[tables.{table}.values.stage]", *lines] if lines else []


def _stages(found: Sequence[UnnamedFile]) -> tuple[list[str], bool]:
    """The stages of all files of opportunities and of their histories, except the default closed ones; and whether
    their order is the one in which opportunities passed them."""
    closed = {stage.casefold() for stage in (*Settings().won_stages, *Settings().lost_stages)}
    passed = [stages for one in found for stages in stages_passed(one)]
    stages: dict[str, str] = {}
    for stage in (*in_their_order(passed), *(stage for one in found for stage in dict.fromkeys(_stage_cells(one)))):
        if 0 < len(stage) <= _LONGEST and stage.casefold() not in closed:
            stages.setdefault(stage.casefold(), stage)
    return (list(stages.values()) if len(stages) <= _STAGES else []), bool(passed)


def _stage_cells(found: UnnamedFile) -> Sequence[str]:
    """The stages of a file of opportunities, row by row, without the lines below a report."""
    raw, header = found.raw, ""
    if "opportunities" in found.known:
        known = next((one for one in FORMATS if one.name == found.known["opportunities"]), None)
        header = known.sources(found.header).get("stage", "") if known else "stage"
    elif not found.known and _like(found) == ["opportunities"]:
        header = likely_columns(found.header, "opportunities", found.raw)[0].get("stage", "")
    if raw is None or not header:
        return ()
    cells = raw.column(header)
    with suppress(SegxlError):  # reading the file reports the reason
        cells = cells[~not_records(raw, blank_rows(raw)).rows]
    return [*cells]


def _remarks(lines: Iterable[str]) -> str:
    """Lines as remarks; a line end or a control character in a file's name ends none of them."""
    plain = ("".join(letter if letter.isprintable() else " " for letter in line) for line in lines)
    return "\n".join(f"# {line}" for line in plain)
