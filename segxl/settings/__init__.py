"""The settings: their model, toggles, and the reading of segxl.toml."""
