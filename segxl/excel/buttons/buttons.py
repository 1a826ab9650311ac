"""The workbook's buttons, in the order of work: on the first sheet, on the ribbon, and what each one calls."""

from __future__ import annotations

from dataclasses import dataclass


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
    Button("ClearExamples", "clear_examples", "Clear examples", "Take the example rows out; your own rows stay."),
    Button("CheckData", "check_data", "Check data", "Read everything and say what became of every row."),
    Button(
        "BuildScorecard", "build_scorecard", "Build scorecard", "The segment scorecard, on sheets of this workbook."
    ),
    Button(
        "RunSegmentReport", "run_report", "Run segment report", "The segment performance report, on sheets of its own."
    ),
    Button("PublishPacks", "publish_packs", "Publish packs", "A workbook a segment, in a folder beside this one."),
    Button("ExplainThisNumber", "explain_number", "Explain this number", "The rows behind the selected number."),
    Button("ShowHelp", "show_help", "Help", "The five steps, and what to do when something goes wrong."),
)
