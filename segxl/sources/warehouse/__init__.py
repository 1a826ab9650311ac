"""Tables in a warehouse: read through an engine instead of from a file."""
