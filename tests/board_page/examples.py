"""What is built, by its name in ``workbooks``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.board_page import functions, numbers

EXAMPLES: Mapping[str, Callable[[Path], None]] = {
    functions.NAME: functions.build,
    numbers.NAME: numbers.build,
}
