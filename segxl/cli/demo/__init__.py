"""The demo: the exports of a fictional software company, as its tools would give them.

They are data, packed in ``exports.tar.xz``. The company is simulated in ``tests/demo_company``; a test compares the
two, and ``python -m tests.demo_company`` packs them again.
"""

from __future__ import annotations

import tarfile
from importlib.resources import as_file, files
from pathlib import Path

from segxl.render.shared.atomic_files import Together, check_writable, contents

ARCHIVE = "exports.tar.xz"


def exports() -> dict[str, bytes]:
    """The demo company's files by name, its ``segxl.toml`` first."""
    with as_file(files(__name__) / ARCHIVE) as path, tarfile.open(path, "r:xz") as archive:
        return {member.name: file.read() for member in archive if (file := archive.extractfile(member)) is not None}


def write_exports(folder: Path, *, overwrite: bool) -> list[Path]:
    """Write the demo company's exports, all of them or none."""
    check_writable(folder)
    with Together(overwrite=overwrite) as files:  # the demo's settings must not be written among the user's exports
        for name, data in exports().items():
            files.add(folder / name, contents(data))
    return [path for path, _ in files.written]
