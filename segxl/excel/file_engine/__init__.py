"""A workbook file without Excel: the buttons run on it, and the rest of the file does not change."""
