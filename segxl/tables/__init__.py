"""The contracts of the input tables, and columns of text."""
