"""The demo: the exports of a made-up software company, as its tools would give them.

They are data, packed in ``exports.tar.xz``. The company that made them is simulated in ``tests/demo_company``; a test
compares the two, and ``python -m tests.demo_company`` packs them anew.
"""

from __future__ import annotations

import tarfile
from importlib.resources import as_file, files

ARCHIVE = "exports.tar.xz"


def exports() -> dict[str, bytes]:
    """The demo company's files by name, its ``segxl.toml`` first."""
    with as_file(files(__name__) / ARCHIVE) as path, tarfile.open(path, "r:xz") as archive:
        return {member.name: file.read() for member in archive if (file := archive.extractfile(member)) is not None}
