"""Packs drawn into an open workbook: the pen, and what each desktop Excel offers to it."""
