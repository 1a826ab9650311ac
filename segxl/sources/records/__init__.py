"""Records among the rows of a file, as against totals, duplicates, or parts of another record."""
