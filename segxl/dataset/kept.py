"""A dataset from the cache where its source is unchanged, else from the source."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from segxl.cache.fingerprint import Fingerprint, noting, reader
from segxl.cache.folder import cache_folder, forget, read, write
from segxl.cache.shelf import Shelf
from segxl.dataset.model import Dataset
from segxl.processes import uncollected

_NONE: Mapping[str, object] = {}


def load(
    source: str | Path,
    *,
    as_of: date | None = None,
    run_date: date | None = None,
    settings: Mapping[str, object] = _NONE,
    cache: bool = True,
) -> Dataset:
    """The dataset of :func:`segxl.dataset.load.load`, which has the same arguments and errors.

    With ``cache``, it is taken from the cache if nothing that it was read from has changed
    (:mod:`segxl.cache.fingerprint`), and kept there otherwise. What was read from a warehouse is never kept.
    """
    if not cache or cache_folder() is None:
        return _load(source, as_of, run_date, settings)
    name = _name(source, as_of, run_date, settings)
    if (found := _kept(name)) is not None:
        return found
    with noting() as fingerprint:
        dataset = _load(source, as_of, run_date, settings)
    if fingerprint.outside:
        return dataset
    day = dataset.run_date.isoformat() if dataset.settings.run_date is None else ""
    about = [reader(), day, fingerprint.as_json()]
    if not write(name, about, dataset):
        return dataset
    shelf = _shelf(name, about)
    forget(f"{name}-", keep=[shelf.name])
    return replace(dataset, shelf=shelf)


def _load(source: str | Path, as_of: date | None, run_date: date | None, settings: Mapping[str, object]) -> Dataset:
    from segxl.dataset.load import load as load_now  # what reads takes longer to import than a kept dataset to open

    with uncollected():
        return load_now(source, as_of=as_of, run_date=run_date, settings=settings)


def _kept(name: str) -> Dataset | None:
    """The dataset kept under a name, unless anything has changed."""
    found = read(name)
    if found is None:
        return None
    about, body = found
    if not isinstance(about, list) or len(about) != 3:
        return None
    reads, day, noted = about[0], about[1], Fingerprint.of_json(about[2])
    if (
        reads != reader()
        or day not in ("", datetime.now(UTC).date().isoformat())
        or noted is None
        or not noted.unchanged
    ):
        return None
    dataset = body.value()
    return replace(dataset, shelf=_shelf(name, about)) if isinstance(dataset, Dataset) else None


def _name(source: str | Path, as_of: date | None, run_date: date | None, settings: Mapping[str, object]) -> str:
    """The name of the kept dataset: one per source, as the caller names it, and choice of options."""
    path = Path(source)
    asked = [
        str(path),
        str(path.resolve()),
        str(as_of),
        str(run_date),
        sorted((key, repr(settings[key])) for key in settings),
    ]
    return hashlib.sha256(json.dumps(asked).encode("ascii")).hexdigest()[:32]


def _shelf(name: str, about: object) -> Shelf:
    """The name of results computed from the dataset; each state of the source has its own."""
    return Shelf(f"{name}-{hashlib.sha256(json.dumps(about).encode('ascii')).hexdigest()[:16]}")
