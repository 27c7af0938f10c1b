"""Which items are in exactly, or at least, these sets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from typing import Any

import numpy as np
import pandas as pd

from relnotes.analysis.overlap.memberships import Counts, Flags, Memberships

EXCLUSIVE_INTERSECTION = "exclusive intersection"
INCLUSIVE_INTERSECTION = "inclusive intersection"
EXCLUSIVE_UNION = "exclusive union"
INCLUSIVE_UNION = "inclusive union"

MODE_WORDS = {
    EXCLUSIVE_INTERSECTION: "in exactly these sets",
    INCLUSIVE_INTERSECTION: "in at least these sets",
    EXCLUSIVE_UNION: "in at least one of these sets and in no other",
    INCLUSIVE_UNION: "in at least one of these sets",
}
MODES = tuple(MODE_WORDS)


@dataclass(frozen=True)
class Intersection:
    """One combination of sets and the items that belong to it.

    Attributes
    ----------
    sets, labels : tuple of str
        The sets of the combination, in the order of the memberships; none for what is left.
    degree : int
        How many sets that is.
    size : int
        How many items belong to it.
    """

    sets: tuple[str, ...]
    labels: tuple[str, ...]
    degree: int
    size: int
    _memberships: Memberships = field(repr=False, compare=False)
    _chosen: _Chosen = field(repr=False, compare=False)

    @cached_property
    def positions(self) -> Counts:
        """Places of the items among all items; found when asked for, since there may be many."""
        return np.flatnonzero(self._chosen.among(self._memberships.matrix))

    @property
    def members(self) -> tuple[Any, ...]:
        """Ids of the items."""
        return tuple(self._memberships.items[self.positions])

    @property
    def member_labels(self) -> tuple[str, ...]:
        """Readable names of the items."""
        return tuple(map(str, self._memberships.item_labels[self.positions]))

    @property
    def row_ids(self) -> tuple[str, ...]:
        """Ids of the rows that put the items into these sets (into any set, for what is left)."""
        return self.rows_of(self.members)

    def rows_of(self, items: Iterable[Any]) -> tuple[str, ...]:
        """Ids of the rows that put some of the items into these sets."""
        named = self.sets or self._memberships.sets
        return tuple(
            row
            for item in items
            for name in named
            for row in self._memberships.evidence(item, name)
        )


@dataclass(frozen=True)
class Intersections:
    """Combinations of sets with their items, and what the shown ones leave over.

    Every item is in at least one of `rows`, or in `rest`, or in `outside`. Exclusive
    intersections do not share items, so there the sizes add up to the number of items. In the
    other modes an item can be in many rows; there the items, not the sizes, are complete.

    Attributes
    ----------
    mode : str
        One of `MODES`; `MODE_WORDS` says it in words.
    rows : tuple of Intersection
        Largest first; among equals those of fewer sets, then by the order of the sets.
    rest : Intersection or None
        Everything else: items in some set that no shown row has.
    outside : Intersection or None
        Items in no set.
    hidden : int
        How many combinations are not shown.
    shared, by_all : int
        How many items are in more than one set, and in all.
    sets, set_labels : tuple of str
    set_sizes : tuple of int
    items : int
        How many items there are.
    """

    mode: str
    rows: tuple[Intersection, ...]
    rest: Intersection | None
    outside: Intersection | None
    hidden: int
    shared: int
    by_all: int
    sets: tuple[str, ...]
    set_labels: tuple[str, ...]
    set_sizes: tuple[int, ...]
    items: int
    _memberships: Memberships = field(repr=False, compare=False)

    def rows_of_set(self, name: str) -> tuple[str, ...]:
        """Ids of the rows that put items into one set."""
        members = self._memberships.items_of(name)
        return tuple(row for item in members for row in self._memberships.evidence(item, name))

    @property
    def disjoint(self) -> bool:
        """Whether no item can be in two rows."""
        return self.mode == EXCLUSIVE_INTERSECTION

    def frame(self) -> pd.DataFrame:
        """One line per row, what is left over last: sets, labels, degree, size, members."""
        lines = [("shown", row) for row in self.rows]
        lines += [("everything else", self.rest)] if self.rest else []
        lines += [("in no set", self.outside)] if self.outside else []
        return pd.DataFrame(
            [
                (part, row.sets, row.labels, row.degree, row.size, row.member_labels)
                for part, row in lines
            ],
            columns=["part", "sets", "labels", "degree", "size", "members"],
        )


@dataclass(frozen=True)
class _Chosen:
    """Which items belong: a test on memberships, kept instead of its answer."""

    mode: str
    masks: Flags  # one row of sets per combination
    inverse: bool = False  # items that are in some set but pass for none of the masks

    def among(self, matrix: Flags) -> Flags:
        found = np.zeros(len(matrix), dtype=np.bool_)
        for mask in self.masks:
            found |= _belongs(matrix, mask, self.mode)
        return ~found & matrix.any(axis=1) if self.inverse else found


def _belongs(matrix: Flags, mask: Flags, mode: str) -> Flags:
    inside = matrix[:, mask]
    each = mode in (EXCLUSIVE_INTERSECTION, INCLUSIVE_INTERSECTION)
    belongs: Flags = np.all(inside, axis=1) if each else np.any(inside, axis=1)
    if mode in (EXCLUSIVE_INTERSECTION, EXCLUSIVE_UNION):
        belongs = belongs & ~np.any(matrix[:, ~mask], axis=1)
    return belongs


def _combinations(matrix: Flags) -> tuple[Flags, Counts]:
    """Return the different rows, and how often each stands there."""
    packed = np.packbits(matrix, axis=1)
    times = Counter(map(bytes, packed))
    different = np.frombuffer(b"".join(times), np.uint8).reshape(len(times), packed.shape[1])
    masks = np.unpackbits(different, axis=1, count=matrix.shape[1]).view(np.bool_)
    return masks, np.array([*times.values()], dtype=np.int64)


def compute_intersections(
    memberships: Memberships,
    mode: str = EXCLUSIVE_INTERSECTION,
    largest: int | None = None,
    of: Iterable[Sequence[str]] | None = None,
) -> Intersections:
    """Sort the items by the combination of sets they are in.

    Parameters
    ----------
    mode : str
        ``exclusive intersection`` (in exactly these sets), ``inclusive intersection`` (in at
        least these), ``exclusive union`` (in one or more of these and in no other) or
        ``inclusive union`` (in one or more of these).
    largest : int, optional
        Show so many combinations; the items of the others go to `rest`. All otherwise.
    of : iterable of sequences of str, optional
        The combinations to look at. Otherwise, in every mode, those that some item has exactly.

    Raises
    ------
    ValueError
        If the mode, or a set in `of`, is unknown; if `largest` is negative; if a combination in
        `of` has no set.

    Notes
    -----
    Exclusive intersections cost one sort of the items. The other modes hold each combination
    against each observed one; where these are many thousands, name the ones you want in `of`.

    Examples
    --------
    >>> kept = Memberships.from_sets({"A": ["care", "time", "trust"], "B": ["trust", "hope"]})
    >>> for row in compute_intersections(kept).rows:
    ...     print(row.labels, row.size, row.members)
    ('A',) 2 ('care', 'time')
    ('B',) 1 ('hope',)
    ('A', 'B') 1 ('trust',)
    >>> [row.size for row in compute_intersections(kept, "inclusive intersection").rows]
    [3, 2, 1]
    """
    if mode not in MODES:
        raise ValueError(f"no mode {mode!r}; there are: {', '.join(MODES)}")
    if largest is not None and largest < 0:
        raise ValueError(f"largest is {largest}; give a number of combinations, 0 or more")
    observed, counts = _combinations(memberships.matrix)
    degrees = observed.sum(axis=1)
    held, times = observed[degrees > 0], counts[degrees > 0]
    masks = held if of is None else _masks(memberships, of)
    if mode == EXCLUSIVE_INTERSECTION and of is None:
        sizes = times
    else:
        sizes = np.array([times[_belongs(held, mask, mode)].sum() for mask in masks], np.int64)
    shown = _order(masks, sizes)[:largest]
    rest = _Chosen(mode, masks[shown], inverse=True)
    outside = _Chosen(EXCLUSIVE_INTERSECTION, np.zeros((1, len(memberships.sets)), np.bool_))
    if mode == EXCLUSIVE_INTERSECTION:  # no item is in two rows, so a difference is enough
        left = int(times.sum() - sizes[shown].sum())
    else:
        left = int(times[rest.among(held)].sum())
    return Intersections(
        mode=mode,
        rows=tuple(
            _intersection(memberships, _Chosen(mode, masks[[place]]), int(sizes[place]))
            for place in shown
        ),
        rest=_left(memberships, rest, left),
        outside=_left(memberships, outside, int(counts[degrees == 0].sum())),
        hidden=len(masks) - len(shown),
        shared=int(counts[degrees > 1].sum()),
        by_all=int(counts[degrees == len(memberships.sets)].sum()),
        sets=memberships.sets,
        set_labels=memberships.set_labels,
        set_sizes=tuple(map(int, memberships.set_sizes)),
        items=len(memberships.items),
        _memberships=memberships,
    )


def _intersection(memberships: Memberships, chosen: _Chosen, size: int) -> Intersection:
    (mask,) = chosen.masks
    return Intersection(
        sets=tuple(compress(memberships.sets, mask)),
        labels=tuple(compress(memberships.set_labels, mask)),
        degree=int(mask.sum()),
        size=size,
        _memberships=memberships,
        _chosen=chosen,
    )


def _left(memberships: Memberships, chosen: _Chosen, size: int) -> Intersection | None:
    return Intersection((), (), 0, size, memberships, chosen) if size else None


def _masks(memberships: Memberships, combinations: Iterable[Sequence[str]]) -> Flags:
    given = list(combinations)
    masks = np.zeros((len(given), len(memberships.sets)), dtype=np.bool_)
    for mask, combination in zip(masks, given, strict=True):
        if isinstance(combination, str) or not combination:
            raise ValueError(
                f"{combination!r} is not a combination: give one or more sets in a list"
            )
        mask[[memberships.position(name) for name in combination]] = True
    return np.unique(masks, axis=0)


def _order(masks: Flags, sizes: Counts) -> Counts:
    """Places of the combinations: largest first; fewer, then earlier sets break ties."""
    later_sets_first = np.packbits(~masks, axis=1).T[::-1]
    return np.lexsort((*later_sets_first, masks.sum(axis=1), -sizes))
