"""An input workbook as a source: its sheets, its settings, what is left of the template."""
