"""A workbook file without Excel: the buttons run on it, and the rest of it stays as it is."""
