"""Facts that are computed once, each with the toggles that it read, so that facts a turned toggle cannot change are
shared.

Dependencies are not declared. A fact is computed by a *look* at its owner, which records every toggle read through it,
and the toggles read by the other facts it uses. The look is closed when the fact is done. An object that keeps the
look, to compute something later, cannot read a toggle unrecorded: it fails at the first attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Self, TypeVar, TypeVarTuple, cast

from segxl.dataset.model import Dataset
from segxl.settings.model import Toggles
from segxl.settings.toggles import TOGGLES

Value = TypeVar("Value")
Owner = TypeVar("Owner", bound="Tracked")
Asked = TypeVarTuple("Asked")


class LateReadError(RuntimeError):
    """A fact's object reads a toggle, or another fact, after the fact is done, when it would not be recorded."""


@dataclass
class _Notes:
    """The toggles that a fact reads, while it is being computed."""

    read: set[str]
    done: bool = False

    def add(self, toggles: Iterable[str], what: str) -> None:
        if self.done:
            raise LateReadError(
                f"{what} is read by an object of a fact that is done; read it while the fact is computed"
            )
        self.read.update(toggles)


class _NotedToggles:
    """Toggles in place of :class:`Toggles` that record every read. An attribute that is not one toggle counts as all of
    them."""

    def __init__(self, toggles: Toggles, notes: _Notes) -> None:
        self._toggles, self._notes = toggles, notes

    def __getattr__(self, name: str) -> Any:
        self._notes.add((name,) if name in TOGGLES else TOGGLES, f"toggles.{name}")
        return getattr(self._toggles, name)


@dataclass(frozen=True)
class Known:
    """A computed fact: its value, and the toggles that it or any fact below it has read."""

    value: Any
    read: frozenset[str]


Key = tuple[Callable[..., Any], *tuple[Hashable, ...]]
"""A fact's name and its arguments."""


class Tracked:
    """Facts of one dataset: methods with :func:`fact`.

    A ``functools.cached_property`` that is not a fact is never shared: use it for quickly made objects that read
    toggles or facts later.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._given = dataset
        self._known: dict[Key, Known] = {}
        self._notes: _Notes | None = None
        self._noted: Dataset | None = None

    @property
    def dataset(self) -> Dataset:
        """The dataset; within a fact, one that records which toggles are read."""
        if self._notes is None:
            return self._given
        if self._noted is None:
            toggles = cast(Toggles, _NotedToggles(self._given.settings.toggles, self._notes))
            self._noted = with_toggles(self._given, toggles)
        return self._noted

    @property
    def known(self) -> Mapping[Key, Known]:
        """The facts that have been computed so far."""
        return self._known

    def under(self, changes: Mapping[str, str | bool]) -> Self:
        """The same facts with some toggles turned; those that read none of these are shared, not computed again."""
        toggles = self._given.settings.toggles
        turned = {name for name, value in changes.items() if getattr(toggles, name) != value}
        other = type(self)(with_toggles(self._given, toggles.model_copy(update=dict(changes))))
        other._known |= {key: known for key, known in self._known.items() if not known.read & turned}
        return other

    def _ask(self, key: Key) -> Any:
        """The value of a fact, computed if unknown; its reads are recorded for the fact that asks for it."""
        if self._notes is not None:
            self._notes.add((), key[0].__name__)
        known = self._known.get(key)
        if known is None:
            look = self._look()
            compute, *asked = key
            try:
                value = compute(look, *asked)
            finally:
                look._notes.done = True
            known = self._known[key] = Known(value, frozenset(look._notes.read))
        if self._notes is not None:
            self._notes.add(known.read, key[0].__name__)
        return known.value

    def _look(self) -> Any:
        """These facts, seen by one of them: they share the computed values and record every read."""
        look = object.__new__(type(self))
        Tracked.__init__(look, self._given)
        look._known, look._notes = self._known, _Notes(set())
        return look


def fact(compute: Callable[[Owner, *Asked], Value]) -> Callable[[Owner, *Asked], Value]:
    """A method of :class:`Tracked` that is computed once for each of its arguments, which can be hashed.

    Under ``@cached_property`` it is an attribute, which costs nothing when it is asked for again.
    """

    @wraps(compute)
    def ask(owner: Owner, *asked: *Asked) -> Value:
        key = (compute, *asked)
        known = owner._known.get(key)
        # Reads outside of facts are not recorded, and this property is read some hundred thousand times.
        value: Value = known.value if known is not None and owner._notes is None else owner._ask(key)
        return value

    return ask


def with_toggles(dataset: Dataset, toggles: Toggles) -> Dataset:
    """A dataset under other toggles; its tables are the same."""
    return replace(dataset, settings=dataset.settings.model_copy(update={"toggles": toggles}))
