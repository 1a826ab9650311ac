"""The add-in: what it is built from, and installing it on a computer with Excel."""
