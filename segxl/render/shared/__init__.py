"""Common parts of all renderers: the theme, ranges, sparklines, files written in one step."""
