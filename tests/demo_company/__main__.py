"""Pack the demo company's exports for the package: ``python -m tests.demo_company``."""

from __future__ import annotations

import io
import lzma
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

import segxl.cli.demo
from tests.demo_company.company import write_exports


def pack(to: Path) -> None:
    """Write the archive: the same exports give the same bytes, whoever packs them and when."""
    with TemporaryDirectory() as scratch, tarfile.open(to, "w:xz", preset=9 | lzma.PRESET_EXTREME) as archive:
        for path in write_exports(Path(scratch)):
            data = path.read_bytes()
            member = tarfile.TarInfo(path.name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


if __name__ == "__main__":
    archive = Path(segxl.cli.demo.__file__).parent / segxl.cli.demo.ARCHIVE
    pack(archive)
    print(f"{archive}: {archive.stat().st_size:,} bytes")
