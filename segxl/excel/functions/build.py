"""Builds what the functions' declarations say elsewhere: ``python -m segxl.excel.functions.build``, in a checkout.

* ``templates/vba/segxl_functions.bas``: the VBA functions that Excel calls, and ``SegxlDescribeFunctions``, which fills
  in Excel's function wizard.
* ``segxl/cli/help/functions.txt``: the reference.

xlwings writes the VBA functions, as "Import Functions" would. Our changes to each, and why:

* ``SegxlResult`` makes errors of ``#N/A`` and ``#VALUE!``: Python can return none.
* ``SegxlFailure`` is one line where Python did not start or xlwings failed; xlwings shows the whole text, even a
  traceback.
* ``SegxlInCell`` and ``SegxlInWizard`` are xlwings' own tests, in one place and without a way to fail.
* Only what is for Excel is left of ``#If App``; the functions run nowhere else.
* ``ThisWorkbook`` in an add-in too, so that one text serves every workbook: xlwings looks for Python code in the sheets
  of the workbook that it is given, and what the functions need of the user's workbook comes from ``caller``.
"""

from __future__ import annotations

import io
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

from segxl.errors import SegxlError
from segxl.excel.functions.registration import MODULE, Function, functions_of, registered, with_windows
from segxl.excel.functions.shared_arguments import CATEGORY
from segxl.render.shared.atomic_files import contents, write_atomically

VBA, REFERENCE = Path("templates/vba/segxl_functions.bas"), Path("segxl/cli/help/functions.txt")
_MOST_HELP = 255  # what Excel shows of a description

_WORDS = """
addressof alias and any as attribute base binary boolean byref byte byval call case cbool cbyte ccur cdate cdbl
cdec cint clng close compare const csng cstr currency cvar cverr date debug decimal declare defbool defbyte
defcur defdate defdbl defint deflng defobj defsng defstr defvar dim do doevents double each else elseif empty
end enum eqv erase error event exit explicit false for friend function get global gosub goto if imp implements
in input int integer is left len let lib like line lock long loop lset me mid mod module name new next not
nothing null object on open option optional or output paramarray preserve print private property public put
raiseevent randomize redim rem resume return right rset seek select set shared single spc static step stop
string sub tab text then time to true type typeof unlock until variant wend while width with withevents write
xor
"""
_RESERVED = frozenset(_WORDS.split())
"""Words that VBA keeps for itself. Excel may take ``base``, which is one behind ``Option``; LibreOffice does not."""

_HEAD = """\
Option Explicit

' The worksheet functions of segxl: each asks Python and makes Excel's own errors of "#N/A" and "#VALUE!".
'
' Made by  python -m segxl.excel.functions.build  of segxl/excel/functions/functions.py; change it there (ASCII only).
"""

_HELPERS = """\
' What Python gave, with errors for their texts; single values, rows and tables.
Private Function SegxlResult(ByVal found As Variant) As Variant
    Dim row As Long, column As Long, last As Long
    If Not IsArray(found) Then
        SegxlResult = SegxlValue(found)
        Exit Function
    End If
    last = SegxlLastColumn(found)
    For row = LBound(found, 1) To UBound(found, 1)
        If last = -1 Then
            found(row) = SegxlValue(found(row))
        Else
            For column = LBound(found, 2) To last
                found(row, column) = SegxlValue(found(row, column))
            Next column
        End If
    Next row
    SegxlResult = found
End Function

Private Function SegxlValue(ByVal found As Variant) As Variant
    SegxlValue = found
    If VarType(found) = vbString Then
        If found = "#N/A" Then SegxlValue = CVErr(2042)
        If found = "#VALUE!" Then SegxlValue = CVErr(2015)
    End If
End Function

' The last column of a table; -1 of a single row, which has one dimension.
Private Function SegxlLastColumn(ByRef found As Variant) As Long
    SegxlLastColumn = -1
    On Error Resume Next
    SegxlLastColumn = UBound(found, 2)
End Function

' One line for a cell where Python did not answer.
Private Function SegxlFailure(ByVal description As String) As String
    Dim lines() As String, at As Long
    lines = Split(Replace(description, vbCr, ""), vbLf)
    SegxlFailure = description
    For at = UBound(lines) To LBound(lines) Step -1
        If Trim(lines(at)) <> "" Then
            SegxlFailure = Trim(lines(at))
            If InStr(description, "Traceback") > 0 Then Exit For
        End If
    Next at
    SegxlFailure = "segxl could not start: " & SegxlFailure & ". Open a terminal and run: segxl doctor"
End Function

' The cell with the formula, as [workbook]sheet!address; "" in a macro.
Private Function SegxlFormulaCell() As String
    If SegxlInCell() Then
        With Application.Caller
            SegxlFormulaCell = "[" & .Worksheet.Parent.Name & "]" & .Worksheet.Name & "!" & .Address
        End With
    End If
End Function

' Whether a cell asks, and no macro.
Private Function SegxlInCell() As Boolean
    On Error Resume Next
    SegxlInCell = (TypeName(Application.Caller) = "Range")
End Function

' Whether the function wizard is open; it would call a function at every key.
Private Function SegxlInWizard() As Boolean
    On Error Resume Next
    SegxlInWizard = Not Application.CommandBars("Standard").Controls(1).Enabled
End Function

' Fills in the function wizard: call it when the workbook or the add-in opens.
Public Sub SegxlDescribeFunctions()
    On Error Resume Next  ' Excel describes no functions of a hidden workbook while no other is open
{descriptions}
End Sub

Private Sub SegxlDescribe(ByVal name As String, ByVal description As String, ByVal arguments As Variant)
    Application.MacroOptions Macro:="'" & ThisWorkbook.Name & "'!" & name, Description:=description, _
        Category:="{category}", ArgumentDescriptions:=arguments
End Sub
"""


def vba_text() -> str:
    """The VBA module.

    Raises:
        SegxlError: an argument is named like a word of VBA, a help text is too long or not ASCII, or xlwings writes
            functions in another way than this module knows.
    """
    module = registered()
    functions = functions_of(module)
    for function in functions:
        _check(function)
    buffer = io.StringIO()
    with with_windows() as udfs:
        udfs.generate_vba_wrapper(MODULE, module, buffer, SimpleNamespace(Name="segxl.xlsm"))
    bodies = {body.split("(")[0].split()[1]: body for body in _bodies(buffer.getvalue())}
    wrappers = "\n".join(_changed(function.name, bodies[function.name]) for function in functions)
    descriptions = "\n".join(_described(function) for function in functions)
    return f"{_HEAD}\n{wrappers}\n\n{_HELPERS.format(descriptions=descriptions, category=CATEGORY)}"


def reference_text() -> str:
    """The reference of the functions for ``segxl help``."""
    lines = [
        "The worksheet functions of Excel for Windows.",
        "",
        *textwrap.wrap(
            "Each takes values or cells. Functions that give tables spill. #N/A: no number is available, because "
            "data is missing, the denominator is zero, or the base of a percentage is zero or negative. #VALUE!: an "
            "argument is wrong. SEGXL_WHY(cell) says why. Percentages are fractions. Brackets: optional.",
            100,
        ),
    ]
    for function in functions_of(registered()):
        names = ", ".join(f"[{one.name}]" if one.optional else one.name for one in function.arguments)
        lines += ["", *textwrap.wrap(f"{function.name}({names})", 100, subsequent_indent="    ")]
        lines += textwrap.wrap(function.doc, 100, initial_indent="  ", subsequent_indent="  ")
        for one in function.arguments:
            head = f"    {one.name:<18} "
            lines += textwrap.wrap(one.doc, 100, initial_indent=head, subsequent_indent=" " * len(head))
    return "\n".join(lines) + "\n"


def _check(function: Function) -> None:
    words = [one.name for one in function.arguments]
    if reserved := [word for word in words if word.casefold() in _RESERVED]:
        raise SegxlError(f"{function.name}: VBA keeps the word {reserved[0]!r} for itself; rename the argument")
    for text in (function.doc, *(one.doc for one in function.arguments)):
        if len(text) > _MOST_HELP or not text.isascii():
            raise SegxlError(f"{function.name}: Excel shows {_MOST_HELP} plain characters of a help text, not {text!r}")


def _bodies(text: str) -> Iterator[str]:
    """Each function that xlwings wrote."""
    for body in re.split(r"(?<=^End Function)\n+", text, flags=re.MULTILINE):
        if body.strip():
            yield body.strip()


_CALL = re.compile(r"        (?P<name>\w+) = (?P<call>XLPy\.CallUDF\(.*, ThisWorkbook, Application\.Caller\))")
_IN_CELL = "If TypeOf Application.Caller Is Range Then On Error GoTo failed"
_WIZARD = '    If (Not Application.CommandBars("Standard").Controls(1).Enabled) Then Exit Function'


def _changed(name: str, body: str) -> str:
    """A function of xlwings' with our changes."""
    found: list[str] = []
    in_excel = True
    for line in body.splitlines():
        if line.strip().startswith("#"):
            in_excel = line.strip() != "#Else"
        elif line == _WIZARD:
            found.append("    If SegxlInWizard() Then Exit Function")
        elif in_excel and line.strip() == _IN_CELL:
            found.append("    If SegxlInCell() Then On Error GoTo failed")
        elif in_excel and (match := _CALL.fullmatch(line)):
            found += _wrapped(f"    {name} = SegxlResult({match['call']})")
        elif line == f"    {name} = Err.Description":
            found.append(f"    {name} = SegxlFailure(Err.Description)")
        elif in_excel:
            found.append(line.replace("        ", "    ", 1))
    changed = "\n".join(found)
    if any(changed.count(word) != 1 for word in ("SegxlResult(", "SegxlFailure(", "On Error GoTo failed", "failed:")):
        raise SegxlError(f"{name}: unknown output of this version of xlwings:\n{body}")
    return f"{changed}\n"


def _wrapped(line: str) -> Iterator[str]:
    """A call on lines that VBA's editor shows whole."""
    head, _, rest = line.partition(", Array(")
    arguments, _, tail = rest.rpartition("), ThisWorkbook")
    yield f"{head}, _"
    yield from _continued(textwrap.wrap(f"Array({arguments}),", 100))
    yield f"        ThisWorkbook{tail}"


def _described(function: Function) -> str:
    texts = [f'"{_doubled(one.doc)}"' for one in function.arguments]
    arguments = ", _\n        ".join(texts)
    said = f"Array( _\n        {arguments})" if texts else "Array()"
    return f'    SegxlDescribe "{function.name}", "{_doubled(function.doc)}", _\n        {said}'


def _continued(lines: list[str]) -> Iterator[str]:
    yield from (f"        {line} _" for line in lines)


def _doubled(text: str) -> str:
    return text.replace('"', '""')


def main() -> None:
    """Build both files again."""
    root = Path(__file__).parents[3]
    if not (root / VBA).parent.is_dir():
        sys.exit("segxl.excel.functions.build: run this in a checkout of segxl")
    for path, text in ((root / VBA, vba_text()), (root / REFERENCE, reference_text())):
        written = write_atomically(path, contents(text.encode("ascii")), overwrite=True)
        print(f"{path}: {'written' if written else 'unchanged'}")


if __name__ == "__main__":
    main()
