"""Files as columns of text, whatever their format."""
