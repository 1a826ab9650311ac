"""What all renderers share: the look, ranges, sparklines, files written in one step."""
