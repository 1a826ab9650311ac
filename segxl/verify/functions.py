"""What Excel refuses although calculation engines forgive it: functions that Excel 2016 lacks or wants written with
``_xlfn.``, functions that change by themselves, and references to sheets, tables and names that the workbook lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from openpyxl.utils import FORMULAE

from segxl.verify.formula_cells import FormulaBook

_PLAIN = frozenset(FORMULAE)
"""Functions of Excel 2007, and those of 2010 that take no prefix."""

_PREFIXED_NAMES = """
    ACOT ACOTH AGGREGATE ARABIC BASE BETA.DIST BETA.INV BINOM.DIST BINOM.DIST.RANGE BINOM.INV BITAND BITLSHIFT BITOR
    BITRSHIFT BITXOR CEILING.MATH CEILING.PRECISE CHISQ.DIST CHISQ.DIST.RT CHISQ.INV CHISQ.INV.RT CHISQ.TEST COMBINA
    CONFIDENCE.NORM CONFIDENCE.T COT COTH COVARIANCE.P COVARIANCE.S CSC CSCH DAYS DECIMAL ERF.PRECISE ERFC.PRECISE
    EXPON.DIST F.DIST F.DIST.RT F.INV F.INV.RT F.TEST FILTERXML FLOOR.MATH FLOOR.PRECISE FORECAST.ETS
    FORECAST.ETS.CONFINT FORECAST.ETS.SEASONALITY FORECAST.ETS.STAT FORECAST.LINEAR FORMULATEXT GAMMA GAMMA.DIST
    GAMMA.INV GAMMALN.PRECISE GAUSS HYPGEOM.DIST IFNA IMCOSH IMCOT IMCSC IMCSCH IMSEC IMSECH IMSINH IMTAN ISFORMULA
    ISOWEEKNUM LOGNORM.DIST LOGNORM.INV MODE.MULT MODE.SNGL MUNIT NEGBINOM.DIST NORM.DIST NORM.INV NORM.S.DIST
    NORM.S.INV NUMBERVALUE PDURATION PERCENTILE.EXC PERCENTILE.INC PERCENTRANK.EXC PERCENTRANK.INC PERMUTATIONA PHI
    POISSON.DIST QUARTILE.EXC QUARTILE.INC RANK.AVG RANK.EQ RRI SEC SECH SHEET SHEETS SKEW.P STDEV.P STDEV.S T.DIST
    T.DIST.2T T.DIST.RT T.INV T.INV.2T T.TEST UNICHAR UNICODE VAR.P VAR.S WEBSERVICE WEIBULL.DIST XOR Z.TEST
"""
_PREFIXED = frozenset(_PREFIXED_NAMES.split())
"""Functions of Excel 2010, 2013 and 2016: a file names them ``_xlfn.NAME``, or Excel shows #NAME?."""

_NEWER_NAMES = """
    ANCHORARRAY ARRAYTOTEXT BYCOL BYROW CHOOSECOLS CHOOSEROWS CONCAT DROP EXPAND FILTER GROUPBY HSTACK IFS IMAGE
    ISOMITTED LAMBDA LET MAKEARRAY MAP MAXIFS MINIFS PERCENTOF PIVOTBY RANDARRAY REDUCE REGEXEXTRACT REGEXREPLACE
    REGEXTEST SCAN SEQUENCE SINGLE SORT SORTBY SWITCH TAKE TEXTAFTER TEXTBEFORE TEXTJOIN TEXTSPLIT TOCOL TOROW
    TRANSLATE TRIMRANGE UNIQUE VALUETOTEXT VSTACK WRAPCOLS WRAPROWS XLOOKUP XMATCH
"""
_NEWER = frozenset(_NEWER_NAMES.split())
"""Functions that Excel 2016 lacks."""

_VOLATILE = frozenset({"CELL", "INDIRECT", "INFO", "NOW", "OFFSET", "RAND", "RANDBETWEEN", "TODAY"})
"""Functions whose value may change although no cell of the workbook does."""

_LONGEST = 8_192
_DEEPEST = 64

_TEXT = re.compile(r'"(?:[^"]|"")*"')
_SHEET = re.compile(r"'((?:[^']|'')+)'!|((?:\[[^\[\]]+\])?(?<![\w.])[A-Za-z_][\w.]*)!")
_TABLE = re.compile(r"\b([A-Za-z_][\w.]*)\[")
_CALL = re.compile(r"([A-Za-z_][\w.]*)\(")
_WORD = re.compile(r"(?<![\w.!:\\$])([A-Za-z_\\][\w.\\]*)(?![\w.(!\[$:])")
_ERROR = re.compile(r"#(?:N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!)")
_ADDRESS = re.compile(r"\$?[A-Za-z]{1,3}\$?\d{1,7}|R\d*C\d*", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """A formula or a name that Excel would not take: where, what is wrong, and of how many cells this is the first."""

    place: str
    problem: str
    cells: int = 1


def lint(book: FormulaBook) -> list[Finding]:
    """The problems of a workbook's formulas, tables and names, each once with its first place."""
    found: dict[str, Finding] = {}
    known = _Known(book)
    problems: dict[str, list[str]] = {}
    for one in book.cells:
        if one.formula not in problems:
            problems[one.formula] = list(known.problems(one.formula))
        for problem in problems[one.formula]:
            first = found.get(problem, Finding(f"{one.sheet}!{one.cell}", problem, 0))
            found[problem] = Finding(first.place, problem, first.cells + 1)
    named = [Finding(f"name {name}", problem) for name, text in book.names for problem in known.of_name(name, text)]
    tables = [Finding(f"table {one.name}", problem) for one in book.tables for problem in _bad_name(one.name)]
    return [*found.values(), *named, *tables]


class _Known:
    """What a workbook has for its formulas to refer to."""

    def __init__(self, book: FormulaBook) -> None:
        self._sheets = {name.casefold() for name in book.sheets}
        self._tables: Mapping[str, set[str]] = {
            one.name.casefold(): {header.casefold() for header in one.headers} for one in book.tables
        }
        self._names = {name.casefold() for name, _ in book.names}

    def problems(self, formula: str) -> Iterator[str]:
        """What is wrong with a formula, without its ``=``."""
        if len(formula) > _LONGEST:
            yield f"is longer than the {_LONGEST:,} characters that Excel takes"
        if "#REF!" in formula:
            yield "refers to cells that are gone (#REF!)"
        bare = _ERROR.sub("0", _TEXT.sub('""', formula))
        if _depth(bare) > _DEEPEST:
            yield f"has more than {_DEEPEST} levels of brackets"
        for name in dict.fromkeys(_CALL.findall(_SHEET.sub("", bare))):
            yield from _function_problems(name)
        yield from self._references(bare)

    def of_name(self, name: str, text: str) -> Iterator[str]:
        """What is wrong with a defined name."""
        if name.startswith("_xlnm."):  # Excel's own, such as a print area
            return
        yield from _bad_name(name)
        if "#REF!" in text:
            yield "refers to cells that are gone (#REF!)"
        yield from self._sheets_of(_ERROR.sub("0", text))

    def _sheets_of(self, text: str) -> Iterator[str]:
        for quoted, plain in dict.fromkeys(_SHEET.findall(text)):
            sheet = quoted.replace("''", "'") or plain
            if "[" in sheet:
                yield f"refers to another workbook ({sheet})"
            elif sheet.casefold() not in self._sheets:
                yield f"refers to a sheet that the workbook lacks ({sheet})"

    def _references(self, bare: str) -> Iterator[str]:
        yield from self._sheets_of(bare)
        rest = _SHEET.sub("$", bare)
        for match in _TABLE.finditer(rest):
            headers = self._tables.get(match[1].casefold())
            if headers is None:
                yield f"refers to a table that the workbook lacks ({match[1]})"
                continue
            for column in _columns(rest, match.end() - 1):
                if column.casefold() not in headers and not column.startswith(("#", "@")):
                    yield f"refers to a column that the table {match[1]} lacks ({column})"
        for word in dict.fromkeys(_WORD.findall(_without_brackets(rest))):
            known = word.casefold() in self._names or word.casefold() in self._tables
            if not known and word.upper() not in ("TRUE", "FALSE") and not _ADDRESS.fullmatch(word):
                yield f"uses a name that the workbook lacks ({word})"


def _function_problems(name: str) -> Iterator[str]:
    plain = name.upper().removeprefix("_XLFN.").removeprefix("_XLWS.")
    prefixed = name.upper().startswith("_XLFN.")
    if plain in _NEWER:
        yield f"uses {plain}, which Excel 2016 lacks"
    elif plain in _PREFIXED and not prefixed:
        yield f"uses {plain} without the prefix _xlfn., so Excel shows #NAME?"
    elif plain in _PLAIN and prefixed:
        yield f"uses {plain} with the prefix _xlfn., which this function must not have"
    elif plain not in _PLAIN | _PREFIXED:
        yield f"uses {name}, which is not a function of Excel"
    if plain in _VOLATILE:
        yield f"uses {plain}, whose value can change although no cell does"


def _bad_name(name: str) -> Iterator[str]:
    if _ADDRESS.fullmatch(name):
        yield "has a name that Excel reads as a cell"
    elif not re.fullmatch(r"[A-Za-z_\\][\w.\\]*", name) or len(name) > 255:
        yield "has a name that Excel refuses"


def _depth(bare: str) -> int:
    deepest = depth = 0
    for character in bare:
        if character == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif character == ")":
            depth -= 1
    return deepest


def _columns(text: str, start: int) -> Iterator[str]:
    """The names within the brackets of a structured reference that opens at ``start``."""
    depth, at, column = 0, start, ""
    while at < len(text):
        character = text[at]
        if character == "'" and at + 1 < len(text):  # the next character is meant as it is
            column += text[at + 1]
            at += 1
        elif character == "[":
            depth, column = depth + 1, ""
        elif character == "]":
            depth -= 1
            if column.strip():
                yield column
            column = ""
            if not depth:
                return
        else:
            column += character if depth > 1 or character not in ",:" or column else ""
        at += 1


def _without_brackets(text: str) -> str:
    """A formula without what is in the brackets of structured references."""
    kept, depth, at = [], 0, 0
    while at < len(text):
        if depth and text[at] == "'":
            at += 2
            continue
        depth += text[at] == "["
        if not depth:
            kept.append(text[at])
        elif text[at] == "]":
            depth -= 1
            kept.append("[" if not depth else "")  # so that the table's name is not taken for a name alone
        at += 1
    return "".join(kept)
