"""Pages: the contents of each sheet, independent of the file format."""
