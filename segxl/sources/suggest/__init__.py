"""What the settings could be, proposed from the files that are there."""
