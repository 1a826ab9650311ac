"""Packs drawn into an open workbook: the pen, and the abilities of each desktop Excel."""
