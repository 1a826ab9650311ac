"""The add-in: its parts, and installing it on a computer with Excel."""
