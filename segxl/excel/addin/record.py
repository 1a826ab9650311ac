"""The record of an installation: each file's earlier contents, and the written ones."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from segxl._version import __version__


@dataclass(frozen=True)
class Entry:
    """A file that the installation wrote.

    Attributes:
        written: the fingerprint of what it wrote.
        before: what was there before; None for no file.
        settings: of the settings file all that it held then.
    """

    written: str
    before: bytes | None
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """The record of an installation: its files by their paths, and the folders that it made, outermost first."""

    files: Mapping[str, Entry] = field(default_factory=dict)
    folders: tuple[str, ...] = ()

    def encoded(self) -> bytes:
        """The record as a file."""
        files = {
            path: {
                "written": entry.written,
                "before": None if entry.before is None else base64.b64encode(entry.before).decode(),
                "settings": dict(entry.settings),
            }
            for path, entry in self.files.items()
        }
        document = {"segxl": __version__, "files": files, "folders": list(self.folders)}
        return (json.dumps(document, indent=1) + "\n").encode()


def read_record(path: Path) -> Record:
    """The record in a file; an empty one where there is none, or none that can be read."""
    try:
        document = json.loads(path.read_bytes())
        files = {
            name: Entry(
                str(entry["written"]),
                None if entry["before"] is None else base64.b64decode(entry["before"]),
                {str(key): str(value) for key, value in entry["settings"].items()},
            )
            for name, entry in document["files"].items()
        }
        return Record(files, tuple(map(str, document["folders"])))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # none, no JSON, or not of this shape
        return Record()
