"""The table Numbers as files for other tools."""
