"""The account of each row."""
