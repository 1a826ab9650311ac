"""Build the examples again: ``python -m tests.board_page``."""

from __future__ import annotations

from segxl.render.shared.atomic_files import write_atomically
from tests.board_page.examples import EXAMPLES
from tests.places import ROOT

if __name__ == "__main__":
    for name, build in EXAMPLES.items():
        path = ROOT / "workbooks" / name
        written = write_atomically(path, build, overwrite=True)
        print(f"{path}: {'written' if written else 'unchanged'}")
