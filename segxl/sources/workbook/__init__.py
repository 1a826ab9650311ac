"""An input workbook as a source: its sheets, its settings, and remains of the template."""
