"""The workbook's buttons: the macros that VBA calls, and their actions."""
