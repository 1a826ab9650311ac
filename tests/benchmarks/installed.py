"""segxl's code compiled, as an installation leaves it, for processes that are measured.

Where Python is told to write no bytecode, as on many servers of tests, each process would compile 170 modules first:
0.1 to 0.4 seconds that no user of an installed segxl waits for.
"""

from __future__ import annotations

import compileall
from pathlib import Path


def compiled(checkout: Path = Path(__file__).parents[2]) -> None:
    """Compile the modules of a checkout that have changed."""
    compileall.compile_dir(checkout / "segxl", quiet=2)
