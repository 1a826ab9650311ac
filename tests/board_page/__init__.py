"""The examples in ``workbooks``: a board page over the demo's data, once with functions, once on the table Numbers.

``python -m tests.board_page`` builds both. What the cells show was worked out by the functions themselves, as Excel for
Windows calls them, and by the table Numbers of the demo's scorecard.
"""
