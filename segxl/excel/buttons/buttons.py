"""The buttons, in the order of work: on the first sheet of a workbook and on the ribbon, each with its macro.

A new button touches: this list; a function of its name in :mod:`segxl.excel.buttons.macros`, with its action in
:mod:`segxl.excel.buttons.actions`; a Sub of the same name and one for the ribbon in
``templates/vba/segxl.bas``; the ribbons in ``templates/ribbon``; the lists of buttons in ``README.md`` and
``segxl/cli/help/excel.txt``; ``segxl run``, if it works without Excel; and a test in ``tests/excel/test_macros.py``.
Then run ``python -m segxl.excel.input_workbook.build``.
"""

from __future__ import annotations

from dataclasses import dataclass

STATUS = "segxl_status"
"""The defined name of the cell that keeps the last message; a workbook need not have it."""


RESULTS = "segxl_results"
"""The defined name of the cells on the first sheet that lead to the results; a workbook need not have it."""


@dataclass(frozen=True)
class Button:
    """A button: the VBA Sub behind it, the function of ``segxl.excel.buttons.macros`` that the Sub calls, and its
    words."""

    macro: str
    function: str
    caption: str
    tip: str


BUTTONS = (
    Button("ImportExports", "import_exports", "Import exports", "Choose export files; each becomes a sheet."),
    Button("ClearExamples", "clear_examples", "Clear examples", "Remove the example rows; your own rows stay."),
    Button("CheckData", "check_data", "Check data", "Show rows used, excluded and rejected, and what to fix."),
    Button("BuildScorecard", "build_scorecard", "Build scorecard", "Create the segment scorecard in this workbook."),
    Button("RunSegmentReport", "run_report", "Run segment report", "Create the segment report in this workbook."),
    Button(
        "PublishPacks", "publish_packs", "Publish packs", "Save a workbook per segment and the report next to this one."
    ),
    Button("ExplainThisNumber", "explain_number", "Explain this number", "Show the rows behind the selected number."),
    Button("ShowHelp", "show_help", "Help", "Show the five steps and what to do if something goes wrong."),
)

INSERT_FUNCTION = Button(
    "InsertFunction", "insert_function", "Insert function", "Write a formula for a metric into the selected cell."
)
ADDIN_BUTTONS = (*BUTTONS, INSERT_FUNCTION)
"""Those of the add-in's ribbon tab."""
