"""Settings proposed from the files of a folder."""
