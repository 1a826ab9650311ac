"""Objects as JSON and arrays, and back: dataclasses, settings, containers, texts, numbers, dates and numpy's arrays.

What comes back equals what was written, type by type, and what was one object is one object again. Every type is named
here; one that is not is refused, so that nothing is kept that would come back changed. Classes are segxl's own and are
filled field by field: reading runs no code of the file.

Arrays of integers take the bytes that their values need: one value for a constant, two for consecutive numbers. Columns
of a table are read when they are asked for.
"""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from importlib import import_module
from pathlib import Path, PosixPath, WindowsPath
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from segxl.tables.contracts import CONTRACTS, Contract, Table, in_file
from segxl.tables.text_column import TextColumn, one_in_memory

if TYPE_CHECKING:
    from pydantic import BaseModel

Node = Any
"""A plain value, or a list of a tag and its parts."""
_PLAIN = (type(None), bool, int, float, str)
_PACKAGE = "segxl."
_FEW = 100
"""Texts of a tuple from which they are kept as one part."""


class UnkeepableError(Exception):
    """A type that the codec does not know."""


class UnreadableError(Exception):
    """What was read is not what the codec writes."""


def encoded(root: object) -> tuple[bytes, list[memoryview]]:
    """An object as JSON, and the bytes of its arrays.

    Raises:
        UnkeepableError: it holds a type that would not come back as it is.
    """
    encoder = _Encoder()
    node = encoder.node(root)
    document = {"root": node, "objects": encoder.objects, "classes": list(encoder.classes)}
    return json.dumps(document, separators=(",", ":")).encode("ascii"), encoder.parts


def decoded(text: bytes | memoryview, data: memoryview) -> Any:
    """The object again.

    Raises:
        UnreadableError: this is not what :func:`encoded` wrote.
    """
    try:
        document = json.loads(bytes(text))
        classes = [_class(*name) for name in document["classes"]]
        return _Decoder(document["objects"], classes, data).value(document["root"])
    except (ArithmeticError, AttributeError, ImportError, LookupError, TypeError, ValueError) as error:
        raise UnreadableError(str(error)) from error


def _class(module: str, name: str) -> type:
    if not module.startswith(_PACKAGE):
        raise UnreadableError(module)
    found = getattr(import_module(module), name)
    if not (isinstance(found, type) and (dataclasses.is_dataclass(found) or _is_model(found) or _is_enum(found))):
        raise UnreadableError(name)
    return found


def _is_model(kind: type) -> TypeGuard[type[BaseModel]]:
    """Whether it is a class of settings, without importing what they are made of."""
    return hasattr(kind, "model_fields") and hasattr(kind, "model_construct")


def _is_enum(kind: type) -> bool:
    return issubclass(kind, enum.Enum)


class _Encoder:
    def __init__(self) -> None:
        self.objects: list[Node] = []
        self.parts: list[memoryview] = []
        self.classes: dict[tuple[str, str], int] = {}
        self._places: dict[int, int] = {}
        self._kept: list[object] = []
        """What has a place: an object that is gone could give its id to another."""
        self._size = 0
        self._cells: list[NDArray[np.object_]] = []
        """Long arrays of texts, which tuples of the same texts refer to."""

    def node(self, value: Any) -> Node:
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is tuple:
            if len(value) > _FEW and set(map(type, value)) == {str}:
                return self._words(value)
            return ["tuple", *map(self.node, value)]
        if kind is frozenset or kind is set:
            return [kind.__name__, *map(self.node, sorted(value, key=repr))]
        if kind is datetime or kind is date:
            return [kind.__name__, value.isoformat()]
        if kind is PosixPath or kind is WindowsPath:
            return ["path", str(value)]
        if isinstance(value, enum.Enum):
            return ["enum", self._class(kind), value.name]
        if isinstance(value, np.generic) and value.dtype.kind in "iufb":
            return ["number", value.dtype.str, value.item()]
        place = self._places.get(id(value))
        if place is None:
            place = self._places[id(value)] = len(self.objects)
            self._kept.append(value)
            self.objects.append(None)
            self.objects[place] = self._object(value, kind)
        return ["at", place]

    def _object(self, value: Any, kind: type) -> Node:
        if kind is list:
            return ["list", *map(self.node, value)]
        if kind is dict:
            return ["dict", *(self.node(part) for pair in value.items() for part in pair)]
        if kind is np.ndarray:
            return self._array(value)
        if kind is TextColumn:
            return ["texts", *map(self.node, value.parts)]
        if kind is Contract and value in CONTRACTS.get(value.table, ()):
            return ["contract", value.table, CONTRACTS[value.table].index(value)]
        if kind is Table and value.times is not None:
            raise UnkeepableError("a table of a warehouse")
        if kind is Table:
            fields = (value.contract, value.given, value.file, value.row)
            columns = [part for name, column in value.columns.items() for part in (name, self.node(column))]
            return ["table", *map(self.node, fields), *columns]
        if _is_model(kind):
            values = [part for name in kind.model_fields for part in (name, self.node(getattr(value, name)))]
            private = self.node(dict(value.__pydantic_private__ or {}))
            return ["model", self._class(kind), sorted(value.model_fields_set), private, *values]
        if dataclasses.is_dataclass(kind):
            names = [one.name for one in dataclasses.fields(kind)]
            return [
                "data",
                self._class(kind),
                *(part for name in names for part in (name, self.node(getattr(value, name)))),
            ]
        raise UnkeepableError(f"{kind.__module__}.{kind.__qualname__}")

    def _words(self, words: tuple[str, ...]) -> Node:
        for array in self._cells:
            if array[0] == words[0] and tuple(array[: len(words)].tolist()) == words:
                return ["first", self.node(array), len(words)]
        return ["words", *self._part(json.dumps(words).encode("ascii"))]

    def _class(self, kind: type) -> int:
        if not kind.__module__.startswith(_PACKAGE):
            raise UnkeepableError(kind.__qualname__)
        return self.classes.setdefault((kind.__module__, kind.__qualname__), len(self.classes))

    def _array(self, array: NDArray[Any]) -> Node:
        if array.dtype == object:
            whole = array.base
            if isinstance(whole, np.ndarray) and _is_text(whole) and one_in_memory(array, whole):
                return ["beginning", self.node(whole), len(array)]
            if not _is_text(array):
                raise UnkeepableError("an array of objects")
            cells = array.tolist()
            if len(cells) > _FEW:
                self._cells.append(array)
            return ["cells", *self._part(json.dumps(cells).encode("ascii"))]
        kind, shape, name = array.dtype.kind, list(array.shape), array.dtype.str
        if kind not in "iufb":
            raise UnkeepableError(f"an array of {array.dtype}")
        if kind in "iu" and array.size:
            low, high = int(array.min()), int(array.max())
            if low == high:
                return ["same", name, shape, low]
            if array.ndim == 1 and high - low == len(array) - 1 and (array[1:] - array[:-1] == 1).all():
                return ["run", name, low, len(array)]
            narrow = np.result_type(np.min_scalar_type(low), np.min_scalar_type(high))
            if narrow.kind in "iu" and narrow.itemsize < array.dtype.itemsize:
                array = array.astype(narrow)
        data = np.ascontiguousarray(array)
        return ["array", name, shape, data.dtype.str, *self._part(data.reshape(-1).view(np.uint8).data)]

    def _part(self, data: bytes | memoryview) -> tuple[int, int]:
        part = memoryview(data)
        at = self._size
        padding = -len(part) % 8  # so that each array begins where numbers may
        self.parts += [part, memoryview(bytes(padding))]
        self._size += len(part) + padding
        return at, len(part)


def _is_text(array: NDArray[Any]) -> bool:
    return array.ndim == 1 and not set(map(type, array.tolist())) - {str}


class _Decoder:
    def __init__(self, objects: list[Node], classes: list[Any], data: memoryview) -> None:
        """``classes`` are what :func:`_class` found; one that its node does not fit fails as other damage does."""
        self._nodes, self._classes, self._data = objects, classes, data
        self._made: dict[int, Any] = {}

    def value(self, node: Node) -> Any:
        if not isinstance(node, list):
            return node
        tag, *parts = node
        if tag == "at":
            return self._at(*parts)
        return _MADE[tag](self, *parts)

    def _at(self, place: int) -> Any:
        if place not in self._made:
            tag, *parts = self._nodes[place]
            self._made[place] = _MADE[tag](self, *parts)
        return self._made[place]

    def _values(self, *parts: Node) -> Iterator[Any]:
        return map(self.value, parts)

    def _dict(self, *parts: Node) -> dict[Any, Any]:
        values = list(self._values(*parts))
        return dict(zip(values[::2], values[1::2], strict=True))

    def _enum(self, kind: int, name: str) -> Any:
        return self._classes[kind][name]

    def _texts(self, codes: Node, texts: Node, loose: bool) -> TextColumn:
        return TextColumn.of_parts(self._seen(codes), self.value(texts), loose)

    def _seen(self, node: Node) -> NDArray[Any]:
        """An array that nothing changes: as it is in the file, where that is possible."""
        tag, *parts = self._nodes[node[1]]
        if tag != "array" or parts[0] != parts[2]:
            found: NDArray[Any] = self.value(node)
            return found
        name, shape, _, at, size = parts
        return np.frombuffer(self._data[at : at + size], dtype=np.dtype(name)).reshape(shape)

    def _words(self, at: int, size: int) -> tuple[str, ...]:
        return tuple(json.loads(bytes(self._data[at : at + size])))

    def _beginning(self, whole: Node, count: int) -> NDArray[np.object_]:
        """In the same memory: columns of the same ids are compared by it."""
        texts: NDArray[np.object_] = self.value(whole)
        return texts[:count]

    def _first(self, cells: Node, count: int) -> tuple[str, ...]:
        return tuple(self.value(cells)[:count].tolist())

    def _table(self, contract: Node, given: Node, file: Node, row: Node, *columns: Node) -> Table:
        late = _Columns(dict(zip(columns[::2], columns[1::2], strict=True)), self.value)
        files = self.value(file)
        if self._nodes[file[1]][0] == "same":
            files = in_file(int(files[0]), len(files))  # a table of one file says so, and takes no memory
        return Table(self.value(contract), late, self.value(given), files, self.value(row))

    def _model(self, kind: int, given: list[str], private: Node, *values: Node) -> Any:
        made = self._classes[kind].model_construct(set(given), **self._dict(*values))
        for name, value in self.value(private).items():
            setattr(made, name, value)
        return made

    def _data_class(self, kind: int, *values: Node) -> Any:
        """Filled field by field: what its class makes of arguments was made when it was written."""
        made: Any = object.__new__(self._classes[kind])
        for name, value in self._dict(*values).items():
            object.__setattr__(made, name, value)
        return made

    def _same(self, name: str, shape: list[int], value: int) -> NDArray[Any]:
        return np.full(shape, value, dtype=np.dtype(name))

    def _run(self, name: str, first: int, count: int) -> NDArray[Any]:
        return np.arange(first, first + count, dtype=np.dtype(name))

    def _array(self, name: str, shape: list[int], narrow: str, at: int, size: int) -> NDArray[Any]:
        data = np.frombuffer(self._data[at : at + size], dtype=np.dtype(narrow))
        return data.astype(np.dtype(name)).reshape(shape)

    def _cells(self, at: int, size: int) -> NDArray[np.object_]:
        texts = json.loads(bytes(self._data[at : at + size]))
        cells = np.empty(len(texts), dtype=object)
        cells[:] = texts
        return cells


_MADE: Mapping[str, Callable[..., Any]] = {
    "tuple": lambda decoder, *parts: tuple(decoder._values(*parts)),
    "list": lambda decoder, *parts: list(decoder._values(*parts)),
    "set": lambda decoder, *parts: set(decoder._values(*parts)),
    "frozenset": lambda decoder, *parts: frozenset(decoder._values(*parts)),
    "dict": _Decoder._dict,
    "date": lambda _, text: date.fromisoformat(text),
    "datetime": lambda _, text: datetime.fromisoformat(text),
    "path": lambda _, text: Path(text),
    "number": lambda _, name, value: np.dtype(name).type(value),
    "enum": _Decoder._enum,
    "contract": lambda _, table, place: CONTRACTS[table][place],
    "texts": _Decoder._texts,
    "words": _Decoder._words,
    "first": _Decoder._first,
    "beginning": _Decoder._beginning,
    "table": _Decoder._table,
    "model": _Decoder._model,
    "data": _Decoder._data_class,
    "same": _Decoder._same,
    "run": _Decoder._run,
    "array": _Decoder._array,
    "cells": _Decoder._cells,
}
"""What each tag is made with."""


class _Columns(Mapping[str, Any]):
    """A table's columns; each is made when it is first asked for."""

    def __init__(self, nodes: Mapping[str, Node], value: Callable[[Node], Any]) -> None:
        self._nodes, self._value = nodes, value

    def __getitem__(self, name: str) -> Any:
        return self._value(self._nodes[name])

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        """To another process go the columns themselves."""
        return dict, (dict(self),)

    def __contains__(self, name: object) -> bool:
        return name in self._nodes

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)
