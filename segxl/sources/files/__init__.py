"""Files as columns of text, in any format."""
