"""The input workbook: its pages, its contents, and the build of its macros."""
