"""The segxl version of an add-in on the disk."""

from __future__ import annotations

import zipfile
from io import BytesIO
from xml.etree import ElementTree

from segxl.sources.files.archives import ARCHIVE_ERRORS

VERSION_PROPERTY = "segxl"
"""The custom document property that holds the version."""

_PART = "docProps/custom.xml"


def version_of(content: bytes) -> str:
    """The version of segxl that built an add-in; blank for any other file."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as file:
            properties = ElementTree.fromstring(file.read(_PART))
    except (*ARCHIVE_ERRORS, ElementTree.ParseError):  # no add-in of segxl
        return ""
    return next(("".join(one.itertext()) for one in properties if one.get("name") == VERSION_PROPERTY), "")
