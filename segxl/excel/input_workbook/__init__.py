"""The input workbook: how it is drawn, what it holds, and how its macros are built."""
