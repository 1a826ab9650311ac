"""The lists of rows behind the numbers."""
