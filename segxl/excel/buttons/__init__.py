"""The workbook's buttons: the macros that VBA calls, and what each button does."""
