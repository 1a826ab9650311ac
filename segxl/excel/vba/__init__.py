"""Files with macros: the VBA project made of text, and what Excel's file format wants of them."""
